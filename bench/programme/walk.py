"""Everything that people and schedules ask of a programme: each page, the calls of a clip's life, steps, commands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from fastapi import FastAPI
from fastapi.testclient import TestClient

from bench.programme.shape import Programme
from catalog.age import ask_again_at_18
from catalog.config.settings import Settings
from catalog.database import Catalog
from catalog.states import Role
from flows.steps.align import unaligned_clips
from flows.steps.erase import erase_withdrawn
from flows.steps.ingest import waiting_uploads
from flows.steps.mend import mend_reported
from flows.steps.project_context import open_project_context
from flows.steps.retention import sweep_once_a_day
from flows.steps.segment import uncut_recordings
from flows.steps.status import read_balance
from flows.steps.tell_downloaders import tell_downloaders
from flows.workspace import Workspace, open_workspace
from portal.access import api_tokens
from portal.context import PortalContext
from tests.portal.people import Somebody, sign_in
from tests.portal.routes_table import Door, all_routes, filled, rule_of
from transcription.collect import collect
from transcription.context import ProjectContext
from transcription.queue import claim
from transcription.routing import route_clips
from transcription.slots.lease import Hold
from transcription.submission import SubmissionReceipt, save_draft, submit

LISTED = (
    *("files", "files?state=rejected", "files?language=te", "files?text=file_7", "files?order=name"),
    *("clips", "clips?state=accepted", "clips?task=in_review", "clips?language=te", "clips?order=longest"),
    *(
        "clips?text=వాన",
        "clips?reason=clip_low_snr",
        "clips?district=d3",
        "clips?day=2026-06",
        "clips?usable=1",
    ),
    *("speakers", "speakers?district=d3", "texts", "texts?language=te", "texts?person=p0"),
    *("pay", "pay?person=p0", "pay?day=2026-06"),
)
"""Lists as managers ask for them."""
WRITTEN = "వాన బాగా పడింది"
LEFT_OUT = {
    "/manage/lists/{name}/csv": "as many rows as the manager asks for, 100,000 at most",
    "/manage/ledger.csv": "all of it, on purpose",
    "/manage/report/page": "measured apart: a report of all days reads them all",
    "/speakers/{speaker_id}/everything": "an archive with the voice's sound",
}
"""Addresses that are no pages."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that is measured. run: gives what is said of it, such as a page's status"""

    kind: str
    name: str
    catalog: Catalog
    run: Callable[[], object]


def pages(app: FastAPI, portal: PortalContext, of: Programme) -> Iterator[Piece]:
    """Every address of the route table that is looked at, as somebody who may; lists in several ways."""
    client = TestClient(app, base_url=portal.address, follow_redirects=False)
    staff = _staff(portal, of)
    places = {
        **{"clip_id": "clip-7", "upload_id": "upload-7", "speaker_id": "speaker-1", "handle": "p0"},
        **{"project": of.project, "language": of.languages[0], "kind": "preview", "version": "v1"},
    }
    for method, path in all_routes(app):
        rule = rule_of(method, path)
        if method != "GET" or path in LEFT_OUT or rule.door is Door.SIGNED_LINK:
            continue
        who = staff[Role.MANAGER] if rule.owner else staff[next(iter(sorted(rule.roles)), Role.MANAGER)]
        asked = [filled(path, {**places, "name": of.project})]
        if path == "/manage/lists/{name}":
            asked = [f"/manage/lists/{each}" for each in LISTED]
        elif path == "/manage/find":
            asked = ["/manage/find?q=file_7", "/manage/find?q=వాన", "/manage/find?q=DIS-7"]
        for address in asked:
            yield Piece("page", address, portal.catalog, partial(_page, client, who, address))


def _page(client: TestClient, who: "_Signed", address: str) -> int:
    client.cookies.clear()
    client.cookies.set(*who.somebody.cookie)
    answer = client.get(address, headers={"Authorization": f"Bearer {who.program_token}"})
    return answer.status_code


@dataclass(frozen=True, slots=True)
class _Signed:
    somebody: Somebody
    program_token: str


def _staff(portal: PortalContext, of: Programme) -> Mapping[Role, _Signed]:
    """Somebody of each role: those who work are of the made people, with years of work behind them."""
    found: dict[Role, _Signed] = {}
    for role in Role:
        made = next((n for n in range(of.people) if of.role_of(n) is role), None)
        who = sign_in(
            portal,
            role.value,
            [role],
            languages=of.languages,
            project=of.project,
            person_id=None if made is None else of.person_of(made),
        )
        with portal.catalog.writing() as session:
            token = api_tokens.make_token(session, who.person_id, name="bench", days=30, now=portal.clock())
        found[role] = _Signed(who, token)
    return found


def calls(portal: PortalContext, of: Programme) -> Iterator[Piece]:
    """What two transcribers' devices ask for over one clip; the second text is judged against the first."""
    context = portal.project_context(of.project)
    for turn, name in enumerate(("first", "second")):
        person = of.somebody(of.languages.index("te"), Role.TRANSCRIBER, turn)
        hold: list[Hold] = []
        yield Piece("call", f"claim, {name}", portal.catalog, partial(_claim, context, portal, person, hold))
        for kind, send in (("draft", save_draft), ("submit", submit)):
            yield Piece(
                "call", f"{kind}, {name}", portal.catalog, partial(_send, context, portal, hold, send)
            )


def _claim(context: ProjectContext, portal: PortalContext, person: str, hold: list[Hold]) -> str:
    lease = claim(context, person, now=portal.clock())
    assert lease is not None, "nothing waits"
    hold.append(lease.hold)
    return lease.task_id


def _send(
    context: ProjectContext, portal: PortalContext, hold: list[Hold], send: Callable[..., SubmissionReceipt]
) -> str:
    return str(send(context, hold[-1], WRITTEN, request_id=send.__name__, now=portal.clock()).outcome)


def steps(portal: PortalContext, settings: Settings, of: Programme) -> Iterator[Piece]:
    """Each step of a scheduled run that finds nothing new."""
    with open_workspace(of.project, settings) as opened:
        # the project as it was loaded, with more languages than its file names
        project = portal.projects[of.project]
        languages = {code: portal.languages[code] for code in project.languages}
        workspace = replace(opened, project=project, languages=languages)
        context = open_project_context(workspace)
        each: dict[str, Callable[[Workspace], object]] = {
            "ingest": waiting_uploads,
            "segment": uncut_recordings,
            "route": lambda _: route_clips(context, now=portal.clock()),
            "collect: language models": open_project_context,
            "collect: judge": lambda _: collect(context, now=portal.clock()),
            "collect: erase": erase_withdrawn,
            "collect: mend": mend_reported,
            "collect: tell downloaders": tell_downloaders,
            "collect: came of age": _came_of_age,
            "collect: retention": sweep_once_a_day,
            "align": unaligned_clips,
            "the books (publish, status)": read_balance,
        }
        for name, run in each.items():
            yield Piece("step", name, workspace.catalog, partial(run, workspace))


def _came_of_age(workspace: Workspace) -> int:
    with workspace.catalog.writing() as session:
        now = workspace.now()
        return ask_again_at_18(session, workspace.project.name, today=now.date(), by="bench", at=now)
