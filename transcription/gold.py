"""Gold: clips whose text is beyond doubt, given now and then to transcribers who can't tell them from the others.

A fixed set wears out and can be passed around, so the least used comes next, nobody gets one twice, and when it
comes can't be foreseen.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.consent import ConsentScope, consented
from catalog.reports import is_hidden
from catalog.states import Role, SlotPurpose, TaskState
from catalog.tables import Clip, Gold, PracticeAnswer, RecordingSpeaker, Slot, Submission, Task, Transcript
from transcription import pay
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions import acceptance, trust
from transcription.decisions.impartiality import NotImpartial, has_submitted
from transcription.people import StaffMember, person_of
from transcription.slots.lease import grant, locked_task
from transcription.slots.opening import new_slot
from transcription.slots.sampling import falls_in

NEWCOMER = 10
"""So many of a person's first clips are drawn from more densely."""
SHARE_FOR_NEWCOMERS = 0.3
SHARE = 0.08  # between the 5 and 15 % that Audino's users settled on
GOLD_SLOTS = 1000
"""Gold slots are numbered from here, far from the task's own."""
WEARS_OUT = timedelta(days=90)
"""How long a clip stays gold: after that, enough people have seen it."""
_ANY_GOLD = select(
    exists().where(Gold.language.in_(bindparam("languages", expanding=True)), Gold.retired_at.is_(None))
)
_OWN, _SEEN = aliased(Slot), aliased(PracticeAnswer)


@dataclass(frozen=True, slots=True)
class GoldClip:
    """A gold clip as its keeper sees it."""

    task_id: str
    language: str
    verbatim: str
    given: int


def add_gold(context: ProjectContext, task_id: str, *, reviewer_id: str, now: datetime) -> None:
    """Make an accepted clip gold. Only a reviewer's text is: two who agree may agree on a mistake.

    raises: NotAllowed; NotImpartial for whoever wrote the clip down for others to decide on
    """
    with context.catalog.writing() as session:
        person_of(session, reviewer_id, Role.REVIEWER, project=context.project.name)
        task = locked_task(session, task_id)
        context.check_own(task.project_id)
        if has_submitted(session, task_id, reviewer_id):
            raise NotImpartial(Sentence("nobody makes gold of a text of their own. Another reviewer can."))
        transcript = acceptance.last_transcript(session, task.clip_id)
        if task.state is not TaskState.ACCEPTED or transcript is None or transcript.origin != "review":
            raise NotAllowed(Sentence("gold is a clip whose text a reviewer has accepted. Review it first."))
        known = session.get(Gold, task_id)
        if known is not None and known.retired_at is None:
            return
        if known is None:
            known = Gold(task_id=task.id, project_id=task.project_id, language=task.language, given=0)
            session.add(known)
        known.added_by, known.added_at, known.retired_at = reviewer_id, now, None
        audit.record(session, at=now, actor=reviewer_id, action="gold.added", subject=("task", task_id))


def retire_gold(context: ProjectContext, task_id: str, *, by: str, now: datetime) -> None:
    """Give a gold clip to nobody any more. What it measured stays. raises: NotAllowed for whoever is no manager"""
    with context.catalog.writing() as session:
        person_of(session, by, Role.MANAGER, project=context.project.name)
        gold = session.get_one(Gold, task_id)
        context.check_own(gold.project_id)
        if gold.retired_at is None:
            gold.retired_at = now
            audit.record(session, at=now, actor=by, action="gold.retired", subject=("task", task_id))


def list_gold(session: Session, project: str, languages: Collection[str]) -> Sequence[GoldClip]:
    """The gold clips of these languages that are in use, by language, the least used first. One query."""
    text, later = aliased(Transcript), aliased(Transcript)
    newest = select(func.max(later.version)).where(later.clip_id == Task.clip_id).correlate(Task)
    rows = session.execute(
        select(Gold.task_id, Gold.language, text.verbatim, Gold.given)
        .join(Task, Task.id == Gold.task_id)
        .outerjoin(text, (text.clip_id == Task.clip_id) & (text.version == newest.scalar_subquery()))
        .where(Gold.project_id == project, Gold.language.in_(languages), Gold.retired_at.is_(None))
        .order_by(Gold.language, Gold.given, Gold.task_id)
    )
    return [GoldClip(task, language, words or "", given) for task, language, words, given in rows]


def take_gold(
    session: Session,
    context: ProjectContext,
    person: StaffMember,
    languages: Sequence[str],
    *,
    now: datetime,
    until: datetime,
) -> Slot | None:
    """A slot at a gold clip, where this claim of the person's is drawn for one and one is left for them."""
    if not session.scalar(_ANY_GOLD, {"languages": languages}):
        return None
    lately = session.scalars(
        select(Slot.id)
        .where(Slot.holder_id == person.id)
        .order_by(Slot.leased_at.desc(), Slot.id)
        .limit(NEWCOMER)
    ).all()
    share = SHARE_FOR_NEWCOMERS if len(lately) < NEWCOMER else SHARE
    if not falls_in(share, "gold", "\x1f".join([person.id, *lately[:1]])):
        return None
    return give_gold(session, context, person, languages, now=now, until=until)


def give_gold(
    session: Session,
    context: ProjectContext,
    person: StaffMember,
    languages: Sequence[str],
    *,
    now: datetime,
    until: datetime,
) -> Slot | None:
    """A slot at the least used gold clip that the person hasn't had; None where there is none."""
    query = (
        select(Gold)
        .join(Task, Task.id == Gold.task_id)
        .join(Clip, Clip.id == Task.clip_id)
        .where(
            Gold.project_id == context.project.name,
            Gold.language.in_(languages),
            Gold.retired_at.is_(None),
            Gold.added_at > now - WEARS_OUT,
            Gold.added_by != person.id,
            Task.state == TaskState.ACCEPTED,
            consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
            ~is_hidden(Clip.id),
            ~exists().where(_OWN.task_id == Gold.task_id, _OWN.holder_id == person.id),
            ~exists().where(_SEEN.task_id == Gold.task_id, _SEEN.person_id == person.id),
            ~exists().where(Submission.task_id == Gold.task_id, Submission.person_id == person.id),
        )
        .order_by(Gold.given, Gold.task_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Gold)
    )
    if person.speaker_id is not None:
        query = query.where(
            ~exists().where(
                RecordingSpeaker.recording_id == Clip.recording_id,
                RecordingSpeaker.speaker_id == person.speaker_id,
            )
        )
    gold = session.scalars(query.execution_options(populate_existing=True)).first()
    if gold is None:
        return None
    gold.given += 1
    task = session.get_one(Task, gold.task_id)
    # Numbered by the count that is locked: two claims can't collide.
    slot = new_slot(task, GOLD_SLOTS + gold.given, SlotPurpose.GOLD, task.priority, now)
    grant(slot, person.id, now=now, until=until)
    session.add(slot)
    session.flush()
    return slot


def score(session: Session, context: ProjectContext, task: Task, text: Submission, *, now: datetime) -> None:
    """Hold a finished gold text against the truth, and pay it like any other."""
    transcript = acceptance.last_transcript(session, task.clip_id)
    if transcript is None:
        return
    found = trust.record_assessment(
        session, context, text, transcript, task.language, against="gold", now=now
    )
    if found.good:
        pay.pay_text(session, context, task, text, now=now)
