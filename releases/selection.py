"""Which clips a version holds: accepted, consented, written down, aligned; in one order; frozen by a hash."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any, Literal

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
from releases.drafted import MADE_UNHEARABLE, draft_mark
from releases.heard import heard_in
from releases.pairs import Hypothesis
from releases.row_spool import SplitRows, spooled_in_order
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
HELD_NAMED = 200
"""Clips of a reason that are named; all are counted."""
AT_A_TIME = 500
"""Ids in one question to the catalogue."""
LICENCE_EVIDENCE = "licence "
"""A consent that stands on a public licence says so in its evidence, as in `licence CC0-1.0`."""


@dataclass(frozen=True, slots=True)
class HeldClips:
    """Clips that are held back, by reason: how many, and the first HELD_NAMED that were met, by id."""

    counts: Counter[HeldBack] = field(default_factory=Counter)
    first: dict[HeldBack, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, why: HeldBack, clip: str) -> None:
        self.counts[why] += 1
        if self.counts[why] <= HELD_NAMED:
            self.first[why].append(clip)

    def copy(self) -> "HeldClips":
        return HeldClips(
            self.counts.copy(), defaultdict(list, {why: [*them] for why, them in self.first.items()})
        )


@dataclass(frozen=True, slots=True)
class Candidates:
    """Clips that may be published, and the accepted ones that may not.

    voices: ids of the speakers in them, each with the pseudonym of one of their rows
    as_of:  when the newest of their texts was accepted
    """

    rows: Sequence[Row]
    voices: Mapping[str, str]
    held: HeldClips
    as_of: datetime | None

    @property
    def held_back(self) -> Mapping[HeldBack, int]:
        return self.held.counts


@dataclass(frozen=True)
class Selection:
    """What goes into a version: rows in order, each in its split. splits: by voice"""

    dataset: str
    licence: str
    rendition: Rendition
    rows: SplitRows
    splits: Mapping[str, Split]
    held_back: Mapping[HeldBack, int]
    as_of: datetime
    purposes: tuple[Purpose, ...] = ()
    """What it is given out for, and every voice in it agreed to; none where the project names no purposes."""

    def split_of(self, row: Row) -> Split:
        return self.splits[row.voices[0]]

    @cached_property
    def sha256(self) -> str:
        """The same selection, rules and form give the same hash, and make the same bytes.

        It is that of a JSON object whose last key is `rows`, so that they are read once and not held.
        """
        said: dict[str, object] = {
            "format": FORMAT,
            "dataset": self.dataset,
            "licence": self.licence,
            "rendition": self.rendition,
            "rows": [],
        }
        if self.purposes:
            said["purposes"] = sorted(self.purposes)
        digest = hashlib.sha256(canonical(said).removesuffix(b"]}"))
        for number, (sha256, split) in enumerate(self.rows.hashes()):
            digest.update(b"," if number else b"")
            digest.update(canonical([sha256, split]))
        digest.update(b"]}")
        return digest.hexdigest()


def candidates(
    session: Session,
    project_id: str,
    *,
    licence: str,
    rendition: Rendition = "cut",
    purposes: tuple[Purpose, ...] = (),
    notice_version: str = "",
    draft_texts: bool = False,
) -> Candidates:
    """Every accepted clip that may be published now, in the order of a version.

    licence:  of the dataset; a voice whose consent is a public licence keeps that one
    purposes: what it is given out for; notice_version: of the notice that names them now
    draft_texts: whether rows carry what a machine had written, beside what people made of it
    """
    facts = _Facts(session, _licences(session, project_id), licence, draft_texts)
    reported = frozenset(session.scalars(open_reports(project_id).union(hidden_clips(project_id))))
    held = HeldClips()
    voices: dict[str, str] = {}
    as_of: datetime | None = None

    def rows() -> Iterator[Row]:
        nonlocal as_of
        agreed = agreed_to(Clip.recording_id, purposes, notice_version=notice_version)
        clips = accepted_clips(session, project_id, rendition, agreed)
        for found, speakers, heard in facts.beside(clips):
            if why := _why_not(found, reported):
                held.add(why, found.id)
            elif found.text is not None and found.alignment is not None:
                row = _row(found, found.text, found.alignment, speakers, heard, facts)
                voices.update(dict.fromkeys(row.voices, row.speaker))
                at = found.text.accepted_at
                as_of = max(as_of, at) if as_of else at
                yield row

    found = spooled_in_order(rows())
    return Candidates(found, voices, held, as_of)


def _why_not(found: AcceptedClip, reported: frozenset[str]) -> HeldBack | None:
    if not found.may_be_published:
        return "no_consent"
    if found.came_of_age:
        return "adult_yes_due"
    if not found.for_these_purposes:
        return "other_purpose"
    if found.id in reported:
        return "open_report"
    if found.text is None or not TAG.sub("", found.text.normalised).strip():
        return "no_text"
    return "not_aligned" if found.alignment is None else None


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


def consents_that_no_event_bears_out(session: Session, voices: Mapping[str, str]) -> Mapping[str, str]:
    """Of voices with their pseudonyms, those whose consent stands in the speaker's row and not in their last event."""
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
    return {voice: voices[voice] for voice in sorted(voices.keys() - borne_out)}


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
    """What is known beside a clip's own row. licences: by speaker; speakers: those that were met, by id"""

    session: Session
    licences: Mapping[str, str]
    licence: str
    draft_texts: bool
    speakers: dict[str, Speaker] = field(default_factory=dict)

    def beside(
        self, clips: Iterable[AcceptedClip]
    ) -> Iterator[tuple[AcceptedClip, tuple[Speaker, ...], tuple[Hypothesis, ...]]]:
        """Each clip with the speakers of its recording, in the order of their pseudonyms, and what models heard."""
        source = iter(clips)
        while some := list(islice(source, AT_A_TIME)):
            speakers = self._speakers_of({clip.recording for clip in some})
            heard = heard_in(self.session, [clip.id for clip in some]) if self.draft_texts else {}
            yield from ((clip, tuple(speakers[clip.recording]), heard.get(clip.id, ())) for clip in some)

    def _speakers_of(self, recordings: AbstractSet[str]) -> Mapping[str, Sequence[Speaker]]:
        pairs = self.session.execute(
            select(RecordingSpeaker.recording_id, RecordingSpeaker.speaker_id).where(
                RecordingSpeaker.recording_id.in_(sorted(recordings))
            )
        ).all()
        if fresh := {speaker for _, speaker in pairs} - self.speakers.keys():
            found = self.session.scalars(select(Speaker).where(Speaker.id.in_(sorted(fresh))))
            self.speakers.update({speaker.id: speaker for speaker in found})
        by_recording: dict[str, list[Speaker]] = defaultdict(list)
        for recording, speaker in pairs:
            by_recording[recording].append(self.speakers[speaker])
        for speakers in by_recording.values():
            speakers.sort(key=lambda each: each.pseudonym)
        return by_recording


