"""Sending one e-mail through the operator's own server (SMTP, RFC 5321)."""

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from catalog.config.settings import Settings, SettingsError
from catalog.errors import UserError

SECONDS = 30.0
LARGEST_PASSWORD = 1024
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
Security = Literal["starttls", "tls", "none"]


class MailNotSent(UserError):
    """The mail server did not take a message; the next run tries again."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """security: starttls on the plain port, tls from the first byte, or none, for a relay on this machine"""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """id: the same at every try, so that a mailbox shows a message once that was sent twice"""

    id: str
    to: str
    subject: str
    text: str


def mail_server(settings: Settings) -> MailServer | None:
    """The server that the settings name; None where they name none. Raises SettingsError."""
    if settings.smtp_host is None:
        return None
    if settings.smtp_from is None:
        raise SettingsError(
            "BOLI_SMTP_HOST is set and BOLI_SMTP_FROM is not: say who the messages come from."
        )
    if settings.smtp_user and settings.smtp_security == "none" and settings.smtp_host not in THIS_MACHINE:
        raise SettingsError(
            f"BOLI_SMTP_SECURITY: none would send the password of {settings.smtp_user} to {settings.smtp_host} in the "
            "clear. Take starttls or tls for a server on another machine."
        )
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=_password(settings),
    )


def send(server: MailServer, mail: Mail, *, at: datetime) -> None:
    """Hand a message over to the server. Raises MailNotSent, with a reason that holds no secret."""
    message = _message(server, mail, at)
    context = ssl.create_default_context()
    try:
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        with connection:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user is not None:
                connection.login(server.user, server.password or "")
            connection.send_message(message)
    except smtplib.SMTPResponseException as error:
        raise MailNotSent(f"{server.host} answered {error.smtp_code}.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailNotSent(f"{server.host}: {type(error).__name__}.") from error


def _message(server: MailServer, mail: Mail, at: datetime) -> EmailMessage:
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"] = server.sender, mail.to, mail.subject
    except ValueError as error:  # a line break in an address or subject
        raise MailNotSent(f"the message can't be written: {error}.") from error
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail.id}@{server.sender.rpartition('@')[2]}>"
    message.set_content(mail.text)
    return message


def _password(settings: Settings) -> str | None:
    if settings.smtp_password is not None:
        return settings.smtp_password.get_secret_value()
    if settings.smtp_password_file is None:
        return None
    try:
        with settings.smtp_password_file.open(encoding="utf-8") as file:
            return file.read(LARGEST_PASSWORD).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"BOLI_SMTP_PASSWORD_FILE names {settings.smtp_password_file}, which can't be read: "
            f"{type(error).__name__}."
        ) from error
