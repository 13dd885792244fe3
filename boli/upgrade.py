"""What an upgrade to this version would do to a home, and what stands in its way; looked at, nothing is written."""

import json
import re
import shutil
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http.client import HTTPException
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from audio.recipe import Recipe
from boli.alarms import LEAST_FREE_GB
from boli.output import size_text
from boli.serve.service import is_free
from catalog.backup.backups import backups
from catalog.catalog_state import CatalogState, look_at
from catalog.config.configuration import ConfigurationError, load
from catalog.config.project import load_project
from catalog.config.settings import KEY_FILE, ROOT, Settings
from catalog.database import CatalogUnavailable
from catalog.errors import UserError
from catalog.migrating import pending
from catalog.store import ObjectStore
from portal.record.prompts import load_prompts, pictures_here
from transcription.rules.guideline import load_guidelines
from transcription.rules.language import Language, load_language

RUNNING = "running"
BACKUP_HOURS = 24
_TABLES_COPIED = 2  # SQLite writes a changed table anew, and once more to its log
_PREFECT_SECONDS = 10.0
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)([^\\\n]*)", re.MULTILINE)
_MOST_NAMED = 5


class Mark(StrEnum):
    """OK: as it should be. NOTE: something to know or do. STOP: do not upgrade before it is mended."""

    OK = "ok"
    NOTE = "note"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Finding:
    """said: what was found, and the mend where there is one to make."""

    name: str
    mark: Mark
    said: str


@dataclass(frozen=True, slots=True)
class PrefectServer:
    """A server of the operator's own. auth: user:password, where it asks for one"""

    api: str
    auth: str | None


def findings(
    settings: Settings,
    *,
    backup: ObjectStore | None,
    prefect: PrefectServer | None,
    now: datetime,
    lock: Path = ROOT / "requirements.lock",
) -> Iterator[Finding]:
    """Each thing looked at, as it is looked at. backup: where the backups lie, None where that was not said"""
    yield _program(lock)
    yield from _configs(settings.configs)
    try:
        state = look_at(settings.catalog_url)
    except CatalogUnavailable as error:
        yield Finding("catalogue", Mark.STOP, str(error))
        state = None
    if state is not None:
        yield _catalogue(state)
        yield _backup(backup, state, now)
    yield _disk(settings, state)
    yield _key(settings)
    yield _running(settings)
    if prefect is not None:
        yield _prefect(prefect)


def _program(lock: Path) -> Finding:
    """Whether the environment is the one that this version was tested with."""
    here = f"boli {version('boli')} on Python {python_version()}"
    if not lock.is_file():
        return Finding("program", Mark.OK, f"{here}; no requirements.lock beside it to compare packages with")
    pins: dict[str, set[str]] = {}
    everywhere: set[str] = set()
    for name, wanted, condition in _PIN.findall(lock.read_text("utf-8")):
        pins.setdefault(name, set()).add(wanted)
        if ";" not in condition:
            everywhere.add(name)
    others = [text for name, wanted in pins.items() if (text := _other(name, wanted, name in everywhere))]
    if others:
        more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        return Finding(
            "program",
            Mark.STOP,
            f"{here}, and packages that it was not tested with: {'; '.join(others[:_MOST_NAMED])}{more}. "
            "Bring the environment up to date: `make setup`.",
        )
    return Finding("program", Mark.OK, f"{here}, its {len(pins)} packages as in requirements.lock")


def _other(name: str, wanted: set[str], everywhere: bool) -> str | None:
    """How an installed package differs from its pins; None where it does not."""
    try:
        found = version(name)
    except PackageNotFoundError:
        return f"{name} is missing" if everywhere else None
    # a build for one kind of machine has its name behind a plus sign
    return (
        None if found.partition("+")[0] in wanted else f"{name} {found} is not {' or '.join(sorted(wanted))}"
    )


def _configs(folder: Path) -> Iterator[Finding]:
    """Every file by itself, so that all faults are said: keys that this version does not know, or knows otherwise."""
    paths = {kind: sorted((folder / kind).glob("*.yaml")) for kind in ("languages", "recipes", "projects")}
    names = {kind: [path.stem for path in found] for kind, found in paths.items()}
    faults: list[str] = []
    languages: dict[str, Language] = {}
    for path in paths["languages"]:
        with _collected(faults):
            languages[path.stem] = load_language(path)
    for path in paths["recipes"]:
        with _collected(faults):
            load(path, Recipe)
    for path in paths["projects"]:
        with _collected(faults):
            load_project(path, languages=names["languages"], recipes=names["recipes"])
    with _collected(faults):
        load_guidelines(folder, languages)
    with _collected(faults):
        load_prompts(folder / "prompts", languages=languages, pictures=pictures_here())
    for fault in faults:
        yield Finding("configs", Mark.STOP, fault)
    if not faults:
        count = sum(map(len, paths.values()))
        yield Finding("configs", Mark.OK, f"{count} files hold nothing that this version does not know")


@contextmanager
def _collected(faults: list[str]) -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        faults.append(str(error))


