"""Work in portions of about half an hour of sound: what one task does, and what one retry repeats."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog.errors import UserError

MOST_ITEMS = 200
BYTES_A_SECOND = 8_000  # of an unknown file: what phones write is between 2 and 32 kB a second


class UnknownBatch(UserError):
    """The catalogue holds none of the rows that a batch names: it is not the one that the batch was made from."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Ids of rows to work on, small enough to hand from task to task.

    label: for people, such as "3 of 12"
    """

    label: str
    ids: tuple[str, ...]
    seconds: float


def batches(items: Iterable[tuple[str, float]], *, seconds: float) -> tuple[Batch, ...]:
    """Cut a list of (id, seconds) into batches of at most `seconds` (or one longer item) in the given order.

    >>> [batch.ids for batch in batches([("a", 5), ("b", 6), ("c", 1)], seconds=10)]
    [('a',), ('b', 'c')]
    """
    groups: list[list[tuple[str, float]]] = list(_groups(items, seconds))
    return tuple(
        Batch(
            f"{number} of {len(groups)}", tuple(item for item, _ in group), sum(length for _, length in group)
        )
        for number, group in enumerate(groups, start=1)
    )


def refuse_unknown(session: Session, column: InstrumentedAttribute[str], batch: Batch) -> None:
    """Rows that were settled before are no work, and fine. Raises UnknownBatch where not one of them is there.

    column: of the ids
    """
    if session.scalar(select(column).where(column.in_(batch.ids)).limit(1)) is None:
        raise UnknownBatch(
            f"batch {batch.label} names {len(batch.ids)} rows, and the catalogue here holds none of them: it is "
            "not the run's.\nGive this worker the run's BOLI_DATABASE_URL and start it again."
        )


def _groups(items: Iterable[tuple[str, float]], seconds: float) -> Iterator[list[tuple[str, float]]]:
    group: list[tuple[str, float]] = []
    total = 0.0
    for item, length in items:
        if group and (total + length > seconds or len(group) >= MOST_ITEMS):
            yield group
            group, total = [], 0.0
        group.append((item, length))
        total += length
    if group:
        yield group
