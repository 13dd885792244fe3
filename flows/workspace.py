"""Everything a step works with, opened for one project."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from audio.limits import Limits
from audio.recipe import Recipe
from catalog.choices import with_choices
from catalog.config.configuration import load_folder
from catalog.config.project import Project, load_project
from catalog.config.settings import ROOT, Settings, load_settings, make_home
from catalog.database import Catalog, open_catalog
from catalog.errors import UserError
from catalog.keys import PARTIAL_FOLDER
from catalog.store import ObjectStore, S3Options, open_store
from flows.mail import MailServer, mail_server
from flows.news_channels import NewsChannels, news_channels
from flows.recogniser_service import RecogniserService, recogniser_service
from flows.steps.batches import BatchSize, batch_size
from transcription.rules.language import Language, load_languages

MESSAGES = Path("messages")


class UnknownProject(UserError):
    """No project of that name is configured."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A project with the catalogue, the store, its rules and the room to work in."""

    project: Project
    recipe: Recipe
    languages: Mapping[str, Language]
    catalog: Catalog
    store: ObjectStore
    configs: Path
    limits: Limits
    workers: int
    batch_size: BatchSize
    scratch: Path
    partial_uploads: Path
    """Where the portal of this machine keeps files on their way."""
    audit_months: int
    """For which the audit log stays in the catalogue."""
    version: str
    """Of all that decides whether a file can be read: what failed is tried again by another one only."""
    message_texts: Path
    """What those are written who downloaded rows that were withdrawn."""
    mail: MailServer | None
    """Where messages go out; None: they wait, and are shown."""
    recogniser_service: RecogniserService | None
    """What hears clips elsewhere; None where the operator named none."""
    news: NewsChannels
    """How people hear of news outside the portal."""
    s3: S3Options
    """Of stores that a project names itself."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@contextmanager
def open_workspace(project: str, settings: Settings | None = None) -> Iterator[Workspace]:
    """Open what belongs to `project`; the catalogue is closed at the end.

    settings: None reads them: a flow run that a schedule starts has nobody to hand it any
    Raises UnknownProject, ConfigurationError, CatalogUnavailable, InvalidAddress.
    """
    settings = settings or load_settings()
    languages = load_languages(settings.configs / "languages")
    recipes = load_folder(settings.configs / "recipes", Recipe)
    path = settings.configs / "projects" / f"{project}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml"))) or "none yet"
        raise UnknownProject(
            f"there is no project {project!r}; there is: {known}.\nWrite {path} to begin one."
        )
    rules = load_project(path, languages=languages, recipes=recipes)
    make_home(settings)
    settings.scratch.mkdir(parents=True, exist_ok=True)
    recipe = project_recipe(recipes[rules.clips.recipe], rules)
    catalog = open_catalog(settings.catalog_url)
    try:
        with catalog.reading() as session:
            rules = with_choices(session, rules)
        yield Workspace(
            project=rules,
            recipe=recipe,
            languages={code: languages[code] for code in rules.languages},
            catalog=catalog,
            store=open_store(settings.store_address, s3_options(settings)),
            configs=settings.configs,
            limits=Limits(
                max_seconds=rules.limits.recording_hours * 3600,
                address_space=settings.recording_memory_mb * 2**20,
            ),
            workers=settings.workers,
            batch_size=batch_size(
                settings.batch_minutes * 60.0,
                children=settings.workers,
                spread=settings.task_runner != "threads",
            ),
            scratch=settings.scratch,
            partial_uploads=settings.uploads / PARTIAL_FOLDER,
            audit_months=settings.audit_months,
            version=f"boli {version('boli')}, av {version('av')}, {recipe.id}",
            message_texts=_message_texts(settings.configs, "withdrawn.yaml"),
            mail=mail_server(settings),
            recogniser_service=recogniser_service(settings),
            news=news_channels(settings, _message_texts(settings.configs, "news.yaml")),
            s3=s3_options(settings),
        )
    finally:
        catalog.close()


def _message_texts(configs: Path, name: str) -> Path:
    """The installation's own; where it wrote none, those that come with the program."""
    own = configs / MESSAGES / name
    return own if own.is_file() else ROOT / "configs" / MESSAGES / name


def project_recipe(recipe: Recipe, project: Project) -> Recipe:
    """The recipe with the project's own clip lengths; its name then says whose it is."""
    rules = project.clips
    if rules.min_seconds is None and rules.max_seconds is None:
        return recipe
    lengths = replace(
        recipe.segmentation,
        min_length_ms=round(rules.min_seconds * 1000)
        if rules.min_seconds
        else recipe.segmentation.min_length_ms,
        max_length_ms=round(rules.max_seconds * 1000)
        if rules.max_seconds
        else recipe.segmentation.max_length_ms,
    )
    return replace(recipe, name=f"{recipe.name}-{project.name}", segmentation=lengths)


def s3_options(settings: Settings) -> S3Options:
    return S3Options(
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value() if settings.s3_secret_key else None,
        attempts=settings.s3_attempts,
        read_timeout=settings.s3_silent_seconds,
    )
