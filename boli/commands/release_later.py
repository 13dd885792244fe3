"""`boli release yank | deprecate | unmark | report | collect`: what becomes of versions after they were published."""

from typing import TYPE_CHECKING, Annotated

import typer

from boli.commands.release_target import Json, Project, check_names
from boli.errors import UserError
from boli.output import print_json, say
from catalog.config.settings import load_settings

if TYPE_CHECKING:
    from releases.marks import Kind

Marked = Annotated[str, typer.Argument(help="name@version")]
Why = Annotated[str, typer.Option("--why", help="In a sentence, for those who ask.")]
By = Annotated[str, typer.Option("--by", help="Who says so.")]


def register(release: typer.Typer) -> None:
    for command in (yank, deprecate, unmark, report, collect):
        release.command()(command)


def yank(target: Marked, why: Why, by: By = "command line", project: Project = "demo") -> None:
    """Say of a version that it should not be used. It stays readable; who names no version gets another one.

    [bold]Example[/]

      boli release yank boli-demo@1.0.0 --why 'texts of two villages were mixed up'
    """
    _mark(target, "yanked", why, by, project)


def deprecate(target: Marked, why: Why, by: By = "command line", project: Project = "demo") -> None:
    """Say of a version that a better one exists. Whoever pulls it is warned.

    [bold]Example[/]

      boli release deprecate boli-demo@1.0.0 --why '1.1.0 has the corrected texts'
    """
    _mark(target, "deprecated", why, by, project)


def unmark(target: Marked, why: Why, by: By = "command line", project: Project = "demo") -> None:
    """Take back that a version was yanked or deprecated.

    [bold]Example[/]

      boli release unmark boli-demo@1.0.0 --why 'it was another version'
    """
    _mark(target, "in use", why, by, project)


def report(
    clip: Annotated[str, typer.Argument(help="The id of a row.")],
    why: Why,
    by: By = "command line",
    project: Project = "demo",
) -> None:
    """Report a published text that is wrong: it goes to a reviewer, and the next version has it mended or left out.

    Until somebody has looked, the clip is held back from new versions.

    [bold]Example[/]

      boli release report clip-10f7c23679af5fcf7cec --why 'the second word is another'
    """
    from sqlalchemy import select

    from catalog.tables import Task
    from flows.steps.project_context import open_project_context
    from flows.workspace import open_workspace
    from transcription.review import look_again

    with open_workspace(project, load_settings()) as workspace:
        with workspace.catalog.reading() as session:
            task = session.scalar(select(Task.id).where(Task.clip_id == clip, Task.project_id == project))
        if task is None:
            raise UserError(
                f"project {project} has no text of a clip {clip!r}. The ids are the column `id` of a version."
            )
        look_again(open_project_context(workspace), task, by=by, why=why, now=workspace.now())
    say(f"{clip} goes to a reviewer. `boli explain {clip}` shows what comes of it.")


def collect(
    dataset: Annotated[str, typer.Argument(help="A dataset.")],
    project: Project = "demo",
    json: Json = False,
) -> None:
    """Destroy what stopped builds left in the store: parts that no version has named for 72 hours.

    [bold]Example[/]

      boli release collect boli-demo --project demo
    """
    from flows.workspace import open_workspace
    from releases.collect import collect_parts

    check_names(dataset)
    with open_workspace(project, load_settings()) as workspace:
        done = collect_parts(workspace.catalog, workspace.store, dataset, now=workspace.now())
    if json:
        print_json(done)
    else:
        say(f"{done.destroyed} parts destroyed ({done.bytes / 1e6:.1f} MB), {done.waiting} unused ones wait.")


def _mark(target: str, kind: "Kind", why: str, by: str, project: str) -> None:
    from flows.workspace import open_workspace
    from releases.marks import mark
    from releases.release_rows import note_mark

    dataset, _, version = target.partition("@")
    check_names(dataset, version)
    with open_workspace(project, load_settings()) as workspace:
        now = workspace.now()
        made = mark(workspace.store, dataset, version, kind, why=why, by=by, at=now.isoformat())
        note_mark(workspace.catalog, made, now=now)
    say(f"{dataset} {version} is {kind}: {why}")
