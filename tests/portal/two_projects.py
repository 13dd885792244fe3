"""Two projects alike in one portal, each with something of every kind: nothing of the one opens from the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.ids import content_id, new_id
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import ReleaseState, ReportKind, Role, SlotPurpose
from catalog.tables import Base, Gold, Release, Slot, Task
from portal.access import api_tokens, devices, invites
from portal.access import session as sessions
from portal.context import PortalContext
from portal.listening import SlotHeld, link
from portal.write.slot import SlotUse, proof_of
from tests.portal.made_things import TUS, made_import, made_transfer
from tests.portal.people import Somebody, sign_in
from tests.transcription.village import SENTENCES, add_spelling, add_voice
from transcription import queue, review, second_look
from transcription.clip_reports.opening import open_report
from transcription.routing import route_clips
from transcription.slots.lease import Hold, locked_task
from transcription.submission import submit

ALL_BUT_OWNER = list(Role)

TIMES = {"seen": "x", "spans": [[0, 1600]]}


@dataclass(frozen=True, slots=True)
class Things:
    """What one project has. somebody: holds every role in it, and the two slots"""

    project: str
    somebody: Somebody
    program_token: str
    places: Mapping[str, str]
    """By the names that addresses have for them."""
    writing: dict[str, Any]
    """The proof of the slot that somebody writes."""
    reviewing: dict[str, Any]
    review_slot: str
    session_id: str
    device_id: str
    token_id: str
    gold: str
    listen: str


def things_of(portal: PortalContext, client: TestClient, project: str) -> Things:
    """Something of every kind for a project, and somebody who holds every role there."""
    now = portal.clock()
    with portal.catalog.writing() as session:
        speaker, _ = add_voice(session, portal.projects[project], 1, clips=5)
        facts = SpeakerFacts(f"{project}-2", language="te")
        register_speaker(session, project_id=project, facts=facts, actor="tests", at=now)
    portal.store.put_bytes("preview", b"OggS of a clip")
    portal.store.put_bytes("peaks", b'{"data": []}')
    context = portal.project_context(project)
    route_clips(context, now=now)
    somebody = sign_in(portal, f"{project}-all", ALL_BUT_OWNER, project=project)
    colleague = sign_in(portal, f"{project}-writer", [Role.TRANSCRIBER], project=project)
    theirs = queue.claim(context, colleague.person_id, now=now)
    assert theirs is not None
    sent = submit(context, theirs.hold, SENTENCES[0], request_id="first-one", now=now)
    lease = queue.claim(context, somebody.person_id, now=now)
    assert lease is not None
    item = _review_of(portal, project, somebody, {theirs.task_id, lease.task_id})
    release = _release(portal, project)
    token, gold = _keys_and_gold(portal, project, somebody, colleague, {lease.task_id, item.task_id})
    report = _report(portal, project, somebody, {theirs.task_id, lease.task_id, item.task_id, gold})
    with portal.catalog.reading() as session:
        open_session = sessions.sessions_of(session, colleague.person_id, now=now)[0].id
        device = devices.devices_of(session, colleague.person_id)[0].id
        token_id = api_tokens.tokens_of(session, somebody.person_id, now=now)[0].id
    return Things(
        project=project,
        somebody=somebody,
        program_token=token,
        places={
            "slot": lease.hold.slot_id,
            "speaker_id": speaker,
            "handle": f"{project}-writer",
            "submission_id": sent.submission_id,
            "transfer_id": made_transfer(client, somebody, facts.pseudonym),
            "name": f"data-of-{project}",
            "version": release,
            "path": "README.md",
            "picture": "hours.svg",
            "project": project,
            "flow": "publish",
            "run_id": str(uuid4()),
            "clip_id": lease.clip_id,
            "task_id": lease.task_id,
            "upload_id": content_id("upload", speaker),
            "kind": "preview",
            "report_id": report,
            "import_id": made_import(portal, project, somebody, facts.pseudonym),
        },
        writing=_proven(portal, lease.hold, SlotUse.WRITE),
        reviewing=_proven(portal, item.hold, SlotUse.REVIEW),
        review_slot=item.hold.slot_id,
        session_id=open_session,
        device_id=device,
        token_id=token_id,
        gold=gold,
        listen=link(
            portal,
            lease.clip_id,
            "preview",
            listener=somebody.person_id,
            ground=SlotHeld(lease.hold),
            now=now,
        ),
    )


def _keys_and_gold(
    portal: PortalContext, project: str, somebody: Somebody, colleague: Somebody, but: set[str]
) -> tuple[str, str]:
    """An invite that waits for the colleague, a program's token, a gold clip by its task, and a learnt spelling."""
    now = portal.clock()
    with portal.catalog.writing() as session:
        invites.make_invite(session, colleague.person_id, made_by="operator", now=now)
        token = api_tokens.make_token(session, somebody.person_id, name="a", days=30, now=now)
        gold = session.scalars(select(Task.id).where(Task.project_id == project, Task.id.not_in(but))).first()
        session.add(
            Gold(
                task_id=gold,
                project_id=project,
                language="te",
                given=0,
                added_by=colleague.person_id,
                added_at=now,
                retired_at=None,
            )
        )
        add_spelling(session, project, str(gold), colleague.person_id, now)
    return token, str(gold)


