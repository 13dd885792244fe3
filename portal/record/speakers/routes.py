"""Pages of speakers: the list, somebody new, one person."""

from dataclasses import asdict
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog.consent import Withdrawal
from catalog.ids import new_id
from catalog.speakers import SpeakerFacts, speaker_id_of
from catalog.states import Role
from catalog.tables import Speaker
from portal.access.audit_log import note_once_a_day
from portal.access.guard import Manager, holding
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.pages import _, interface_language_of, render
from portal.places import in_their_spelling, offered, places_of
from portal.record.consent import grant, withdrawal
from portal.record.speakers import likeness, queries
from portal.record.speakers.form import (
    FIELDS,
    GENDERS,
    SCHOOLING,
    PrivateFacts,
    SpeakerForm,
    age_bands,
    read_form,
)
from portal.record.speakers.queries import PseudonymTaken, SpeakerLine
from portal.voices import voice_of

router = APIRouter(include_in_schema=False)
Coordinator = Annotated[Signed, Depends(holding(Role.COORDINATOR))]
CoordinatorOrManager = Annotated[Signed, Depends(holding(Role.COORDINATOR, Role.MANAGER))]
"""Whoever may look a speaker up and correct what is known of them."""
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
Line = Annotated[str, StringConstraints(max_length=1000)]
Find = Annotated[str, Query(max_length=80)]
After = Annotated[str, Query(max_length=200)]


class NewSpeaker(BaseModel):
    """What a phone sends that wrote somebody down, perhaps long ago and without network.

    key:  what the phone calls this act; sure: they are not one of those who look alike
    """

    key: Key
    sure: bool = False
    fields: dict[Annotated[str, StringConstraints(max_length=40)], Line] = Field(max_length=len(FIELDS) + 3)


@router.get("/speakers")
def listed(request: Request, signed: Coordinator, find: Find = "", after: After = "") -> Response:
    """The project's speakers, own ones first."""
    return _list(request, signed, find, after)


@router.get("/manage/speakers")
def listed_to_manager(request: Request, signed: Manager, find: Find = "", after: After = "") -> Response:
    """The same to a manager, who looks them up to correct what is known, or to give them what is kept."""
    return _list(request, signed, find, after)


def _list(request: Request, signed: Signed, find: str, after: str) -> Response:
    context = context_of(request)
    with context.catalog.reading() as session:
        page = queries.find_speakers(session, signed.project, signed.person_id, like=find, after=after)
    more = None
    if page.following is not None:
        more = request.url.path + "?" + urlencode({"find": find, "after": page.following})
    return render(request, "record/speakers.html.j2", lines=page.lines, find=find, more=more, genders=GENDERS)


@router.get("/speakers/new")
def new(request: Request, signed: Coordinator) -> Response:
    """An empty form."""
    context = context_of(request)
    with context.catalog.reading() as session:
        pseudonym = queries.next_pseudonym(session, signed.project, "")
    return _form(request, signed, {"pseudonym": pseudonym}, key=new_id("key"))


@router.get("/speakers/pseudonym")
def suggested(
    request: Request, signed: Coordinator, district: Annotated[str, Query(max_length=80)] = ""
) -> Response:
    """The next free pseudonym of a district, for the form."""
    with context_of(request).catalog.reading() as session:
        return JSONResponse({"pseudonym": queries.next_pseudonym(session, signed.project, district)})


@router.post("/speakers")
async def write_down(request: Request, signed: Coordinator) -> Response:
    """Somebody new, from the form of a page."""
    form = {name: text for name, text in (await request.form()).items() if isinstance(text, str)}
    return await run_in_threadpool(_write_from_form, request, signed, form)


@router.post("/speakers/register")
def register(request: Request, signed: Coordinator, given: NewSpeaker) -> Response:
    """Somebody new, from a script; the same key gives the same speaker again."""
    context, say = context_of(request), interface_language_of(request).gettext
    spelled = in_their_spelling(places_of(context.configs, signed.project), given.fields)
    filled = read_form(spelled, context.project(signed.project), say)
    if filled.faults:
        return _refused(422, "faults", next(iter(filled.faults.values())), faults=dict(filled.faults))
    try:
        speaker_id, alike = _keep(context, signed, filled, key=given.key, sure=given.sure)
    except PseudonymTaken as taken:
        words = say(_("Another speaker is called %(name)s already.")) % {"name": filled.facts.pseudonym}
        return _refused(409, "taken", words, suggestion=taken.suggestion)
    if speaker_id is None:
        return _refused(409, "alike", _alike_words(request), alike=[asdict(each) for each in alike])
    with context.catalog.reading() as session:
        line = queries.speaker_line(session, signed.project, speaker_id, signed.person_id)
    assert line is not None
    return JSONResponse(speaker_json(line, today=context.clock().date()), status_code=201)


