"""Work in portions of about half an hour of sound: what one task does, and what one retry looks at again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog.errors import UserError

MOST_ITEMS = 200
ITEMS_A_CHILD = 4
"""Of a batch that one machine does with several children: fewer, and all wait for the last one's long file."""
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


@dataclass(frozen=True, slots=True)
class BatchSize:
    """How much is one batch.

    seconds: of sound, at most
    fewest:  items, however long they are, so that no child of a worker is left without one
    """

    seconds: float
    fewest: int = 1


def batch_size(seconds: float, *, children: int, spread: bool) -> BatchSize:
    """children: of each worker; spread: over several workers, which share batches and wait for nobody's last file

    >>> batch_size(1800, children=2, spread=False).fewest, batch_size(1800, children=2, spread=True).fewest
    (8, 2)
    """
    several = children if spread else children * ITEMS_A_CHILD
    return BatchSize(seconds, several if children > 1 else 1)


def batches(items: Iterable[tuple[str, float]], size: BatchSize) -> tuple[Batch, ...]:
    """Cut a list of (id, seconds) into batches of that size in the given order.

    >>> [batch.ids for batch in batches([("a", 5), ("b", 6), ("c", 1)], BatchSize(seconds=10))]
    [('a',), ('b', 'c')]
    >>> [batch.ids for batch in batches([("a", 15), ("b", 16), ("c", 1)], BatchSize(seconds=10, fewest=2))]
    [('a', 'b'), ('c',)]
    """
    groups: list[list[tuple[str, float]]] = list(_groups(items, size))
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


def _groups(items: Iterable[tuple[str, float]], size: BatchSize) -> Iterator[list[tuple[str, float]]]:
    group: list[tuple[str, float]] = []
    total = 0.0
    for item, length in items:
        full = total + length > size.seconds and len(group) >= size.fewest
        if group and (full or len(group) >= MOST_ITEMS):
            yield group
            group, total = [], 0.0
        group.append((item, length))
        total += length
    if group:
        yield group
