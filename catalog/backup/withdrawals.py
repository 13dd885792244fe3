"""After a restore holds what people said after the backup: a no is a no again, a yes to less is one to less.

An order to keep stands again too, and a child who said yes as an adult waits for a guardian again.
"""

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit, consent
from catalog.age import hold
from catalog.backup.backups import CATALOGS, Backup, backups
from catalog.backup.objects import mirror_key
from catalog.backup.rows import file_name, lines_of, typed_row
from catalog.database import Catalog
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import ConsentKind
from catalog.store import NotStored, ObjectStore
from catalog.tables import Base, ConsentEvent, LegalHold, ProjectRow, Speaker

ACTOR = "restore"
IN_STORE = "consents/"


@dataclass(frozen=True, slots=True)
class SaidAgain:
    """What was said after the backup, and holds again.

    withdrawn, narrowed: pseudonyms of who took all of it back, and of who agreed to less
    held:                of who said yes as an adult and turned out to be a child
    evidence_missing:    keys of a spoken or signed yes that stands again, and whose bytes no backup has
    """

    withdrawn: tuple[str, ...] = ()
    narrowed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    evidence_missing: tuple[str, ...] = ()


def say_again(
    catalog: Catalog,
    store: ObjectStore,
    target: ObjectStore,
    restored: Backup,
    *,
    now: datetime,
    scratch: Path,
) -> SaidAgain:
    """Let every voice of which a later backup knows more say it again: where it took all back, or a part.

    One who said yes anew after that has said it again too, and its evidence is brought: what came before the no stays
    taken back. A legal hold of a later backup stands before anything is taken back: what it keeps is never erased.
    """
    later = [each for each in backups(target) if each.name > restored.name]
    if not later:
        return SaidAgain()
    with tempfile.TemporaryDirectory(dir=scratch) as temporary:

        def rows(table: type[Base]) -> list[dict[str, Any]]:
            path = Path(temporary) / file_name(table.__tablename__)
            if path.name not in there:  # made by a version that had no such table
                return []
            target.fetch(f"{CATALOGS}{later[-1].name}/{path.name}", path)
            return [typed_row(table.metadata.tables[table.__tablename__], row) for row in lines_of(path)]

        there = {file_name(each.table) for each in later[-1].tables}
        holds, events, speakers = rows(LegalHold), rows(ConsentEvent), rows(Speaker)
    said: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in sorted(events, key=lambda row: int(row["number"])):
        said[event["speaker_id"]].append(event)
    known = {row["id"]: row for row in speakers}
    with catalog.writing() as session:
        for row in holds:
            _place_again(session, row, known, now=now)
    withdrawn: list[str] = []
    narrowed: list[str] = []
    missing: list[str] = []
    for speaker_id in sorted(said):
        newer = _newer(catalog, known[speaker_id], said[speaker_id])
        if newer:
            missing += _bring_evidence(store, target, newer, scratch)
            with catalog.writing() as session:
                _say(session, known[speaker_id], newer, now=now)
            took_back = any(each["kind"] is ConsentKind.WITHDRAWN for each in newer)
            (withdrawn if took_back else narrowed).append(known[speaker_id]["pseudonym"])
    held = _hold_again(catalog, speakers, now=now)
    return SaidAgain(tuple(withdrawn), tuple(narrowed), held, tuple(missing))


def _place_again(
    session: Session, row: dict[str, Any], known: Mapping[str, dict[str, Any]], *, now: datetime
) -> None:
    hold = LegalHold(**row)
    if not hold.is_in_force(now) or session.get(LegalHold, hold.id) is not None:
        return
    if session.get(ProjectRow, hold.project_id) is None:
        return
    if hold.speaker_id is not None:
        _register(session, known[hold.speaker_id], now=now)
    session.add(hold)
    audit.record(
        session,
        at=now,
        actor=ACTOR,
        action="hold.placed",
        subject=("speaker", hold.speaker_id) if hold.speaker_id else ("project", hold.project_id),
        detail={"hold": hold.id, "ordered_by": hold.ordered_by},
    )


def _newer(
    catalog: Catalog, speaker: dict[str, Any], events: Sequence[dict[str, Any]]
) -> Sequence[dict[str, Any]]:
    """All that a speaker said since the backup, where a no is among it, or a yes to less; else nothing."""
    with catalog.reading() as session:
        last = session.scalars(
            select(ConsentEvent)
            .where(ConsentEvent.speaker_id == speaker["id"])
            .order_by(ConsentEvent.number.desc())
            .limit(1)
        ).first()
        if session.get(ProjectRow, speaker["project_id"]) is None:
            return ()  # nothing of the project is here
    newer = [each for each in events if each["number"] > (last.number if last else 0)]
    return newer if any(_takes_back(each, last) for each in newer) else ()


def _takes_back(event: dict[str, Any], last: ConsentEvent | None) -> bool:
    """All, or something of what the catalogue's last word covers. Who says nothing of purposes takes none back."""
    if event["kind"] is ConsentKind.WITHDRAWN:
        return True
    before = last.scopes if last else []
    if event["purposes"] is not None and last is not None:
        before = [*before, *(last.purposes or ())]
    return not set(before) <= {*event["scopes"], *(event["purposes"] or ())}


def _bring_evidence(
    store: ObjectStore, target: ObjectStore, events: Sequence[dict[str, Any]], scratch: Path
) -> list[str]:
    """Copy the spoken or signed yeses out of the backup. Returns the keys of those that it has not."""
    missing = []
    for key in sorted({each["evidence"] for each in events if each["evidence"].startswith(IN_STORE)}):
        with tempfile.TemporaryDirectory(dir=scratch) as temporary:
            path = Path(temporary) / "evidence"
            try:
                found = target.fetch(mirror_key(key), path)
            except NotStored:
                missing.append(key)
            else:
                store.put_file(key, path, sha256=found.sha256)
    return missing


def _hold_again(catalog: Catalog, speakers: Sequence[dict[str, Any]], *, now: datetime) -> tuple[str, ...]:
    """Speakers of whom a later backup knows that their own yes is not enough."""
    held = []
    for row in speakers:
        if row.get("guardian_yes_due"):
            with catalog.writing() as session:
                if hold(session, row["id"], by=ACTOR, at=now):
                    held.append(row["pseudonym"])
    return tuple(held)


def _say(
    session: Session, speaker: dict[str, Any], newer: Sequence[dict[str, Any]], *, now: datetime
) -> None:
    """Let a speaker say all that is newer than what the catalogue knows."""
    _register(session, speaker, now=now)
    for each in newer:
        if each["kind"] is ConsentKind.WITHDRAWN:
            consent.withdraw(session, speaker_id=speaker["id"], recorded_by=ACTOR, at=now)
            continue
        consent.grant(
            session,
            speaker_id=speaker["id"],
            scopes=[consent.ConsentScope(scope) for scope in each["scopes"]],
            purposes=None if each["purposes"] is None else [consent.Purpose(one) for one in each["purposes"]],
            notice_version=each["notice_version"],
            notice_language=each["notice_language"],
            evidence=each["evidence"],
            evidence_sha256=each["evidence_sha256"],
            recorded_by=each["recorded_by"],
            at=each["at"],
        )
        session.flush()


def _register(session: Session, speaker: dict[str, Any], *, now: datetime) -> None:
    """Have their row: a list beside the recordings would else say yes for them as for somebody new."""
    if session.get(Speaker, speaker["id"]) is None:
        facts = SpeakerFacts(speaker["pseudonym"], language=speaker["language"])
        register_speaker(session, project_id=speaker["project_id"], facts=facts, actor=ACTOR, at=now)
        session.flush()
