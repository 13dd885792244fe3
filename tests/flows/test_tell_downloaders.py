"""Those who hold withdrawn rows are told through the operator's mail server; one that is away costs nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from catalog.config.settings import Settings, SettingsError
from catalog.states import MessageState
from flows.mail import Mail, MailNotSent, MailServer, mail_server, send
from flows.steps.tell_downloaders import MessagesReport, tell_downloaders
from flows.workspace import open_workspace
from tests.mail_server import Mailbox
from tests.mail_server import mail_server as served
from tests.processes import free_ports
from tests.releases.conftest import NOON, Archive, fill
from tests.releases.readers import download, messages, reader

PASSWORD = "correct horse"


@dataclass
class Home:
    archive: Archive
    settings: Settings

    def tell(self, **changed: object) -> MessagesReport:
        settings = self.settings.model_copy(update=changed)
        with open_workspace("demo", settings) as workspace:
            return tell_downloaders(workspace)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with served() as box:
        yield box


@pytest.fixture
def home(tmp_path: Path, mailbox: Mailbox) -> Iterator[Home]:
    """Leela, who reads Hindi, and Ravi, who told no address, hold two rows that were withdrawn."""
    secret = tmp_path / "mail password"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    settings = Settings(
        home=tmp_path / "home",
        workers=1,
        smtp_host="127.0.0.1",
        smtp_port=mailbox.port,
        smtp_security="none",
        smtp_user="boli",
        smtp_password_file=secret,
        smtp_from="boli@example.org",
    )
    with open_workspace("demo", settings) as workspace:
        archive = Archive(workspace.catalog, workspace.store, tmp_path / "scratch")
        archive.open()
        fill(archive)
        archive.publish()
        for person in (
            reader(archive, "leela", "leela@example.org", "hi"),
            reader(archive, "ravi"),
        ):
            download(archive, person)
        archive.withdraw("te-01")
        archive.erase()
        yield Home(archive, settings)


def test_a_message_is_sent_once_to_whoever_told_an_address_and_waits_for_the_others(
    home: Home, mailbox: Mailbox
) -> None:
    first, again = home.tell(), home.tell()

    assert first == MessagesReport(made=2, sent=1, failed=0, waiting=1)
    assert again == MessagesReport(made=0, sent=0, failed=0, waiting=1)
    [message] = mailbox.messages
    assert (message["To"], message["From"]) == ("leela@example.org", "boli@example.org")
    assert message["Subject"].startswith("tiny: आपके")
    assert "2 पंक्तियाँ" in message.get_content()
    assert mailbox.signed_in == [("boli", PASSWORD)]
    states = {each.language: each.state for each in messages(home.archive)}
    assert states == {"hi": MessageState.SENT, "en": MessageState.READY}


def test_what_the_server_refuses_says_why_and_is_sent_once_it_takes_it(home: Home, mailbox: Mailbox) -> None:
    mailbox.refuses = True
    refused = home.tell()
    said = {each.state: each.failure for each in messages(home.archive)}
    mailbox.refuses = False

    assert refused.failed == 1 and mailbox.messages == []
    assert said[MessageState.FAILED] == "127.0.0.1: SMTPRecipientsRefused."
    assert home.tell().sent == 1 and len(mailbox.messages) == 1


def test_without_a_server_messages_wait_and_are_there_to_be_read(home: Home, mailbox: Mailbox) -> None:
    assert home.tell(smtp_host=None) == MessagesReport(made=2, waiting=2)
    assert mailbox.messages == []


def test_a_server_that_is_away_or_offers_no_encryption_takes_nothing(mailbox: Mailbox) -> None:
    [nobody_there] = free_ports(1)
    mail = Mail("message-1", "leela@example.org", "s", "t")
    away = MailServer("127.0.0.1", nobody_there, "boli@example.org", security="none")
    plain = MailServer("127.0.0.1", mailbox.port, "boli@example.org", user="boli", password=PASSWORD)

    with pytest.raises(MailNotSent, match="ConnectionRefusedError"):
        send(away, mail, at=NOON)
    with pytest.raises(MailNotSent, match="SMTPNotSupportedError") as refused:
        send(plain, mail, at=NOON)  # starttls is asked for, and this server has none
    assert mailbox.messages == [] and mailbox.signed_in == []
    assert PASSWORD not in str(refused.value) and PASSWORD not in repr(plain)


def test_an_address_with_a_line_break_puts_no_header_into_a_message(mailbox: Mailbox) -> None:
    server = MailServer("127.0.0.1", mailbox.port, "boli@example.org", security="none")

    with pytest.raises(MailNotSent, match="can't be written"):
        send(server, Mail("message-1", "a@example.org\nBcc: b@example.org", "s", "t"), at=NOON)
    assert mailbox.messages == []


def test_a_password_is_never_sent_in_the_clear_to_another_machine(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "smtp_host": "mail.example.org",
        "smtp_from": "boli@example.org",
        "smtp_user": "boli",
    }
    password = SecretStr(PASSWORD)

    assert mail_server(Settings(**given, smtp_password=password)) == MailServer(
        "mail.example.org", 587, "boli@example.org", "starttls", "boli", PASSWORD
    )
    with pytest.raises(SettingsError, match="in the clear"):
        mail_server(Settings(**given, smtp_password=password, smtp_security="none"))
    with pytest.raises(SettingsError, match="BOLI_SMTP_FROM"):
        mail_server(Settings(smtp_host="mail.example.org"))
    with pytest.raises(SettingsError, match="can't be read"):
        mail_server(Settings(**given, smtp_password_file=tmp_path / "nothing"))
