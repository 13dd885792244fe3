"""A manager's prompts: what speakers of each language are asked, and more of it, pasted or from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import APIRouter, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from catalog import audit
from catalog.config.configuration import Broken, ConfigurationError
from catalog.config.project_files import (
    ChangedMeanwhile,
    ProjectExists,
    ProjectFile,
    read_project_file,
    write_project_file,
)
from catalog.config.sentence import Sentence, sentence_of
from catalog.config.yaml_document import Value
from catalog.config.yaml_edit import edited
from catalog.table_reader import UnreadableTable
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.list_brought import list_text
from portal.http.pages import _, interface_language_of, render
from portal.i18n.remarks import translated_remark
from portal.projects.prompt_lines import PromptLine, SpokenKind, judged, room_in, texts_of, with_added
from portal.record.prompts import PromptSet, load_book, own_folder, pictures_here, prompts_of

router = APIRouter(include_in_schema=False)

MOST_BYTES = 2**20
NO_TITLE = Sentence("Write what the prompts are about.")
NO_TEXT = Sentence("Paste at least one prompt, or choose a file.")
CHANGED = Sentence("The prompts were changed meanwhile. Look at them, then save again.")
KINDS: Mapping[SpokenKind, str] = {"text": _("read aloud"), "question": _("answered freely")}
NEW_FILE = (
    "# Prompts of this project alone: they are asked before those of all projects.\nlanguage: x\nsets: []\n"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants to add. before: hash of the file that it was held against, "" where there is none"""

    language: str
    title: str
    kind: SpokenKind
    texts: tuple[str, ...]
    lines: tuple[PromptLine, ...]
    before: str


@router.get("/manage/prompts")
def prompts(request: Request, signed: Manager, added: int = 0) -> Response:
    """Everything that is asked. added: how many prompts were just kept"""
    return _page(request, signed, added=added)


@router.post("/manage/prompts")
def add(
    request: Request,
    signed: Manager,
    language: Annotated[str, Form(max_length=10)] = "",
    title: Annotated[str, Form(max_length=60)] = "",
    kind: Annotated[SpokenKind, Form()] = "text",
    pasted: Annotated[str, Form(max_length=MOST_BYTES)] = "",
    file: Annotated[UploadFile | None, File()] = None,
    seen: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """Show what would be added; keep it once it was shown. seen: hash of the file over which it was"""
    context = context_of(request)
    if language not in context.project(signed.project).languages:
        raise HTTPException(404)
    try:
        brought = list_text(file, pasted, most_bytes=MOST_BYTES)
        texts = texts_of(brought)
    except UnreadableTable as error:
        return _page(request, signed, refused=sentence_of(error))
    title = " ".join(title.split())
    if not title or not texts:
        return _page(request, signed, refused=NO_TEXT if title else NO_TITLE, pasted=pasted, title=title)
    proposal = _proposal(context, signed, language, title, kind, texts)
    if seen != (proposal.before or "new"):
        return _page(request, signed, proposal=proposal, refused=CHANGED if seen else "")
    try:
        _keep(context, signed, proposal)
    except (ChangedMeanwhile, ProjectExists):
        return _page(request, signed, proposal=proposal, refused=CHANGED)
    except ConfigurationError as error:
        return _page(request, signed, proposal=proposal, broken=error.broken)
    count = sum(line.standing == "new" for line in proposal.lines)
    return RedirectResponse(f"/manage/prompts?added={count}", status_code=303)


def _proposal(
    context: PortalContext, signed: Signed, language: str, title: str, kind: SpokenKind, texts: Sequence[str]
) -> Proposal:
    books = prompts_of(context.configs, signed.project, frozenset(context.languages))
    known = [
        prompt.text for each in (books[language].sets if language in books else ()) for prompt in each.prompts
    ]
    guideline = context.guidelines[signed.project][language]
    own, file = _own(context, signed, language)
    lines = tuple(judged(texts, known, guideline, room=room_in(own, title)))
    return Proposal(language, title, kind, tuple(texts), lines, file.sha256 if file else "")


def _own(
    context: PortalContext, signed: Signed, language: str
) -> tuple[tuple[PromptSet, ...], ProjectFile | None]:
    """The sets that are the project's own, with their file; nothing where there is none yet."""
    folder = own_folder(context.configs, signed.project)
    path = folder / f"{language}.yaml"
    if not path.is_file():
        return (), None
    book = load_book(path, languages=context.languages, pictures=pictures_here())
    return book.sets, read_project_file(folder, language)


def _keep(context: PortalContext, signed: Signed, proposal: Proposal) -> None:
    """Raises ChangedMeanwhile, ConfigurationError."""
    own, file = _own(context, signed, proposal.language)
    fresh = [line.text for line in proposal.lines if line.standing == "new"]
    if not fresh:
        return
    sets = with_added(own, proposal.title, proposal.kind, fresh)
    text = edited(
        file.text if file else NEW_FILE,
        {("language",): proposal.language, ("sets",): [_as_value(each) for each in sets]},
    )
    folder = own_folder(context.configs, signed.project)
    folder.mkdir(exist_ok=True)
    with context.catalog.writing() as session:
        audit.record(
            session,
            at=context.clock(),
            actor=signed.person_id,
            action="prompts.added",
            subject=("project", signed.project),
            detail={"language": proposal.language, "set": proposal.title, "prompts": len(fresh)},
        )
        write_project_file(
            folder,
            proposal.language,
            text,
            before=proposal.before or None,
            check=lambda path: load_book(path, languages=context.languages, pictures=pictures_here()),
        )


def _as_value(each: PromptSet) -> Value:
    prompts: list[Value] = []
    for prompt in each.prompts:
        said = {"name": prompt.name, "kind": prompt.kind, "picture": prompt.picture, "text": prompt.text}
        prompts.append({key: cast(Value, value) for key, value in said.items() if value is not None})
    return {"name": each.name, "title": each.title, "prompts": prompts}


def _page(
    request: Request,
    signed: Signed,
    *,
    added: int = 0,
    proposal: Proposal | None = None,
    refused: str = "",
    broken: Sequence[Broken] = (),
    pasted: str = "",
    title: str = "",
) -> Response:
    context = context_of(request)
    speech = interface_language_of(request)
    books = prompts_of(context.configs, signed.project, frozenset(context.languages))
    lines = proposal.lines if proposal else ()
    return render(
        request,
        "projects/prompts.html.j2",
        status=422 if refused or broken else 200,
        languages={code: context.languages[code] for code in context.project(signed.project).languages},
        books=books,
        kinds=KINDS,
        added=added,
        proposal=proposal,
        remarks=[[translated_remark(each, speech) for each in line.remarks] for line in lines],
        fresh=sum(line.standing == "new" for line in lines),
        refused=refused,
        broken=broken,
        pasted="\n".join(proposal.texts) if proposal else pasted,
        title=proposal.title if proposal else title,
    )
