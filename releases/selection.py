"""Which clips a version holds: accepted, consented, written down, aligned; in one order; frozen by a hash."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.consent import ConsentScope, consented
from catalog.states import AlignmentState, ClipState, ConsentKind, SubmissionKind
from catalog.tables import (
    Alignment,
    Clip,
    ConsentEvent,
    Recording,
    RecordingSpeaker,
    Speaker,
    Submission,
    Task,
    Transcript,
    Upload,
)
from releases.parts import order
from releases.rows import TAG, Row, Split, Word, canonical
from transcription.second_look import open_reports

FORMAT = 2
"""Raise it when the form of what is written changes: then the same clips make a new version."""

Rendition = Literal["cut", "clean"]
HeldBack = Literal[
    "no_consent",
    "not_aligned",
    "no_text",
    "open_report",
    "not_chosen",
    "low_score",
    "faulty_text",
    "too_few_speakers",
    "voices_of_two_splits",
    "heard_under_another_speaker",
    "voice_under_another_speaker",
    "said_in_another_split",
]
AT_A_TIME = 500
"""Ids in one question to the catalogue."""
LICENCE_EVIDENCE = "licence "
"""A consent that stands on a public licence says so in its evidence, as in `licence CC0-1.0`."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Clips that may be published, and how many accepted ones may not, by reason.

    as_of: when the newest of their texts was accepted
    """

    rows: tuple[Row, ...]
    held_back: Mapping[HeldBack, int]
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Selection:
    """What goes into a version: rows in order, each in its split."""

    dataset: str
    licence: str
    rendition: Rendition
    rows: tuple[Row, ...]
    splits: Mapping[str, Split]
    """By clip."""
    held_back: Mapping[HeldBack, int]
    as_of: datetime

    def of(self, split: Split) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if self.splits[row.id] == split)

    @property
    def sha256(self) -> str:
        """The same selection, rules and form give the same hash, and make the same bytes."""
        said = {
            "format": FORMAT,
            "dataset": self.dataset,
            "licence": self.licence,
            "rendition": self.rendition,
            "rows": [[row.sha256, self.splits[row.id]] for row in self.rows],
        }
        return hashlib.sha256(canonical(said)).hexdigest()


def candidates(
    session: Session, project_id: str, *, licence: str, rendition: Rendition = "cut"
) -> Candidates:
    """Every accepted clip that may be published now, in the order of a version.

    licence: of the dataset; a voice whose consent is a public licence keeps that one
    """
    facts = _Facts(
        speakers=_speakers(session, project_id),
        accepted_on=_first_accepted(session, project_id),
        writers=_writers(session, project_id),
        licences=_licences(session, project_id),
        licence=licence,
        rendition=rendition,
    )
    reported = frozenset(session.scalars(open_reports(project_id)))
    texts = _newest_texts(session, project_id)
    alignments = _newest_alignments(session, project_id)

    rows: list[Row] = []
    held_back: Counter[HeldBack] = Counter()
    as_of: datetime | None = None
    for clip, recording, upload, may_be_published in session.execute(_accepted(project_id)):
        text = texts.get(clip.id)
        alignment = alignments.get(text.id) if text else None
        if not may_be_published:
            held_back["no_consent"] += 1
        elif clip.id in reported:
            held_back["open_report"] += 1
        elif text is None or not TAG.sub("", text.normalised).strip():
            held_back["no_text"] += 1
        elif alignment is None:
            held_back["not_aligned"] += 1
        else:
            rows.append(_row(clip, recording, upload, text, alignment, facts))
            as_of = max(as_of, text.accepted_at) if as_of else text.accepted_at

    return Candidates(tuple(sorted(rows, key=order)), held_back, as_of)


def languages_with(rows: Iterable[Row], min_speakers: int) -> frozenset[str]:
    """Languages of enough voices: in a small group everybody is recognised."""
    voices: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        voices[row.language].update(row.voices)
    return frozenset(language for language, there in voices.items() if len(there) >= min_speakers)


def withdrawn_of(session: Session, clip_ids: Iterable[str]) -> frozenset[str]:
    """Those of the clips that are in the catalogue and may not be published any more."""
    wanted = sorted(set(clip_ids))
    found: set[str] = set()
    for start in range(0, len(wanted), AT_A_TIME):
        found.update(
            session.scalars(
                select(Clip.id).where(
                    Clip.id.in_(wanted[start : start + AT_A_TIME]),
                    (Clip.state == ClipState.WITHDRAWN)
                    | ~consented(Clip.recording_id, ConsentScope.PUBLICATION),
                )
            )
        )
    return frozenset(found)


def consents_that_no_event_bears_out(session: Session, rows: Sequence[Row]) -> Mapping[str, str]:
    """Pseudonyms of voices whose consent stands in the speaker's row and not in their last consent event."""
    voices = {voice for row in rows for voice in row.voices}
    newest = (
        select(ConsentEvent.speaker_id, func.max(ConsentEvent.number).label("number"))
        .group_by(ConsentEvent.speaker_id)
        .subquery()
    )
    events = session.execute(
        select(ConsentEvent.speaker_id, ConsentEvent.kind, ConsentEvent.scopes).join(
            newest,
            (newest.c.speaker_id == ConsentEvent.speaker_id) & (newest.c.number == ConsentEvent.number),
        )
    )
    borne_out = {
        speaker
        for speaker, kind, scopes in events
        if kind is ConsentKind.GRANTED and ConsentScope.PUBLICATION.value in scopes
    }
    names = {voice: row.speaker for row in rows for voice in row.voices}
    return {voice: names[voice] for voice in sorted(voices - borne_out)}


