"""The verdict on a recording, seconds after it arrived: while the speaker is still there to say it again.

Measured in a limited child process (`audio.sandbox`), never in the portal's own. Ingest has the last word.
Where listening fails for a reason that may be none of the file's (a child that dies, a full disk, a store that is away,
a mistake of ours) it is tried again, ever more rarely (`portal.upload.verdicts_due`); until then the phone hears that.
"""

import logging
import queue
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audio.errors import SandboxClosed, SandboxUnavailable, UnusableRecording
from audio.limits import Limits
from audio.reasons import NOTHING_TO_KEEP, AudioReason
from audio.recipe import Recipe
from audio.sandbox import Sandbox
from catalog.config.project import Project
from catalog.database import Catalog, CatalogUnavailable
from catalog.reasons import Reason, reason
from catalog.receiving import is_gone
from catalog.states import RecordingState, UploadState
from catalog.store import NotStored, ObjectStore, StoreError
from catalog.tables import Recording, Upload, Verdict, VerdictDue
from portal.upload import verdicts_due
from portal.upload.limits import UploadLimits
from portal.upload.measuring import Findings, HeardArrival, measure
from portal.upload.whose_voice import heard_codes, keep_voice, known_embeddings

NOT_YET = "not_looked_at"
PERHAPS_OURS = frozenset({AudioReason.DECODER_CRASHED, AudioReason.OVER_LIMIT})
"""A child that died, or ran out of time or memory: the file's doing, or that of a machine with too much to do."""
DEATHS = 3
"""After so many it is the file's."""

log = logging.getLogger("boli.uploads")


@dataclass(frozen=True, slots=True)
class RecordingVerdict:
    """A verdict in words. seconds: None where it can't be decoded; reasons: the gravest first"""

    usable: bool
    seconds: float | None
    reasons: tuple[Reason, ...]


class _NotYet(Exception):
    """This upload can't be listened to now; it is tried again."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An upload to be heard. keys: where its bytes may lie, the likeliest first; tries: that failed before"""

    upload_id: str
    project_id: str
    sha256: str
    keys: tuple[str, ...]
    tries: int


def verdict_of(session: Session, upload_id: str) -> RecordingVerdict | None:
    """What was heard; None while nobody has listened yet."""
    row = session.get(Verdict, upload_id)
    if row is None:
        return None
    return RecordingVerdict(row.usable, row.seconds, tuple(reason(code) for code in row.reasons))


def delay_of(session: Session, upload_id: str) -> Reason | None:
    """Why there is no verdict yet, once a try has failed; None where there is one, or where it is just coming."""
    row = session.get(VerdictDue, upload_id)
    return reason(NOT_YET) if row is not None and row.tries else None


