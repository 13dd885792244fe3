"""The addresses of practice: `/practice`, the next clip, and each clip with the answer to what was written."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.alignments import holds_first
from catalog.states import Role
from catalog.tables import Alignment
from portal.access.guard import holding
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import _, interface_language_of, render
from portal.items.word_times import WordTime, word_times
from portal.listening import PracticeHeard, link
from portal.write.checking import MOST_CHARACTERS, remarks
from portal.write.guide import guide_of, translated_guide
from transcription.people import person_of
from transcription.practice.answer import Answer, Slip, answer_to
from transcription.practice.clips import (
    PracticeClip,
    next_practice,
    note_answer,
    practice_clip,
    practice_score,
)
from transcription.rules.guideline import Guideline
from transcription.text import check

RULES = {
    Slip.MISSING: _("This word is said, and is missing: everything that is heard is written."),
    Slip.ADDED: _("This word is not said here: nothing is added, repeated or mended."),
    Slip.SPELLING: _("The right word, spelt otherwise: compare it letter by letter."),
    Slip.OTHER: _("Another word is said here: hear it again."),
}
NUMBERS = {
    "words": _("Numbers are written in words, as they are spoken."),
    "digits": _("Numbers are written in digits."),
}
ENGLISH = {
    "native": _("English words are written in the letters of the language, as they are pronounced."),
    "latin": _("English words are written in English letters."),
}

router = APIRouter(include_in_schema=False)
Transcriber = Annotated[Signed, Depends(holding(Role.TRANSCRIBER))]


@router.get("/practice")
def next_clip(request: Request, signed: Transcriber) -> Response:
    """The next clip to practise on, or how it went where there is none any more."""
    context, now = context_of(request), context_of(request).clock()
    with context.catalog.reading() as session:
        person = person_of(session, signed.person_id, Role.TRANSCRIBER, project=signed.project)
        clip = next_practice(session, signed.project, person, signed.languages, now=now)
    return _page(request, signed, clip)


@router.post("/practice/{clip_id}")
def answer(
    request: Request,
    signed: Transcriber,
    clip_id: Annotated[str, Path(max_length=80)],
    text: Annotated[str, Form(max_length=MOST_CHARACTERS)] = "",
) -> Response:
    """The answer to a text, at once. Sent again, it is looked at again, and the first one stays their score."""
    context, now = context_of(request), context_of(request).clock()
    with context.catalog.reading() as session:
        clip = practice_clip(session, signed.project, clip_id, signed.languages, now=now)
    if clip is None:
        raise HTTPException(404)
    guideline = context.guidelines[signed.project][clip.language]
    if not text.strip():
        return _page(request, signed, clip, empty=True, status=422)
    found = answer_to(text, clip.text, guideline)
    with context.catalog.writing() as session:
        note_answer(session, signed.project, signed.person_id, clip, found, now=now)
        words = _times(session, clip)
    return _page(request, signed, clip, found=found, text=text, words=words)


def _page(
    request: Request,
    signed: Signed,
    clip: PracticeClip | None,
    *,
    found: Answer | None = None,
    text: str = "",
    words: tuple[WordTime, ...] = (),
    empty: bool = False,
    status: int = 200,
) -> Response:
    context, interface_language = context_of(request), interface_language_of(request)
    with context.catalog.reading() as session:
        score = practice_score(session, signed.project, signed.person_id)
    guideline = context.guidelines[signed.project][clip.language] if clip else None
    ground, now = PracticeHeard(signed.project), context.clock()
    guide = translated_guide(guide_of(guideline), interface_language) if guideline else None
    return render(
        request,
        "practice/practice.html.j2",
        status=status,
        clip=clip,
        score=score,
        found=found,
        text=text,
        words=words,
        empty=empty,
        language=context.languages[clip.language] if clip else None,
        guide=guide,
        page_guide=jsonable_encoder(guide) if guide and not found else None,
        remarks=remarks(check(text, guideline, clip.seconds), interface_language)
        if guideline and clip and found
        else (),
        rules=_rules(guideline) if guideline else {},
        addresses={
            kind: link(context, clip.clip_id, kind, listener=signed.person_id, ground=ground, now=now)
            for kind in ("preview", "peaks")
        }
        if clip
        else {},
    )


def _rules(guideline: Guideline) -> dict[Slip, str]:
    """The rule behind each kind of slip, as this guideline has it; messages, translated where they are shown."""
    return RULES | {Slip.NUMBER: NUMBERS[guideline.numerals], Slip.SCRIPT: ENGLISH[guideline.english_words]}


def _times(session: Session, clip: PracticeClip) -> tuple[WordTime, ...]:
    """Of the right text, so that each of its words can be heard alone; none before it is aligned."""
    row = session.execute(
        select(Alignment.state, Alignment.words)
        .where(Alignment.transcript_id == clip.transcript_id)
        .order_by(*holds_first())
        .limit(1)
    ).first()
    return word_times(row.state, row.words) if row else ()
