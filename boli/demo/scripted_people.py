"""The demo's transcribers and reviewers: scripts that know what is said, and work through the real queue.

They are no model of people. One is careful, one careless, one in between, so that agreement, third opinions and
reviews really happen; every text goes the way a person's would.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from boli.demo.staff import Job, hired
from catalog.states import ReviewDecision, Role
from transcription import queue, review, submission
from transcription.context import ProjectContext
from transcription.people import StaffMember

Texts = Mapping[str, str]
"""What is said in each clip, by its id; empty where nothing is."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A scripted transcriber. errs: share of clips in which a word comes out wrong."""

    handle: str
    errs: float


TRANSCRIBERS = (
    Persona("scripted-careful", 0.02),
    Persona("scripted-average", 0.08),
    Persona("scripted-careless", 0.25),
)
REVIEWERS = ("scripted-lead", "scripted-second-lead")


@dataclass(frozen=True, slots=True)
class WorkDone:
    """What the scripts did. outcomes: receipts of transcribers by kind; decisions: of reviewers by kind."""

    outcomes: Mapping[str, int]
    skipped: int
    decisions: Mapping[str, int]


def hire(context: ProjectContext, *, now: datetime) -> dict[str, StaffMember]:
    """The scripted staff by handle; taken on if they are new."""
    with context.catalog.writing() as session:
        jobs = [
            *(Job(persona.handle, Role.TRANSCRIBER, context.project.languages) for persona in TRANSCRIBERS),
            *(Job(handle, Role.REVIEWER, context.project.languages) for handle in REVIEWERS),
        ]
        return hired(session, jobs, project=context.project.name, by="demo", now=now)


def work(
    context: ProjectContext,
    texts: Texts,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int, str], None] | None = None,
) -> WorkDone:
    """Let the scripted staff work until nobody gets anything more.

    progress: called with texts handed in so far, and whose it was
    """
    staff = hire(context, now=clock())
    outcomes: Counter[str] = Counter()
    decisions: Counter[str] = Counter()
    skipped = done = 0
    busy = True
    while busy:
        busy = False
        for persona in TRANSCRIBERS:
            result = _transcribe(context, staff[persona.handle], persona, texts, clock)
            if result is None:
                continue
            busy = True
            done += 1
            skipped += result == "skipped"
            outcomes[result] += 1
            if progress:
                progress(done, persona.handle)
        for handle in REVIEWERS:
            decision = _review(context, staff[handle], texts, clock)
            if decision is not None:
                busy = True
                decisions[decision] += 1
    return WorkDone(dict(outcomes), skipped, dict(decisions))


def _transcribe(
    context: ProjectContext,
    member: StaffMember,
    persona: Persona,
    texts: Texts,
    clock: Callable[[], datetime],
) -> str | None:
    """Do the next clip. None where there is none for them."""
    try:
        lease = queue.claim(context, member.id, now=clock())
    except queue.HeldBack:
        return None
    if lease is None:
        return None
    heard = texts[lease.clip_id]
    request = f"{lease.hold.slot_id}-{lease.hold.token}"
    if not heard:
        submission.skip(
            context,
            lease.hold,
            reason_code="no_speech_heard",
            mode=submission.SkipMode.OTHERS,
            request_id=request,
            now=clock(),
        )
        return "skipped"
    receipt = submission.submit(
        context,
        lease.hold,
        written(persona, lease.clip_id, heard),
        request_id=request,
        now=clock(),
        active_seconds=lease.seconds * 3,
    )
    if receipt.outcome is submission.SubmissionOutcome.REFUSED:
        submission.skip(
            context,
            lease.hold,
            reason_code="inaudible",
            mode=submission.SkipMode.REVIEWER,
            request_id=f"{request}-skip",
            now=clock(),
        )
    return receipt.outcome.value


def _review(
    context: ProjectContext, member: StaffMember, texts: Texts, clock: Callable[[], datetime]
) -> str | None:
    item = review.next_review(context, member.id, now=clock())
    if item is None:
        return None
    heard = texts[item.clip_id]
    if not heard:
        decision, text, reasons = ReviewDecision.REJECT_AUDIO, None, ["no_speech_heard"]
    elif item.proposal == heard:
        decision, text, reasons = ReviewDecision.ACCEPT, None, []
    else:
        decision, text, reasons = ReviewDecision.ACCEPT_MINOR, heard, []
    review.decide(context, item.hold, decision, now=clock(), text=text, reasons=reasons)
    return decision.value


def written(persona: Persona, clip_id: str, heard: str) -> str:
    """What that script writes down for that clip."""
    return misheard(heard, f"{persona.handle} {clip_id}", persona.errs)


def misheard(text: str, seed: str, share: float) -> str:
    """The text as somebody heard it who errs in that share of clips: words left out, doubled or swapped.

    The same seed mishears the same way.

    >>> misheard("moja mbili tatu nne", "anybody", 0.0)
    'moja mbili tatu nne'
    """
    draw = hashlib.sha256(seed.encode()).digest()
    if draw[0] / 256 >= share:
        return text
    words = text.split()
    position = draw[1] % len(words)
    if len(words) == 1:
        return f"{text} {text}"
    kind = draw[2] % 3
    if kind == 0:
        del words[position]
    elif kind == 1:
        words.insert(position, words[position])
    else:
        other = (position + 1) % len(words)
        words[position], words[other] = words[other], words[position]
    return " ".join(words)
