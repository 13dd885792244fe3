"""Asking for a yes: the notice, the questions, the evidence, and the paper that can take it back."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, HTTPException, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import FileResponse, Response

from audio.by_name import ByName
from audio.file_results import ReadAloud
from audio.sandbox import Sandbox
from catalog.age import Proof, Relation
from catalog.consent import history
from catalog.consent_record import as_text, consent_receipt, consent_record
from catalog.keys import notice_key
from catalog.states import Role
from catalog.store import NotStored
from catalog.tables import Speaker
from portal.access.guard import holding
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import _, interface_language_of, render
from portal.record.consent import grant
from portal.record.consent.grant import ConsentRefused, Yes, plain_code, spaced_code
from portal.record.consent.notices import (
    MOST_BYTES,
    interface_language_or,
    kept_sound,
    notices_of,
    paper_in,
    question_in,
    sound_file,
)
from portal.record.speakers.queries import SpeakerLine
from portal.record.speakers.routes import Coordinator, line_of, speaker_json

_machine_reads = ByName("audio.read_aloud", "machine_reads", ReadAloud)

router = APIRouter(include_in_schema=False)
CoordinatorOrManager = Annotated[Signed, Depends(holding(Role.COORDINATOR, Role.MANAGER))]
RELATION_NAMES: Mapping[Relation, str] = {
    "mother": _("Mother"),
    "father": _("Father"),
    "grandparent": _("Grandparent"),
    "other_guardian": _("Other guardian"),
}
PROOF_NAMES: Mapping[Proof, str] = {
    "known": _("I know the family"),
    "document_seen": _("I saw a document, and kept no copy"),
    "school": _("The school says so"),
    "council": _("The village council says so"),
}
Word = Annotated[str, StringConstraints(max_length=100)]


class GivenYes(BaseModel):
    """As consents.Yes, from the phone's queue."""

    transfer: Word
    scopes: Annotated[list[Word], Field(max_length=10)]
    language: Word
    version: Word
    code: Word
    guardian: Annotated[str, StringConstraints(max_length=80)] | None = None
    relation: Word | None = None
    verified: Word | None = None
    misunderstood: Annotated[int, Field(ge=0, le=1000)] | None = None


@router.get("/speakers/consent")
def ask_unregistered(request: Request, signed: Coordinator) -> Response:
    """For somebody whom only this phone knows yet: the page's script says who."""
    return _ask(request, signed, None)


@router.get("/speakers/notice/{language}.ogg")
def notice_sound(request: Request, signed: CoordinatorOrManager, language: str) -> Response:
    """The notice read aloud: as it was recorded under Notices, else as it lies in the configuration's folder."""
    context = context_of(request)
    if (kept := kept_sound(context, context.project(signed.project), language)) is not None:
        return _played(context.store.get_bytes(kept.key, MOST_BYTES))
    path = sound_file(context, context.project(signed.project), language)
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, media_type="audio/ogg", headers={"Cache-Control": "private, max-age=86400"})


@router.get("/speakers/notice/{language}/{number}.ogg")
def question_sound(request: Request, signed: CoordinatorOrManager, language: str, number: int) -> Response:
    """A question after the notice as a person asked it; else as a machine does, made once for its words and voice."""
    context = context_of(request)
    kept = kept_sound(context, context.project(signed.project), language, number=number)
    if kept is not None:
        return _played(context.store.get_bytes(kept.key, MOST_BYTES))
    question = question_in(context, language, number)
    if question is None or language not in context.project(signed.project).consent.notices:
        raise HTTPException(404)
    key = notice_key(hashlib.sha256(f"{question.voice}\n{question.text}".encode()).hexdigest())
    try:
        data = context.store.get_bytes(key, MOST_BYTES)
    except NotStored:
        with Sandbox(1) as sandbox:
            data = sandbox.run(_machine_reads, question.text, question.voice).opus
        context.store.put_bytes(key, data)
    return _played(data)


def _played(data: bytes) -> Response:
    return Response(data, media_type="audio/ogg", headers={"Cache-Control": "private, no-cache"})


