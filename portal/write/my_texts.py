"""A writer's texts beside the accepted ones, and their appeal: a second look at one that they find right."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from catalog.states import Role, TaskState
from portal.access.guard import holding
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import _, render
from portal.text_comparisons import text_comparisons
from transcription.appeals import appeal, appealed
from transcription.context import NotAllowed

router = APIRouter(include_in_schema=False)

Transcriber = Annotated[Signed, Depends(holding(Role.TRANSCRIBER))]
NO_REASON = _("Write why, for the record.")


@router.get("/write/texts")
def my_texts(request: Request, signed: Transcriber) -> Response:
    """Accepted texts alone: what is not decided yet, or taken back, is nobody's to compare.

    Gold clips are left out: whoever sees one knows it, and could pass its text on.
    """
    context = context_of(request)
    with context.catalog.reading() as session:
        found = text_comparisons(
            session, signed.person_id, signed.project, context.guidelines[signed.project]
        )
        shown = [each for each in found if each.against != "gold" and each.task_state is TaskState.ACCEPTED]
        asked = appealed(session, signed.person_id, [each.task_id for each in shown])
    return render(request, "write/texts.html.j2", texts=shown, asked=asked, languages=context.languages)


@router.post("/write/texts/{submission_id}/appeal")
def ask_for_second_look(
    request: Request,
    signed: Transcriber,
    submission_id: Annotated[str, Path(max_length=80)],
    because: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Bring an accepted text before another reviewer, with the writer's reason."""
    context = context_of(request)
    if not because.strip():
        raise NotAllowed(NO_REASON)
    appeal(
        context.project_context(signed.project),
        submission_id,
        person_id=signed.person_id,
        why=because.strip(),
        now=context.clock(),
    )
    return RedirectResponse("/write/texts", status_code=303)
