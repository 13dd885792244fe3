"""Who gets in where: every route of the portal, one line each. A route that is not named here fails the tests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from catalog.states import Role


class Door(StrEnum):
    """What a route asks for before it looks at anything else."""

    OPEN = "open"
    """Nothing. Some then ask for a code, or a token of a visit."""
    SIGNED_LINK = "signed link"
    """A link that we signed a short while ago."""
    SESSION = "session"
    TOKEN = "token"
    """A program's token instead of a session."""


@dataclass(frozen=True, slots=True)
class Rule:
    """roles: one of them must be held; none: whoever is there. somewhere: in any project; the route looks in which"""

    door: Door
    roles: frozenset[Role] = field(default_factory=frozenset)
    somewhere: bool = False
    owner: bool = False
    """Owners of the installation get in, whatever their roles."""


def _here(*roles: Role) -> Rule:
    return Rule(Door.SESSION, frozenset(roles))


def _somewhere(*roles: Role) -> Rule:
    return Rule(Door.SESSION, frozenset(roles), somewhere=True)


OPEN = Rule(Door.OPEN)
LINK = Rule(Door.SIGNED_LINK)
SIGNED = Rule(Door.SESSION)
OWNER = Rule(Door.SESSION, owner=True)
COORDINATOR = _here(Role.COORDINATOR)
COORDINATOR_OR_MANAGER = _here(Role.COORDINATOR, Role.MANAGER)
TRANSCRIBER = _here(Role.TRANSCRIBER)
REVIEWER = _here(Role.REVIEWER)
WORKER = _here(Role.TRANSCRIBER, Role.REVIEWER)
MANAGER = _here(Role.MANAGER)
MANAGER_OR_OWNER = Rule(Door.SESSION, frozenset({Role.MANAGER}), owner=True)
READER = _here(Role.ML_READER, Role.MANAGER)
MANAGER_SOMEWHERE = _somewhere(Role.MANAGER)
READER_SOMEWHERE = _somewhere(Role.ML_READER, Role.MANAGER)
WRITER_OF_SLOT = _somewhere(Role.TRANSCRIBER)
REVIEWER_OF_SLOT = _somewhere(Role.REVIEWER)
READERS_TOKEN = Rule(Door.TOKEN, frozenset({Role.ML_READER, Role.MANAGER}), somewhere=True)
MANAGERS_TOKEN = Rule(Door.TOKEN, frozenset({Role.MANAGER}), somewhere=True)

