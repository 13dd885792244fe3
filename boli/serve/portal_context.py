"""The portal's context, opened from the settings."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from audio.limits import Limits
from audio.recipe import Recipe
from catalog.config.configuration import load_folder
from catalog.config.live_folder import LiveFolder, NotNow, PartOf
from catalog.config.settings import Settings, make_home
from catalog.database import Catalog, CatalogUnavailable, open_catalog
from catalog.receiving import register_project
from catalog.store import open_store
from flows.installation_key import installation_key
from flows.news_channels import available
from flows.workspace import s3_options
from portal.context import PortalContext
from portal.project_rules import ProjectRules, read_rules
from portal.upload.limits import UploadLimits
from transcription.news.endpoints import service_names
from transcription.rules.language import Language, load_languages

PATIENCE = 2.0
"""Seconds."""


@contextmanager
def open_portal_context(
    settings: Settings, *, prefect: str | None = None, prefect_auth: str | None = None
) -> Iterator[PortalContext]:
    """Everything that the portal serves; the catalogue is closed at the end.

    prefect: address of the API of Prefect's server; prefect_auth: user:password that it asks for
    Projects are read anew as their files change.
    Raises ConfigurationError, CatalogUnavailable, InvalidAddress.
    """
    languages = load_languages(settings.configs / "languages")
    recipes = load_folder(settings.configs / "recipes", Recipe)
    home = make_home(settings)
    uploads = settings.uploads
    uploads.mkdir(mode=0o700, exist_ok=True)
    catalog = open_catalog(settings.catalog_url)
    try:
        read = partial(read_rules, configs=settings.configs, languages=languages, recipes=recipes.keys())
        rules = LiveFolder(
            settings.configs / "projects", lambda path: _taken_up(catalog, read(path), languages)
        )
        yield PortalContext(
            catalog=catalog,
            store=open_store(settings.store_address, s3_options(settings)),
            projects=PartOf(rules, lambda each: each.project),
            languages=languages,
            guidelines=PartOf(rules, lambda each: each.guidelines),
            broken_projects=rules.broken,
            configs=settings.configs,
            folder=uploads,
            key=installation_key(home),
            address=settings.portal_url,
            prefect=prefect,
            prefect_auth=prefect_auth,
            metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
            push_services=service_names(settings.push_services),
            news_channels=available(
                push=False, mail=settings.smtp_host is not None, gateway=settings.news_gateway is not None
            ),
            limits=Limits(address_space=settings.recording_memory_mb * 2**20),
            uploads=UploadLimits(
                idle_seconds=settings.upload_idle_seconds, open_per_person=settings.uploads_per_person
            ),
        )
    finally:
        catalog.close()


def _taken_up(catalog: Catalog, rules: ProjectRules, languages: Mapping[str, Language]) -> ProjectRules:
    """The rules of a project that the catalogue knows from now on. raises: NotNow"""
    project = rules.project
    names = {code: languages[code].name for code in project.languages}
    try:
        # a page that writes already may be what asks: it is not held up for long
        with catalog.writing(patience=PATIENCE) as session:
            register_project(
                session, project_id=project.name, title=project.title, languages=names, at=datetime.now(UTC)
            )
    except CatalogUnavailable as error:
        raise NotNow(str(error)) from error
    return rules
