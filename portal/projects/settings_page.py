"""A manager changes the settings of a project: a part of them on a page, checked and saved as the file."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from catalog.config.changes import changes_between
from catalog.config.configuration import ConfigurationError
from catalog.config.notice_forms import load_notice_forms
from catalog.config.project_files import ChangedMeanwhile, ProjectFile
from catalog.config.sentence import Sentence
from catalog.config.yaml_document import Broken, Key, Unfit, Value, read_document
from catalog.config.yaml_edit import NotEditable, edited
from catalog.states import Role
from portal.access.guard import Manager
from portal.access.role_names import ROLE_NAMES
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.pages import render
from portal.projects import fields
from portal.projects.dangers import Danger, dangers_of, refused_name
from portal.projects.fields import Field
from portal.projects.purpose_names import PURPOSE_NAMES
from portal.projects.saving import check_text, recipes_of, save_settings, standing_file
from portal.projects.sentences import GROUPS, WORDS, sentence_of, word_of

router = APIRouter(include_in_schema=False)
LONGEST_REASON = 500
BY_HAND_ALONE = Broken(
    (),
    Sentence("this project's file is written in a form that no page can change"),
    Sentence("Whoever runs the server changes it there."),
)
WAS = "was:"
"""Before the name of a field: what stood there when the page was shown."""


@dataclass(frozen=True, slots=True)
class FormValues:
    """What a browser sent of a form: every value of each name."""

    values: Mapping[str, Sequence[str]]

    def text(self, name: str) -> str:
        return next(iter(self.values.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Line:
    """A field as it is shown. mine: what stands in it; now: what the file says, where somebody else changed that

    titles: what it is of, such as a language
    """

    field: Field
    sentence: str
    titles: tuple[str, ...]
    mine: str
    was: str
    now: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Fields of one thing, such as a language. title: of it, "" for what is of none"""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PartForm:
    """A part of the settings over what the file says now. changes: only what somebody touched; because: why"""

    file: ProjectFile
    lines: tuple[Line, ...]
    changes: Mapping[Key, Value]
    because: str

    @property
    def sections(self) -> list[Section]:
        """Neighbours that are of one thing, together."""
        found = groupby(self.lines, key=lambda line: line.titles[0] if line.titles else "")
        return [Section(title, tuple(lines)) for title, lines in found]


async def form_values(request: Request) -> FormValues:
    """The form of a request, whose size is bounded before it comes here."""
    form = await request.form()
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value)
    return FormValues(values)


Given = Annotated[FormValues, Depends(form_values)]


@router.get("/manage/settings")
def parts(request: Request, signed: Manager, done: str = "") -> Response:
    """Which parts there are, and what is left to do in a project that was just made. done: made, saved or back"""
    context = context_of(request)
    broken = context.broken_projects.get(signed.project)
    return render(
        request, "projects/parts.html.j2", parts=GROUPS, done=done, broken=broken.broken if broken else ()
    )


@router.get("/manage/settings/{part}")
def show(request: Request, signed: Manager, part: str) -> Response:
    """One part of the settings."""
    form = _part_form(context_of(request), signed, part, FormValues({}))
    return _page(request, part, form)


@router.post("/manage/settings/{part}")
def save(request: Request, signed: Manager, part: str, given: Given) -> Response:
    """Save it; what is dangerous is said first, and what somebody else changed meanwhile is shown beside it."""
    context = context_of(request)
    form = _part_form(context, signed, part, given)
    if given.text("before") != form.file.sha256:
        return _page(request, part, form, status=409)
    try:
        text = edited(form.file.text, form.changes)
        changes = changes_between(form.file.text, text)
        rules = check_text(context, signed.project, text)
        with context.catalog.reading() as session:
            if refused := refused_name(session, context.project(signed.project), changes):
                return _page(request, part, form, broken=refused, status=422)
            dangers = dangers_of(session, context.project(signed.project), changes)
        agreed = hashlib.sha256(text.encode()).hexdigest()
        if dangers and given.text("agreed") != agreed:
            return _page(request, part, form, dangers=dangers, agreed=agreed)
        save_settings(
            context,
            rules.project.name,
            text,
            before=form.file.sha256,
            by=signed.person_id,
            because=form.because or None,
        )
    except ConfigurationError as error:
        return _page(request, part, form, broken=error.broken, status=422)
    except Unfit as error:
        return _page(request, part, form, broken=error.broken, status=422)
    except NotEditable:
        return _page(request, part, form, broken=(BY_HAND_ALONE,), status=422)
    except ChangedMeanwhile:
        return _page(request, part, _part_form(context, signed, part, given), status=409)
    return RedirectResponse("/manage/settings?done=saved", status_code=303)


