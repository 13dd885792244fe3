"""After a restore holds what people said after the backup: a no is a no again, an order to keep stands again."""

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import audit, consent
from catalog.backup.backups import CATALOGS, Backup, backups
from catalog.backup.rows import file_name, lines_of, typed_row
from catalog.database import Catalog
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import ConsentKind
from catalog.store import ObjectStore
from catalog.tables import Base, ConsentEvent, LegalHold, ProjectRow, Speaker

ACTOR = "restore"


def withdraw_again(
    catalog: Catalog, target: ObjectStore, restored: Backup, *, now: datetime, scratch: Path
) -> tuple[str, ...]:
    """Take back every voice that a later backup knows to have been taken back since. Returns their pseudonyms.

    One who said yes anew after that has said it again too: what came before the no stays taken back.
    A legal hold of a later backup stands before anything is taken back: what it keeps is never erased.
    """
    later = [each for each in backups(target) if each.name > restored.name]
    if not later:
        return ()
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
    again: list[str] = []
    for speaker_id in sorted(said):
        with catalog.writing() as session:
            if _said_again(session, known[speaker_id], said[speaker_id], now=now):
                again.append(known[speaker_id]["pseudonym"])
    return tuple(again)


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


def _said_again(
    session: Session, speaker: dict[str, Any], events: Sequence[dict[str, Any]], *, now: datetime
) -> bool:
    """Let a speaker say all that is newer than what the catalogue knows, where a no is among it."""
    number = session.scalar(
        select(func.max(ConsentEvent.number)).where(ConsentEvent.speaker_id == speaker["id"])
    )
    newer = [each for each in events if each["number"] > (number or 0)]
    if not any(each["kind"] is ConsentKind.WITHDRAWN for each in newer):
        return False
    if session.get(ProjectRow, speaker["project_id"]) is None:
        return False  # nothing of the project is here
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
    return True


def _register(session: Session, speaker: dict[str, Any], *, now: datetime) -> None:
    """Have their row: a list beside the recordings would else say yes for them as for somebody new."""
    if session.get(Speaker, speaker["id"]) is None:
        facts = SpeakerFacts(speaker["pseudonym"], language=speaker["language"])
        register_speaker(session, project_id=speaker["project_id"], facts=facts, actor=ACTOR, at=now)
        session.flush()