class Listener:
    """Measures arrivals, few at a time, in a line of bounded length. What is not in the line is found by the sweep."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        store: ObjectStore,
        projects: Mapping[str, Project],
        recipes: Mapping[str, Recipe],
        decoding: Limits,
        folder: Path,
        limits: UploadLimits,
        clock: Callable[[], datetime],
    ) -> None:
        """folder: for the copy that is measured; decoding: bounds of one child"""
        self._catalog = catalog
        self._store = store
        self._projects = projects
        self._recipes = recipes
        self._folder = folder
        self._clock = clock
        self._at_once = limits.verdicts_at_once
        self._decoding = decoding
        self._most_in_line = limits.verdicts_waiting
        self._first_pause = timedelta(seconds=limits.verdict_pause_seconds)
        self._line: queue.Queue[str | None] = queue.Queue(limits.verdicts_waiting)
        self._in_line: set[str] = set()
        self._lock = threading.Lock()
        self._sandbox: Sandbox | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob("*.copy"):
            left.unlink(missing_ok=True)
        self._sandbox = Sandbox(self._at_once, self._decoding, temp=self._folder).__enter__()
        self._threads = [
            threading.Thread(target=self._listen, args=(self._sandbox,), daemon=True, name="verdict")
            for _ in range(self._at_once)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End at once; what is half heard is heard again after the next start."""
        if self._sandbox is None:
            return
        with self._lock:
            while not self._line.empty():
                self._line.get_nowait()
        for _ in self._threads:
            self._line.put(None)
        self._sandbox.__exit__(None, None, None)
        for thread in self._threads:
            thread.join()
        self._sandbox, self._threads = None, []

    def hear(self, upload_id: str) -> None:
        """Put an upload in line. Returns at once."""
        with self._lock:
            if upload_id in self._in_line:
                return
            try:
                self._line.put_nowait(upload_id)
            except queue.Full:
                return
            self._in_line.add(upload_id)

    def hear_due(self) -> None:
        """Put in line what waits for its verdict: neither a crash nor a failure in between loses one."""
        with self._catalog.reading() as session:
            waiting = verdicts_due.due(session, now=self._clock(), most=self._most_in_line)
        for upload_id in waiting:
            self.hear(upload_id)

    def _listen(self, sandbox: Sandbox) -> None:
        while (upload_id := self._line.get()) is not None:
            try:
                self._hear(sandbox, upload_id)
            except SandboxClosed:
                return
            except (
                CatalogUnavailable
            ) as error:  # nothing can be noted there; it still stands in line for the sweep
                log.warning("upload %s is not heard yet, the next sweep tries again: %s", upload_id, error)
            except (_NotYet, StoreError, SandboxUnavailable, OSError) as error:
                log.warning("upload %s can't be heard now: %s", upload_id, error)
                self._postpone(upload_id, error)
            except Exception as error:  # JobFailed and the like: one bad file must not end all verdicts
                log.exception("upload %s can't be heard for a mistake of ours", upload_id)
                self._postpone(upload_id, error)
            finally:
                with self._lock:
                    self._in_line.discard(upload_id)

    def _postpone(self, upload_id: str, error: Exception) -> None:
        why = f"{type(error).__name__}: {error}"
        try:
            with self._catalog.writing() as session:
                verdicts_due.postpone(
                    session, upload_id, why=why, now=self._clock(), first_pause=self._first_pause
                )
        except CatalogUnavailable as away:
            log.warning("upload %s: it could not be noted that %s: %s", upload_id, why, away)

    def _hear(self, sandbox: Sandbox, upload_id: str) -> None:
        arrival = self._arrival(upload_id)
        if arrival is None:
            self._settle(upload_id)
            return
        project = self._projects.get(arrival.project_id)
        if project is None:
            raise _NotYet(f"there is no project {arrival.project_id!r} in configs/projects any more")
        copy = self._folder / f"{uuid.uuid4().hex}.copy"
        try:
            self._fetch(arrival, copy)
            verdict = self._measured(sandbox, arrival, project, copy)
        finally:
            copy.unlink(missing_ok=True)
        self._keep(*verdict)

    def _measured(
        self, sandbox: Sandbox, arrival: _Arrival, project: Project, copy: Path
    ) -> tuple[Verdict, HeardArrival | None]:
        recipe = self._recipes[project.clips.recipe]
        known = known_embeddings(self._catalog, arrival.upload_id, project)
        try:
            heard = sandbox.run(measure, copy, recipe, self._decoding, known)
        except UnusableRecording as error:
            if error.code in PERHAPS_OURS and arrival.tries + 1 < DEATHS:
                raise _NotYet(str(error)) from error
            return _unusable(arrival.upload_id, error, self._clock()), None
        rejecting = _rejecting(heard.findings, project)
        verdict = Verdict(
            upload_id=arrival.upload_id,
            usable=not rejecting,
            seconds=heard.seconds,
            reasons=list(dict.fromkeys([*rejecting, *heard_codes(heard)])),
            measures=heard.measures,
            at=self._clock(),
        )
        return verdict, heard

    def _arrival(self, upload_id: str) -> _Arrival | None:
        """None where nothing is to be heard any more: it has a verdict, was refused by ingest or withdrawn."""
        with self._catalog.reading() as session:
            upload = session.get(Upload, upload_id)
            if upload is None or session.get(Verdict, upload_id) is not None or is_gone(session, upload):
                return None
            recording = session.execute(
                select(Recording.key, Recording.state).where(Recording.upload_id == upload_id)
            ).one_or_none()
            tries = verdicts_due.tries(session, upload_id)
        withdrawn = recording is not None and recording.state is RecordingState.WITHDRAWN
        if withdrawn or upload.state is UploadState.REJECTED:
            return None
        keys = (upload.landing_key, recording.key if recording is not None else None)
        return _Arrival(
            upload.id, upload.project_id, upload.sha256, tuple(key for key in keys if key is not None), tries
        )

    def _fetch(self, arrival: _Arrival, copy: Path) -> None:
        """Its bytes, from where they are. Raises _NotYet: ingest may be moving them at this moment."""
        for key in arrival.keys:
            try:
                self._store.fetch(key, copy, sha256=arrival.sha256)
            except NotStored:
                continue
            return
        raise _NotYet(f"its bytes are not in the store: {', '.join(arrival.keys) or 'no key'}")

    def _keep(self, verdict: Verdict, heard: HeardArrival | None) -> None:
        try:
            with self._catalog.writing() as session:
                verdicts_due.settle(session, verdict.upload_id)
                if session.get(Verdict, verdict.upload_id) is None:
                    session.add(verdict)
                    keep_voice(session, verdict.upload_id, heard, at=verdict.at)
        except IntegrityError:  # another process has heard it at the same time, and settled it
            return

    def _settle(self, upload_id: str) -> None:
        with self._catalog.writing() as session:
            verdicts_due.settle(session, upload_id)


def _unusable(upload_id: str, error: UnusableRecording, at: datetime) -> Verdict:
    return Verdict(
        upload_id=upload_id, usable=False, seconds=None, reasons=[error.code.value], measures={}, at=at
    )


def _rejecting(findings: Findings, project: Project) -> list[str]:
    """Codes for which this project takes no recording: one that keeps poor sound is only warned of it."""
    keeps = project.clips.poor_sound == "keep"
    return [code for code, rejects in findings if rejects and (not keeps or code in NOTHING_TO_KEEP)]
