"""Everything the pages work with, opened once and handed down."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from starlette.requests import HTTPConnection

from audio.limits import Limits
from catalog.config.configuration import ConfigurationError
from catalog.config.project import Project
from catalog.database import Catalog
from catalog.states import NewsChannel
from catalog.store import ObjectStore
from portal.upload.limits import UploadLimits
from transcription.context import ProjectContext
from transcription.decisions.language_models import LanguageModels
from transcription.rules.guideline import Guideline
from transcription.rules.language import Language


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PortalContext:
    """What a portal serves: open catalogue and store, which stay the caller's to close, and the rules in force.

    projects:   as their files are now
    guidelines: by project, then by language
    folder:     on this machine's disk, for uploads on their way
    address:    as people type it, without a slash at the end; https makes cookies secure
    key:        32 bytes or more that only this portal knows: signs links and forms
    prefect:    address of Prefect's API, and of its pages for people; None where there is none
    prefect_auth: user:password that this API asks for; None where it asks for none
    limits:     of one recording, where it is listened to; uploads: of what is on its way
    metrics_token: what a program sends that reads /metrics; None: programs on this machine read them
    clips_counted_at_once: a project with more shows figures as they were counted last (`portal.figures`)
    being_counted: project and name of figures that this process counts now
    push_services: hosts of what carries notices to browsers; empty: none are told of news
    news_channels: what else the operator set up, through which people may hear of news
    """

    catalog: Catalog
    store: ObjectStore
    projects: Mapping[str, Project]
    languages: Mapping[str, Language]
    guidelines: Mapping[str, Mapping[str, Guideline]]
    configs: Path
    folder: Path
    key: bytes = field(repr=False)
    address: str = "http://127.0.0.1:8600"
    prefect: str | None = None
    prefect_auth: str | None = field(default=None, repr=False)
    broken_projects: Mapping[str, ConfigurationError] = field(default_factory=dict)
    """By name: project files as they lie there, which can't be used; what they said before holds on."""
    limits: Limits = field(default_factory=Limits)
    uploads: UploadLimits = field(default_factory=UploadLimits)
    clock: Callable[[], datetime] = _utc_now
    metrics_token: str | None = field(default=None, repr=False)
    clips_counted_at_once: int = 10_000
    being_counted: set[tuple[str, str]] = field(default_factory=set)
    push_services: Sequence[str] = ()
    news_channels: frozenset[NewsChannel] = frozenset()
    _language_models: dict[str, LanguageModels] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.key) < 32:
            raise ValueError(f"a portal's key has 32 bytes or more, given {len(self.key)}")

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.address.startswith("https://")

    def project(self, name: str) -> Project:
        """Raises KeyError: a name that came from outside is looked up in `projects` first."""
        return self.projects[name]

    def project_context(self, project: str) -> ProjectContext:
        """The project context of one project, with what its accepted texts have taught so far."""
        guidelines = self.guidelines[project]
        models = self._language_models.get(project)
        if models is None:
            made = LanguageModels(self.catalog, project, guidelines, self.clock)
            models = self._language_models.setdefault(project, made)
        return ProjectContext(self.catalog, self.projects[project], guidelines, models)

    def signature(self, *parts: str) -> str:
        """Proof that these words come from us. The first part says what for, so that no proof serves twice."""
        text = "\x1f".join(parts).encode()
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()

    def is_signed(self, given: str, *parts: str) -> bool:
        # bytes: compare_digest takes no other letters in a str
        return hmac.compare_digest(given.encode(), self.signature(*parts).encode())


def context_of(request: HTTPConnection) -> PortalContext:
    """The portal context of the application that a request came to."""
    context = request.app.state.context
    assert isinstance(context, PortalContext)
    return context
