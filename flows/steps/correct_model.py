"""A model's texts to be corrected: clips are chosen, heard by it, and given their turn in the queue."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from catalog.config.recognisers import Recogniser
from catalog.errors import UserError
from catalog.states import ChosenBy
from catalog.tables import MachineDraft
from flows.steps.batches import batches
from flows.steps.draft import measure
from flows.steps.hearing import ClipToHear, Ear, Heard, hear, model_name
from flows.steps.in_sandbox import FailedItem
from flows.steps.scratch import scratch_folder
from flows.workspace import Workspace
from transcription.drafts.correcting import (
    Draw,
    DrawnClip,
    Stage,
    ask_for_correction,
    corrections_of,
    drawn,
    heard_by,
    least_sure,
)

HEARD_FOR_ONE = 5
"""Clips that are heard for each that is chosen by doubt, where nobody says otherwise."""
MOST = 20_000
"""Clips that one command hears."""
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRequest:
    """count: how many clips are to be chosen so in all; among: how many are heard to find the least sure of

    stages: which clips; None for all
    """

    language: str
    recogniser: Recogniser
    chosen_by: ChosenBy
    count: int
    among: int | None = None
    stages: frozenset[Stage] | None = None
    actor: str


@dataclass(frozen=True, slots=True)
class CorrectionPlan:
    """What a request comes to.

    before: clips that were chosen so before; missing: how many are to be chosen now; clips: those to choose from
    """

    request: CorrectionRequest
    draw: Draw
    before: int
    missing: int
    clips: tuple[DrawnClip, ...]

    @property
    def to_hear(self) -> tuple[DrawnClip, ...]:
        return tuple(clip for clip in self.clips if not clip.heard)


@dataclass(frozen=True, slots=True)
class CorrectionReport:
    """What became of a request. asked: clips chosen now, by stage; unheard: of which the model can make nothing

    fault: why not, of one of them
    """

    model: str
    language: str
    chosen_by: ChosenBy
    before: int
    asked: Mapping[Stage, int]
    heard: int
    unheard: int
    fault: str | None
    failed: tuple[FailedItem, ...]


def plan_correction(workspace: Workspace, request: CorrectionRequest) -> CorrectionPlan:
    """Choose the clips, and change nothing. Raises UserError where the request can't be met, RecogniserMissing."""
    by_doubt = request.chosen_by is ChosenBy.LEAST_SURE
    if by_doubt and request.recogniser.service is not None:
        raise UserError(
            "a service says what it heard, not how sure it is.\nLet chance choose (--by chance), or bring the model."
        )
    draw = Draw(
        project_id=workspace.project.name,
        language=request.language,
        model=model_name(workspace, request.recogniser),
        chosen_by=request.chosen_by,
        stages=request.stages,
    )
    with workspace.catalog.reading() as session:
        before = corrections_of(session, draw)
        missing = max(0, request.count - before)
        wanted = max(missing, request.among or missing * HEARD_FOR_ONE) if by_doubt else missing
        clips = drawn(session, draw, min(wanted, MOST)) if missing else []
    return CorrectionPlan(request, draw, before, missing, tuple(clips))


def correct_model(
    workspace: Workspace, plan: CorrectionPlan, progress: Progress | None = None
) -> CorrectionReport:
    """Hear the clips of a plan, choose, and bring them to their turn. Stopped anywhere, a new plan goes on from there.

    Raises RecogniserMissing, StoreUnavailable, CatalogUnavailable, SandboxUnavailable.
    """
    ends = _hear(workspace, plan, progress)
    ids = [clip.id for clip in plan.clips]
    with workspace.catalog.reading() as session:
        known = heard_by(session, plan.draw.model, ids)
        clips: Sequence[DrawnClip] = [clip for clip in plan.clips if clip.id in known]
        if plan.request.chosen_by is ChosenBy.LEAST_SURE:
            clips = least_sure(session, plan.draw.model, clips, plan.missing)
    asked = Counter(clip.stage for clip in clips if _ask(workspace, plan, clip))
    if plan.clips:
        measure(workspace)
    unheard = [clip_id for clip_id, end in ends if end is False]
    return CorrectionReport(
        model=plan.draw.model,
        language=plan.draw.language,
        chosen_by=plan.request.chosen_by,
        before=plan.before,
        asked=dict(asked),
        heard=sum(end is True for _, end in ends),
        unheard=len(unheard),
        fault=_fault(workspace, plan.draw.model, unheard[0]) if unheard else None,
        failed=tuple(end for _, end in ends if isinstance(end, FailedItem)),
    )


def _hear(workspace: Workspace, plan: CorrectionPlan, progress: Progress | None) -> list[tuple[str, Heard]]:
    ear = Ear(plan.draw.language, plan.draw.model, plan.request.recogniser)
    to_hear = {clip.id: clip for clip in plan.to_hear}
    ends: list[tuple[str, Heard]] = []
    lengths = [(clip.id, clip.seconds) for clip in to_hear.values()]
    for batch in batches(lengths, workspace.batch_size):
        clips = [ClipToHear(each, to_hear[each].key, to_hear[each].sha256) for each in batch.ids]
        with scratch_folder(workspace.scratch, "correct") as folder:
            for clip, end in hear(workspace, ear, clips, folder):
                ends.append((clip.id, end))
                if progress:
                    progress(len(ends), len(to_hear), clip.id)
    return ends


def _ask(workspace: Workspace, plan: CorrectionPlan, clip: DrawnClip) -> bool:
    with workspace.catalog.writing() as session:
        return ask_for_correction(session, plan.draw, clip.id, actor=plan.request.actor, now=workspace.now())


def _fault(workspace: Workspace, model: str, clip_id: str) -> str | None:
    query = select(MachineDraft.fault).where(MachineDraft.clip_id == clip_id, MachineDraft.model == model)
    with workspace.catalog.reading() as session:
        return session.scalar(query)