def _catalogue(state: CatalogState) -> Finding:
    if state.revision is None:
        return Finding("catalogue", Mark.OK, f"{state.server}, empty: the first start makes its tables")
    steps = pending(state.revision)
    if steps is None:
        return Finding(
            "catalogue",
            Mark.STOP,
            f"{state.server}, its tables are at step {state.revision}, which this version does not know: "
            "a newer Boli made them. Install that one, or restore a backup of before (docs/operating.md).",
        )
    if not steps:
        return Finding(
            "catalogue", Mark.OK, f"{state.server}, tables are at the newest step {state.revision}"
        )
    listed = "".join(f"\n  {step.revision} {step.summary}" for step in steps)
    return Finding(
        "catalogue",
        Mark.NOTE,
        f"{state.server}, {size_text(state.size)}, tables at step {state.revision}: {len(steps)} to go, in one "
        f"transaction with the first start.{listed}",
    )


def _backup(target: ObjectStore | None, state: CatalogState, now: datetime) -> Finding:
    """There is no way back from a migration but a backup of before."""
    if state.revision is None:
        return Finding("backup", Mark.OK, "nothing is here yet that could be lost")
    steps = pending(state.revision)
    needed = Mark.STOP if steps or steps is None else Mark.NOTE
    if target is None:
        return Finding(
            "backup",
            Mark.NOTE,
            "not looked at. Name where the backups lie: `boli upgrade --check --backup TARGET`.",
        )
    try:
        found = backups(target)
    except UserError as error:
        return Finding("backup", Mark.STOP, str(error))
    mend = f"Make one: `boli backup make`, with the version of now, into {target.url}."
    if not found:
        return Finding("backup", needed, f"none at {target.url}. {mend}")
    newest = found[-1]
    age = now - datetime.fromisoformat(newest.at)
    said = f"the newest is {age / timedelta(hours=1):.0f} h old ({newest.name}, by boli {newest.boli})"
    if age > timedelta(hours=BACKUP_HOURS):
        return Finding("backup", needed, f"{said}; have one of at most {BACKUP_HOURS} h. {mend}")
    if newest.revision != state.revision:
        return Finding("backup", needed, f"{said}, and of other tables than those of now. {mend}")
    return Finding("backup", Mark.OK, said)


def _disk(settings: Settings, state: CatalogState | None) -> Finding:
    home = settings.home.resolve()
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free / 1e9
    grows = state is not None and state.is_file and bool(pending(state.revision))
    need = LEAST_FREE_GB + (_TABLES_COPIED * state.size / 1e9 if state is not None and grows else 0.0)
    if free < need:
        why = " while tables are written anew" if grows else ""
        return Finding("disk", Mark.STOP, f"{free:.1f} GB free in {home}; have {need:.1f} GB{why}.")
    return Finding("disk", Mark.OK, f"{free:.0f} GB free, {need:.1f} GB needed")


def _key(settings: Settings) -> Finding:
    path = settings.home.resolve() / KEY_FILE
    if path.is_file():
        return Finding("key", Mark.OK, f"{path} is in no backup: have a copy of it elsewhere, in secret")
    return Finding("key", Mark.NOTE, f"no {path} yet: the portal makes it at its first start")


def _running(settings: Settings) -> Finding:
    """Programs of the version before, which would meet tables that they don't know."""
    ports: Mapping[str, tuple[str, int]] = {
        "portal": (settings.portal_host, settings.portal_port),
        "Prefect's server": ("127.0.0.1", settings.prefect_port),
    }
    busy = [f"{name} on port {port}" for name, (host, port) in ports.items() if not is_free(host, port)]
    if busy:
        return Finding(
            RUNNING,
            Mark.NOTE,
            f"something is there as {', '.join(busy)}. Stop it before the upgrade, workers too.",
        )
    return Finding(RUNNING, Mark.OK, "nothing listens on the ports of the portal and of Prefect's server")


def _prefect(server: PrefectServer) -> Finding:
    """A server of its own is upgraded before its clients: it understands older ones."""
    ours = version("prefect")
    request = Request(f"{server.api.rstrip('/')}/admin/version")  # noqa: S310  (the operator's own address)
    if server.auth:
        request.add_header("Authorization", f"Basic {b64encode(server.auth.encode()).decode()}")
    try:
        with urlopen(request, timeout=_PREFECT_SECONDS) as answer:  # noqa: S310
            theirs = str(json.loads(answer.read(1000)))
    except HTTPError as error:
        return Finding(
            "prefect", Mark.STOP, f"{server.api} answers {error.code}. Is PREFECT_API_AUTH_STRING its secret?"
        )
    except (URLError, HTTPException, OSError, ValueError) as error:
        return Finding(
            "prefect",
            Mark.STOP,
            f"{server.api} does not answer ({error}). Start it, or unset PREFECT_API_URL.",
        )
    if theirs != ours:
        return Finding(
            "prefect",
            Mark.NOTE,
            f"the server at {server.api} is {theirs}, this environment has {ours}: upgrade both.",
        )
    return Finding("prefect", Mark.OK, f"the server at {server.api} is {theirs}, as here")
