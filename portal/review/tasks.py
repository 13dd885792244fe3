"""A review task as the review screen gets it: what is heard, what people wrote, where they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.states import ReviewDecision
from portal.access.session import Signed
from portal.context import PortalContext
from portal.i18n.translation import InterfaceLanguage
from portal.listening import new_links
from portal.review import why
from portal.write.slot import SlotUse, proof_of
from portal.write.waveform import peaks_of
from transcription import notes, review
from transcription.decisions.agreement import agreement
from transcription.decisions.consensus import consensus
from transcription.decisions.learnt_spellings import guideline_of, open_pairs
from transcription.rules.guideline import Guideline
from transcription.rules.spelling import Pair
from transcription.text import normalised

SMALL_CHANGE = 0.1
"""Character error rate up to which a reviewer's change counts as small."""


@dataclass(frozen=True, slots=True)
class CandidateText:
    """One person's text, without their name. skipped: why they wrote none; a code of catalog.reasons"""

    id: str
    text: str
    skipped: str | None


@dataclass(frozen=True, slots=True)
class WordColumn:
    """One column of the comparison, with what each text has there; None where it has nothing.

    pairs: the different words, of which the reviewer may say that both are right
    """

    words: tuple[str | None, ...]
    agreed: bool
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class ClipNote:
    """A note at the clip. by: writer, reviewer or manager"""

    at: datetime
    by: str
    mine: bool
    text: str


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """compared: ids of the texts that `words` holds word under word, in its order"""

    slot: str
    token: int
    proof: str
    clip: str
    language: str
    seconds: float
    expires_at: datetime
    preview: str
    peaks: list[int]
    proposal: str
    texts: tuple[CandidateText, ...]
    compared: tuple[str, ...]
    words: tuple[WordColumn, ...]
    because: str
    returns_left: int
    second_look: bool
    notes: tuple[ClipNote, ...]


def next_task(
    context: PortalContext, signed: Signed, interface_language: InterfaceLanguage, *, now: datetime
) -> ReviewTask | None:
    """The task the reviewer holds, else the next for them. interface_language: of `because`. raises: NotAllowed"""
    project_context = context.project_context(signed.project)
    item = review.next_review(project_context, signed.person_id, now=now)
    if item is None:
        return None
    written = [each for each in item.candidates if each.skipped_because is None]
    with context.catalog.reading() as session:
        guideline = guideline_of(session, project_context, item.language)
    return ReviewTask(
        slot=item.hold.slot_id,
        token=item.hold.token,
        proof=proof_of(context, item.hold, SlotUse.REVIEW),
        clip=item.clip_id,
        language=item.language,
        seconds=item.seconds,
        expires_at=item.expires_at,
        preview=new_links(context, item.clip_id, item.hold).preview,
        peaks=peaks_of(context.store, item.peaks_key),
        proposal=item.proposal,
        texts=tuple(
            CandidateText(each.submission_id, each.verbatim, each.skipped_because) for each in item.candidates
        ),
        compared=tuple(each.submission_id for each in written),
        words=_word_under_word([each.verbatim for each in written], guideline),
        because=why.explanation(item.why, project_context.project.agreement.measure, interface_language),
        returns_left=item.returns_left,
        second_look=item.second_look,
        notes=notes_at(context, signed, item.task_id),
    )


def notes_at(context: PortalContext, signed: Signed, task_id: str) -> tuple[ClipNote, ...]:
    """The notes at a clip, oldest first."""
    found = notes.notes_of(context.project_context(signed.project), task_id, signed.person_id)
    return tuple(ClipNote(note.at, note.part.value, note.mine, note.text) for note in found)


def acceptance_of(text: str, offered: str, guideline: Guideline) -> ReviewDecision:
    """How much a reviewer changed the text that they were offered."""
    if not offered.strip():
        return ReviewDecision.ACCEPT_MAJOR
    if normalised(text, guideline) == normalised(offered, guideline):
        return ReviewDecision.ACCEPT
    small = agreement(text, offered, guideline).cer <= SMALL_CHANGE
    return ReviewDecision.ACCEPT_MINOR if small else ReviewDecision.ACCEPT_MAJOR


def _word_under_word(texts: Sequence[str], guideline: Guideline) -> tuple[WordColumn, ...]:
    if len(texts) < 2:
        return ()
    return tuple(
        WordColumn(
            column.words, column.agreed, () if column.agreed else tuple(sorted(open_pairs(column, guideline)))
        )
        for column in consensus(texts, guideline).columns
    )
