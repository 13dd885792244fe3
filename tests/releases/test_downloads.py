"""Who downloaded what is known, and a withdrawal has a message ready for each who holds the voice."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog.config.configuration import ConfigurationError
from catalog.config.settings import ROOT
from catalog.states import MessageState
from catalog.tables import Download
from portal.i18n.translation import LANGUAGES
from releases.downloader_messages import (
    MOST_TRIES,
    load_message_texts,
    make_messages,
    note_failed,
    note_sent,
    unsent,
)
from releases.downloads import Downloader, downloaders_of, outdated_copies
from tests.releases.conftest import Archive
from tests.releases.readers import download, messages, reader

TEXTS = load_message_texts(ROOT / "configs" / "messages" / "withdrawn.yaml")


def holders(archive: Archive, pseudonym: str) -> list[Downloader]:
    with archive.catalog.reading() as session:
        return list(downloaders_of(session, f"speaker-{pseudonym}"))


def tell(archive: Archive) -> int:
    with archive.catalog.writing() as session:
        return make_messages(session, "demo", TEXTS, at=archive.later())


def test_a_day_of_downloading_is_one_row_that_says_who_which_version_when_and_how_much(
    either_archive: Archive,
) -> None:
    archive = either_archive
    archive.publish()
    leela = reader(archive, "leela")

    for size in (100, 20, 3):
        download(archive, leela, size=size)
    archive.now += timedelta(days=1)
    download(archive, leela, size=7)

    with archive.catalog.reading() as session:
        rows = session.scalars(select(Download).order_by(Download.day)).all()
    assert [(row.day, row.bytes) for row in rows] == [("2026-11-22", 123), ("2026-11-23", 7)]
    assert rows[0].first_at < rows[0].last_at < rows[1].first_at == rows[1].last_at


def test_a_withdrawal_lists_who_holds_the_voice_and_who_has_pulled_since(either_archive: Archive) -> None:
    archive = either_archive
    archive.publish()
    leela, ravi, usha = (reader(archive, each) for each in ("leela", "ravi", "usha"))
    download(archive, leela, size=2_000_000_000)
    download(archive, leela, size=2_000_000_000)
    download(archive, ravi)
    archive.withdraw("te-01")
    assert [(each.handle, each.pulled_since) for each in holders(archive, "te-01")] == [
        ("leela", None),
        ("ravi", None),
    ]
    archive.erase()
    download(archive, usha)  # the version without the voice
    download(archive, ravi)

    found = holders(archive, "te-01")

    assert [(each.handle, each.version, each.pulled_since) for each in found] == [
        ("leela", "1.0.0", False),
        ("ravi", "1.0.0", True),
    ]
    assert found[0].bytes == 4_000_000_000
    assert holders(archive, "te-02") == []


def test_each_who_holds_withdrawn_rows_is_written_once_in_their_language(either_archive: Archive) -> None:
    archive = either_archive
    archive.publish()
    leela = reader(archive, "leela", "leela@example.org", "te")
    ravi = reader(archive, "ravi")
    download(archive, leela)
    download(archive, ravi)
    assert tell(archive) == 0
    archive.withdraw("te-01")
    archive.erase()

    assert (tell(archive), tell(archive)) == (2, 0)

    said = {each.person_id: each for each in messages(archive)}
    assert said[leela].language == "te" and "2 వరుసలు" in said[leela].text
    assert said[ravi].language == "en" and "2 rows of versions of tiny" in said[ravi].text
    assert {each.state for each in said.values()} == {MessageState.READY}
    assert all(each.versions == {"1.0.0": 2} and "1.0.0" in each.text for each in said.values())


def test_what_is_withdrawn_while_a_message_waits_comes_into_it_and_after_it_was_sent_into_a_new_one(
    archive: Archive,
) -> None:
    archive.publish()
    leela = reader(archive, "leela", "leela@example.org")
    download(archive, leela)
    for pseudonym in ("te-01", "te-02"):
        archive.withdraw(pseudonym)
        archive.erase()
        tell(archive)
    [first] = messages(archive)
    assert first.versions == {"1.0.0": 4}
    with archive.catalog.writing() as session:
        note_sent(session, first.id, at=archive.later())

    archive.withdraw("te-03")
    archive.erase()
    tell(archive)

    assert [(each.state.value, each.versions) for each in messages(archive)] == [
        ("sent", {"1.0.0": 4}),
        ("ready", {"1.0.0": 6}),  # nothing was pulled in between: they hold all six still
    ]


def test_who_has_pulled_again_is_not_written_any_more_and_reads_no_warning(archive: Archive) -> None:
    archive.publish()
    leela = reader(archive, "leela", "leela@example.org")
    download(archive, leela)
    archive.withdraw("te-01")
    archive.erase()
    tell(archive)
    with archive.catalog.reading() as session:
        assert [each.email for each in unsent(session, "demo")] == ["leela@example.org"]
        assert [each.rows for each in outdated_copies(session, person_id=leela)] == [2]

    download(archive, leela)

    with archive.catalog.reading() as session:
        assert unsent(session, "demo") == []
        assert outdated_copies(session, person_id=leela) == []


def test_what_fails_is_tried_again_so_often_and_no_oftener(archive: Archive) -> None:
    archive.publish()
    download(archive, reader(archive, "leela", "leela@example.org"))
    archive.withdraw("te-01")
    archive.erase()
    tell(archive)

    for _ in range(MOST_TRIES):
        with archive.catalog.writing() as session:
            [waiting] = unsent(session, "demo")
            note_failed(session, waiting.id, "mail.example.org answered 550.")

    with archive.catalog.reading() as session:
        assert unsent(session, "demo") == []
    assert messages(archive)[0].failure == "mail.example.org answered 550."


def test_every_interface_language_has_the_message() -> None:
    assert set(TEXTS.texts) == set(LANGUAGES)
    for language in LANGUAGES:
        text = TEXTS.of(language)[1].text
        assert all(field in text for field in ("{dataset}", "{rows}", "{versions}", "withdrawn.jsonl"))


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("texts: {en: {subject: s, text: '{person} is told'}}", "given {person}"),
        ("texts: {en: {subject: s, text: 'a { brace'}}", "filled in with"),
        ("texts: {hi: {subject: s, text: t}}", "has the message in English"),
        ('texts: {en: {subject: "two\\nlines", text: t}}', "is one line"),
    ],
)
def test_a_message_that_could_not_be_written_is_refused_on_load(
    tmp_path: Path, written: str, fault: str
) -> None:
    path = tmp_path / "withdrawn.yaml"
    path.write_text(written, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=fault):
        load_message_texts(path)