def _proven(portal: PortalContext, hold: Hold, use: SlotUse) -> dict[str, Any]:
    return {"token": hold.token, "proof": proof_of(portal, hold, use)}


def _review_of(portal: PortalContext, project: str, somebody: Somebody, but: set[str]) -> review.ReviewItem:
    now = portal.clock()
    with portal.catalog.writing() as session:
        task_id = session.scalars(
            select(Slot.task_id)
            .where(
                Slot.project_id == project,
                Slot.purpose == SlotPurpose.TRANSCRIPTION,
                Slot.task_id.not_in(but),
            )
            .order_by(Slot.id)
        ).first()
        assert task_id is not None
        second_look.ask(session, locked_task(session, task_id), by="tests", why="a doubt", now=now)
    item = review.next_review(portal.project_context(project), somebody.person_id, now=now)
    assert item is not None
    return item


def _release(portal: PortalContext, project: str) -> str:
    """A version without files: enough to see whether it is looked for."""
    with portal.catalog.writing() as session:
        session.add(
            Release(
                id=new_id("release"),
                project_id=project,
                name=f"data-of-{project}",
                version="1.0.0",
                parent=None,
                selection_sha256="0" * 64,
                manifest_sha256=None,
                state=ReleaseState.PUBLISHED,
                clips=1,
                seconds=1.0,
                created_at=portal.clock() - timedelta(days=1),
            )
        )
    return "1.0.0"


@dataclass(frozen=True, slots=True)
class Request:
    """A request about one thing, whole but for whose it is."""

    method: str
    path: str
    places: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    own_is_closed: bool = False
    """Also whoever the thing is of is refused, for another reason."""


def requests_about(things: Things) -> list[Request]:
    """Every route that names a thing, in its address or in what is sent with it; the harmless ones first."""
    return _looks(things) + _acts_on_slots(things) + _acts_on_people(things)


