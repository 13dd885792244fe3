"""What would be published now, built in a folder to look at; nothing is claimed, frozen or published."""

from dataclasses import replace
from pathlib import Path

from catalog.config.project import Project
from catalog.database import Catalog
from catalog.store import ObjectStore
from releases.build import SHARD_SECONDS, Built, Progress, TextFaults, build
from releases.changes import briefs_in, briefs_of, compare
from releases.plan import about, plan_release
from releases.selection import Rendition
from releases.versions import after, listed, taken


def rehearse(
    catalog: Catalog,
    store: ObjectStore,
    project: Project,
    folder: Path,
    *,
    text_faults: TextFaults,
    rendition: Rendition = "cut",
    shard_seconds: float = SHARD_SECONDS,
    progress: Progress | None = None,
) -> Built:
    """Build the next version in `folder`, which is new or empty, with every check that publishing makes.

    Raises FileExistsError for a folder that holds something, and what `publish` raises.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(
            f"a release is built in an empty folder, and {folder} holds something. Name another one."
        )
    plan = plan_release(catalog, store, project, rendition=rendition)
    dataset = project.release.name
    newest = next(reversed(listed(store, dataset)), None)
    parent = newest.commit.version if newest else None
    version = after(taken(store, dataset))
    before = briefs_in(store, newest) if newest else {}
    return build(
        plan.selection,
        store,
        folder,
        about=replace(about(project, plan, parent, ()), version=version),
        figures=plan.figures,
        changes=compare((parent, version), before, briefs_of(plan.selection)),
        text_faults=text_faults,
        shard_seconds=shard_seconds,
        progress=progress,
    )
