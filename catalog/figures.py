"""Figures: answers to questions that read a whole project, kept with the moment at which they were counted."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import delete, literal, select
from sqlalchemy.orm import Session

from catalog.tables import Clip, FigureRow

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Figure(Generic[Answer]):
    """An answer. kept: it was counted before, and what came since is not in it"""

    value: Answer
    counted_at: datetime
    kept: bool


def kept_figure(session: Session, project_id: str, name: str, kind: Any) -> Figure[Any] | None:
    """The last answer; None where nobody has counted yet, or an earlier version of Boli counted something else.

    kind: type of the answer: a data class, or what is made of such
    """
    row = session.get(FigureRow, (project_id, name))
    if row is None or row.value["kind"] != _shape(kind):
        return None
    return Figure(_adapter(kind).validate_python(row.value["value"]), row.counted_at, kept=True)


def keep_figure(
    session: Session, project_id: str, name: str, kind: Any, answer: object, *, at: datetime
) -> None:
    """Keep an answer in the place of the last one."""
    value = {"kind": _shape(kind), "value": _adapter(kind).dump_python(answer, mode="json")}
    session.merge(FigureRow(project_id=project_id, name=name, value=value, counted_at=at))


def forget_figure(session: Session, project_id: str, name: str) -> None:
    """Have it counted anew by whoever asks next."""
    session.execute(delete(FigureRow).where(FigureRow.project_id == project_id, FigureRow.name == name))


def has_more_clips(session: Session, project_id: str, number: int) -> bool:
    """Whether a project has more than so many. Looks at no more of them than that."""
    behind = select(literal(1)).where(Clip.project_id == project_id).offset(number).limit(1)
    return session.scalar(behind) is not None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _shape(kind: Any) -> str:
    """Changes whenever the names or types of an answer's parts do."""
    schema = json.dumps(_adapter(kind).json_schema(), sort_keys=True)
    return hashlib.sha256(schema.encode()).hexdigest()[:16]