@router.get("/speakers/{speaker_id}")
def one(request: Request, signed: CoordinatorOrManager, speaker_id: str) -> Response:
    """One person: facts, consent, what they gave."""
    return _person(request, signed, speaker_id)


@router.get("/speakers/{speaker_id}/edit")
def edit(request: Request, signed: CoordinatorOrManager, speaker_id: str) -> Response:
    context = context_of(request)
    line = line_of(context, signed, speaker_id)
    with context.catalog.reading() as session:
        facts = queries.facts_of(session, speaker_id)
        private = (
            queries.private_of(session, speaker_id)[0] if may_see_private(signed, line) else PrivateFacts()
        )
        born = queries.month_of_birth(session, speaker_id)
    if private != PrivateFacts():
        _note_name_seen(context, signed, speaker_id)
    return _form(request, signed, _as_fields(facts, private) | {"born": born}, speaker=line)


@router.post("/speakers/{speaker_id}/edit")
async def write_anew(request: Request, signed: CoordinatorOrManager, speaker_id: str) -> Response:
    form = {name: text for name, text in (await request.form()).items() if isinstance(text, str)}
    return await run_in_threadpool(_write_anew_from_form, request, signed, form, speaker_id)


@router.get("/speakers/{speaker_id}/withdraw")
def ask_to_withdraw(request: Request, signed: Coordinator, speaker_id: str) -> Response:
    line = line_of(context_of(request), signed, speaker_id)
    with context_of(request).catalog.reading() as session:
        stands = withdrawal.stands(session, speaker_id)
    if not stands:
        return RedirectResponse(f"/speakers/{speaker_id}", status_code=303)
    return render(request, "record/speaker_withdraw.html.j2", speaker=line)


@router.post("/speakers/{speaker_id}/withdraw")
def withdraw(
    request: Request, signed: Coordinator, speaker_id: str, sure: Annotated[str, Form(max_length=5)] = ""
) -> Response:
    """The speaker asked the coordinator to stop."""
    context = context_of(request)
    line_of(context, signed, speaker_id)
    if sure != "yes":
        return RedirectResponse(f"/speakers/{speaker_id}/withdraw", status_code=303)
    with context.catalog.reading() as session:
        stands = withdrawal.stands(session, speaker_id)
    if not stands:
        return RedirectResponse(f"/speakers/{speaker_id}", status_code=303)
    reached = withdrawal.take_back(context.catalog, speaker_id, by=signed.person_id, now=context.clock())
    return _person(request, signed, speaker_id, reached=reached)


def speaker_json(line: SpeakerLine, *, today: date) -> dict[str, object]:
    """A speaker as scripts know them."""
    return {
        "id": line.id,
        "pseudonym": line.pseudonym,
        "short": line.short,
        "language": line.language,
        "district": line.district,
        "gender": line.gender,
        "age_band": line.age_band,
        "minor": line.is_minor(today),
        "consents": line.consents,
        "withdrawn_at": line.withdrawn_at.isoformat() if line.withdrawn_at else None,
        "own": line.own,
    }


def line_of(context: PortalContext, signed: Signed, speaker_id: str) -> SpeakerLine:
    """A speaker of the signed-in person's project. Raises HTTPException (404)."""
    with context.catalog.reading() as session:
        line = queries.speaker_line(session, signed.project, speaker_id, signed.person_id)
    if line is None:
        raise HTTPException(404)
    return line


def may_see_private(signed: Signed, line: SpeakerLine) -> bool:
    """Name and phone are for whoever met the speaker, and for managers."""
    return line.own or signed.has(Role.MANAGER)


def _note_name_seen(context: PortalContext, signed: Signed, speaker_id: str) -> None:
    note_once_a_day(
        context.catalog,
        actor=signed.person_id,
        action="speaker.name_seen",
        subject=("speaker", speaker_id),
        now=context.clock(),
    )


def _person(
    request: Request, signed: Signed, speaker_id: str, *, reached: Withdrawal | None = None
) -> Response:
    context = context_of(request)
    line = line_of(context, signed, speaker_id)
    may_see = may_see_private(signed, line)
    with context.catalog.reading() as session:
        facts = queries.facts_of(session, speaker_id)
        private, guardian = queries.private_of(session, speaker_id) if may_see else (PrivateFacts(), None)
        events = grant.events_of(session, speaker_id)
        given = queries.given_by(session, speaker_id)
        voice = voice_of(session, session.get_one(Speaker, speaker_id))
        held = withdrawal.hold_on(session, speaker_id, now=context.clock()) if line.withdrawn_at else None
    if (private, guardian) != (PrivateFacts(), None):
        _note_name_seen(context, signed, speaker_id)
    return render(
        request,
        "record/speaker.html.j2",
        speaker=line,
        facts=facts,
        private=private,
        guardian=guardian,
        may_see=may_see,
        events=events,
        given=given,
        voice=voice,
        reached=reached,
        held=held,
        genders=GENDERS,
        schooling=SCHOOLING,
        languages={code: each.own_name for code, each in context.languages.items()},
    )


