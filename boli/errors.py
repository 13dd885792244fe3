"""The errors that a user may meet and can mend: these are told in their own words, everything else with its trace."""

from audio.errors import SandboxUnavailable
from boli.settings import SettingsError
from catalog.books import BooksDontBalance
from catalog.configuration import ConfigurationError
from catalog.consent import NoConsent
from catalog.database import CatalogUnavailable
from catalog.reasons import UnknownReason
from catalog.store import StoreError
from flows.sources import SourceMissing
from flows.steps.sidecar import SidecarError
from flows.workspace import UnknownProject
from releases.erase import RedactionUnderWay
from releases.reading import BeingRedacted
from releases.refusals import (
    BrokenManifest,
    NoSuchVersion,
    NothingToPublish,
    PublishConflict,
    PullFailed,
    Refused,
)
from transcription.people import HandleTaken
from transcription.workshop import NotAllowed


class UserError(Exception):
    """What was asked for can't be done as asked; the message says why and what to do."""


EXPECTED = (
    UserError,
    SettingsError,
    ConfigurationError,
    UnknownProject,
    SourceMissing,
    SidecarError,
    SandboxUnavailable,
    CatalogUnavailable,
    StoreError,
    BooksDontBalance,
    NoConsent,
    UnknownReason,
    NothingToPublish,
    Refused,
    NoSuchVersion,
    BrokenManifest,
    PublishConflict,
    PullFailed,
    RedactionUnderWay,
    BeingRedacted,
    HandleTaken,
    NotAllowed,
)