def _accepted(project_id: str) -> Any:
    return (
        select(Clip, Recording, Upload, consented(Clip.recording_id, ConsentScope.PUBLICATION))
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .where(Clip.project_id == project_id, Clip.state == ClipState.ACCEPTED)
    )


def _speakers(session: Session, project_id: str) -> Mapping[str, tuple[Speaker, ...]]:
    found: dict[str, list[Speaker]] = defaultdict(list)
    pairs = session.execute(
        select(RecordingSpeaker.recording_id, Speaker)
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(Speaker.project_id == project_id)
        .order_by(RecordingSpeaker.recording_id, Speaker.pseudonym)
    )
    for recording_id, speaker in pairs:
        found[recording_id].append(speaker)
    return {recording_id: tuple(voices) for recording_id, voices in found.items()}


def _first_accepted(session: Session, project_id: str) -> Mapping[str, date]:
    """By clip, the day on which its first text was accepted."""
    found = session.execute(
        select(Transcript.clip_id, func.min(Transcript.accepted_at))
        .join(Clip, Clip.id == Transcript.clip_id)
        .where(Clip.project_id == project_id)
        .group_by(Transcript.clip_id)
    )
    return {clip: at.date() for clip, at in found}


def _writers(session: Session, project_id: str) -> Mapping[str, int]:
    """By clip, how many people sent a finished text of it."""
    found = session.execute(
        select(Task.clip_id, func.count(Submission.person_id.distinct()))
        .join(Submission, Submission.task_id == Task.id)
        .where(Task.project_id == project_id, Submission.kind == SubmissionKind.FINAL)
        .group_by(Task.clip_id)
    )
    return dict(found.tuples().all())


def _newest_texts(session: Session, project_id: str) -> Mapping[str, Transcript]:
    """By clip, the text that holds."""
    texts = session.scalars(
        select(Transcript)
        .join(Clip, Clip.id == Transcript.clip_id)
        .where(Clip.project_id == project_id, Clip.state == ClipState.ACCEPTED)
        .order_by(Transcript.version)
    )
    return {text.clip_id: text for text in texts}


