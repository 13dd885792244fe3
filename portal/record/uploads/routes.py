"""The record screen: the page with its queue, verdicts seconds after arrival, and what came of it all."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from catalog.calendar import ZONE
from catalog.reasons import Reason
from portal.context import PortalContext, context_of
from portal.coverage import boards_of
from portal.http.pages import interface_language_of, render
from portal.i18n.translation import InterfaceLanguage
from portal.record.prompts import PromptBook, pictures_here, prompts_of, title_of
from portal.record.speakers import queries as speaker_queries
from portal.record.speakers.form import GENDERS
from portal.record.speakers.routes import Coordinator, speaker_json
from portal.record.uploads import queries

router = APIRouter(include_in_schema=False)
MOST_SPEAKERS = 300
"""That a phone knows without network: own ones first, the newest first."""
REASONS_SINCE = timedelta(days=30)


@router.get("/record")
def record(request: Request, signed: Coordinator, behind: BackgroundTasks) -> Response:
    """The page of the day. All that it needs without network is in it."""
    context = context_of(request)
    project = context.project(signed.project)
    now = context.clock()
    with context.catalog.reading() as session:
        known = speaker_queries.find_speakers(session, signed.project, signed.person_id, most=MOST_SPEAKERS)
        today = queries.day_of(session, signed.project, signed.person_id, _midnight(now))
    boards, _ = boards_of(context, signed.project, behind)
    wanting = [board for board in boards if board.most_missing is not None]
    next_to_ask = (
        max(wanting, key=lambda board: board.most_missing.missing if board.most_missing else 0)
        if wanting
        else None
    )
    return render(
        request,
        "record/record.html.j2",
        today=today,
        next_to_ask=next_to_ask,
        genders=GENDERS,
        speakers=[speaker_json(line, today=context.clock().date()) for line in known.lines],
        languages={code: context.languages[code].own_name for code in project.languages},
        limits={"most_bytes": project.limits.upload_mb * 10**6},
        books={
            code: _book(book)
            for code, book in _books(context, signed.project).items()
            if code in project.languages
        },
    )


@router.get("/record/session")
def session(request: Request, signed: Coordinator) -> Response:
    """Whose session this is: a queue sends only what its own person recorded, with the token of their session.

    withdrawn: speakers who took their consent back, and when: the phone obeys before it sends anything
    """
    with context_of(request).catalog.reading() as reading:
        gone = speaker_queries.taken_back(reading, signed.project, most=MOST_SPEAKERS)
    return JSONResponse(
        {
            "person": signed.person_id,
            "project": signed.project,
            "token": signed.token,
            "withdrawn": {speaker: at.isoformat() for speaker, at in gone.items()},
        }
    )


@router.get("/record/mine")
def mine(request: Request, signed: Coordinator, behind: BackgroundTasks) -> Response:
    """What came of everything, and whom to ask next."""
    context = context_of(request)
    project, books = context.project(signed.project), _books(context, signed.project)
    since = context.clock() - REASONS_SINCE
    with context.catalog.reading() as session:
        page = queries.sent_by(session, signed.project, signed.person_id)
        reasons = queries.reasons_of(session, signed.project, signed.person_id, since)
        people = queries.by_speaker(session, signed.project, signed.person_id)
    boards, counted = boards_of(context, signed.project, behind)
    return render(
        request,
        "record/mine.html.j2",
        page=page,
        reasons=reasons,
        people=people,
        boards=boards,
        counted=counted,
        genders=GENDERS,
        titles={each.upload_id: title_of(books, each.prompt, each.language) for each in page.files},
        languages={code: context.languages[code].own_name for code in project.languages},
    )


@router.get("/record/heard")
def heard(
    request: Request,
    signed: Coordinator,
    upload: Annotated[list[str], Query(max_length=queries.MOST_ASKED)],
) -> Response:
    """Verdicts of files just received; those that nobody could listen to yet, with the reason, once a try failed."""
    speech = interface_language_of(request)
    with context_of(request).catalog.reading() as session:
        found = queries.verdicts_of(session, signed.project, signed.person_id, upload)
        delays = queries.delays_of(session, signed.project, signed.person_id, upload)
    answer = {
        each.upload_id: {
            "usable": each.usable,
            "seconds": each.seconds,
            "reasons": [_reason(reason, speech) for reason in each.reasons],
        }
        for each in found
    }
    delayed = {upload_id: _reason(reason, speech) for upload_id, reason in delays.items()}
    return JSONResponse({"heard": answer, "delayed": delayed})


class FilesToSend(BaseModel):
    """Files that a phone is about to send."""

    sha256: list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]] = Field(
        max_length=queries.MOST_DIGESTS
    )


@router.post("/record/known")
def known(request: Request, signed: Coordinator, files: FilesToSend) -> Response:
    """Which of these files the project has already, with their receipts: they need not be sent again."""
    with context_of(request).catalog.reading() as session:
        return JSONResponse({"known": queries.receipts_of(session, signed.project, files.sha256)})


@router.get("/record/files")
def files(
    request: Request, signed: Coordinator, before: Annotated[str | None, Query(max_length=80)] = None
) -> Response:
    """A page of what this person sent, the newest first."""
    context, speech = context_of(request), interface_language_of(request)
    with context.catalog.reading() as session:
        page = queries.sent_by(session, signed.project, signed.person_id, before=before)
    books = _books(context, signed.project)
    return JSONResponse(
        {
            "files": [
                {
                    "upload": each.upload_id,
                    "name": each.name,
                    "receipt": each.receipt,
                    "speaker": each.speaker_id,
                    "pseudonym": each.pseudonym,
                    "short": each.short,
                    "language": each.language,
                    "title": title_of(books, each.prompt, each.language),
                    "received_at": each.received_at.isoformat(),
                    "seconds": each.seconds,
                    "stage": each.stage,
                    "reasons": [_reason(reason, speech) for reason in each.reasons],
                    "clips": each.clips,
                    "accepted": each.accepted,
                }
                for each in page.files
            ],
            "before": page.before,
        }
    )


def _reason(reason: Reason, speech: InterfaceLanguage) -> dict[str, str]:
    return {
        "code": reason.code,
        "sentence": speech.gettext(reason.sentence),
        "mend": speech.gettext(reason.mend),
    }


def _books(context: PortalContext, project: str) -> Mapping[str, PromptBook]:
    return prompts_of(context.configs, project, frozenset(context.languages))


def _book(book: PromptBook) -> list[dict[str, object]]:
    pictures = pictures_here()
    sets: list[dict[str, object]] = []
    for each in book.sets:
        prompts = [
            asdict(prompt) | {"picture": pictures[prompt.picture] if prompt.picture else None}
            for prompt in each.prompts
        ]
        sets.append({"name": each.name, "title": each.title, "prompts": prompts})
    return sets


def _midnight(now: datetime) -> datetime:
    return now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
