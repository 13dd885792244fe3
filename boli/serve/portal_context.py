"""The portal's context, opened from the settings."""

import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from audio.limits import Limits
from audio.recipe import Recipe
from catalog.config.configuration import load_folder
from catalog.config.project import Project, load_projects
from catalog.config.settings import KEY_FILE, Settings, make_home
from catalog.database import open_catalog
from catalog.receiving import register_project
from catalog.store import open_store
from flows.workspace import s3_options
from portal.context import PortalContext
from portal.upload.limits import UploadLimits
from transcription.rules.guideline import load_guidelines
from transcription.rules.language import Language, load_languages

KEY_BYTES = 32


@contextmanager
def open_portal_context(
    settings: Settings, *, prefect: str | None = None, prefect_auth: str | None = None
) -> Iterator[PortalContext]:
    """Everything that the portal serves; the catalogue is closed at the end.

    prefect: address of the API of Prefect's server; prefect_auth: user:password that it asks for
    Raises ConfigurationError, CatalogUnavailable, InvalidAddress.
    """
    languages = load_languages(settings.configs / "languages")
    recipes = load_folder(settings.configs / "recipes", Recipe)
    projects = load_projects(settings.configs / "projects", languages=languages, recipes=recipes)
    home = make_home(settings)
    uploads = settings.uploads
    uploads.mkdir(mode=0o700, exist_ok=True)
    catalog = open_catalog(settings.catalog_url)
    try:
        catalog.write(partial(_register, projects, languages))
        yield PortalContext(
            catalog=catalog,
            store=open_store(settings.store_address, s3_options(settings)),
            projects=projects,
            languages=languages,
            guidelines={
                name: load_guidelines(
                    settings.configs,
                    {code: languages[code] for code in project.languages},
                    project.transcription.guideline,
                )
                for name, project in projects.items()
            },
            configs=settings.configs,
            folder=uploads,
            key=installation_key(home),
            address=settings.portal_url,
            prefect=prefect,
            prefect_auth=prefect_auth,
            metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
            limits=Limits(address_space=settings.recording_memory_mb * 2**20),
            uploads=UploadLimits(
                idle_seconds=settings.upload_idle_seconds, open_per_person=settings.uploads_per_person
            ),
        )
    finally:
        catalog.close()


def _register(projects: Mapping[str, Project], languages: Mapping[str, Language], session: Session) -> None:
    for name, project in projects.items():
        names = {code: languages[code].name for code in project.languages}
        register_project(session, project_id=name, title=project.title, languages=names, at=datetime.now(UTC))


def installation_key(home: Path) -> bytes:
    """The secret of this installation, made at its first use and readable by its own user alone.

    Written whole and then given its name, which only one of two first starts can: the other finds it, never half.
    """
    path = home / KEY_FILE
    if path.exists():
        return path.read_bytes()
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # its owner's alone
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    return path.read_bytes()