RULES = {
    "/": OPEN,
    "/health": OPEN,
    "/metrics": OPEN,  # the operator's token, or this machine alone
    "/language": OPEN,
    "/manifest.webmanifest": OPEN,
    "/sw.js": OPEN,
    "/sign-in": OPEN,
    "/sign-in/passkey": OPEN,
    "/sign-in/passkey/challenge": OPEN,
    "/sign-out": OPEN,
    "/signed-out": OPEN,
    "/invite/{code}": OPEN,
    "/withdraw/everything": OPEN,  # the same code
    "/withdraw": OPEN,  # a speaker, who has no account, with the code on their receipt
    "/api/v1/openapi.json": OPEN,
    "/clips/{clip_id}/reports": SIGNED,
    "/datasets/{name}/{version}/signed/{path:path}": LINK,
    "/listen/{clip_id}/{kind}": SIGNED,
    "/news": SIGNED,
    "/news/read": SIGNED,
    "/news/browser": SIGNED,
    "/news/browser/end": SIGNED,
    "/news/channels": SIGNED,
    "/tour": SIGNED,
    "/help": SIGNED,
    "/help/{page}": SIGNED,
    "/practice": TRANSCRIBER,
    "/practice/{clip_id}": TRANSCRIBER,
    "/project": SIGNED,
    "/me": SIGNED,
    "/me/secret": SIGNED,
    "/me/passkeys": SIGNED,
    "/me/passkeys/challenge": SIGNED,
    "/me/passkeys/new": SIGNED,
    "/me/passkeys/remove": SIGNED,
    "/me/resets": SIGNED,
    "/me/sessions/end": SIGNED,
    "/me/devices/end": SIGNED,
    "/me/contact": READER_SOMEWHERE,
    "/me/tokens": READER_SOMEWHERE,
    "/me/tokens/end": READER_SOMEWHERE,
    "/breaches": MANAGER_OR_OWNER,
    "/breaches/close": MANAGER_OR_OWNER,
    "/breaches/notified": MANAGER_OR_OWNER,
    "/owner": OWNER,
    "/owner/managers": OWNER,
    "/owner/managers/end": OWNER,
    "/owner/projects/new": OWNER,
    "/people/{handle}/access": MANAGER_OR_OWNER,
    "/people/{handle}/active": MANAGER_OR_OWNER,
    "/people/{handle}/devices/end": MANAGER_OR_OWNER,
    "/people/{handle}/erase": MANAGER_OR_OWNER,
    "/people/{handle}/invite": MANAGER_OR_OWNER,
    "/people/{handle}/invite/end": MANAGER_OR_OWNER,
    "/people/{handle}/sessions/end": MANAGER_OR_OWNER,
    "/manage": MANAGER,
    "/manage/audit": MANAGER,
    "/manage/books": MANAGER,
    "/manage/coverage": MANAGER,
    "/manage/drafts": MANAGER,
    "/manage/drafts/correct": MANAGER,
    "/manage/drafts-list": MANAGER,
    "/manage/imports": MANAGER,
    "/manage/imports/{import_id}": MANAGER,
    "/manage/imports/{import_id}/undo": MANAGER,
    "/manage/gold": MANAGER,
    "/manage/gold/retire": MANAGER,
    "/manage/guidelines": MANAGER,
    "/manage/holds": MANAGER,
    "/manage/spellings/forget": MANAGER,
    "/manage/holds/end": MANAGER,
    "/manage/ledger": MANAGER,
    "/manage/ledger.csv": MANAGER,
    "/manage/ledger/paid": MANAGER,
    "/manage/find": MANAGER,
    "/manage/report": MANAGER,
    "/manage/report/page": MANAGER,
    "/manage/lists/{name}": MANAGER,
    "/manage/lists/{name}/csv": MANAGER,
    "/manage/clips/{clip_id}": MANAGER,
    "/manage/files/{upload_id}": MANAGER,
    "/manage/speakers/{speaker_id}": MANAGER,
    "/manage/people": MANAGER,
    "/manage/people-list": MANAGER,
    "/manage/people/{handle}": MANAGER,
    "/manage/people/{handle}/let-off": MANAGER,
    "/manage/people/{handle}/reinstate": MANAGER,
    "/manage/places": MANAGER,
    "/manage/prompts": MANAGER,
    "/manage/settings": MANAGER,
    "/manage/settings/versions": MANAGER,
    "/manage/settings/versions/{number}": MANAGER,
    "/manage/settings/{part}": MANAGER,
    "/manage/people/{handle}/roles": MANAGER,
    "/manage/speakers": MANAGER,
    "/manage/speakers-list": MANAGER,
    "/manage/notices": MANAGER,
    "/manage/notices/{language}/sign": MANAGER,
    "/manage/notices/{language}/sound": MANAGER,
    "/manage/notices/{language}/voice": MANAGER,
    "/manage/withdrawals": MANAGER,
    "/record": COORDINATOR,
    "/record/files": COORDINATOR,
    "/record/heard": COORDINATOR,
    "/record/known": COORDINATOR,
    "/record/mine": COORDINATOR,
    "/record/session": COORDINATOR,
    "/speakers": COORDINATOR,
    "/speakers/consent": COORDINATOR,
    "/speakers/new": COORDINATOR,
    "/speakers/notice/{language}/{number}.ogg": _here(Role.COORDINATOR, Role.MANAGER),
    "/speakers/notice/{language}.ogg": _here(Role.COORDINATOR, Role.MANAGER),
    "/speakers/pseudonym": COORDINATOR,
    "/speakers/register": COORDINATOR,
    "/speakers/{speaker_id}": COORDINATOR_OR_MANAGER,
    "/speakers/{speaker_id}/consent": COORDINATOR,
    "/speakers/{speaker_id}/consent/{number}.jsonld": COORDINATOR_OR_MANAGER,
    "/speakers/{speaker_id}/edit": COORDINATOR_OR_MANAGER,
    "/speakers/{speaker_id}/everything": COORDINATOR_OR_MANAGER,
    "/speakers/{speaker_id}/receipt": COORDINATOR,
    "/speakers/{speaker_id}/withdraw": COORDINATOR,
    "/uploads": COORDINATOR,
    "/uploads/": COORDINATOR,
    "/uploads/{transfer_id}": COORDINATOR,
    "/write": TRANSCRIBER,
    "/write/bundle": TRANSCRIBER,
    "/write/check": TRANSCRIBER,
    "/write/claim": TRANSCRIBER,
    "/write/texts": TRANSCRIBER,
    "/write/texts/{submission_id}/appeal": TRANSCRIBER,
    "/write/today": TRANSCRIBER,
    "/write/{slot}/around": WRITER_OF_SLOT,
    "/write/{slot}/draft": WRITER_OF_SLOT,
    "/write/{slot}/heartbeat": WRITER_OF_SLOT,
    "/write/{slot}/links": WRITER_OF_SLOT,
    "/write/{slot}/release": WRITER_OF_SLOT,
    "/write/{slot}/report": WRITER_OF_SLOT,
    "/write/{slot}/skip": WRITER_OF_SLOT,
    "/write/{slot}/submit": WRITER_OF_SLOT,
    "/my-work": WORKER,
    "/my-work/payslip": WORKER,
    "/my-work/tasks/{task_id}/note": WORKER,
    "/review": REVIEWER,
    "/review/check": REVIEWER,
    "/review/times": REVIEWER,
    "/review/times/{clip_id}": REVIEWER,
    "/review/reports": REVIEWER,
    "/review/reports/{report_id}": REVIEWER,
    "/review/next": REVIEWER,
    "/review/{slot}/accept": REVIEWER_OF_SLOT,
    "/review/{slot}/decline": REVIEWER_OF_SLOT,
    "/review/{slot}/heartbeat": REVIEWER_OF_SLOT,
    "/review/{slot}/links": REVIEWER_OF_SLOT,
    "/review/{slot}/notes": REVIEWER_OF_SLOT,
    "/datasets": READER_SOMEWHERE,
    "/datasets/{name}": READER_SOMEWHERE,
    "/datasets/{name}/{version}": READER_SOMEWHERE,
    "/datasets/{name}/{version}/changes": READER_SOMEWHERE,
    "/datasets/{name}/{version}/files/{path:path}": READER_SOMEWHERE,
    "/datasets/{name}/{version}/mark": MANAGER_SOMEWHERE,
    "/datasets/{name}/{version}/pictures/{picture}": READER_SOMEWHERE,
    "/datasets/{name}/{version}/report": READER_SOMEWHERE,
    "/datasets/{name}/{version}/samples": READER_SOMEWHERE,
    "/datasets/choose": MANAGER,
    "/datasets/runs": READER,
    "/datasets/runs/{flow}": MANAGER,
    "/datasets/runs/{flow}/schedule": MANAGER,
    "/api": READER,
    "/api/v1/datasets": READERS_TOKEN,
    "/api/v1/datasets/{name}": READERS_TOKEN,
    "/api/v1/datasets/{name}/objects": READERS_TOKEN,
    "/api/v1/datasets/{name}/objects/{path:path}": READERS_TOKEN,
    "/api/v1/datasets/{name}/versions/{version}": READERS_TOKEN,
    "/api/v1/datasets/{name}/versions/{version}/files": READERS_TOKEN,
    "/api/v1/datasets/{name}/versions/{version}/lines": READERS_TOKEN,
    "/api/v1/datasets/{name}/versions/{version}/reports": READERS_TOKEN,
    "/api/v1/projects": READERS_TOKEN,
    "/api/v1/projects/{project}/coverage": READERS_TOKEN,
    "/api/v1/projects/{project}/status": READERS_TOKEN,
    "/api/v1/projects/{project}/schedules": READERS_TOKEN,
    "/api/v1/projects/{project}/schedules/{flow}": READERS_TOKEN,
    "/api/v1/projects/{project}/runs": MANAGERS_TOKEN,
    "/api/v1/runs/{run_id}": READERS_TOKEN,
}
STRICTER = {("PUT", "/api/v1/projects/{project}/schedules/{flow}"): MANAGERS_TOKEN}
"""Where one method asks for more than the others."""


