"""Which clips a version holds: accepted, consented, written down, aligned; in one order; frozen by a hash."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.consent import ConsentScope, Purpose, agreed_to, consented
from catalog.reports import hidden_clips
from catalog.states import ClipState, ConsentKind
from catalog.tables import (
    Clip,
    ConsentEvent,
    RecordingSpeaker,
    Speaker,
)
from releases.accepted import AcceptedClip, HeldAlignment, HeldText, Rendition, accepted_clips
from releases.parts import order
from releases.rows import TAG, Row, Split, Word, canonical
from transcription.second_look import open_reports

FORMAT = 2
"""Raise it when the form of what is written changes: then the same clips make a new version."""

HeldBack = Literal[
    "no_consent",
    "other_purpose",
    "adult_yes_due",
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
    purposes: tuple[Purpose, ...] = ()
    """What it is given out for, and every voice in it agreed to; none where the project names no purposes."""

    def of(self, split: Split) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if self.splits[row.id] == split)

    @property
    def sha256(self) -> str:
        """The same selection, rules and form give the same hash, and make the same bytes."""
        said: dict[str, object] = {
            "format": FORMAT,
            "dataset": self.dataset,
            "licence": self.licence,
            "rendition": self.rendition,
            "rows": [[row.sha256, self.splits[row.id]] for row in self.rows],
        }
        if self.purposes:
            said["purposes"] = sorted(self.purposes)
        return hashlib.sha256(canonical(said)).hexdigest()


def candidates(
    session: Session,
    project_id: str,
    *,
    licence: str,
    rendition: Rendition = "cut",
    purposes: tuple[Purpose, ...] = (),
    notice_version: str = "",
) -> Candidates:
    """Every accepted clip that may be published now, in the order of a version.

    licence:  of the dataset; a voice whose consent is a public licence keeps that one
    purposes: what it is given out for; notice_version: of the notice that names them now
    """
    facts = _Facts(
        speakers=_speakers(session, project_id),
        licences=_licences(session, project_id),
        licence=licence,
    )
    reported = frozenset(session.scalars(open_reports(project_id).union(hidden_clips(project_id))))

    rows: list[Row] = []
    held_back: Counter[HeldBack] = Counter()
    as_of: datetime | None = None
    agreed = agreed_to(Clip.recording_id, purposes, notice_version=notice_version)
    for found in accepted_clips(session, project_id, rendition, agreed):
        if not found.may_be_published:
            held_back["no_consent"] += 1
        elif found.came_of_age:
            held_back["adult_yes_due"] += 1
        elif not found.for_these_purposes:
            held_back["other_purpose"] += 1
        elif found.id in reported:
            held_back["open_report"] += 1
        elif found.text is None or not TAG.sub("", found.text.normalised).strip():
            held_back["no_text"] += 1
        elif found.alignment is None:
            held_back["not_aligned"] += 1
        else:
            rows.append(_row(found, found.text, found.alignment, facts))
            at = found.text.accepted_at
            as_of = max(as_of, at) if as_of else at

    rows.sort(key=order)
    return Candidates(tuple(rows), held_back, as_of)


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
    """What is known beside a clip's own row, by recording or speaker."""

    speakers: Mapping[str, tuple[Speaker, ...]]
    licences: Mapping[str, str]
    licence: str


def _row(found: AcceptedClip, text: HeldText, alignment: HeldAlignment, facts: _Facts) -> Row:
    voices = facts.speakers[found.recording]
    licences = facts.licences
    return Row(
        id=found.id,
        language=found.language,
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
        recording=found.recording,
        start=found.start,
        end=found.end,
        original_rate=found.original_rate,
        codec=found.codec,
        channels=found.channels,
        device=found.device,
        recorded_on=found.recorded_on,
        received_on=found.received_at.date(),
        prompt=found.prompt,
        recipe=found.recipe,
        seconds=found.seconds,
        snr_db=_number(found.measures.get("snr_db")),
        loudness_lufs=_number(found.measures.get("loudness_lufs")),
        clipped_share=_number(found.measures.get("clipped_share")),
        bandwidth_hz=_number((found.recording_measures or {}).get("source", {}).get("bandwidth_hz")),
        transcript_origin=text.origin,
        cer=text.cer,
        writers=text.writers,
        guideline=text.guideline,
        licence=" AND ".join(sorted({licences.get(voice.id, facts.licence) for voice in voices})),
        consent="public_licence" if all(voice.id in licences for voice in voices) else "informed",
        audio_sha256=found.audio_sha256,
        audio_key=found.audio_key,
        transcript_id=text.id,
        accepted_on=text.first_accepted_at.date(),
        voices=tuple(voice.id for voice in voices),
    )


def _shared(values: Iterable[str | None]) -> str | None:
    """What all voices of a recording have in common; nothing where they differ."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
