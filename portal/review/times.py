"""Word times put right by a reviewer: `/review/times`, the clips in doubt, and each of them with its words to move."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from pydantic import BaseModel, Field

from catalog.states import Role
from portal.access.guard import holding
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.pages import render
from portal.items.word_times import RATE, WordTime
from portal.listening import ProjectReviewed, link
from transcription.word_times.clips import ClipInDoubt, TimedClip, clips_in_doubt, timed_clip
from transcription.word_times.saving import TimesChanged, TimesGone, save_word_times
from transcription.word_times.spans import WordSpan

MOST_WORDS = 2_000
"""Of one clip, far more than any has."""
LAST_SAMPLE = 3600 * RATE
"""Of any clip: a bound on numbers from outside; that of the clip itself is looked at when they are saved."""

router = APIRouter(include_in_schema=False)
Reviewer = Annotated[Signed, Depends(holding(Role.REVIEWER))]
ClipId = Annotated[str, Path(max_length=80)]
Sample = Annotated[int, Field(ge=0, le=LAST_SAMPLE)]


class PlacedWords(BaseModel):
    """What a reviewer saves. seen: the times that they began with; spans: start and end of each word, in samples"""

    seen: str = Field(max_length=80)
    spans: list[tuple[Sample, Sample]] = Field(min_length=1, max_length=MOST_WORDS)


@dataclass(frozen=True, slots=True)
class TimesSaved:
    """moved: words; next: the address to go on at"""

    moved: int
    next: str


@router.get("/review/times")
def in_doubt(request: Request, signed: Reviewer, done: str = "") -> Response:
    """The clips whose words lie badly on their sound. done: not empty after something was saved, to say so"""
    context = context_of(request)
    return render(
        request,
        "review/times.html.j2",
        clips=_in_doubt(context, signed),
        languages=context.languages,
        done=bool(done),
    )


@router.get("/review/times/{clip_id}")
def of_clip(request: Request, signed: Reviewer, clip_id: ClipId) -> Response:
    """A clip with its words, to move their edges."""
    context = context_of(request)
    with context.catalog.reading() as session:
        clip = timed_clip(session, signed.project, clip_id, signed.languages)
    if clip is None:
        raise HTTPException(404)
    ground, now = ProjectReviewed(signed.project), context.clock()
    return render(
        request,
        "review/times_of_clip.html.j2",
        clip=clip,
        words=_shown(clip),
        language=context.languages[clip.language],
        addresses={
            kind: link(context, clip_id, kind, listener=signed.person_id, ground=ground, now=now)
            for kind in ("preview", "peaks")
        },
    )


@router.post("/review/times/{clip_id}")
def save(request: Request, signed: Reviewer, clip_id: ClipId, sent: PlacedWords) -> TimesSaved:
    """Keep the times. 403 for times that can't be, 404 for no clip of theirs, 409 where others changed it meanwhile."""
    context = context_of(request)
    try:
        moved = save_word_times(
            context.project_context(signed.project),
            clip_id,
            signed.person_id,
            [WordSpan(start, end) for start, end in sent.spans],
            seen=sent.seen,
            now=context.clock(),
        )
    except TimesGone as gone:
        raise HTTPException(404, str(gone)) from gone
    except TimesChanged as changed:
        raise HTTPException(409, str(changed)) from changed
    following = next(iter(_in_doubt(context, signed)), None)
    path = f"/review/times/{following.clip_id}" if following else "/review/times?done=1"
    return TimesSaved(moved, path)


def _in_doubt(context: PortalContext, signed: Signed) -> list[ClipInDoubt]:
    with context.catalog.reading() as session:
        return list(clips_in_doubt(session, signed.project, signed.languages))


def _shown(clip: TimedClip) -> list[WordTime]:
    return [WordTime(word, span.start / RATE, span.end / RATE, score) for word, span, score in clip.words]
