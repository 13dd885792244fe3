"""Many draft texts at once: a list is looked at, with what is wrong by cell, then its new texts stand as drafts."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from catalog.config.sentence import sentence_of
from catalog.imports import new_import_id, note_import
from catalog.states import ImportKind
from catalog.table_reader import UnreadableTable
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.list_brought import ImportId, list_text
from portal.http.pages import _, interface_language_of, render
from portal.i18n.remarks import translated_remark
from transcription.drafts.draft_rows import BY_LIST, UNNAMED, DraftFault, rows_of
from transcription.drafts.keeping import keep_listed
from transcription.drafts.listed import ListedDraft, listed

router = APIRouter(include_in_schema=False)

MOST_BYTES = 2**20 - 1
MOST_SHOWN = 100
MOST_REMARKS = 3
CHANGED = _("What the clips wait for changed meanwhile. Look at the list, then press again.")
FAULTS: Mapping[DraftFault, str] = {
    DraftFault.NO_CLIP: _("is empty"),
    DraftFault.UNKNOWN_CLIP: _("the project has no such clip"),
    DraftFault.UNKNOWN_FILE: _("no recording of the project came from such a file"),
    DraftFault.SEVERAL_FILES: _("several recordings came from files of this name: name the clip by its id"),
    DraftFault.NO_START: _("the recording has more than one clip: write where this one begins, in seconds"),
    DraftFault.NOT_SECONDS: _("is no number of seconds, such as 12.5"),
    DraftFault.NO_CLIP_THERE: _("no clip of the recording begins there"),
    DraftFault.TWICE: _("stands in the list twice"),
    DraftFault.NO_CONSENT: _("nobody may hear this clip: a voice in it has not said yes, or took it back"),
    DraftFault.NOT_WAITING: _("the clip is not with transcribers now"),
    DraftFault.WRITTEN: _("somebody has written this clip down already"),
    DraftFault.ACCEPTED: _("somebody has written this clip down already"),
    DraftFault.UNKNOWN_LANGUAGE: _("the project has no such language"),
    DraftFault.OTHER_LANGUAGE: _("the clip is in another language"),
    DraftFault.NO_TEXT: _("is empty"),
    DraftFault.REFUSED: _("the guideline does not allow this text"),
    DraftFault.OTHER_TEXT: _("a draft of this model is there already, with another text"),
    DraftFault.LONG_MODEL: _("the name of a model has 60 letters at most"),
    DraftFault.TOO_MANY: _("a list has 2,000 texts at most"),
}


@router.get("/manage/drafts-list")
def ask(
    request: Request,
    signed: Manager,
    kept: Annotated[int, Query(ge=0)] = 0,
    brought: ImportId = "",
) -> Response:
    """A place to paste the list into. kept: how many texts just became drafts; brought: by which import"""
    return _page(request, signed, [], "", kept=kept, brought=brought)


@router.post("/manage/drafts-list")
def look_or_keep(
    request: Request,
    signed: Manager,
    pasted: Annotated[str, Form(max_length=MOST_BYTES)] = "",
    file: Annotated[UploadFile | None, File()] = None,
    model: Annotated[str, Form(max_length=200)] = "",
    seen: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Show what is new, known or wrong by cell; once that was seen, keep what is new. seen: hash of what was shown"""
    context = context_of(request)
    try:
        text = list_text(file, pasted, most_bytes=MOST_BYTES)
        rows = rows_of(text.encode(), model=model, languages=_languages(context, signed))
    except UnreadableTable as error:
        return _page(request, signed, [], pasted, model=model, refused=sentence_of(error))
    project = context.project_context(signed.project)
    if not seen:
        with context.catalog.reading() as session:
            drafts = list(listed(session, project, rows))
        return _page(request, signed, drafts, text, model=model, seen=_digest(drafts))
    with context.catalog.writing() as session:
        drafts = list(listed(session, project, rows))
        if seen == _digest(drafts):
            return _kept(context, session, signed, drafts)
    return _page(request, signed, drafts, text, model=model, seen=_digest(drafts), refused=CHANGED)


def _kept(
    context: PortalContext, session: Session, signed: Signed, drafts: Sequence[ListedDraft]
) -> Response:
    by, now, import_id = signed.person_id, context.clock(), new_import_id()
    ids = keep_listed(session, drafts, import_id=import_id, by=by, now=now)
    if not ids:
        return RedirectResponse("/manage/drafts-list", status_code=303)
    note_import(session, signed.project, ImportKind.DRAFTS, ids, import_id=import_id, by=by, now=now)
    return RedirectResponse(f"/manage/drafts-list?kept={len(ids)}&brought={import_id}", status_code=303)


def _digest(drafts: Sequence[ListedDraft]) -> str:
    return hashlib.sha256(repr(drafts).encode()).hexdigest()


def _languages(context: PortalContext, signed: Signed) -> dict[str, str]:
    """Codes, by code, English name and own name."""
    named: dict[str, str] = {}
    for code in context.project(signed.project).languages:
        language = context.languages[code]
        named |= {each.casefold(): code for each in (code, language.name, language.own_name)}
    return named


def _page(
    request: Request,
    signed: Signed,
    drafts: Sequence[ListedDraft],
    pasted: str,
    *,
    model: str = "",
    seen: str = "",
    refused: str = "",
    kept: int = 0,
    brought: str = "",
) -> Response:
    context, speech = context_of(request), interface_language_of(request)
    by_standing = {
        standing: [each for each in drafts if each.standing == standing]
        for standing in ("new", "known", "wrong")
    }
    shown = [*by_standing["wrong"][:MOST_SHOWN], *by_standing["new"][:MOST_SHOWN]]
    return render(
        request,
        "manage/drafts_list.html.j2",
        status=422 if refused else 200,
        counts={standing: len(found) for standing, found in by_standing.items()},
        shown=[
            (each, [translated_remark(remark, speech) for remark in each.remarks[:MOST_REMARKS]])
            for each in shown
        ],
        left_out=len(by_standing["wrong"]) + len(by_standing["new"]) - len(shown),
        faults=FAULTS,
        by_list=BY_LIST,
        unnamed=BY_LIST + UNNAMED,
        languages=context.languages,
        pasted=pasted,
        model=model,
        seen=seen,
        refused=refused,
        kept=kept,
        brought=brought,
        wanted=context.project(signed.project).prefill.drafts,
        most=MOST_SHOWN,
    )
