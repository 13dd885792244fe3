"""Many people at once: a list is looked at, then everybody new is taken on and gets a card with their invite."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.config.sentence import Sentence, sentence_of
from catalog.imports import note_import
from catalog.states import ImportKind, Role
from catalog.table_reader import UnreadableTable
from catalog.tables import Person, Secret
from portal.access import invites
from portal.access.authority import manages_all
from portal.access.guard import Manager
from portal.access.role_names import ROLE_NAMES
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.list_brought import list_text
from portal.http.pages import interface_language_of, render
from portal.i18n.translation import InterfaceLanguage
from portal.manage.people_list import MOST_PEOPLE, Known, ListedPerson, Words, listed, rows_of
from transcription.people import add_person, roles_in

router = APIRouter(include_in_schema=False)

MOST_BYTES = 256 * 2**10
CHANGED = Sentence("Who works here changed meanwhile. Look at the list, then press again.")


@dataclass(frozen=True, slots=True)
class Card:
    """What somebody new is handed. image: the link as a picture to point a phone at"""

    handle: str
    roles: tuple[str, ...]
    link: str
    image: str


@router.get("/manage/people-list")
def ask(request: Request, signed: Manager) -> Response:
    """A place to paste the list into."""
    return _page(request, [], "")


@router.post("/manage/people-list")
def look_or_take_on(
    request: Request,
    signed: Manager,
    pasted: Annotated[str, Form(max_length=MOST_BYTES)] = "",
    file: Annotated[UploadFile | None, File()] = None,
    seen: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Show who is new, known or wrong; once that was seen, take on who is new, and make cards for all who wait.

    seen: hash of what was shown
    """
    context = context_of(request)
    try:
        text = list_text(file, pasted, most_bytes=MOST_BYTES)
        rows = rows_of(text.encode())
    except UnreadableTable as error:
        return _page(request, [], pasted, refused=sentence_of(error))
    words = _words(context, signed, interface_language_of(request))
    with context.catalog.writing() as session:
        handles = [row.cells["handle"].strip() for row in rows[:MOST_PEOPLE]]
        people = list(listed(rows, _known(session, signed, handles), words))
        shown = hashlib.sha256(repr(people).encode()).hexdigest()
        if seen != shown:
            return _page(request, people, text, seen=shown, refused=CHANGED if seen else "")
        cards, brought = _take_on(context, session, signed, people)
    return render(
        request,
        "manage/people_cards.html.j2",
        cards=cards,
        brought=brought,
        project_title=context.project(signed.project).title,
        expires_at=context.clock() + invites.LONGEST,
    )


def _take_on(
    context: PortalContext, session: Session, signed: Signed, people: Sequence[ListedPerson]
) -> tuple[list[Card], str]:
    """Everybody new, all or none; a card for each of them, and for those who have not come in yet.

    Returns the cards and the import's id, "" where nobody was new.
    """
    now = context.clock()
    cards, new = [], []
    for each in people:
        if each.standing == "new":
            member = add_person(
                session,
                each.handle,
                project=signed.project,
                roles=each.roles,
                languages=each.languages,
                by=signed.person_id,
                now=now,
                district=each.district or None,
                dialect=each.dialect or None,
                name=each.name or None,
                phone=each.phone or None,
            )
            new.append(member.id)
        if each.standing in ("new", "waits"):
            person = session.scalars(select(Person).where(Person.handle == each.handle)).one()
            if not (person.active and manages_all(session, signed, person)):
                continue
            code = invites.make_invite(
                session, person.id, made_by=signed.person_id, now=now, lasts=invites.LONGEST
            )
            link = invites.link_of(context.address, code)
            roles = tuple(ROLE_NAMES[role] for role in each.roles)
            cards.append(Card(each.handle, roles, link, invites.qr_image(link)))
    if not new:
        return cards, ""
    by = signed.person_id
    return cards, note_import(session, signed.project, ImportKind.PEOPLE, new, by=by, now=now)


def _known(session: Session, signed: Signed, handles: Sequence[str]) -> Mapping[str, Known]:
    rows = session.execute(
        select(Person.id, Person.handle, Secret.person_id.is_not(None).label("came_in"))
        .outerjoin(Secret, Secret.person_id == Person.id)
        .where(Person.handle.in_(handles))
    )
    return {row.handle: Known(roles_in(session, row.id, signed.project), row.came_in) for row in rows}


def _words(context: PortalContext, signed: Signed, speech: InterfaceLanguage) -> Words:
    """Roles and languages by their codes, their English names and their names for the reader."""
    roles: dict[str, Role] = {}
    for role, name in ROLE_NAMES.items():
        roles |= {each.casefold(): role for each in (role.value, name, speech.gettext(name))}
    languages: dict[str, str] = {}
    for code in context.project(signed.project).languages:
        language = context.languages[code]
        languages |= {each.casefold(): code for each in (code, language.name, language.own_name)}
    return Words(roles, languages, [role for role in Role if role is not Role.MANAGER or signed.owner])


def _page(
    request: Request,
    people: Sequence[ListedPerson],
    pasted: str,
    *,
    seen: str = "",
    refused: str = "",
) -> Response:
    return render(
        request,
        "manage/people_list.html.j2",
        status=422 if refused else 200,
        people=people,
        pasted=pasted,
        seen=seen,
        refused=refused,
        fresh=sum(each.standing in ("new", "waits") for each in people),
        role_names=ROLE_NAMES,
        languages=context_of(request).languages,
    )
