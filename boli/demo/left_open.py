"""What the demo's scripts leave for people, so that whoever opens it finds every kind of work waiting."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from boli.demo.scripted_people import REVIEWERS, TRANSCRIBERS, Texts, written
from catalog.tables import Skip, Task
from transcription.context import ProjectContext
from transcription.people import StaffMember

UNWRITTEN = 0.08
HALF_WRITTEN = 0.04
UNREVIEWED = 0.2
DISPUTED_EACH = 2
AT_LEAST = 2
"""Of unwritten and half-written clips in each language."""
SHORT = range(3, 8)
"""Words of a text in which one wrong word makes two people differ by more than the project allows."""


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """Tasks by what is left of them; each stands in one set.

    unwritten: everything; half_written: the second text; disputed: the third opinion; unreviewed: the review,
    where they come to one
    """

    unwritten: frozenset[str]
    half_written: frozenset[str]
    disputed: frozenset[str]
    unreviewed: frozenset[str]

    def of_scripts(self, staff: Mapping[str, StaffMember]) -> Mapping[str, Collection[str]]:
        """By person of the scripted staff, the tasks that they keep their hands off."""
        careful, average, careless = (staff[persona.handle].id for persona in TRANSCRIBERS)
        return {
            careful: self.unwritten,
            average: self.unwritten | self.half_written | self.disputed,
            careless: self.unwritten | self.half_written,
            **{staff[handle].id: self.unreviewed for handle in REVIEWERS},
        }


def choose_left_open(context: ProjectContext, texts: Texts) -> LeftOpen:
    """By lot, the same each time: some of every language whose truth is known."""
    with context.catalog.reading() as session:
        rows = session.execute(
            select(Task.id, Task.clip_id, Task.language).where(Task.project_id == context.project.name)
        ).all()
    by_language: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for task_id, clip_id, language in rows:
        if texts[clip_id]:
            by_language[language].append((task_id, clip_id))
    unwritten, half, disputed, unreviewed = set[str](), set[str](), set[str](), set[str]()
    for tasks in by_language.values():
        drawn = sorted(tasks, key=lambda pair: hashlib.sha256(pair[1].encode()).digest())
        quarrels = [task for task, clip in drawn if _will_differ(clip, texts[clip])][:DISPUTED_EACH]
        rest = [task for task, _ in drawn if task not in quarrels]
        first = max(AT_LEAST, round(UNWRITTEN * len(drawn)))
        second = first + max(AT_LEAST, round(HALF_WRITTEN * len(drawn)))
        disputed.update(quarrels)
        unwritten.update(rest[:first])
        half.update(rest[first:second])
        unreviewed.update(rest[second : second + round(UNREVIEWED * len(drawn))])
    return LeftOpen(frozenset(unwritten), frozenset(half), frozenset(disputed), frozenset(unreviewed))


@contextmanager
def kept_from(
    context: ProjectContext, tasks: Mapping[str, Collection[str]], *, now: datetime
) -> Iterator[None]:
    """For as long as the context lasts, the queue gives these people none of these tasks. Leaves no trace.

    tasks: by person
    """
    with context.catalog.writing() as session:
        for person_id, theirs in tasks.items():
            for task_id in theirs:
                # says nothing against the clip, so that it comes before no reviewer
                session.merge(
                    Skip(person_id=person_id, task_id=task_id, reason="not_my_dialect", until=None, at=now)
                )
    try:
        yield
    finally:
        with context.catalog.writing() as session:
            for person_id, theirs in tasks.items():
                session.execute(delete(Skip).where(Skip.person_id == person_id, Skip.task_id.in_(theirs)))


def _will_differ(clip_id: str, text: str) -> bool:
    """Whether the two who write it first won't agree."""
    careful, _, careless = TRANSCRIBERS
    return len(text.split()) in SHORT and written(careful, clip_id, text) != written(careless, clip_id, text)
