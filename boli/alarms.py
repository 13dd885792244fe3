"""Alarms: what an operator should be woken for, looked at again and again; each one told when it begins and ends."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from audio.recipe import Recipe
from catalog.config.configuration import load_folder
from catalog.config.project import load_projects
from catalog.config.settings import Settings, SettingsError, make_home
from catalog.database import Catalog, CatalogUnavailable, open_catalog
from catalog.errors import UserError
from catalog.ids import content_id
from catalog.lag import Step, StepLag, failed_counts, lags
from catalog.store import StoreError, open_store
from flows.mail import Mail, MailNotSent, mail_server
from flows.mail import send as send_mail
from flows.posting import NotPosted, post_to_operators
from flows.workspace import s3_options
from transcription.rules.language import load_languages

LEAST_FREE_GB = 2.0
"""Below which `boli doctor` fails, and an alarm begins."""
LATE: Mapping[Step, timedelta] = {
    Step.LISTEN: timedelta(minutes=30),
    Step.INGEST: timedelta(hours=2),
    Step.SEGMENT: timedelta(hours=6),
    Step.ROUTE: timedelta(hours=6),
    Step.ALIGN: timedelta(hours=24),
    Step.ERASE: timedelta(hours=24),
}
"""How long the first item may wait for a step; scheduled runs come every quarter of an hour."""
MOST_FAILED = 20
"""Items of one kind that steps may have set aside before somebody should look."""
MOST_UNTOLD = 1_000


@dataclass(frozen=True, slots=True)
class Alarm:
    """name: the same as long as it lasts; said: what is wrong, and what to do, for the operator; of no person"""

    name: str
    said: str


@dataclass(frozen=True, slots=True)
class AlarmNotice:
    """An alarm that began or ended."""

    alarm: Alarm
    begun: bool
    at: datetime

    @property
    def text(self) -> str:
        return self.alarm.said if self.begun else f"Over: {self.alarm.said}"


class NotTold(UserError):
    """A notice did not go out; the next round tries again."""


def alarms(settings: Settings, *, now: datetime) -> list[Alarm]:
    """All that is wrong now. A catalogue or store that can't be reached is one alarm, and hides no other."""
    return [
        *_of_disk(settings),
        *_reached("store", StoreError, lambda: _touch_store(settings)),
        *_of_catalog(settings, now),
    ]


def free_gb(settings: Settings) -> float:
    """Room in the home folder, in GB."""
    return shutil.disk_usage(make_home(settings)).free / 1e9


def changes(
    before: Mapping[str, Alarm], found: Sequence[Alarm], *, at: datetime
) -> tuple[dict[str, Alarm], list[AlarmNotice]]:
    """The alarms that stand now, by name, and those that began or ended since. Pure.

    >>> full = Alarm("disk", "1.0 GB free.")
    >>> standing, notices = changes({}, [full], at=datetime(2026, 11, 30))
    >>> [(notice.begun, notice.text) for notice in notices]
    [(True, '1.0 GB free.')]
    >>> [notice.text for notice in changes(standing, [], at=datetime(2026, 11, 30))[1]]
    ['Over: 1.0 GB free.']
    """
    standing = {alarm.name: alarm for alarm in found}
    begun = [AlarmNotice(alarm, True, at) for name, alarm in standing.items() if name not in before]
    ended = [AlarmNotice(alarm, False, at) for name, alarm in before.items() if name not in standing]
    return standing, [*begun, *ended]


def channels(settings: Settings) -> list[str]:
    """Where alarms are told of, in words. Raises SettingsError where mail is asked for and no server is named."""
    if settings.alarm_mail is not None and mail_server(settings) is None:
        raise SettingsError("BOLI_ALARM_MAIL is set and BOLI_SMTP_HOST is not: name the mail server.")
    mail, hook = settings.alarm_mail, settings.alarm_webhook
    return ["this output", *(["the webhook"] if hook else []), *([mail] if mail else [])]