@router.get("/speakers/{speaker_id}/consent")
def ask(request: Request, signed: Coordinator, speaker_id: str) -> Response:
    return _ask(request, signed, line_of(context_of(request), signed, speaker_id))


@router.post("/speakers/{speaker_id}/consent")
def write_yes(request: Request, signed: Coordinator, speaker_id: str, given: GivenYes) -> Response:
    """The evidence is here: write the consent down. Again is the same."""
    context = context_of(request)
    line_of(context, signed, speaker_id)
    yes = Yes(
        transfer=given.transfer,
        scopes=tuple(dict.fromkeys(given.scopes)),
        language=given.language,
        version=given.version,
        code=given.code,
        guardian=given.guardian,
        relation=given.relation,
        verified=given.verified,
        misunderstood=given.misunderstood,
    )
    try:
        with context.catalog.writing() as session:
            event = grant.write_yes(
                session,
                context.project(signed.project),
                session.get_one(Speaker, speaker_id),
                yes,
                by=signed.person_id,
                at=context.clock(),
                say=interface_language_of(request).gettext,
            )
    except ConsentRefused as refused:
        status = 409 if refused.code == "evidence_arriving" else 422
        return JSONResponse({"error": {"code": refused.code, "message": refused.message}}, status_code=status)
    return JSONResponse({"event": event.id, "at": event.at.isoformat()}, status_code=201)


@router.post("/speakers/{speaker_id}/receipt")
def receipt(
    request: Request, signed: Coordinator, speaker_id: str, code: Annotated[str, Form(max_length=60)]
) -> Response:
    """The paper: what was agreed to, in the speaker's language, and the code that takes it back.

    The code comes from the phone that made it and goes back to it; it is kept nowhere here.
    """
    context = context_of(request)
    line = line_of(context, signed, speaker_id)
    with context.catalog.reading() as session:
        agreed = grant.agreed_under(session, speaker_id, code)
    if agreed is None:
        raise HTTPException(404)
    plain = plain_code(code)
    address = f"{context.address}/withdraw"
    # The code stands behind #: browsers send that to nobody, so it is in no log.
    mark = segno.make(f"{address}#{plain}", error="m").svg_data_uri(scale=5, border=2, omitsize=False)
    speech = interface_language_or(agreed.language, interface_language_of(request))
    return render(
        request,
        "record/receipt.html.j2",
        speaker=line,
        agreed=agreed,
        paper=paper_in(speech, agreed.scopes),
        interface_language=speech,
        code=spaced_code(plain),
        address=address,
        mark=mark,
    )


@router.get("/speakers/{speaker_id}/consent/{number}.jsonld")
def record(
    request: Request,
    signed: CoordinatorOrManager,
    speaker_id: str,
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    receipt: bool = False,
) -> Response:
    """One act of consent as other programs read it: ISO/IEC TS 27560, without name and phone."""
    context = context_of(request)
    line_of(context, signed, speaker_id)
    with context.catalog.reading() as session:
        events = history(session, speaker_id)
        if number > len(events):
            raise HTTPException(404)
        speaker = session.get_one(Speaker, speaker_id)
        made = consent_record(speaker, events, number, controller=context.project(signed.project).title)
    if receipt:
        made = consent_receipt(made, at=context.clock(), withdraw_at=f"{context.address}/withdraw")
    name = f"{'receipt' if receipt else 'consent'}-{number}.jsonld"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(as_text(made), media_type="application/ld+json", headers=headers)


def _ask(request: Request, signed: Coordinator, line: SpeakerLine | None) -> Response:
    context = context_of(request)
    project = context.project(signed.project)
    return render(
        request,
        "record/consent.html.j2",
        speaker=line,
        notices=[asdict(each) for each in notices_of(context, project, interface_language_of(request))],
        scopes=project.consent.questions,
        version=project.consent.version,
        relations=RELATION_NAMES,
        proofs=PROOF_NAMES,
        speaker_data=speaker_json(line, today=context.clock().date()) if line else None,
    )
