"""A listing: items of one kind in an order, narrowed by filters, a page at a time by the last row's place (keyset)."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.types import DateTime

from catalog.tables.base import UtcDateTime

A_PAGE = 50
MOST_EXPORTED = 100_000
"""Rows of one spreadsheet: more than one opens with ease."""


class ListCell(StrEnum):
    """How a value is shown."""

    TEXT = "text"
    SAID = "said"
    """What somebody said or wrote: in its own script and direction."""
    WORD = "word"
    """One of our own words, such as a state: translated."""
    REASON = "reason"
    LANGUAGE = "language"
    NUMBER = "number"
    SHARE = "share"
    SECONDS = "seconds"
    MOMENT = "moment"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class ListColumn:
    """name: of a spreadsheet's column; title: a message for the page; of: not null where it orders the rows"""

    name: str
    title: str
    of: ColumnElement[Any]
    cell: ListCell = ListCell.TEXT


@dataclass(frozen=True, slots=True)
class Order:
    """by: never null, and indexed with the key behind it"""

    title: str
    by: ColumnElement[Any]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """where: the condition for a value as it stands in an address; None for a value that means nothing.

    choices: value and message; empty where anything may be typed
    """

    title: str
    where: Callable[[str], ColumnElement[bool] | None]
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ItemKind:
    """What is listed.

    rows: from what, joined, of one project; key: unique; target: what the address of an item's page ends in, behind
    `address`; null for an item without a page
    """

    name: str
    title: str
    address: str
    rows: Select[Any]
    key: ColumnElement[str]
    target: ColumnElement[str]
    columns: tuple[ListColumn, ...]
    orders: Mapping[str, Order]
    filters: Mapping[str, Filter]


@dataclass(frozen=True, slots=True)
class ListRow:
    """target: the end of its page's address; values: in the order of the columns"""

    target: str | None
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """after: what the next page begins behind; None on the last"""

    rows: Sequence[ListRow]
    after: str | None


class BadCursor(ValueError):
    """A place in a list that this list did not give."""


def page_of(
    session: Session,
    kind: ItemKind,
    *,
    chosen: Mapping[str, str],
    order: str,
    after: str | None,
    most: int = A_PAGE,
) -> Page:
    """The rows behind `after` that fit the chosen filters.

    chosen: value by filter's name; others than the kind's own are left out
    raises: BadCursor
    """
    by = kind.orders[order]
    columns = [column.of.label(f"c{number}") for number, column in enumerate(kind.columns)]
    query = kind.rows.with_only_columns(
        kind.key.label("key"), by.by.label("place"), kind.target.label("target"), *columns
    )
    for name, value in chosen.items():
        if name in kind.filters and value:
            condition = kind.filters[name].where(value)
            if condition is not None:
                query = query.where(condition)
    if after is not None:
        here, behind = tuple_(by.by, kind.key), _place(after, by)
        query = query.where(here < behind if by.descending else here > behind)
    directed = [by.by.desc(), kind.key.desc()] if by.descending else [by.by, kind.key]
    found = session.execute(query.order_by(*directed).limit(most + 1)).all()
    rows = [ListRow(row.target, tuple(row)[3:]) for row in found[:most]]
    last = found[most - 1] if len(found) > most else None
    return Page(rows, None if last is None else cursor(last.place, last.key))


def every_row(
    session: Session, kind: ItemKind, *, chosen: Mapping[str, str], order: str, most: int = MOST_EXPORTED
) -> Iterator[ListRow]:
    """All rows that fit, in pages, `most` of them at most."""
    after, given = None, 0
    while given < most:
        page = page_of(session, kind, chosen=chosen, order=order, after=after, most=min(1000, most - given))
        yield from page.rows
        given += len(page.rows)
        after = page.after
        if after is None:
            return


def cursor(place: object, key: str) -> str:
    """A row's place in its order, as it stands in an address.

    >>> _read(cursor(2.5, "clip-1"))
    [2.5, 'clip-1']
    """
    shown = place.isoformat() if isinstance(place, datetime) else place
    return base64.urlsafe_b64encode(json.dumps([shown, key]).encode()).decode().rstrip("=")


def _place(after: str, by: Order) -> ColumnElement[Any]:
    place, key = _read(after)
    if isinstance(by.by.type, UtcDateTime | DateTime):
        try:
            place = datetime.fromisoformat(str(place))
        except ValueError as error:
            raise BadCursor(after) from error
        if place.tzinfo is None:
            raise BadCursor(after)
    elif isinstance(place, str) != (by.by.type.python_type is str):
        raise BadCursor(after)
    return tuple_(literal(place, by.by.type), literal(str(key)))


def _read(after: str) -> list[Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (binascii.Error, ValueError) as error:
        raise BadCursor(after) from error
    if not (isinstance(found, list) and len(found) == 2 and isinstance(found[0], str | int | float)):
        raise BadCursor(after)
    return found
