"""The download ledger: who fetched rows of which version through the portal, when and how much.

Whoever reads the store directly isn't seen here: for them `withdrawn.jsonl` lies at a fixed address.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from catalog.consent import ConsentScope, agreed_to_less_since, consented
from catalog.tables import Clip, Download, Person, RecordingSpeaker, Release, ReleaseItem, Speaker

_DESCRIBING = frozenset({"README.md", "files.json", "croissant.json", "checksums.sha256"})
"""Files of a version that hold no row of anybody's."""


@dataclass(frozen=True, slots=True)
class Downloader:
    """Somebody who fetched rows of a version that held a voice, before the voice was taken out of it.

    bytes:        asked for, on all days
    pulled_since: whether they fetched from the same dataset again after the voice was taken out; None while it
                  still stands in the version
    """

    person_id: str
    handle: str
    dataset: str
    version: str
    last_at: datetime
    bytes: int
    pulled_since: bool | None


@dataclass(frozen=True, slots=True)
class OutdatedCopy:
    """A dataset of which somebody holds rows that were withdrawn since they last fetched from it.

    versions:     how many such rows by version, of those that they fetched
    erased_until: when the last of them was taken out
    """

    person_id: str
    project_id: str
    dataset: str
    versions: dict[str, int]
    erased_until: datetime

    @property
    def rows(self) -> int:
        return sum(self.versions.values())


def holds_rows(path: str) -> bool:
    """Whether a file of a version holds rows of people; what isn't known to hold none is taken to.

    >>> holds_rows("data/train-0f.parquet"), holds_rows("CHANGES.md"), holds_rows("README.md")
    (True, True, False)
    """
    return path not in _DESCRIBING and not path.endswith(".svg")


def note_download(session: Session, person_id: str, release_id: str, *, size: int, at: datetime) -> None:
    """Write down that somebody asks for `size` bytes of a version: one row a day, to which the day's bytes add up."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(Download).values(
        person_id=person_id,
        release_id=release_id,
        day=f"{at.astimezone(UTC):%Y-%m-%d}",
        first_at=at,
        last_at=at,
        bytes=size,
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=[Download.person_id, Download.release_id, Download.day],
            set_={"last_at": row.excluded.last_at, "bytes": Download.bytes + row.excluded.bytes},
        )
    )


def downloaders_of(session: Session, speaker_id: str) -> Sequence[Downloader]:
    """Who fetched versions that hold or held clips of the speaker which are not for them any more, by handle."""
    return downloaders_by_speaker(session, [speaker_id]).get(speaker_id, [])


def downloaders_by_speaker(session: Session, speaker_ids: Collection[str]) -> Mapping[str, list[Downloader]]:
    """The same for many speakers, those left out of whom nobody has anything. One query."""
    held = _versions_with(speaker_ids).subquery()
    last_at = func.max(Download.last_at)
    since = fetched_since(Person.id, held.c.name, held.c.erased_at)
    rows = session.execute(
        select(
            held.c.speaker_id,
            Person.id,
            Person.handle,
            held.c.name,
            held.c.version,
            last_at,
            func.sum(Download.bytes),
            held.c.left,
            since,
        )
        .select_from(held)
        .join(Download, Download.release_id == held.c.id)
        .join(Person, Person.id == Download.person_id)
        .where((held.c.left > 0) | (Download.first_at <= held.c.erased_at))
        .group_by(
            held.c.speaker_id,
            Person.id,
            Person.handle,
            held.c.name,
            held.c.version,
            held.c.left,
            held.c.erased_at,
        )
        .order_by(Person.handle, held.c.name, held.c.version)
    )
    found: dict[str, list[Downloader]] = {}
    for speaker, person, handle, dataset, version, last, size, left, again in rows:
        pulled_again = None if left else again
        found.setdefault(speaker, []).append(
            Downloader(person, handle, dataset, version, last, int(size), pulled_again)
        )
    return found


def outdated_copies(session: Session, *, person_id: str | None = None) -> Sequence[OutdatedCopy]:
    """What must be pulled again, of everybody or of one person, by person and dataset."""
    fetched = (
        select(
            Download.person_id,
            Release.project_id,
            Release.name,
            func.max(Download.last_at).label("last_at"),
        )
        .join(Release, Release.id == Download.release_id)
        .group_by(Download.person_id, Release.project_id, Release.name)
    )
    if person_id is not None:
        fetched = fetched.where(Download.person_id == person_id)
    last = fetched.subquery()
    theirs = exists(
        select(Download.day).where(
            Download.person_id == last.c.person_id, Download.release_id == ReleaseItem.release_id
        )
    )
    rows = session.execute(
        select(
            last.c.person_id,
            last.c.project_id,
            last.c.name,
            Release.version,
            func.count(),
            func.max(ReleaseItem.erased_at),
        )
        .select_from(last)
        .join(Release, Release.name == last.c.name)
        .join(ReleaseItem, ReleaseItem.release_id == Release.id)
        .where(ReleaseItem.erased_at > last.c.last_at, theirs)
        .group_by(last.c.person_id, last.c.project_id, last.c.name, Release.version)
        .order_by(last.c.person_id, last.c.name, Release.version)
    )
    found: dict[tuple[str, str], OutdatedCopy] = {}
    for person, project, dataset, version, count, until in rows:
        before = found.get((person, dataset))
        versions = {**(before.versions if before else {}), version: count}
        latest = max(until, before.erased_until) if before else until
        found[person, dataset] = OutdatedCopy(person, project, dataset, versions, latest)
    return list(found.values())


def fetched_since(
    person_id: SQLColumnExpression[str],
    dataset: SQLColumnExpression[str],
    moment: SQLColumnExpression[datetime],
) -> ColumnElement[bool]:
    """The SQL condition that the person fetched from the dataset after that moment."""
    again, release = aliased(Download), aliased(Release)
    return exists(
        select(again.day)
        .join(release, release.id == again.release_id)
        .where(again.person_id == person_id, release.name == dataset, again.last_at > moment)
    )


def _versions_with(
    speaker_ids: Collection[str],
) -> Select[tuple[str, str, str, str, datetime | None, int]]:
    """Versions with clips of each speaker that leave or left them: when the last was taken out, how many are left.

    All that the speaker took back, and what a later yes to less leaves out.
    """
    leaves = (
        (RecordingSpeaker.consent_round < Speaker.consent_round)
        | ReleaseItem.erased_at.is_not(None)
        | ~consented(Clip.recording_id, ConsentScope.PUBLICATION)
        | agreed_to_less_since(Clip.recording_id, Release.purposes)
    )
    return (
        select(
            Speaker.id.label("speaker_id"),
            Release.id,
            Release.name,
            Release.version,
            func.max(ReleaseItem.erased_at).label("erased_at"),
            (func.count() - func.count(ReleaseItem.erased_at)).label("left"),
        )
        .join(ReleaseItem, ReleaseItem.release_id == Release.id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(Speaker.id.in_(speaker_ids), leaves)
        .group_by(Speaker.id, Release.id, Release.name, Release.version)
    )