def rule_of(method: str, path: str) -> Rule:
    """Raises KeyError for a route that nobody has put into the table."""
    return STRICTER.get((method, path)) or RULES[path]


def every_route(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Method and path of each, but for our own static files. Fails on a kind of route that it can't see into."""
    for route in routes:
        if isinstance(route, Route):
            each = [(route.path, route.methods)]
        elif isinstance(route, Mount):
            assert route.path.startswith("/static/"), route
            each = []
        else:
            # FastAPI's own: a router as it was included, with what its prefix makes of its paths
            each = [(found.path, found.methods) for found in included(route) if found.path]
            each += [(plain.path, plain.methods) for plain in _plain_routes(_inside(route))]
        for path, methods in each:
            for method in sorted(methods or ()):
                yield method, path


def included(route: BaseRoute) -> Iterator[Any]:
    """FastAPI has no public class for it."""
    yield from vars(type(route))["effective_route_contexts"](route)


def _inside(route: BaseRoute) -> list[BaseRoute]:
    """What the router held before it was included."""
    return list(vars(route)["original_router"].routes)


def _plain_routes(routes: list[BaseRoute]) -> Iterator[Route]:
    """Routes that are Starlette's own, such as the upload protocol's: their verbs are read by hand."""
    for route in routes:
        if isinstance(route, Route):
            if not isinstance(route, APIRoute):
                yield route
        else:
            yield from _plain_routes(_inside(route))


def all_routes(app: FastAPI) -> list[tuple[str, str]]:
    return sorted(set(every_route(app.routes)), key=lambda each: (each[1], each[0]))


def filled(pattern: str, places: Mapping[str, str] | None = None) -> str:
    """A path with something in each of its places."""
    whole = pattern
    while "{" in whole:
        begin, _, rest = whole.partition("{")
        name, _, end = rest.partition("}")
        name, _, kind = name.partition(":")
        whole = begin + (places or {}).get(name, "1" if kind == "int" else "nothing") + end
    return whole
