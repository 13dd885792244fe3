"""What was taken back after a backup was made is taken back again after its restore."""

import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.backup.backups import CATALOGS, Backup, backups
from catalog.backup.rows import file_name, lines_of
from catalog.consent import withdraw
from catalog.database import Catalog
from catalog.states import ConsentKind
from catalog.store import ObjectStore
from catalog.tables import ConsentEvent, Speaker

ACTOR = "restore"


def withdraw_again(
    catalog: Catalog, target: ObjectStore, restored: Backup, *, now: datetime, scratch: Path
) -> tuple[str, ...]:
    """Take back every voice whose last word in a later backup is no. Returns their pseudonyms."""
    later = [each for each in backups(target) if each.name > restored.name]
    if not later:
        return ()
    last: dict[str, tuple[int, str]] = {}
    with tempfile.TemporaryDirectory(dir=scratch) as temporary:
        path = Path(temporary) / file_name(ConsentEvent.__tablename__)
        target.fetch(f"{CATALOGS}{later[-1].name}/{path.name}", path)
        for row in lines_of(path):
            known = last.get(row["speaker_id"])
            if known is None or known[0] < row["number"]:
                last[row["speaker_id"]] = (row["number"], row["kind"])
    over = [speaker for speaker, (_, kind) in last.items() if kind == ConsentKind.WITHDRAWN]
    again: list[str] = []
    for speaker_id in sorted(over):
        with catalog.writing() as session:
            speaker = session.get(Speaker, speaker_id)
            if speaker is None or _is_withdrawn(session, speaker_id):
                continue
            withdraw(session, speaker_id=speaker_id, recorded_by=ACTOR, at=now)
            again.append(speaker.pseudonym)
    return tuple(again)


def _is_withdrawn(session: Session, speaker_id: str) -> bool:
    kind = session.scalar(
        select(ConsentEvent.kind)
        .where(ConsentEvent.speaker_id == speaker_id)
        .order_by(ConsentEvent.number.desc())
        .limit(1)
    )
    return kind in (None, ConsentKind.WITHDRAWN)
