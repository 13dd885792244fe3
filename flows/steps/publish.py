"""What is accepted becomes the next version of the dataset, or the newest one already is it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from catalog.config.release_rules import ReleaseRules
from flows.steps.project_context import open_project_context
from flows.workspace import Workspace
from releases.collect import collect_parts
from releases.publish import Published, PublishRequest, publish
from releases.refusals import BrokenManifest, NothingToPublish, PublishConflict, Refused
from releases.stored_forms import store_forms
from releases.texts import describer, text_faults
from releases.versions import read_version

ACTOR = "flow:publish"


@dataclass(frozen=True, slots=True)
class PublishReport:
    """outcome: published, unchanged, nothing where no clip may be published yet, or refused

    why:    nothing was, or it was refused
    others: of the project's further datasets
    """

    outcome: str
    dataset: str
    version: str | None
    clips: int
    seconds: float
    url: str | None
    why: str | None = None
    others: tuple["PublishReport", ...] = ()

    @property
    def datasets(self) -> tuple["PublishReport", ...]:
        """All of them, the main one first."""
        return (self, *self.others)

    @property
    def refused(self) -> tuple["PublishReport", ...]:
        return tuple(each for each in self.datasets if each.outcome == "refused")


def publish_release(
    workspace: Workspace, progress: Callable[[int, int, str], None] | None = None
) -> PublishReport:
    """Publish the next version of every dataset; one that is refused stops no other.

    Raises BooksDontBalance, UnsafeStore, and what the store and catalogue raise: these are of all of them.
    """
    main, *others = (_publish(workspace, rules, progress) for rules in workspace.project.releases)
    return replace(main, others=tuple(others))


def _publish(
    workspace: Workspace, rules: ReleaseRules, progress: Callable[[int, int, str], None] | None
) -> PublishReport:
    guidelines = open_project_context(workspace).guidelines
    request = PublishRequest(
        project=workspace.project,
        rules=rules,
        text_faults=text_faults(guidelines),
        describe=describer(guidelines),
        now=workspace.now(),
        actor=ACTOR,
        scratch=workspace.scratch,
    )
    try:
        done: Published = publish(
            workspace.catalog,
            workspace.store,
            request,
            progress=(lambda label, done, total: progress(done, total, label)) if progress else None,
        )
    except NothingToPublish as nothing:
        return PublishReport("nothing", rules.name, None, 0, 0.0, None, str(nothing))
    except (Refused, PublishConflict, BrokenManifest) as refusal:
        return PublishReport("refused", rules.name, None, 0, 0.0, None, str(refusal))
    version = read_version(workspace.store, done.dataset, done.version)
    store_forms(workspace.store, version, rules.forms, workspace.scratch)
    if done.outcome == "published":
        collect_parts(workspace.catalog, workspace.store, done.dataset, now=workspace.now())
    return PublishReport(done.outcome, done.dataset, done.version, done.clips, done.seconds, done.url)