def tell(settings: Settings, notice: AlarmNotice) -> None:
    """To the webhook and by mail, as the settings name them. Raises NotTold, SettingsError."""
    if settings.alarm_webhook is not None:
        _post(settings.alarm_webhook.get_secret_value(), notice)
    server = mail_server(settings)
    if settings.alarm_mail is not None and server is not None:
        subject = f"Boli: {notice.alarm.name} {'began' if notice.begun else 'is over'}"
        id_ = content_id("alarm", notice.alarm.name, notice.at.isoformat(), int(notice.begun))
        try:
            send_mail(server, Mail(id_, settings.alarm_mail, subject, notice.text), at=notice.at)
        except MailNotSent as error:
            raise NotTold(f"an alarm was not mailed: {error}") from error


def _of_disk(settings: Settings) -> Iterator[Alarm]:
    free = free_gb(settings)
    if free < LEAST_FREE_GB:
        yield Alarm("disk", f"{free:.1f} GB free in the home folder: make room, or uploads are turned away.")


def _reached(name: str, error: type[Exception], touch: Callable[[], object]) -> Iterator[Alarm]:
    try:
        touch()
    except error as failure:
        yield Alarm(name, f"the {name} can't be reached: {str(failure).splitlines()[0]}")


def _touch_store(settings: Settings) -> bool:
    return open_store(settings.store_address, s3_options(settings)).exists("health")


def _of_catalog(settings: Settings, now: datetime) -> list[Alarm]:
    try:
        catalog = open_catalog(settings.catalog_url)
    except CatalogUnavailable as error:
        return [Alarm("catalogue", f"the catalogue can't be reached: {str(error).splitlines()[0]}")]
    try:
        return [alarm for project in _projects(settings) for alarm in _of_project(catalog, project, now)]
    except CatalogUnavailable as error:
        return [Alarm("catalogue", f"the catalogue can't be reached: {str(error).splitlines()[0]}")]
    finally:
        catalog.close()


def _projects(settings: Settings) -> list[str]:
    languages = load_languages(settings.configs / "languages")
    recipes = load_folder(settings.configs / "recipes", Recipe)
    return [*load_projects(settings.configs / "projects", languages=languages, recipes=recipes)]


def _of_project(catalog: Catalog, project: str, now: datetime) -> Iterator[Alarm]:
    with catalog.reading() as session:
        waiting = lags(session, project, now=now)
        failed = failed_counts(session, project)
    yield from filter(None, (late(project, lag, now=now) for lag in waiting))
    for each in failed:
        if each.count > MOST_FAILED:
            yield Alarm(
                f"failed {each.kind} {project}",
                f"{each.count} items of kind {each.kind} failed in {project}: see `boli recordings list`.",
            )


def late(project: str, lag: StepLag, *, now: datetime) -> Alarm | None:
    """The alarm of a step whose first item has waited too long.

    >>> lag = StepLag(Step.INGEST, 3, datetime(2026, 11, 30, 6))
    >>> late("demo", lag, now=datetime(2026, 11, 30, 7)) is None
    True
    >>> late("demo", lag, now=datetime(2026, 11, 30, 9)).name
    'late ingest demo'
    """
    if lag.oldest is None or now - lag.oldest <= LATE[lag.step]:
        return None
    hours = (now - lag.oldest) / timedelta(hours=1)
    return Alarm(
        f"late {lag.step} {project}",
        f"{lag.waiting} items of {project} wait for the step {lag.step}, the first for {hours:.0f} h: "
        f"see whether its runs go through (`boli up`, or Runs in the portal).",
    )


def _post(address: str, notice: AlarmNotice) -> None:
    body = {
        "text": f"Boli: {notice.text}",  # what chat programs show
        "alarm": notice.alarm.name,
        "state": "begun" if notice.begun else "over",
        "at": notice.at.isoformat(timespec="seconds"),
    }
    try:
        post_to_operators(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    except NotPosted as error:
        raise NotTold(f"an alarm was not taken by the webhook: {error}") from error