def _looks(things: Things) -> list[Request]:
    return [
        Request("GET", "/write/{slot}/links", more={"params": things.writing}),
        Request("GET", "/write/{slot}/around", more={"params": things.writing}),
        Request("GET", "/listen/{clip_id}/{kind}", more={"params": things.listen.partition("?")[2]}),
        *(
            Request("GET", f"/speakers/{{speaker_id}}{each}")
            for each in ("", "/consent", "/edit", "/withdraw")
        ),
        Request("GET", "/review/reports/{report_id}"),
        Request("GET", "/speakers/{speaker_id}/consent/{number}.jsonld", {"number": "1"}),
        Request("GET", "/people/{handle}/access"),
        Request("GET", "/people/{handle}/invite"),
        Request("GET", "/manage/people/{handle}"),
        Request("GET", "/manage/clips/{clip_id}"),
        Request("GET", "/manage/files/{upload_id}"),
        Request("GET", "/manage/speakers/{speaker_id}"),
        Request("GET", "/manage/imports/{import_id}"),
        Request("HEAD", "/uploads/{transfer_id}", more={"headers": TUS}),
        *(
            Request("GET", f"/datasets/{{name}}{each}")
            for each in (
                "",
                "/{version}",
                "/{version}/changes",
                "/{version}/samples",
                "/{version}/files/{path:path}",
                "/{version}/pictures/{picture}",
            )
        ),
        Request("GET", "/api/v1/datasets/{name}"),
        Request("GET", "/api/v1/datasets/{name}/objects"),
        Request("GET", "/api/v1/datasets/{name}/objects/{path:path}", own_is_closed=True),
        *(
            Request("GET", f"/api/v1/datasets/{{name}}/versions/{{version}}{each}")
            for each in ("", "/files", "/lines")
        ),
        *(
            Request("GET", f"/api/v1/projects/{{project}}/{each}")
            for each in ("coverage", "status", "schedules", "schedules/{flow}")
        ),
    ]


def _acts_on_slots(things: Things) -> list[Request]:
    slot = {"slot": things.review_slot}
    act = {"request_id": "another-act"}
    form = things.writing | act
    return [
        Request("POST", "/write/{slot}/heartbeat", more={"json": things.writing}),
        Request("POST", "/my-work/tasks/{task_id}/note", more={"data": {"text": "?"}}),
        Request("POST", "/write/{slot}/draft", more={"json": form | {"text": "వాన"}}),
        Request("POST", "/review/{slot}/heartbeat", slot, {"json": things.reviewing}),
        Request("POST", "/review/{slot}/links", slot, {"json": things.reviewing}),
        Request("POST", "/review/{slot}/notes", slot, {"json": things.reviewing | act | {"text": "?"}}),
        Request(
            "POST",
            "/review/{slot}/decline",
            slot,
            {"json": things.reviewing | {"decision": "reject_audio", "reasons": ["inaudible"]}},
        ),
        Request(
            "POST",
            "/review/{slot}/accept",
            slot,
            {"json": things.reviewing | {"text": SENTENCES[1], "offered": ""}},
        ),
        Request("POST", "/write/{slot}/submit", more={"json": form | {"text": SENTENCES[1]}}),
        Request("POST", "/write/{slot}/report", more={"json": form | {"reason": "offensive"}}),
        Request("POST", "/write/{slot}/skip", more={"json": form | {"reason": "inaudible"}}),
        Request("POST", "/write/{slot}/release", more={"json": things.writing}),
        Request(
            "POST", "/write/texts/{submission_id}/appeal", more={"data": {"because": "x"}}, own_is_closed=True
        ),
    ]


