"""What is accepted becomes the next version of the dataset, or the newest one already is it."""

from collections.abc import Callable
from dataclasses import dataclass

from flows.steps.project_context import open_project_context
from flows.workspace import Workspace
from releases.publish import Published, publish
from releases.refusals import NothingToPublish
from releases.texts import text_faults

ACTOR = "flow:publish"


@dataclass(frozen=True, slots=True)
class PublishReport:
    """outcome: published, unchanged, or nothing where no clip may be published yet; `why` then says it."""

    outcome: str
    dataset: str
    version: str | None
    clips: int
    seconds: float
    url: str | None
    why: str | None = None


def publish_release(
    workspace: Workspace, progress: Callable[[int, int, str], None] | None = None
) -> PublishReport:
    """Publish the next version. Raises Unbalanced, Refused, UnsafeStore, StoreError."""
    context = open_project_context(workspace)
    try:
        done: Published = publish(
            workspace.catalog,
            workspace.store,
            workspace.project,
            text_faults=text_faults(context.guidelines),
            now=workspace.now(),
            actor=ACTOR,
            scratch=workspace.scratch,
            rendition=workspace.project.release.rendition,
            remarks=workspace.project.release.remarks,
            progress=(lambda label, done, total: progress(done, total, label)) if progress else None,
        )
    except NothingToPublish as nothing:
        return PublishReport("nothing", workspace.project.release.name, None, 0, 0.0, None, str(nothing))
    return PublishReport(done.outcome, done.dataset, done.version, done.clips, done.seconds, done.url)
