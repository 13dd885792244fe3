"""Distinct values of an indexed column: a step of the index for each, instead of a look at every row."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute


def distinct_values(column: InstrumentedAttribute[str]) -> Select[tuple[str]]:
    """In order. column: the first of an index; a null is no value"""
    first = select(func.min(column).label("value")).cte("distinct_values", recursive=True)
    following = select(func.min(column)).where(column > first.c.value).correlate(first).scalar_subquery()
    found: Any = first.union_all(select(following).where(first.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None))
