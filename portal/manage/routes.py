"""The manager's pages, each a look at the project that they chose."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import func, select

from catalog import reasons
from catalog.coverage import board
from catalog.reconciliation.balance import balance_of
from catalog.states import Role, TaskState
from catalog.tables import Clip, Gold, Person, Task, Transcript
from portal.access.guard import holding
from portal.access.role_names import ROLE_NAMES
from portal.access.session import Signed
from portal.context import context_of
from portal.datasets.flow_server import FlowRun, FlowServer, FlowServerAway, FlowServerRefused
from portal.datasets.runs import STATES, TITLES
from portal.http.pages import _, render
from portal.i18n.formats import ZONE
from portal.manage.pay import months_of
from portal.manage.quality import colleagues, evidence
from portal.manage.queue_health import arrivals, is_old, queues
from portal.manage.withdrawals import withdrawals
from transcription import pay, quiz
from transcription.context import NotAllowed
from transcription.decisions import trust
from transcription.gold import add_gold, list_gold, retire_gold
from transcription.people import HandleTaken, add_person

router = APIRouter(include_in_schema=False)

Manager = Annotated[Signed, Depends(holding(Role.MANAGER))]
Text = Annotated[str, Form(max_length=200)]
RUNS_SHOWN = 5
GOLD_OFFERED = 30
NO_SUCH_NAME = _("A short name has 2 to 30 letters, figures, dots or hyphens, and no spaces.")
TAKEN = _("Somebody has this name already. Choose another.")
NO_ROLE = _("Choose what they will do.")
NOTHING_GIVEN = dict.fromkeys(("handle", "role", "district", "dialect", "name", "phone"), "")
NO_REASON = _("Write why, for the record.")
ENDS = {
    "cut": _("taken in"),
    "accepted": _("Accepted"),
    "published": _("published"),
    "pending": _("Waiting"),
    "rejected": _("refused"),
    "failed": _("failed"),
    "withdrawn": _("Taken back by the speaker"),
}
"""By the end that the books name."""


@router.get("/manage")
def overview(request: Request, signed: Manager) -> Response:
    """How everything stands."""
    context = context_of(request)
    project, now = context.project(signed.project), context.clock()
    with context.catalog.reading() as session:
        health = queues(session, signed.project, project.languages, now=now)
        came = arrivals(session, signed.project)
    flows = FlowServer(context.prefect, context.prefect_auth)
    runs: Sequence[FlowRun] | None
    try:
        runs = flows.runs(flows.deployments(signed.project), now=now, most=RUNS_SHOWN)
    except (FlowServerAway, FlowServerRefused):
        runs = None
    return render(
        request,
        "manage/overview.html.j2",
        queues=health,
        arrivals=came,
        reasons=[(reasons.reason(code), count) for code, count in came.reasons],
        language_names={code: context.languages[code].own_name for code in project.languages},
        runs=runs,
        run_states=STATES,
        run_titles=TITLES,
        is_old=is_old,
        prefect=flows.pages if runs is not None else None,
        store=context.store.url.partition("://")[0],
    )


@router.get("/manage/books")
def balance(request: Request, signed: Manager) -> Response:
    """Received on one side, the ends on the other. Every object is looked at, so it takes its time."""
    context = context_of(request)
    found = balance_of(context.catalog, context.store, signed.project)
    return render(request, "manage/books.html.j2", balance=found, reason=reasons.REASONS.get, ends=ENDS)


@router.get("/manage/coverage")
def coverage(request: Request, signed: Manager) -> Response:
    """Whose voices are still missing."""
    context = context_of(request)
    project = context.project(signed.project)
    with context.catalog.reading() as session:
        boards = [board(session, project, language) for language in project.languages]
    names = {code: context.languages[code].own_name for code in project.languages}
    return render(request, "manage/coverage.html.j2", boards=boards, language_names=names)


@router.get("/manage/people")
def people(request: Request, signed: Manager) -> Response:
    """Everybody, and how their work holds up."""
    return _people_page(request, signed, {}, {})


@router.post("/manage/people")
def take_on(
    request: Request,
    signed: Manager,
    handle: Text = "",
    role: Annotated[list[Role] | None, Form()] = None,
    language: Annotated[list[str] | None, Form()] = None,
    district: Text = "",
    dialect: Text = "",
    name: Text = "",
    phone: Text = "",
) -> Response:
    """Somebody new; the next page makes their invite."""
    context = context_of(request)
    known = set(context.project(signed.project).languages)
    given = {"handle": handle.strip(), "district": district, "dialect": dialect, "name": name, "phone": phone}
    faults: dict[str, str] = {}
    if not (2 <= len(given["handle"]) <= 30 and all(c.isalnum() or c in ".-_" for c in given["handle"])):
        faults["handle"] = NO_SUCH_NAME
    if not role:
        faults["role"] = NO_ROLE
    if not faults:
        try:
            with context.catalog.writing() as session:
                add_person(
                    session,
                    given["handle"],
                    roles=role or (),
                    languages=[code for code in language or () if code in known],
                    by=signed.person_id,
                    now=context.clock(),
                    district=district.strip() or None,
                    dialect=dialect.strip() or None,
                    name=name.strip() or None,
                    phone=phone.strip() or None,
                )
        except HandleTaken:
            faults["handle"] = TAKEN
    if faults:
        return _people_page(request, signed, given, faults, status=422)
    return RedirectResponse(request.url_for("show_access", handle=given["handle"]).path, status_code=303)


@router.get("/manage/people/{handle}")
def person(request: Request, signed: Manager, handle: str) -> Response:
    """One person's work, with the texts that speak for or against it."""
    context = context_of(request)
    project_context = context.project_context(signed.project)
    with context.catalog.reading() as session:
        found = colleagues(session, project_context, handle=handle)
        if not found:
            raise HTTPException(404)
        texts = evidence(session, found[0].member.id, signed.project, dict(project_context.guidelines))
    return render(
        request,
        "manage/person.html.j2",
        colleague=found[0],
        role_names=[ROLE_NAMES[role] for role in sorted(found[0].member.roles)],
        evidence=texts,
        languages=context.languages,
        currency=project_context.project.pay.currency if project_context.project.pay else None,
    )


