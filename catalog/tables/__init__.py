"""Every row the house keeps, one module a family of nouns."""

from catalog.tables.base import Base
from catalog.tables.people import (
    ConsentEvent,
    Guideline,
    Language,
    Person,
    PersonPrivate,
    PersonRole,
    Project,
    Speaker,
    SpeakerPrivate,
)
from catalog.tables.records import AuditEvent, LedgerEntry
from catalog.tables.releases import Release, ReleaseItem, SpeakerSplit
from catalog.tables.sound import Clip, Recording, RecordingSpeaker, Upload
from catalog.tables.work import (
    Alignment,
    Assessment,
    Gold,
    Judgement,
    Review,
    Skip,
    Slot,
    Standing,
    Submission,
    Task,
    Transcript,
)

__all__ = [
    "Alignment",
    "Assessment",
    "AuditEvent",
    "Base",
    "Clip",
    "ConsentEvent",
    "Gold",
    "Guideline",
    "Judgement",
    "Language",
    "LedgerEntry",
    "Person",
    "PersonPrivate",
    "PersonRole",
    "Project",
    "Recording",
    "RecordingSpeaker",
    "Release",
    "ReleaseItem",
    "Review",
    "Skip",
    "Slot",
    "Speaker",
    "SpeakerPrivate",
    "SpeakerSplit",
    "Standing",
    "Submission",
    "Task",
    "Transcript",
    "Upload",
]
