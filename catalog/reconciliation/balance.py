"""The balance of a project, its books: what was received came to exactly one end each.

Every claim of the catalogue is compared with something that another act wrote: an upload's row with the receipt
in the audit log, a recording's row with its object in the store, the count that segmentation left with the clips
that are there. So a row that is lost or changed is seen, and named, before anything is published.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from sqlalchemy.orm import Session

from catalog.database import Catalog
from catalog.errors import UserError
from catalog.reconciliation.accounts import Accounts, ClipAccount, UploadAccount
from catalog.reconciliation.discrepancies import (
    Discrepancy,
    clip_discrepancies,
    recording_discrepancies,
    releases_against_clips,
    upload_discrepancies,
)
from catalog.states import ClipState, RecordingState, UploadState
from catalog.store import ObjectStore

__all__ = ["Balance", "BalanceLine", "Discrepancy", "Unbalanced", "balance_of", "reconcile"]

Noun = Literal["uploads", "clips"]
_End = tuple[str, str | None]
"""An end and the reason for it."""
SHOWN = 20
MOST_NAMED = 10_000
"""Items that don't agree: where a store is lost as a whole these are all clips, whose names would fill the memory."""


class Unbalanced(UserError):
    """What was received and what became of it don't agree; publishing must wait."""

    def __init__(self, balance: "Balance") -> None:
        self.missing = balance.missing
        lines = [f"  {each.kind} {each.id} {each.what}" for each in self.missing[:SHOWN]]
        if more := balance.wrong - len(lines):
            lines.append(f"  … and {more} more")
        super().__init__(
            f"the books of project {balance.project_id} don't balance, so nothing is published; given {balance.wrong} "
            "item(s) that don't agree:\n" + "\n".join(lines) + "\nRestore what is missing, or run the "
            "pipeline again if it was stopped half-way; `boli status` shows the books."
        )


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """How many of a noun came to one end.

    bytes:   of uploads, as they were received; None for clips
    seconds: of sound, as far as it is known: nobody knows the length of a file that could not be opened
    """

    noun: Noun
    end: str
    reason: str | None
    count: int
    bytes: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Balance:
    """Received on one side, the ends on the other, and what stands in between.

    missing: items that don't agree, MOST_NAMED at most; unnamed: how many more there are
    """

    project_id: str
    received: BalanceLine
    cut: BalanceLine
    lines: tuple[BalanceLine, ...]
    missing: tuple[Discrepancy, ...]
    unnamed: int = 0

    @property
    def balanced(self) -> bool:
        return not self.wrong

    @property
    def wrong(self) -> int:
        """How many items don't agree."""
        return len(self.missing) + self.unnamed

    def ends(self, noun: Noun) -> tuple[BalanceLine, ...]:
        return tuple(line for line in self.lines if line.noun == noun)

    def or_raise(self) -> "Balance":
        """This balance. Raises Unbalanced, which names every item that doesn't agree."""
        if not self.balanced:
            raise Unbalanced(self)
        return self


def balance_of(catalog: Catalog, store: ObjectStore, project_id: str) -> Balance:
    """The balance of a project at which people and flows are at work.

    What disagrees at one look and no longer at the next was only on its way; what disagrees at both is wrong.
    """
    balance = _look(catalog, store, project_id)
    if balance.balanced:
        return balance
    again, before = _look(catalog, store, project_id), set(balance.missing)
    return replace(again, missing=tuple(each for each in again.missing if each in before))


def _look(catalog: Catalog, store: ObjectStore, project_id: str) -> Balance:
    with catalog.reading() as session:
        if catalog.is_postgresql:  # otherwise every query would see a later moment than the one before
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return reconcile(session, store, project_id)


UPLOAD_ENDS = {
    UploadState.RECEIVED: "pending",
    UploadState.INGESTED: "pending",  # without its recording, which the contradictions name
    UploadState.REJECTED: "rejected",
    UploadState.FAILED: "failed",
}
RECORDING_ENDS = {
    RecordingState.ACCEPTED: "pending",
    RecordingState.SEGMENTED: "cut",
    RecordingState.REJECTED: "rejected",
    RecordingState.FAILED: "failed",
    RecordingState.WITHDRAWN: "withdrawn",
}


def reconcile(session: Session, store: ObjectStore, project_id: str) -> Balance:
    """Count what a project received and what became of it, and hold both against each other."""
    accounts = Accounts(session, store, project_id)
    named, unnamed = _named(
        chain(
            upload_discrepancies(accounts, store),
            recording_discrepancies(accounts),
            clip_discrepancies(accounts),
            releases_against_clips(session, project_id),
        )
    )
    count, size = accounts.received()
    clips, clip_seconds = _clip_lines(accounts.clips())
    lines = (*_upload_lines(accounts.uploads()), *clips)
    received = BalanceLine("uploads", "received", None, count, size, accounts.recorded_seconds())
    cut = BalanceLine("clips", "cut", None, accounts.clips_cut(), None, clip_seconds)
    for whole in (received, cut):
        counted = sum(line.count for line in lines if line.noun == whole.noun)
        if counted != whole.count and not named:
            what = f"{whole.end} are {whole.count} and their ends add up to {counted}"
            named = {Discrepancy("project", project_id, what)}
    ordered = sorted(named, key=lambda each: (each.kind, each.id, each.what))
    return Balance(project_id, received, cut, lines, tuple(ordered), unnamed)


def _named(found: Iterable[Discrepancy]) -> tuple[set[Discrepancy], int]:
    """The first of them, and how many more there are."""
    named: set[Discrepancy] = set()
    unnamed = 0
    for each in found:
        if len(named) < MOST_NAMED:
            named.add(each)
        elif each not in named:
            unnamed += 1
    return named, unnamed


def _upload_lines(uploads: Iterable[UploadAccount]) -> Iterable[BalanceLine]:
    """An upload that became a recording came to whatever end the recording came to."""
    count: Counter[_End] = Counter()
    size: Counter[_End] = Counter()
    length: defaultdict[_End, float] = defaultdict(float)
    for upload in uploads:
        if upload.state is UploadState.INGESTED and upload.end is not None:
            state, reason = upload.end
            end: _End = (RECORDING_ENDS[state], reason)
            length[end] += upload.seconds
        else:
            end = (UPLOAD_ENDS[upload.state], upload.reason)
        count[end] += 1
        size[end] += upload.size
    return [
        BalanceLine("uploads", *end, count[end], size[end], length[end]) for end in sorted(count, key=_order)
    ]


def _clip_lines(clips: Iterable[ClipAccount]) -> tuple[Iterable[BalanceLine], float]:
    """Where clips ended, and the seconds of all of them."""
    count: Counter[_End] = Counter()
    length: defaultdict[_End, float] = defaultdict(float)
    whole = 0.0
    for clip in clips:
        if clip.state is ClipState.ACCEPTED:
            end: _End = ("published" if clip.is_published else "accepted", None)
        elif clip.state is ClipState.REJECTED:
            end = ("rejected", clip.reason)
        elif clip.state is ClipState.WITHDRAWN:
            end = ("withdrawn", None)
        else:
            end = ("pending", None)
        count[end] += 1
        length[end] += clip.seconds
        whole += clip.seconds
    lines = [BalanceLine("clips", *end, count[end], None, length[end]) for end in sorted(count, key=_order)]
    return lines, whole


def _order(end: tuple[str, str | None]) -> tuple[str, str]:
    return end[0], end[1] or ""
