"""A manager's prompts: what speakers of each language are asked, and more of it, pasted or from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from catalog import audit
from catalog.config.configuration import Broken, ConfigurationError
from catalog.config.project_files import ChangedMeanwhile, ProjectExists
from catalog.config.sentence import Sentence, sentence_of
from catalog.imports import note_import
from catalog.states import ImportKind
from catalog.table_reader import UnreadableTable
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.list_brought import ImportId, list_text
from portal.http.pages import _, interface_language_of, render
from portal.i18n.remarks import translated_remark
from portal.projects.own_prompts import read_own_sets, write_own_sets
from portal.projects.prompt_lines import PromptLine, SpokenKind, judged, room_in, texts_of, with_added
from portal.record.prompts import prompts_of

router = APIRouter(include_in_schema=False)

MOST_BYTES = 2**20
NO_TITLE = Sentence("Write what the prompts are about.")
NO_TEXT = Sentence("Paste at least one prompt, or choose a file.")
CHANGED = Sentence("The prompts were changed meanwhile. Look at them, then save again.")
KINDS: Mapping[SpokenKind, str] = {"text": _("read aloud"), "question": _("answered freely")}


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
def prompts(request: Request, signed: Manager, added: int = 0, brought: ImportId = "") -> Response:
    """Everything that is asked. added: how many prompts were just kept; brought: by which import"""
    return _page(request, signed, added=added, brought=brought)


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
        texts = texts_of(list_text(file, pasted, most_bytes=MOST_BYTES))
    except UnreadableTable as error:
        return _page(request, signed, refused=sentence_of(error))
    title = " ".join(title.split())
    if not title or not texts:
        return _page(request, signed, refused=NO_TEXT if title else NO_TITLE, pasted=pasted, title=title)
    proposal = _proposal(context, signed, language, title, kind, texts)
    if seen != (proposal.before or "new"):
        return _page(request, signed, proposal=proposal, refused=CHANGED if seen else "")
    try:
        brought = _keep(context, signed, proposal)
    except (ChangedMeanwhile, ProjectExists):
        return _page(request, signed, proposal=proposal, refused=CHANGED)
    except ConfigurationError as error:
        return _page(request, signed, proposal=proposal, broken=error.broken)
    count = sum(line.standing == "new" for line in proposal.lines)
    return RedirectResponse(f"/manage/prompts?added={count}&brought={brought}", status_code=303)


def _proposal(
    context: PortalContext, signed: Signed, language: str, title: str, kind: SpokenKind, texts: Sequence[str]
) -> Proposal:
    books = prompts_of(context.configs, signed.project, frozenset(context.languages))
    known = [
        prompt.text for each in (books[language].sets if language in books else ()) for prompt in each.prompts
    ]
    guideline = context.guidelines[signed.project][language]
    own, file = read_own_sets(context, signed.project, language)
    lines = tuple(judged(texts, known, guideline, room=room_in(own, title)))
    return Proposal(language, title, kind, tuple(texts), lines, file.sha256 if file else "")


def _keep(context: PortalContext, signed: Signed, proposal: Proposal) -> str:
    """Returns the import's id; "" where nothing was new. Raises ChangedMeanwhile, ProjectExists, ConfigurationError."""
    own, file = read_own_sets(context, signed.project, proposal.language)
    fresh = [line.text for line in proposal.lines if line.standing == "new"]
    if not fresh:
        return ""
    sets, added = with_added(own, proposal.title, proposal.kind, fresh)
    by, now = signed.person_id, context.clock()
    with context.catalog.writing() as session:
        audit.record(
            session,
            at=now,
            actor=by,
            action="prompts.added",
            subject=("project", signed.project),
            detail={"language": proposal.language, "set": proposal.title, "prompts": len(fresh)},
        )
        ids = ["/".join((proposal.language, *each)) for each in added]
        import_id = note_import(session, signed.project, ImportKind.PROMPTS, ids, by=by, now=now)
        write_own_sets(context, signed.project, proposal.language, sets, file, before=proposal.before or None)
    return import_id


def _page(
    request: Request,
    signed: Signed,
    *,
    added: int = 0,
    brought: str = "",
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
        brought=brought,
        proposal=proposal,
        remarks=[[translated_remark(each, speech) for each in line.remarks] for line in lines],
        fresh=sum(line.standing == "new" for line in lines),
        refused=refused,
        broken=broken,
        pasted="\n".join(proposal.texts) if proposal else pasted,
        title=proposal.title if proposal else title,
    )