def _part_form(context: PortalContext, signed: Signed, part: str, given: FormValues) -> PartForm:
    """The fields of a part over what the file says now, with what was filled in. Raises HTTPException."""
    if part not in GROUPS:
        raise HTTPException(404)
    file = standing_file(context, signed.project)
    document = read_document(file.text).value
    project = context.project(signed.project)
    names = fields.names_of(project, context.languages, recipes_of(context))
    elsewhere = bool(given.values) and given.text("before") != file.sha256
    lines: list[Line] = []
    changes: dict[Key, Value] = {}
    for field in fields.fields_of(part, names):
        now = fields.shown(field, document)
        mine, touched = _mine(given, field, now)
        lines.append(
            Line(
                field,
                sentence_of(field.key),
                _titles(context, field.key),
                mine,
                now,
                now if elsewhere and touched and fields.says_otherwise(field, mine, now) else None,
            )
        )
        if touched:
            changes[field.key] = fields.value_of(field, mine)
    changes |= _notices_of_new(context, document, changes)
    return PartForm(file, tuple(lines), changes, given.text("because").strip()[:LONGEST_REASON])


def _mine(given: FormValues, field: Field, now: str) -> tuple[str, bool]:
    """What stands in a field, and whether whoever sent it touched it."""
    if WAS + field.name not in given.values:
        return now, False
    was = fields.filled_in(field, [given.text(WAS + field.name)])
    mine = fields.filled_in(field, given.values.get(field.name, ()))
    touched = fields.says_otherwise(field, was, mine)
    return (mine, True) if touched else (now, False)


def _notices_of_new(
    context: PortalContext, document: Value, changes: Mapping[Key, Value]
) -> dict[Key, Value]:
    """A language that is added begins with the form of its notice: without one its file would be refused."""
    added = changes.get(("languages",))
    if not isinstance(added, list) or not isinstance(document, dict):
        return {}
    consent = document.get("consent")
    stands = consent if isinstance(consent, dict) else {}
    notices, purposes = stands.get("notices"), stands.get("purposes")
    found: dict[Key, Value] = {}
    for code, form in load_notice_forms(context.configs).items():
        if code in added and isinstance(notices, dict) and code not in notices:
            found["consent", "notices", code] = f"{form.text}\n"
            for purpose, words in form.purposes.items():
                if isinstance(purposes, dict) and purpose in purposes:
                    found["consent", "purposes", purpose.value, code] = words
    return found


def _titles(context: PortalContext, key: Key) -> tuple[str, ...]:
    """What a setting is of, such as a language or a role; English but for names of languages."""
    roles: Mapping[str, str] = {role.value: name for role, name in ROLE_NAMES.items() if role in Role}
    purposes: Mapping[str, str] = {purpose.value: name for purpose, name in PURPOSE_NAMES.items()}
    found = []
    for part in map(str, key[1:]):
        if part in context.languages:
            found.append(context.languages[part].own_name)
        elif title := roles.get(part) or purposes.get(part):
            found.append(title)
        elif "by_gender" in key and part in ("female", "male", "other"):
            found.append(WORDS[part])
    return tuple(found)


def _page(
    request: Request,
    part: str,
    form: PartForm,
    *,
    broken: Sequence[Broken] = (),
    dangers: Sequence[Danger] = (),
    agreed: str = "",
    status: int = 200,
) -> Response:
    context = context_of(request)
    own = {
        line.field.key: tuple(each for each in broken if each.key[: len(line.field.key)] == line.field.key)
        for line in form.lines
    }
    of_fields = {fault for faults in own.values() for fault in faults}
    return render(
        request,
        "projects/settings.html.j2",
        status=status,
        part=part,
        title=GROUPS[part],
        form=form,
        faults=own,
        marked={line.field.key for line in form.lines if own[line.field.key] or line.now is not None},
        broken=broken,
        others=[each for each in broken if each not in of_fields],
        dangers=dangers,
        agreed=agreed,
        conflict=status == 409,
        word_of=word_of,
        languages=context.languages,
    )