def _form(
    request: Request,
    signed: Signed,
    fields: dict[str, str],
    *,
    key: str = "",
    speaker: SpeakerLine | None = None,
    faults: dict[str, str] | None = None,
    alike: tuple[likeness.SimilarSpeaker, ...] = (),
    status: int = 200,
) -> Response:
    context = context_of(request)
    project = context.project(signed.project)
    with context.catalog.reading() as session:
        known = queries.districts(session, signed.project)
    wanted = [district for quota in project.quotas.values() for district in quota.by_district]
    return render(
        request,
        "record/speaker_form.html.j2",
        status=status,
        speaker=speaker,
        fields={name: fields.get(name, "") for name in FIELDS},
        key=key,
        faults=faults or {},
        alike=alike,
        may_see=speaker is None or may_see_private(signed, speaker),
        genders=GENDERS,
        schooling=SCHOOLING,
        bands=age_bands(project),
        districts=offered([*wanted, *known], places_of(context.configs, signed.project)),
        languages={code: context.languages[code].own_name for code in project.languages},
    )


def _write_from_form(request: Request, signed: Signed, form: dict[str, str]) -> Response:
    context, say = context_of(request), interface_language_of(request).gettext
    spelled = in_their_spelling(places_of(context.configs, signed.project), form)
    filled = read_form(spelled, context.project(signed.project), say)
    key = form.get("key", "")[:64] or new_id("key")
    if filled.faults:
        return _form(request, signed, form, key=key, faults=dict(filled.faults), status=422)
    try:
        speaker_id, alike = _keep(context, signed, filled, key=key, sure=form.get("sure") == "yes")
    except PseudonymTaken as taken:
        fault = say(_("Another speaker is called %(name)s already.")) % {"name": filled.facts.pseudonym}
        again = form | {"pseudonym": taken.suggestion}
        return _form(request, signed, again, key=key, faults={"pseudonym": fault}, status=409)
    if speaker_id is None:
        return _form(request, signed, form, key=key, alike=alike, status=409)
    return RedirectResponse(f"/speakers/{speaker_id}/consent", status_code=303)


def _write_anew_from_form(
    request: Request, signed: Signed, form: dict[str, str], speaker_id: str
) -> Response:
    context, say = context_of(request), interface_language_of(request).gettext
    line = line_of(context, signed, speaker_id)
    spelled = in_their_spelling(places_of(context.configs, signed.project), form)
    filled = read_form(spelled, context.project(signed.project), say, pseudonym=line.pseudonym)
    if filled.faults:
        return _form(request, signed, form, speaker=line, faults=dict(filled.faults), status=422)
    private = filled.private if may_see_private(signed, line) else None
    with context.catalog.writing() as session:
        queries.write_anew(
            session,
            speaker_id,
            filled.facts,
            private,
            by=signed.person_id,
            at=context.clock(),
            of_age_on=filled.of_age_on,
            is_surely_adult=line.guardian_yes_due and form.get("surely_adult") == "yes",
        )
    return RedirectResponse(f"/speakers/{speaker_id}", status_code=303)


def _keep(
    context: PortalContext, signed: Signed, filled: SpeakerForm, *, key: str, sure: bool
) -> tuple[str | None, tuple[likeness.SimilarSpeaker, ...]]:
    """The new speaker's id; None where somebody looks alike and nobody is sure yet. Raises PseudonymTaken."""
    with context.catalog.writing() as session:
        alike: tuple[likeness.SimilarSpeaker, ...] = ()
        known = session.get(Speaker, speaker_id_of(signed.project, filled.facts.pseudonym))
        if not sure and known is None:
            alike = likeness.likely_same(session, signed.project, filled.facts, filled.private)
        if alike:
            return None, alike
        speaker_id = queries.write_down(
            session,
            signed.project,
            filled.facts,
            filled.private,
            key=key,
            by=signed.person_id,
            at=context.clock(),
            of_age_on=filled.of_age_on,
        )
    return speaker_id, ()


def _alike_words(request: Request) -> str:
    return interface_language_of(request).gettext(
        _("Somebody like this is known already. One person has one pseudonym: look first.")
    )


def _as_fields(facts: SpeakerFacts, private: PrivateFacts) -> dict[str, str]:
    fields = {name: str(getattr(facts, name) or "") for name in FIELDS if hasattr(facts, name)}
    fields["other_languages"] = ", ".join(facts.other_languages)
    return fields | {"name": private.name or "", "phone": private.phone or ""}


def _refused(status: int, code: str, message: str, **more: object) -> Response:
    return JSONResponse({"error": {"code": code, "message": message, **more}}, status_code=status)