def _acts_on_people(things: Things) -> list[Request]:
    said = {"transfer": "nothing", "scopes": ["transcription"], "language": "te", "version": "1"}
    return [
        Request("POST", "/speakers/{speaker_id}/receipt", more={"data": {"code": "x"}}, own_is_closed=True),
        Request("POST", "/speakers/{speaker_id}/consent", more={"json": said | {"code": "ABCD-EFGH-JKLM"}}),
        Request("POST", "/clips/{clip_id}/reports", more={"json": {"kind": "bystander"}}),
        Request("GET", "/review/times/{clip_id}", own_is_closed=True),  # of accepted clips; these wait
        Request("POST", "/review/times/{clip_id}", more={"json": TIMES}, own_is_closed=True),
        Request("POST", "/practice/{clip_id}", more={"data": {"text": "x"}}, own_is_closed=True),
        Request("POST", "/review/reports/{report_id}", more={"data": {"decision": "dismiss"}}),
        Request("POST", "/speakers/{speaker_id}/edit", more={"data": {"gender": "female"}}),
        Request("POST", "/speakers/{speaker_id}/withdraw", more={"data": {"sure": "yes"}}),
        Request("PATCH", "/uploads/{transfer_id}", more={"headers": _patch(), "content": b"12345"}),
        Request("DELETE", "/uploads/{transfer_id}", more={"headers": TUS}),
        Request("POST", "/manage/gold", more={"data": {"task": things.gold}}, own_is_closed=True),
        Request("POST", "/manage/gold/retire", more={"data": {"task": things.gold}}),
        Request("POST", "/manage/spellings/forget", more={"data": {"pair": f"spelling-{things.project}"}}),
        Request("POST", "/manage/imports/{import_id}/undo"),
        *_acts_on_staff(things),
        Request("POST", "/project", more={"data": {"project": things.project}}),
        *(
            Request("POST", f"/me/{kind}s/end", more={"data": {f"{kind}_id": own}}, own_is_closed=True)
            for kind, own in (("session", things.session_id), ("device", things.device_id))
        ),
        Request("POST", "/api/v1/projects/{project}/runs", more={"json": {"flow": "publish"}}),
        Request("PUT", "/api/v1/projects/{project}/schedules/{flow}", more={"json": {"cron": "0 4 * * *"}}),
        Request("POST", "/me/tokens/end", more={"data": {"token_id": things.token_id}}),
        Request("POST", "/speakers/{speaker_id}/everything"),
        Request("POST", "/people/{handle}/erase", more={"data": {"sure": "1"}}, own_is_closed=True),
        *_about_versions(),
    ]


def _acts_on_staff(things: Things) -> list[Request]:
    work, roles = {"language": "te", "because": "x"}, {"project": things.project, "role": "transcriber"}
    return [
        *(
            Request("POST", f"/manage/people/{{handle}}/{each}", more={"data": form})
            for each, form in (("let-off", work), ("reinstate", work), ("roles", roles))
        ),
        Request("POST", "/people/{handle}/invite/end"),
        Request("POST", "/people/{handle}/invite", more={"data": {"reset": "1"}}),
        Request("POST", "/people/{handle}/sessions/end"),
        Request("POST", "/people/{handle}/devices/end", more={"data": {"device_id": things.device_id}}),
        Request("POST", "/people/{handle}/active", more={"data": {"active": "0"}}),
    ]


def _about_versions() -> list[Request]:
    """What is said of a published version; these projects' versions have rows and no files."""
    why = {"why": "the words of another clip"}
    return [
        Request(
            "POST",
            "/datasets/{name}/{version}/report",
            more={"data": why | {"clip": "clip-1"}},
            own_is_closed=True,
        ),
        Request(
            "POST",
            "/datasets/{name}/{version}/mark",
            more={"data": why | {"kind": "yanked"}},
            own_is_closed=True,
        ),
        Request(
            "POST",
            "/api/v1/datasets/{name}/versions/{version}/reports",
            more={"json": why | {"clip": "clip-1"}},
            own_is_closed=True,
        ),
    ]


def _report(portal: PortalContext, project: str, somebody: Somebody, busy: set[str]) -> str:
    """A report of a clip that nobody works on."""
    with portal.catalog.writing() as session:
        clip = session.scalars(
            select(Task.clip_id)
            .where(Task.project_id == project, Task.id.not_in(busy))
            .order_by(Task.id)
            .limit(1)
        ).one()
        kind, now = ReportKind.BYSTANDER, portal.clock()
        return open_report(session, clip, kind, by=somebody.person_id, now=now).id


def _patch() -> dict[str, str]:
    return TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


NOT_OF_A_PROJECT = frozenset(
    {"audit_event", "audit_head", "sign_in", "throttle", "alembic_version", "api_token"}
)
"""Tables that change whoever asks for whatever: the record of it, and who is there."""


def all_rows(portal: PortalContext) -> dict[str, list[str]]:
    """Everything that a request could change."""
    with portal.catalog.reading() as session:
        return {
            table.name: sorted(repr(row) for row in session.execute(table.select()))
            for table in Base.metadata.sorted_tables
            if table.name not in NOT_OF_A_PROJECT
        }
