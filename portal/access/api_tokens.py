"""Keys for programs: shown once, kept as a hash, over on their day, when ended, or with their owner's role."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.ids import new_id
from catalog.states import Role
from catalog.tables import ApiToken, Person
from portal.access.guard import NotYours
from portal.access.secrets import hashed, new_secret
from portal.context import PortalContext, context_of
from transcription.context import NotAllowed
from transcription.people import roles_by_project

PREFIX = "boli_"
"""So that people and scanners of leaked secrets know one when they see it."""
LASTS_DAYS = (30, 90, 365)
OWNERS = frozenset({Role.ML_READER, Role.MANAGER})
LONGEST_NAME = 60
MOST_AT_ONCE = 20
NOTED_EVERY = timedelta(minutes=5)

bearer = HTTPBearer(
    auto_error=False, description="A token from the page “My tokens”: `Authorization: Bearer boli_…`."
)


class NoToken(Exception):
    """A program came without a token, or with one that holds no longer."""


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """The program of a person, with what that person may read now, by project."""

    token_id: str
    person_id: str
    handle: str
    roles_by_project: Mapping[str, frozenset[Role]]

    def projects_with(self, *roles: Role) -> frozenset[str]:
        """The projects in which its owner holds one of these roles."""
        return frozenset(
            project for project, held in self.roles_by_project.items() if not held.isdisjoint(roles)
        )


@dataclass(frozen=True, slots=True)
class TokenKept:
    """What an owner sees of a token afterwards."""

    id: str
    name: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


def token_holder(*roles: Role) -> Callable[..., Awaitable[ApiCaller]]:
    """A guard for routes of programs, of owners with one of these roles in some project: the route looks in which.

    Raises NoToken (401 with WWW-Authenticate) and NotYours (403).

    Use: `caller: Annotated[ApiCaller, Depends(token_holder(Role.ML_READER, Role.MANAGER))]`
    """

    async def guard(
        request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> ApiCaller:
        caller = await to_thread.run_sync(_find, context_of(request), given.credentials) if given else None
        if caller is None:
            raise NoToken
        if not caller.projects_with(*roles):
            raise NotYours
        return caller

    return guard


def make_token(
    session: Session, person_id: str, *, name: str, days: int, now: datetime, by: str | None = None
) -> str:
    """A new token of that person. It is given here and never again. Raises NotAllowed.

    by: who makes it, where not its owner
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise NotAllowed(
            Sentence(
                "a token has a name of 1 to %(most)s letters. Say what will use it.", most=str(LONGEST_NAME)
            )
        )
    if days not in LASTS_DAYS:
        raise NotAllowed(Sentence("a token lasts %(days)s days.", days=", ".join(map(str, LASTS_DAYS))))
    if len(tokens_of(session, person_id, now=now)) >= MOST_AT_ONCE:
        raise NotAllowed(
            Sentence(
                "one person has at most %(most)s tokens. End one that nothing uses.", most=str(MOST_AT_ONCE)
            )
        )
    secret = PREFIX + new_secret()
    token = ApiToken(
        id=new_id("token"),
        token_sha256=hashed(secret),
        person_id=person_id,
        name=name,
        made_at=now,
        expires_at=now + timedelta(days=days),
        used_at=None,
        ended_at=None,
    )
    session.add(token)
    audit.record(
        session,
        at=now,
        actor=by or person_id,
        action="token.made",
        subject=("token", token.id),
        detail={"name": name, "days": days},
    )
    session.flush()
    return secret


def tokens_of(session: Session, person_id: str, *, now: datetime) -> Sequence[TokenKept]:
    """Tokens that still open something, newest first."""
    rows = session.execute(
        select(ApiToken.id, ApiToken.name, ApiToken.made_at, ApiToken.expires_at, ApiToken.used_at)
        .where(ApiToken.person_id == person_id, ApiToken.ended_at.is_(None), ApiToken.expires_at > now)
        .order_by(ApiToken.made_at.desc(), ApiToken.id)
    )
    return [TokenKept(row.id, row.name, row.made_at, row.expires_at, row.used_at) for row in rows]


def end_token(session: Session, token_id: str, *, owner: str, by: str, now: datetime) -> bool:
    """End a token of that owner. False where they have none of that id that still holds."""
    ended = session.scalars(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.person_id == owner, ApiToken.ended_at.is_(None))
        .values(ended_at=now)
        .returning(ApiToken.id)
    ).all()
    if ended:
        audit.record(session, at=now, actor=by, action="token.ended", subject=("token", token_id))
    return bool(ended)


def look_up_token(session: Session, secret: str, *, now: datetime) -> ApiCaller | None:
    """Whose program that is; None where the token is over, or its owner may hold none any more."""
    row = session.execute(
        select(ApiToken.id, ApiToken.person_id, Person.handle)
        .join(Person, Person.id == ApiToken.person_id)
        .where(
            ApiToken.token_sha256 == hashed(secret),
            ApiToken.ended_at.is_(None),
            ApiToken.expires_at > now,
            Person.active,
        )
    ).one_or_none()
    if row is None:
        return None
    caller = ApiCaller(row.id, row.person_id, row.handle, roles_by_project(session, row.person_id))
    return caller if caller.projects_with(*OWNERS) else None


def _find(context: PortalContext, secret: str) -> ApiCaller | None:
    if not secret.startswith(PREFIX):
        return None
    now = context.clock()
    with context.catalog.reading() as session:
        caller = look_up_token(session, secret, now=now)
        due = caller is not None and _is_due(session, caller.token_id, now)
    if caller is not None and due:
        with context.catalog.writing() as session:
            _note_used(session, caller, now)
    return caller


def _is_due(session: Session, token_id: str, now: datetime) -> bool:
    used = session.scalar(select(ApiToken.used_at).where(ApiToken.id == token_id))
    return used is None or now - used > NOTED_EVERY


def _note_used(session: Session, caller: ApiCaller, now: datetime) -> None:
    first = session.scalars(
        update(ApiToken)
        .where(ApiToken.id == caller.token_id, ApiToken.used_at.is_(None))
        .values(used_at=now)
        .returning(ApiToken.id)
    ).all()
    if first:
        subject = ("token", caller.token_id)
        audit.record(session, at=now, actor=caller.person_id, action="token.first_used", subject=subject)
    else:
        session.execute(update(ApiToken).where(ApiToken.id == caller.token_id).values(used_at=now))