def _newest_alignments(session: Session, project_id: str) -> Mapping[str, Alignment]:
    """By transcript, the newest alignment that isn't stale."""
    alignments = session.scalars(
        select(Alignment)
        .join(Clip, Clip.id == Alignment.clip_id)
        .where(Clip.project_id == project_id, Alignment.state != AlignmentState.STALE)
        .order_by(Alignment.at, Alignment.aligner)
    )
    return {alignment.transcript_id: alignment for alignment in alignments}


def _licences(session: Session, project_id: str) -> Mapping[str, str]:
    """By speaker, the public licence that stands for their consent."""
    events = session.execute(
        select(ConsentEvent.speaker_id, ConsentEvent.evidence)
        .join(Speaker, Speaker.id == ConsentEvent.speaker_id)
        .where(Speaker.project_id == project_id, ConsentEvent.kind == ConsentKind.GRANTED)
        .order_by(ConsentEvent.speaker_id, ConsentEvent.number)
    )
    newest: dict[str, str] = dict(events.tuples().all())
    return {
        speaker: evidence.removeprefix(LICENCE_EVIDENCE)
        for speaker, evidence in newest.items()
        if evidence.startswith(LICENCE_EVIDENCE)
    }


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known beside a clip's own row, by clip, recording or speaker."""

    speakers: Mapping[str, tuple[Speaker, ...]]
    accepted_on: Mapping[str, date]
    writers: Mapping[str, int]
    licences: Mapping[str, str]
    licence: str
    rendition: Rendition


def _row(
    clip: Clip, recording: Recording, upload: Upload, text: Transcript, alignment: Alignment, facts: _Facts
) -> Row:
    voices = facts.speakers[recording.id]
    licences = facts.licences
    cut = facts.rendition == "cut"
    return Row(
        id=clip.id,
        language=clip.language,
        text=text.normalised,
        verbatim=text.verbatim,
        words=tuple(
            Word(each["word"], each["start"], each["end"], each.get("score")) for each in alignment.words
        ),
        alignment=alignment.state.value,
        alignment_score=alignment.score,
        aligner=alignment.aligner,
        speaker="+".join(voice.pseudonym for voice in voices),
        gender=_shared(voice.gender for voice in voices),
        age_band=_shared(voice.age_band for voice in voices),
        district=_shared(voice.district for voice in voices),
        dialect=_shared(voice.dialect for voice in voices),
        native_language=_shared(voice.native_language for voice in voices),
        recording=recording.id,
        start=clip.start,
        end=clip.end,
        original_rate=recording.sample_rate,
        codec=recording.codec,
        channels=recording.channels,
        device=recording.device,
        recorded_on=recording.recorded_on,
        received_on=upload.received_at.date(),
        prompt=upload.prompt,
        recipe=clip.recipe_id,
        seconds=clip.seconds,
        snr_db=_number(clip.measures.get("snr_db")),
        loudness_lufs=_number(clip.measures.get("loudness_lufs")),
        clipped_share=_number(clip.measures.get("clipped_share")),
        bandwidth_hz=_number((recording.measures or {}).get("source", {}).get("bandwidth_hz")),
        transcript_origin=text.origin,
        cer=text.cer,
        writers=facts.writers.get(clip.id, 0),
        guideline=text.guideline,
        licence=" AND ".join(sorted({licences.get(voice.id, facts.licence) for voice in voices})),
        consent="public_licence" if all(voice.id in licences for voice in voices) else "told",
        audio_sha256=clip.cut_sha256 if cut else clip.clean_sha256,
        audio_key=clip.cut_key if cut else clip.clean_key,
        transcript_id=text.id,
        accepted_on=facts.accepted_on[clip.id],
        voices=tuple(voice.id for voice in voices),
    )


def _shared(values: Iterable[str | None]) -> str | None:
    """What all voices of a recording have in common; nothing where they differ."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
