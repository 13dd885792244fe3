"""What recognisers hear in clips that wait for people, and whether their drafts are worth showing."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog.ids import content_id
from catalog.tables import Clip
from flows.steps.batches import Batch, batches
from flows.steps.hearing import ClipToHear, Ear, Heard, hear, model_name
from flows.steps.in_sandbox import FailedItem
from flows.steps.project_context import open_project_context
from flows.steps.recognisers import RecogniserMissing
from flows.steps.scratch import scratch_folder
from flows.workspace import Workspace
from transcription.drafts.keeping import undrafted
from transcription.drafts.measuring import (
    DraftFigures,
    counted_from,
    draft_figures,
    grounds_of,
    keep_draft_figures,
    keep_grounds,
    measure_drafts,
)

AHEAD = 2_000
"""Clips of a language at most that one run hears: people write the first of the queue first."""


@dataclass(frozen=True, slots=True)
class WaitingClips:
    """Clips of one language without a draft, and the model that is to hear them."""

    language: str
    model: str
    batch: Batch


@dataclass(frozen=True, slots=True)
class DraftReport:
    """What became of one batch. unheard: clips of which the model can make nothing"""

    language: str
    drafted: int
    unheard: int
    failed: tuple[FailedItem, ...] = ()


def measure(workspace: Workspace) -> list[DraftFigures]:
    """What the drafts are worth: counted anew where there is a new text or draft; from here on the queue goes by it."""
    context = open_project_context(workspace)
    with workspace.catalog.reading() as session:
        known_now = grounds_of(session, context)
        if known_now == counted_from(session, workspace.project.name):
            return draft_figures(session, workspace.project.name)
        figures = measure_drafts(session, context)

    def keep(session: Session) -> None:
        keep_draft_figures(session, context, figures, now=workspace.now())
        keep_grounds(session, workspace.project.name, known_now, now=workspace.now())

    workspace.catalog.write(keep)
    return figures


def waiting_clips(workspace: Workspace) -> tuple[tuple[WaitingClips, ...], tuple[FailedItem, ...]]:
    """Clips to hear, by language; and languages whose recogniser can't be had. None where drafts are off."""
    found: list[WaitingClips] = []
    failed: list[FailedItem] = []
    if not workspace.project.prefill.drafts:
        return (), ()
    for language, recogniser in sorted(workspace.project.recognisers.items()):
        try:
            model = model_name(workspace, recogniser)
        except RecogniserMissing as error:
            failed.append(FailedItem(language, "recogniser_missing", str(error)))
            continue
        with workspace.catalog.reading() as session:
            if any(
                each.off and (each.language, each.model) == (language, model)
                for each in draft_figures(session, workspace.project.name)
            ):
                continue
            query = undrafted(workspace.project.name, language, model).limit(AHEAD)
            clips = [(row.id, row.seconds) for row in session.execute(query)]
        found += [WaitingClips(language, model, batch) for batch in batches(clips, workspace.batch_size)]
    return tuple(found), tuple(failed)


def draft_batch(
    workspace: Workspace, waiting: WaitingClips, progress: Callable[[int, int, str], None] | None = None
) -> DraftReport:
    """Hear each clip of a batch; those heard before are passed over.

    Raises RecogniserMissing, StoreUnavailable, CatalogUnavailable, SandboxUnavailable.
    """
    recogniser = workspace.project.recognisers[waiting.language]
    with workspace.catalog.reading() as session:
        query = undrafted(workspace.project.name, waiting.language, waiting.model)
        still = query.where(Clip.id.in_(waiting.batch.ids))
        clips = [ClipToHear(row.id, row.cut_key, row.cut_sha256) for row in session.execute(still)]
    ends: list[Heard] = []
    with scratch_folder(workspace.scratch, f"draft-{content_id('batch', *waiting.batch.ids)}") as folder:
        ear = Ear(waiting.language, waiting.model, recogniser)
        for done, (clip, end) in enumerate(hear(workspace, ear, clips, folder), start=1):
            ends.append(end)
            if progress:
                progress(done, len(clips), clip.id)
    return DraftReport(
        language=waiting.language,
        drafted=ends.count(True),
        unheard=ends.count(False),
        failed=tuple(end for end in ends if isinstance(end, FailedItem)),
    )
