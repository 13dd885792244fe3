"""Rows of what people did with the clips: tasks, slots, texts, judgements, pay; and the audit log of all."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bench.programme.shape import CLIPS_A_RECORDING, MadeTable, Programme, text_of
from bench.programme.sound_rows import SIZE, Rows
from catalog import audit
from catalog.states import ClipState, Role, SlotPurpose, SlotState, SubmissionKind, TaskState
from catalog.tables import (
    Alignment,
    Assessment,
    AuditEvent,
    Gold,
    Judgement,
    LedgerEntry,
    Slot,
    Submission,
    Task,
    Transcript,
)
from flows.steps.aligners import REFERENCE

PLACES = 2
"""Opinions on a clip."""
DAY = 24 * 60
HOUR = 60


def _with_task(of: Programme) -> Iterator[tuple[int, int, TaskState]]:
    """Number of each clip that people are given, its voice, and the state of its task."""
    for number in range(of.clips):
        state = of.states_of(number)[1]
        if state is not None:
            yield number, of.speaker_of(number // CLIPS_A_RECORDING), state


def _accepted(of: Programme) -> Iterator[tuple[int, int]]:
    return ((number, speaker) for number, speaker, state in _with_task(of) if state is TaskState.ACCEPTED)


def tasks(of: Programme) -> Rows:
    """Of each clip that is given to people."""
    for number, speaker, state in _with_task(of):
        at = of.moment(number, later=HOUR)
        language = of.language_of(speaker)
        yield (
            *(f"task-{number}", of.project, f"clip-{number}", language, state.value),
            *(PLACES, number % 9, "bench", 0, at),
        )


def slots(of: Programme) -> Rows:
    """Two a task, and a third where a reviewer is asked."""
    for number, speaker, state in _with_task(of):
        at, heard = of.moment(number, later=HOUR), of.moment(number, later=DAY)
        common = (of.project, of.language_of(speaker), number % 9)
        begun = state is not TaskState.OPEN
        for place in range(PLACES):
            yield (
                *(
                    f"slot-{number}-{place}",
                    f"task-{number}",
                    place,
                    SlotPurpose.TRANSCRIPTION.value,
                    *common,
                ),
                (SlotState.SUBMITTED if begun else SlotState.OPEN).value,
                _writer(of, number, speaker, place) if begun else None,
                int(begun),
                heard if begun else None,
                *(None, at),
            )
        if state is TaskState.IN_REVIEW:
            yield (
                *(f"slot-{number}-2", f"task-{number}", 2, SlotPurpose.REVIEW.value, *common),
                *(SlotState.OPEN.value, None, 0, None, None, heard),
            )


def submissions(of: Programme) -> Rows:
    """Two finished texts a clip, and a draft."""
    for number, speaker, state in _with_task(of):
        if state is TaskState.OPEN:
            continue
        text, guideline = text_of(number), f"{of.language_of(speaker)}/v1"
        for place in range(PLACES):
            person = _writer(of, number, speaker, place)
            kinds = (SubmissionKind.DRAFT, SubmissionKind.FINAL) if place == 0 else (SubmissionKind.FINAL,)
            for kind in kinds:
                yield (
                    f"text-{number}-{place}-{kind}",
                    *(f"task-{number}", f"slot-{number}-{place}", person, f"r{kind}", 1, kind.value),
                    *(text, text, "[]", guideline, 31.5, of.moment(number, later=DAY + place * HOUR)),
                )


def _writer(of: Programme, clip: int, speaker: int, place: int) -> str:
    return of.somebody(speaker, Role.TRANSCRIBER, clip * PLACES + place)


def judgements(of: Programme) -> Rows:
    """One for each accepted clip."""
    for number, _ in _accepted(of):
        basis = ("agreement", text_of(number), f"text-{number}-0-final", 0.0, "{}")
        at = of.moment(number, later=DAY + HOUR)
        yield f"judgement-{number}", f"task-{number}", 1, TaskState.ACCEPTED.value, "alike", *basis, at


def transcripts(of: Programme) -> Rows:
    """The accepted texts."""
    for number, speaker in _accepted(of):
        text, guideline = text_of(number), f"{of.language_of(speaker)}/v1"
        basis = ("agreement", f"text-{number}-0-final", 0.0, guideline)
        at = of.moment(number, later=DAY + HOUR)
        yield f"transcript-{number}", f"clip-{number}", 1, text, text, *basis, at, 1


def alignments(of: Programme) -> Rows:
    """Of each accepted text."""
    for number, speaker in _accepted(of):
        clip, text, at = f"clip-{number}", f"transcript-{number}", of.moment(number, later=DAY + 2 * HOUR)
        aligner = f"{REFERENCE} {of.language_of(speaker)}"
        yield f"alignment-{number}", clip, text, aligner, "aligned", 0.9, "[]", at


def assessments(of: Programme) -> Rows:
    """Of each text of an accepted clip."""
    for number, speaker in _accepted(of):
        at, language = of.moment(number, later=DAY + HOUR), of.language_of(speaker)
        for place in range(PLACES):
            person, text = _writer(of, number, speaker, place), f"text-{number}-{place}-final"
            held = (f"transcript-{number}", "agreement", 0.0, True, at)
            yield f"assessment-{number}-{place}", person, language, text, *held


def ledger(of: Programme) -> Rows:
    """What is owed for each accepted text."""
    for number, speaker in _accepted(of):
        at = of.moment(number, later=DAY + HOUR)
        for place in range(PLACES):
            person, text = _writer(of, number, speaker, place), f"text-{number}-{place}-final"
            amount = (0.1, "minute", 15_000, 1_500, "INR", at)
            yield f"owed-{number}-{place}", of.project, person, "transcription", text, *amount


def gold(of: Programme) -> Rows:
    """A few of each language."""
    left = dict.fromkeys(of.languages, 5)
    for number, speaker in _accepted(of):
        language = of.language_of(speaker)
        if left[language]:
            left[language] -= 1
            yield f"task-{number}", of.project, language, 0, of.person_of(0), of.moment(number, later=DAY)
        elif not any(left.values()):
            return


def audit_log(of: Programme) -> Rows:
    """Chained as catalog.audit does it."""
    last = audit.BEGINNING
    for number, (clip, later, *act) in enumerate(_acts(of), start=1):
        at = of.moment(clip, later=later)
        moment = datetime.strptime(at[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        own = audit.hash_of(last, audit.ActContent(moment, *act))
        *words, detail = act
        yield number, at, *words, json.dumps(detail), last, own
        last = own


def _acts(of: Programme) -> Iterator[tuple[Any, ...]]:
    """Clip and minutes that say when, then actor, action, subject and detail."""
    for number in range(of.recordings + of.refused_uploads):
        speaker = of.speaker_of(number)
        by = of.somebody(speaker, Role.COORDINATOR, speaker)
        detail = {"project": of.project, "size": SIZE}
        first = min(number, of.recordings - 1) * CLIPS_A_RECORDING
        yield first, 0, by, "upload.received", "upload", f"upload-{number}", detail
        if number < of.recordings:
            subject = ("recording", f"recording-{number}")
            yield first, 20, "flows", "recording.segmented", *subject, {}
            for clip in range(first, min(of.clips, first + CLIPS_A_RECORDING)):
                state = of.states_of(clip)[0]
                if state is ClipState.ACCEPTED:
                    yield clip, DAY + HOUR, "flows", "transcript.accepted", "clip", f"clip-{clip}", {}


TABLES = (
    MadeTable(Task, tasks, "id project_id clip_id language state wanted priority why_now returns created_at"),
    MadeTable(
        Slot,
        slots,
        "id task_id number purpose project_id language priority state holder_id token "
        "leased_at expires_at created_at",
    ),
    MadeTable(
        Submission,
        submissions,
        "id task_id slot_id person_id request_id token kind verbatim normalised findings "
        "guideline active_seconds created_at",
    ),
    MadeTable(
        Judgement,
        judgements,
        "id task_id number outcome because origin verbatim submission_id error evidence at",
    ),
    MadeTable(
        Transcript,
        transcripts,
        "id clip_id version verbatim normalised origin submission_id cer guideline accepted_at scanned",
    ),
    MadeTable(Alignment, alignments, "id clip_id transcript_id aligner state score words at"),
    MadeTable(
        Assessment, assessments, "id person_id language submission_id transcript_id against error good at"
    ),
    MadeTable(
        LedgerEntry,
        ledger,
        "id project_id person_id work subject_id quantity unit rate_millis amount_millis currency at",
    ),
    MadeTable(Gold, gold, "task_id project_id language given added_by added_at"),
    MadeTable(AuditEvent, audit_log, "id at actor action subject_kind subject_id detail previous hash"),
)
