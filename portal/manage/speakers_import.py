"""Many speakers at once: a list is looked at, then who is new is written down and what changed is put right."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from catalog.config.sentence import Sentence, sentence_of
from catalog.ids import content_id
from catalog.import_changes import BY_LIST, SpeakerChange, SpeakerValues, lock_known, note_changes
from catalog.imports import new_import_id, note_import
from catalog.speakers import speaker_id_of
from catalog.states import ImportKind
from catalog.table_reader import UnreadableTable
from catalog.tables import Speaker, SpeakerPrivate
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.list_brought import ImportId, list_text
from portal.http.pages import interface_language_of, render
from portal.manage.speakers_list import ListedSpeaker, listed, pseudonyms, rows_of
from portal.places import places_of
from portal.record.speakers.form import GENDERS
from portal.record.speakers.queries import write_anew, write_down

router = APIRouter(include_in_schema=False)

MOST_BYTES = 256 * 2**10
CHANGED = Sentence("Who is known changed meanwhile. Look at the list, then press again.")


@router.get("/manage/speakers-list")
def ask(
    request: Request, signed: Manager, new: int = 0, changed: int = 0, brought: ImportId = ""
) -> Response:
    """A place to paste the list into. new, changed: of the list that was just kept; brought: by which import"""
    return _page(request, [], "", new=new, changed=changed, brought=brought)


@router.post("/manage/speakers-list")
def look_or_keep(
    request: Request,
    signed: Manager,
    pasted: Annotated[str, Form(max_length=MOST_BYTES)] = "",
    file: Annotated[UploadFile | None, File()] = None,
    seen: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Show what is new, changed, known or wrong by row; once that was seen, keep it, all of it or nothing.

    seen: hash of what was shown
    """
    context, say = context_of(request), interface_language_of(request).gettext
    try:
        text = list_text(file, pasted, most_bytes=MOST_BYTES)
        rows = rows_of(text.encode())
    except UnreadableTable as error:
        return _page(request, [], pasted, refused=sentence_of(error))
    places = places_of(context.configs, signed.project)
    with context.catalog.writing() as session:
        if seen:  # nobody writes who is known anew between the look and the keeping
            lock_known(session, (speaker_id_of(signed.project, each) for each in pseudonyms(rows)))
        speakers = list(listed(session, context.project(signed.project), rows, say, places=places))
        shown = hashlib.sha256(repr(speakers).encode()).hexdigest()
        if seen != shown:
            return _page(request, speakers, text, seen=shown, refused=CHANGED if seen else "")
        brought = _keep(context, session, signed, speakers)
    new, changed = (sum(each.standing == standing for each in speakers) for standing in ("new", "changed"))
    return RedirectResponse(
        f"/manage/speakers-list?new={new}&changed={changed}&brought={brought}", status_code=303
    )


def _keep(context: PortalContext, session: Session, signed: Signed, speakers: Sequence[ListedSpeaker]) -> str:
    """The import's id; "" where nobody was new and nothing changed."""
    import_id, now = new_import_id(), context.clock()
    new = [_write_down(session, signed, each, now) for each in speakers if each.standing == "new"]
    changes = [
        _write_anew(session, signed, each, import_id, now) for each in speakers if each.standing == "changed"
    ]
    if not new and not changes:
        return ""
    note_import(
        session,
        signed.project,
        ImportKind.SPEAKERS,
        new,
        import_id=import_id,
        changed=len(changes),
        by=signed.person_id,
        now=now,
    )
    note_changes(session, import_id, changes)
    return import_id


def _write_down(session: Session, signed: Signed, each: ListedSpeaker, now: datetime) -> str:
    """The new speaker's id."""
    facts = each.form.facts
    return write_down(
        session,
        signed.project,
        facts,
        each.form.private,
        key=content_id("listed", signed.project, facts.pseudonym),
        by=signed.person_id,
        at=now,
        of_age_on=each.form.of_age_on,
    )


def _write_anew(
    session: Session, signed: Signed, each: ListedSpeaker, import_id: str, now: datetime
) -> SpeakerChange:
    """What the list changed of somebody who was known before."""
    speaker_id = speaker_id_of(signed.project, each.form.facts.pseudonym)
    speaker = session.get_one(Speaker, speaker_id)
    before = SpeakerValues.of(speaker, session.get(SpeakerPrivate, speaker_id))
    write_anew(
        session,
        speaker_id,
        each.form.facts,
        each.form.private,
        by=signed.person_id,
        at=now,
        of_age_on=each.form.of_age_on,
        because={BY_LIST: import_id},
    )
    after = SpeakerValues.of(speaker, session.get(SpeakerPrivate, speaker_id))
    return SpeakerChange(speaker_id, speaker.consent_round, before, after)


def _page(
    request: Request,
    speakers: Sequence[ListedSpeaker],
    pasted: str,
    *,
    seen: str = "",
    refused: str = "",
    new: int = 0,
    changed: int = 0,
    brought: str = "",
) -> Response:
    return render(
        request,
        "manage/speakers_list.html.j2",
        status=422 if refused else 200,
        speakers=speakers,
        pasted=pasted,
        seen=seen,
        refused=refused,
        kept=(new, changed),
        genders=GENDERS,
        brought=brought,
        fresh=sum(each.standing in ("new", "changed") for each in speakers),
    )