@router.post("/manage/people/{handle}/reinstate")
def reinstate(request: Request, signed: Manager, handle: str, language: Text, because: Text = "") -> Response:
    """Let somebody who is held back work again, on record."""
    context = context_of(request)
    trust.reinstate(
        context.project_context(signed.project),
        _person_id(request, handle),
        language,
        manager_id=signed.person_id,
        because=_said(because),
        now=context.clock(),
    )
    return _to_person(request, handle)


@router.post("/manage/people/{handle}/let-off")
def let_off(request: Request, signed: Manager, handle: str, language: Text, because: Text = "") -> Response:
    """Let somebody begin without the quiz, on record."""
    context = context_of(request)
    quiz.let_off(
        context.project_context(signed.project),
        _person_id(request, handle),
        language,
        manager_id=signed.person_id,
        because=_said(because),
        now=context.clock(),
    )
    return _to_person(request, handle)


@router.get("/manage/ledger")
def owed(request: Request, signed: Manager) -> Response:
    """What people are owed, by month."""
    context = context_of(request)
    with context.catalog.reading() as session:
        months = months_of(pay.entries(session, signed.project))
    return render(request, "manage/ledger.html.j2", months=months)


@router.get("/manage/ledger.csv")
def owed_as_csv(
    request: Request, signed: Manager, month: Annotated[str, Query(pattern=r"^[0-9]{4}-[0-9]{2}$|^$")] = ""
) -> Response:
    """The ledger for a spreadsheet, whole or of one month (of India's calendar)."""
    context = context_of(request)
    with context.catalog.reading() as session:
        lines = pay.entries(session, signed.project)
    chosen = [line for line in lines if not month or line.at.astimezone(ZONE).strftime("%Y-%m") == month]
    name = f"ledger-{signed.project}-{month or 'all'}.csv"
    return Response(
        "\ufeff" + pay.as_csv(chosen),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@router.get("/manage/gold")
def gold(request: Request, signed: Manager) -> Response:
    """Clips whose text is beyond doubt, and those that could be."""
    context = context_of(request)
    project = context.project(signed.project)
    newest = (
        select(Transcript.clip_id, func.max(Transcript.version).label("version"))
        .group_by(Transcript.clip_id)
        .subquery()
    )
    with context.catalog.reading() as session:
        in_use = [clip for code in project.languages for clip in list_gold(session, signed.project, code)]
        offered = session.execute(
            select(Task.id, Task.language, Transcript.verbatim, Clip.seconds)
            .join(Clip, Clip.id == Task.clip_id)
            .join(newest, newest.c.clip_id == Clip.id)
            .join(
                Transcript,
                (Transcript.clip_id == Clip.id) & (Transcript.version == newest.c.version),
            )
            .outerjoin(Gold, Gold.task_id == Task.id)
            .where(
                Task.project_id == signed.project,
                Task.state == TaskState.ACCEPTED,
                Transcript.origin == "review",
                Gold.task_id.is_(None),
            )
            .order_by(Transcript.accepted_at.desc(), Task.id)
            .limit(GOLD_OFFERED)
        ).all()
    return render(
        request,
        "manage/gold.html.j2",
        gold=in_use,
        offered=offered,
        languages=context.languages,
        may_add=signed.has(Role.REVIEWER),
    )


@router.post("/manage/gold")
def make_gold(request: Request, signed: Manager, task: Text) -> Response:
    """Make a reviewed clip gold. The service lets only a reviewer do it."""
    context = context_of(request)
    _own_task(request, signed, task)
    add_gold(context.project_context(signed.project), task, reviewer_id=signed.person_id, now=context.clock())
    return RedirectResponse("/manage/gold", status_code=303)


@router.post("/manage/gold/retire")
def stop_gold(request: Request, signed: Manager, task: Text) -> Response:
    """Give it to nobody any more."""
    context = context_of(request)
    _own_task(request, signed, task)
    with context.catalog.reading() as session:
        if session.get(Gold, task) is None:
            raise HTTPException(404)
    retire_gold(context.project_context(signed.project), task, by=signed.person_id, now=context.clock())
    return RedirectResponse("/manage/gold", status_code=303)


@router.get("/manage/guidelines")
def guidelines(request: Request, signed: Manager) -> Response:
    """The rules that people write by now."""
    context = context_of(request)
    return render(
        request,
        "manage/guidelines.html.j2",
        guidelines=[
            context.guidelines[signed.project][code] for code in context.project(signed.project).languages
        ],
    )


@router.get("/manage/withdrawals")
def taken_back(request: Request, signed: Manager) -> Response:
    """Whose consent is over, and whether their voice is gone from everywhere."""
    context = context_of(request)
    with context.catalog.reading() as session:
        found = withdrawals(session, signed.project)
    return render(request, "manage/withdrawals.html.j2", withdrawals=found)


def _people_page(
    request: Request, signed: Signed, given: dict[str, str], faults: dict[str, str], *, status: int = 200
) -> Response:
    context = context_of(request)
    project_context = context.project_context(signed.project)
    with context.catalog.reading() as session:
        found = colleagues(session, project_context)
    return render(
        request,
        "manage/people.html.j2",
        status=status,
        colleagues=found,
        role_names=ROLE_NAMES,
        languages={code: context.languages[code] for code in project_context.project.languages},
        currency=project_context.project.pay.currency if project_context.project.pay else None,
        given=NOTHING_GIVEN | given,
        faults=NOTHING_GIVEN | faults,
        is_refused=bool(faults),
    )


def _said(because: str) -> str:
    if not because.strip():
        raise NotAllowed(NO_REASON)
    return because.strip()


def _person_id(request: Request, handle: str) -> str:
    with context_of(request).catalog.reading() as session:
        found = session.scalar(select(Person.id).where(Person.handle == handle))
    if found is None:
        raise HTTPException(404)
    return found


def _own_task(request: Request, signed: Signed, task_id: str) -> None:
    """404 for a task of another project."""
    with context_of(request).catalog.reading() as session:
        task = session.get(Task, task_id)
    if task is None or task.project_id != signed.project:
        raise HTTPException(404)


def _to_person(request: Request, handle: str) -> Response:
    return RedirectResponse(request.url_for("person", handle=handle).path, status_code=303)
