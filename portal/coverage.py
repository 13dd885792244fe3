"""Coverage on pages: the boards of a project's languages, and when they were counted."""

from fastapi import BackgroundTasks

from catalog.coverage import Board, Spoken, boards, spoken
from catalog.figures import Figure
from portal.context import PortalContext
from portal.figures import FigureQuery, figure

SPOKEN = FigureQuery(
    "coverage", dict[str, list[Spoken]], lambda session, project, _now: spoken(session, project.name)
)


def boards_of(
    context: PortalContext, project: str, behind: BackgroundTasks
) -> tuple[list[Board], Figure[dict[str, list[Spoken]]]]:
    """Every language of the project, in the order of its file."""
    counted = figure(context, project, SPOKEN, behind)
    return boards(context.project(project), counted.value), counted
