"""Figures of a whole project on a page: counted at once while it is small; kept, with their age, once it is large."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from fastapi import BackgroundTasks
from sqlalchemy.orm import Session

from catalog.config.project import Project
from catalog.figures import Figure, has_more_clips, keep_figure, kept_figure
from portal.context import PortalContext

FRESH = timedelta(minutes=15)
"""How old a kept figure may grow before a reader's visit has it counted anew, behind the answer."""
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class FigureQuery(Generic[Answer]):
    """What is asked of a whole project. kind: type of the answer; count: reads all that it takes, as it is now"""

    name: str
    kind: Any
    count: Callable[[Session, Project, datetime], Answer]


def figure(
    context: PortalContext, project: str, query: FigureQuery[Answer], behind: BackgroundTasks
) -> Figure[Answer]:
    """The answer as it is now, or for a large project as it was a short while ago.

    behind: what the answer's reader does not wait for
    """
    now = context.clock()
    with context.catalog.reading() as session:
        kept: Figure[Answer] | None = kept_figure(session, project, query.name, query.kind)
        if kept is None and not has_more_clips(session, project, context.clips_counted_at_once):
            return Figure(query.count(session, context.project(project), now), now, kept=False)
    if kept is None:
        return count_anew(context, project, query)
    if now - kept.counted_at > FRESH and (project, query.name) not in context.being_counted:
        behind.add_task(count_anew, context, project, query)
    return kept


def count_anew(context: PortalContext, project: str, query: FigureQuery[Answer]) -> Figure[Answer]:
    """Count, and keep what was counted."""
    now = context.clock()
    context.being_counted.add((project, query.name))
    try:
        with context.catalog.reading() as session:
            answer = query.count(session, context.project(project), now)
        context.catalog.write(
            lambda session: keep_figure(session, project, query.name, query.kind, answer, at=now)
        )
    finally:
        context.being_counted.discard((project, query.name))
    return Figure(answer, now, kept=True)