def _row(
    found: AcceptedClip,
    text: HeldText,
    alignment: HeldAlignment,
    voices: tuple[Speaker, ...],
    heard: tuple[Hypothesis, ...],
    facts: _Facts,
) -> Row:
    return Row(
        id=found.id,
        language=found.language,
        text=text.normalised,
        verbatim=text.verbatim,
        words=tuple(map(_word, alignment.words)),
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
        licence=" AND ".join(sorted({facts.licences.get(voice.id, facts.licence) for voice in voices})),
        consent="public_licence" if all(voice.id in facts.licences for voice in voices) else "informed",
        audio_sha256=found.audio_sha256,
        audio_key=found.audio_key,
        transcript_id=text.id,
        draft=_draft(text, with_text=facts.draft_texts),
        heard=() if text.origin == MADE_UNHEARABLE else tuple((*each,) for each in heard),
        accepted_on=text.first_accepted_at.date(),
        voices=tuple(voice.id for voice in voices),
    )


def _draft(text: HeldText, *, with_text: bool) -> str | None:
    if text.draft_model is None or text.draft is None:
        return None
    return draft_mark(text.draft_model, text.draft, text.verbatim, text.origin, with_text=with_text)


def _word(said: Mapping[str, Any]) -> Word:
    return Word(said["word"], said["start"], said["end"], said.get("score"))


def _shared(values: Iterable[str | None]) -> str | None:
    """What all voices of a recording have in common; nothing where they differ."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
