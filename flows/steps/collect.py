"""Finished texts to decisions: what the moment of submission left open is judged again."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import exists, select

from catalog.states import SlotPurpose, SlotState, TaskState
from catalog.tables import Slot, Task
from flows.steps.workshop import open_workshop
from flows.workspace import Workspace
from transcription.judgement import judge
from transcription.lease import locked_task

_MOVING = (TaskState.OPEN, TaskState.DISPUTED, TaskState.RETURNED)


@dataclass(frozen=True, slots=True)
class CollectReport:
    """Tasks by state after the round; moved: how many this round moved on."""

    tasks: dict[str, int]
    moved: int


def collect_texts(
    workspace: Workspace, progress: Callable[[int, int, str], None] | None = None
) -> CollectReport:
    """Judge every task that may have all its texts. A task that waits for people stays as it is."""
    shop = open_workshop(workspace)
    ours = Task.project_id == workspace.project.name
    waits_for_people = exists().where(
        Slot.task_id == Task.id,
        Slot.purpose == SlotPurpose.TRANSCRIPTION,
        Slot.state.in_([SlotState.OPEN, SlotState.LEASED]),
    )
    with workspace.catalog.reading() as session:
        moving = session.execute(
            select(Task.id, Task.state)
            .where(ours, Task.state.in_(_MOVING), ~waits_for_people)
            .order_by(Task.id)
        ).all()
    moved = 0
    for done, (task_id, before) in enumerate(moving, start=1):
        with workspace.catalog.writing() as session:
            moved += judge(session, shop, locked_task(session, task_id), now=workspace.now()) is not before
        if progress:
            progress(done, len(moving), task_id)
    with workspace.catalog.reading() as session:
        states = Counter(state.value for state in session.scalars(select(Task.state).where(ours)))
    return CollectReport(dict(sorted(states.items())), moved)
