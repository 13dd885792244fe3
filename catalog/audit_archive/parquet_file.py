"""A month of acts as a Parquet file, written and read a group of rows at a time.

The links of the chain at both ends stand in the file's metadata; the hash before an act is that of the act above it.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog.audit import ActContent, ChainedAct
from catalog.audit_archive.wanted import FoundInGroup, LoggedAct, WantedActs
from catalog.store.stored_file import StoredFile

ROWS_IN_GROUP = 10_000
"""A page of the log reads one of them; about 2 MB in memory."""
GROUP_BYTES = 2**20
"""Read at once of an object of the store: a group as it lies in the file; each read is a request."""
SCAN_BYTES = 8 * 2**20
_SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("at", pa.timestamp("us", "UTC")),
        ("actor", pa.string()),
        ("action", pa.string()),
        ("subject_kind", pa.string()),
        ("subject_id", pa.string()),
        ("detail", pa.string()),  # JSON, as the table holds it
        ("hash", pa.binary(32)),
    ]
)


def write_acts(path: Path, acts: Iterable[ChainedAct], *, month: str, previous: str) -> None:
    """Write acts in their order. previous: the hash of the act before the first, hexadecimal"""
    last = previous
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        rest = iter(acts)
        while group := list(islice(rest, ROWS_IN_GROUP)):
            writer.write_table(pa.Table.from_pylist([_row(act) for act in group], _SCHEMA))
            last = group[-1].hash
        writer.add_key_value_metadata({"month": month, "previous": previous, "hash": last})


def links_of(source: Path | StoredFile) -> tuple[str, str]:
    """The hashes of the act before the first and of the last, as the file says. Raises pyarrow.ArrowException."""
    with closing(pq.ParquetFile(source)) as file:
        said = file.metadata.metadata or {}
        return said.get(b"previous", b"").decode(), said.get(b"hash", b"").decode()


def read_acts(source: Path | StoredFile, *, previous: str) -> Iterator[ChainedAct]:
    """All acts, in their order. previous: the hash of the act before the first. Raises pyarrow.ArrowException."""
    with closing(pq.ParquetFile(_ahead(source, SCAN_BYTES))) as file:
        for batch in file.iter_batches(batch_size=ROWS_IN_GROUP):
            for row in batch.to_pylist():
                own = row["hash"].hex()
                yield ChainedAct(row["id"], _content(row), previous, own)
                previous = own


def search_groups(source: StoredFile, wanted: WantedActs, *, before: int) -> Iterator[FoundInGroup]:
    """What is wanted of acts older than `before`, group by group, the newest first.

    Groups that by their statistics hold nothing that is wanted are not read. Raises pyarrow.ArrowException.
    """
    with closing(pq.ParquetFile(_ahead(source, GROUP_BYTES))) as file:
        for number in reversed(range(file.num_row_groups)):
            group = file.metadata.row_group(number)
            span = {name: group.column(_SCHEMA.get_field_index(name)).statistics for name in ("id", "at")}
            if span["id"].min >= before or not wanted.may_be_within(span["at"].min, span["at"].max):
                continue
            table = file.read_row_group(number)
            found = table.filter(_matches(table, wanted, before)).to_pylist()
            acts = [LoggedAct(row["id"], _content(row)) for row in reversed(found)]
            yield FoundInGroup(acts, span["id"].min, span["at"].min)


def _ahead(source: Path | StoredFile, size: int) -> Path | BufferedReader:
    return BufferedReader(source, size) if isinstance(source, StoredFile) else source


def _matches(table: pa.Table, wanted: WantedActs, before: int) -> Any:
    matches = pc.less(table["id"], before)
    if wanted.person is not None:
        of_them = pc.and_(
            pc.equal(table["subject_kind"], "person"), pc.equal(table["subject_id"], wanted.person)
        )
        matches = pc.and_(matches, pc.or_(pc.equal(table["actor"], wanted.person), of_them))
    if wanted.action is not None:
        matches = pc.and_(matches, pc.equal(table["action"], wanted.action))
    if wanted.subjects is not None:
        subjects = pa.array(sorted(wanted.subjects), pa.string())
        matches = pc.and_(matches, pc.is_in(table["subject_id"], value_set=subjects))
    if wanted.begin is not None:
        matches = pc.and_(matches, pc.greater_equal(table["at"], _moment(wanted.begin)))
    if wanted.end is not None:
        matches = pc.and_(matches, pc.less(table["at"], _moment(wanted.end)))
    return matches


def _moment(moment: datetime) -> pa.Scalar:
    return pa.scalar(moment, pa.timestamp("us", "UTC"))


def _row(act: ChainedAct) -> dict[str, Any]:
    content = act.content
    return {
        "id": act.id,
        "at": content.at,
        "actor": content.actor,
        "action": content.action,
        "subject_kind": content.subject_kind,
        "subject_id": content.subject_id,
        "detail": json.dumps(content.detail, ensure_ascii=False, separators=(",", ":")),
        "hash": bytes.fromhex(act.hash),
    }


def _content(row: dict[str, Any]) -> ActContent:
    return ActContent(
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        subject_kind=row["subject_kind"],
        subject_id=row["subject_id"],
        detail=json.loads(row["detail"]),
    )
