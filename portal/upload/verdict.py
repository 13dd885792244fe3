"""The verdict on a recording, seconds after it arrived: while the speaker is still there to say it again.

Measured in a limited child process (`audio.sandbox`), never in the portal's own. Ingest has the last word.
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
from audio.reasons import NOTHING_TO_KEEP
from audio.recipe import Recipe
from audio.sandbox import Sandbox
from catalog.config.project import Project
from catalog.database import Catalog, CatalogUnavailable
from catalog.reasons import Reason, reason
from catalog.store import NotStored, ObjectStore, StoreError
from catalog.tables import Recording, Upload, Verdict
from portal.upload.limits import UploadLimits
from portal.upload.measuring import Findings, measure

LOOKED_BACK = timedelta(days=1)

log = logging.getLogger("boli.uploads")


@dataclass(frozen=True, slots=True)
class RecordingVerdict:
    """A verdict in words. seconds: None where it can't be decoded; reasons: the gravest first"""

    usable: bool
    seconds: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An upload to be heard. keys: where its bytes may lie, the likeliest first"""

    upload_id: str
    project_id: str
    sha256: str
    keys: tuple[str, ...]


def verdict_of(session: Session, upload_id: str) -> RecordingVerdict | None:
    """What was heard; None while nobody has listened yet."""
    row = session.get(Verdict, upload_id)
    if row is None:
        return None
    return RecordingVerdict(row.usable, row.seconds, tuple(reason(code) for code in row.reasons))


class Listener:
    """Measures arrivals, few at a time, in a line of bounded length. What falls off the line is found by the sweep."""

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
        self._line: queue.Queue[str | None] = queue.Queue(limits.verdicts_waiting)
        self._in_line: set[str] = set()
        self._given_up: set[str] = set()
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
            if upload_id in self._in_line or upload_id in self._given_up:
                return
            try:
                self._line.put_nowait(upload_id)
            except queue.Full:
                return
            self._in_line.add(upload_id)

    def hear_forgotten(self) -> None:
        """Put in line what people sent of late and nobody has listened to: a crash in between loses no verdict."""
        with self._catalog.reading() as session:
            forgotten = session.scalars(
                select(Upload.id)
                .outerjoin(Verdict, Verdict.upload_id == Upload.id)
                .where(
                    Upload.received_at > self._clock() - LOOKED_BACK,
                    Upload.sent_by.is_not(None),
                    Verdict.upload_id.is_(None),
                )
                .order_by(Upload.received_at)
            ).all()
        for upload_id in forgotten:
            self.hear(upload_id)

    def _listen(self, sandbox: Sandbox) -> None:
        while (upload_id := self._line.get()) is not None:
            try:
                self._hear(sandbox, upload_id)
            except SandboxClosed:
                return
            except (CatalogUnavailable, StoreError, SandboxUnavailable, OSError) as error:
                log.warning("upload %s is not heard yet, the next sweep tries again: %s", upload_id, error)
            except Exception:  # JobFailed and the like: one bad file must not end all verdicts
                log.exception("upload %s can't be heard for a mistake of ours", upload_id)
                self._given_up.add(upload_id)
            finally:
                with self._lock:
                    self._in_line.discard(upload_id)

    def _hear(self, sandbox: Sandbox, upload_id: str) -> None:
        arrival = self._arrival(upload_id)
        if arrival is None or arrival.project_id not in self._projects:
            self._given_up.add(upload_id)
            return
        project = self._projects[arrival.project_id]
        copy = self._folder / f"{uuid.uuid4().hex}.copy"
        try:
            if not self._fetch(arrival, copy):
                self._given_up.add(upload_id)  # erased, or taken away
                return
            try:
                seconds, findings, measures = sandbox.run(
                    measure, copy, self._recipes[project.clips.recipe], self._decoding
                )
            except UnusableRecording as error:
                verdict = _unusable(upload_id, error, self._clock())
            else:
                verdict = Verdict(
                    upload_id=upload_id,
                    usable=not _rejecting(findings, project),
                    seconds=seconds,
                    reasons=list(
                        dict.fromkeys(_rejecting(findings, project) + [code for code, _ in findings])
                    ),
                    measures=measures,
                    at=self._clock(),
                )
        finally:
            copy.unlink(missing_ok=True)
        self._keep(verdict)

    def _arrival(self, upload_id: str) -> _Arrival | None:
        with self._catalog.reading() as session:
            upload = session.get(Upload, upload_id)
            if upload is None or session.get(Verdict, upload_id) is not None:
                return None
            recording = session.scalar(select(Recording.key).where(Recording.upload_id == upload_id))
        keys = tuple(key for key in (upload.landing_key, recording) if key is not None)
        return _Arrival(upload.id, upload.project_id, upload.sha256, keys)

    def _fetch(self, arrival: _Arrival, copy: Path) -> bool:
        """Whether its bytes were found: ingest may be moving them at this moment."""
        for key in arrival.keys:
            try:
                self._store.fetch(key, copy, sha256=arrival.sha256)
            except NotStored:
                continue
            return True
        return False

    def _keep(self, verdict: Verdict) -> None:
        try:
            with self._catalog.writing() as session:
                if session.get(Verdict, verdict.upload_id) is None:
                    session.add(verdict)
        except IntegrityError:  # another process has heard it at the same time
            return


def _unusable(upload_id: str, error: UnusableRecording, at: datetime) -> Verdict:
    return Verdict(
        upload_id=upload_id, usable=False, seconds=None, reasons=[error.code.value], measures={}, at=at
    )


def _rejecting(findings: Findings, project: Project) -> list[str]:
    """Codes for which this project takes no recording: one that keeps poor sound is only warned of it."""
    keeps = project.clips.poor_sound == "keep"
    return [code for code, rejects in findings if rejects and (not keeps or code in NOTHING_TO_KEEP)]
