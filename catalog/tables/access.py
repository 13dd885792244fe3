"""Who may come in, from which device: invites, devices, secrets, sessions and tokens. No secret itself is kept."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base


class Invite(Base):
    """A link, good once and for a while, that enrols a person's device."""

    __tablename__ = "invite"

    id: Mapped[str] = mapped_column(primary_key=True)
    code_sha256: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reset: Mapped[bool]
    """Whether whoever opens it sets a new PIN without knowing the old one."""
    used_at: Mapped[datetime | None]
    used_by_sha256: Mapped[str | None]
    """Of the secret that the browser had when it used the link: it may ask again where the answer was lost."""
    device_id: Mapped[str | None]
    """The device that it enrolled."""
    ended_at: Mapped[datetime | None]
    """When a manager took it back, or a newer invite replaced it."""


class ResetSeen(Base):
    """A person was shown, on that device, that a link to reset their PIN had been made."""

    __tablename__ = "reset_seen"

    invite_id: Mapped[str] = mapped_column(ForeignKey("invite.id"), primary_key=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), primary_key=True)
    at: Mapped[datetime]


class Device(Base):
    """A phone or computer that proved once that an invite reached it; several people may share it."""

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(primary_key=True)
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    """What it is, as a person would say it: Android phone, Windows computer."""
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class DevicePerson(Base):
    """A person who may sign in on a device."""

    __tablename__ = "device_person"

    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Secret(Base):
    """A person's PIN or passphrase, as its argon2 hash."""

    __tablename__ = "secret"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    hash: Mapped[str]
    set_at: Mapped[datetime]


class Passkey(Base):
    """A key of a person behind a device's fingerprint, face or screen lock: its public half alone (WebAuthn)."""

    __tablename__ = "passkey"

    id: Mapped[str] = mapped_column(primary_key=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    """What the device calls it; base64url."""
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), index=True)
    """The device on which it was added, and with which it goes."""
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """As the device last said it; 0 for those that don't count."""
    name: Mapped[str]
    """What the device is, as a person would say it."""
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """What a browser must sign next with a passkey: once, and within minutes. One for each browser and purpose."""

    __tablename__ = "passkey_challenge"

    holder: Mapped[str] = mapped_column(primary_key=True)
    """The device that signs in, or the session that adds or removes."""
    purpose: Mapped[str] = mapped_column(primary_key=True)
    challenge: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Throttle(Base):
    """How often a sign-in failed of late, and until when the next one waits."""

    __tablename__ = "throttle"

    subject: Mapped[str] = mapped_column(primary_key=True)
    """<person id>@<device id>, or a device or invite alone: never a person, whom others could then lock out."""
    failures: Mapped[int]
    not_before: Mapped[datetime]
    at: Mapped[datetime]


class SignIn(Base):
    """A session: one person at work on one device, until it ends."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_person", "person_id", "ended_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"))
    project_id: Mapped[str]
    """The project that the person looks at now."""
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TourSeen(Base):
    """Tours: a person has seen the first steps of a role, and is not shown them again unasked."""

    __tablename__ = "tour_seen"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class NewsRead(Base):
    """News: up to when a person has read what is new in a project."""

    __tablename__ = "news_read"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    at: Mapped[datetime]


class ApiToken(Base):
    """A key for programs of an ML team: reads what its owner may read."""

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
