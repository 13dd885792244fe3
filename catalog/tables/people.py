"""Who: projects and their languages, staff, speakers and what speakers agreed to."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import ConsentKind, Role
from catalog.tables.base import Base, stored_enum


class ProjectRow(Base):
    """A project: a collection effort; its rules stand in configs/projects/<id>.yaml, this row anchors all else."""

    __tablename__ = "project"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    created_at: Mapped[datetime]


class LanguageRow(Base):
    """A language that a project collects, by its BCP 47 code."""

    __tablename__ = "language"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class GuidelineRow(Base):
    """A guideline: one version of a language's transcription rules, as they were when somebody worked by them."""

    __tablename__ = "guideline"
    __table_args__ = (UniqueConstraint("language", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(ForeignKey("language.code"))
    version: Mapped[str]
    sha256: Mapped[str]
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)


class Person(Base):
    """A member of staff: what they do in which project says PersonRole. Names and phones stand elsewhere."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(unique=True)
    languages: Mapped[list[str]] = mapped_column(JSON)
    district: Mapped[str | None]
    dialect: Mapped[str | None]
    speaker_id: Mapped[str | None] = mapped_column(ForeignKey("speaker.id"))
    """Set where a member of staff also lent their voice, so that nobody judges themselves."""
    active: Mapped[bool] = mapped_column(default=True)
    owner: Mapped[bool] = mapped_column(default=False)
    """Whether they give the installation's projects their managers; it opens no project by itself."""
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    """When their name, phone, handle and every way in were erased: what they did stands under a pseudonym."""


class PersonRole(Base):
    """A role that a member of staff has in one project. Without one there the project doesn't exist for them."""

    __tablename__ = "person_role"
    __table_args__ = (Index("ix_person_role_project", "project_id", "role"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(stored_enum(Role), primary_key=True)


class PersonPrivate(Base):
    """A staff member's name, phone and e-mail, read by the people page and the sender of messages alone."""

    __tablename__ = "person_private"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    """Where messages about datasets that they downloaded go, and news where they chose so."""
    interface_language: Mapped[str | None]
    """In which those are written."""


class Speaker(Base):
    """A speaker: a voice, known to the dataset by its pseudonym alone."""

    __tablename__ = "speaker"
    __table_args__ = (
        UniqueConstraint("project_id", "pseudonym"),
        # lists of speakers, newest first: of the project, and those whom one coordinator wrote down
        Index("ix_speaker_created", "project_id", "created_at", "pseudonym"),
        Index("ix_speaker_registered_by", "registered_by", "created_at", "pseudonym"),
        # the few who came of age and are to be asked again, or whose guardian is to be
        Index(
            "ix_speaker_adult_yes_due",
            "project_id",
            "created_at",
            "pseudonym",
            sqlite_where=text("adult_yes_due IS 1"),
            postgresql_where=text("adult_yes_due IS true"),
        ),
        Index(
            "ix_speaker_guardian_yes_due",
            "project_id",
            "created_at",
            sqlite_where=text("guardian_yes_due IS 1"),
            postgresql_where=text("guardian_yes_due IS true"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    pseudonym: Mapped[str]
    language: Mapped[str | None]
    """That they speak in recordings."""
    native_language: Mapped[str | None]
    """That they grew up with."""
    gender: Mapped[str | None]
    age_band: Mapped[str | None]
    district: Mapped[str | None]
    """Where they live now."""
    native_district: Mapped[str | None]
    dialect: Mapped[str | None]
    other_languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    schooling: Mapped[str | None]
    occupation: Mapped[str | None]
    consent_scopes: Mapped[str] = mapped_column(default="")
    """Scopes in force, each between spaces (" transcription publication "); written by catalog.consent alone."""
    consent_purposes: Mapped[str | None]
    """Purposes in force, written likewise; None where the yes was given before they were recorded: those that its
    notice named. Written by catalog.consent alone."""
    consent_round: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the consent was taken back. What was given in an earlier round is never used again; written by
    catalog.consent alone."""
    registered_by: Mapped[str | None]
    of_age_on: Mapped[date | None]
    """Of a child: the first day on which they are surely 18. It is in no dataset."""
    adult_yes_due: Mapped[bool] = mapped_column(default=False, server_default=false())
    """They came of age and have not been asked themselves since: no new version takes them; by catalog.age alone."""
    guardian_yes_due: Mapped[bool] = mapped_column(default=False, server_default=false())
    """They said yes themselves and turned out to be a child: nobody hears them until a guardian has said yes; by
    catalog.age alone."""
    created_at: Mapped[datetime]


class SpeakerPrivate(Base):
    """A speaker's name and phone: joined nowhere but on the speaker's own page."""

    __tablename__ = "speaker_private"

    speaker_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"), primary_key=True)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    guardian: Mapped[str | None]
    """Of a child: who said yes in their place."""
    guardian_relation: Mapped[str | None]
    guardian_verified: Mapped[str | None]
    """How it was seen that they are who they say."""


class ConsentEvent(Base):
    """A consent event: a speaker said yes (to these scopes, explained in this language) or took it back."""

    __tablename__ = "consent_event"
    __table_args__ = (
        Index("ix_consent_event_speaker", "speaker_id", "at"),
        CheckConstraint("number > 0", name="counted_from_one"),
        UniqueConstraint("speaker_id", "number"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    speaker_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"))
    number: Mapped[int]
    """Order of the events of one speaker: the last one holds."""
    kind: Mapped[ConsentKind] = mapped_column(stored_enum(ConsentKind))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    purposes: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """What the voice may be used for; None in events from before purposes were recorded: those the notice named."""
    notice_version: Mapped[str]
    notice_language: Mapped[str]
    evidence: Mapped[str]
    """Store key of the spoken or photographed consent, or the public licence that stands for it."""
    evidence_sha256: Mapped[str | None]
    recorded_by: Mapped[str]
    at: Mapped[datetime]


class NoticeSignature(Base):
    """A notice signature: a native speaker read the text of a consent notice, and it says what it should."""

    __tablename__ = "notice_signature"
    __table_args__ = (Index("ix_notice_signature_project", "project_id", "language"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    language: Mapped[str]
    notice_version: Mapped[str]
    text_sha256: Mapped[str | None]
    """Of the text that was read (`catalog.notices`); None for one in use before signatures were asked for."""
    signed_by: Mapped[str]
    recorded_by: Mapped[str]
    at: Mapped[datetime]


class NoticeSound(Base):
    """A notice as it is heard: read aloud by a person or by a machine, for one text; the newest one is played."""

    __tablename__ = "notice_sound"
    __table_args__ = (Index("ix_notice_sound_project", "project_id", "language", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    language: Mapped[str]
    text_sha256: Mapped[str]
    """Of the text that is read (`catalog.notices`): a sound of other words is not played."""
    key: Mapped[str]
    sha256: Mapped[str]
    seconds: Mapped[float]
    machine: Mapped[bool]
    """Whether a machine reads, which listeners see."""
    recorded_by: Mapped[str]
    at: Mapped[datetime]


class ConsentReceipt(Base):
    """The code on a speaker's paper receipt: whoever holds it can take that speaker's consent back."""

    __tablename__ = "consent_receipt"

    code_sha256: Mapped[str] = mapped_column(primary_key=True)
    speaker_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"), index=True)
    consent_event_id: Mapped[str] = mapped_column(ForeignKey("consent_event.id"))
    made_at: Mapped[datetime]
