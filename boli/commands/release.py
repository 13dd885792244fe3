"""`boli release build | publish | list | diff | verify | pull`: dataset versions."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from boli.errors import UserError
from boli.output import complain, print_json, print_table, say, step_bars
from boli.serve import prefect_environment
from catalog.config.settings import Settings, load_settings
from catalog.keys import NAME
from catalog.store import ObjectStore, open_store

release = typer.Typer(
    help="Versions of the dataset: build, publish, list, compare, verify, fetch.", no_args_is_help=True
)

Project = Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")]
Json = Annotated[bool, typer.Option("--json", help="JSON for machines.")]


def register(app: typer.Typer) -> None:
    app.add_typer(release, name="release")


@release.command()
def build(project: Project = "demo", json: Json = False) -> None:
    """What the next version would hold, without publishing it: the choice, the splits, what is held back and why.

    [bold]Example[/]

      boli release build --project field
    """
    from flows.workspace import open_workspace
    from releases.plan import plan_release

    with open_workspace(project, load_settings()) as workspace:
        plan = plan_release(
            workspace.catalog,
            workspace.store,
            workspace.project,
            rendition=workspace.project.release.rendition,
        )
    selection = plan.selection
    if json:
        print_json(
            {"selection_sha256": selection.sha256, "figures": plan.figures, "held_back": selection.held_back}
        )
        return
    splits = [(split, len(selection.of(split)), sum(row.seconds for row in selection.of(split)) / 3600)
              for split in ("train", "validation", "test")]  # fmt: skip
    print_table(f"The next version of {selection.dataset}", ("split", "clips", "hours"), splits)
    for why, count in selection.held_back.items():
        say(f"▲ {count} accepted clips are held back: {why}")


@release.command()
def publish(project: Project = "demo", json: Json = False) -> None:
    """Publish what is accepted as the next version. Where nothing changed since the newest one, nothing is done.

    [bold]Example[/]

      boli release publish --project field
    """
    settings = load_settings()
    prefect_environment.prepare(settings)
    prefect_environment.reach_server()
    from flows.progress import Progress, listening
    from flows.publish import publish as publish_flow

    with step_bars(quiet=json) as bars:

        def tell(progress: Progress) -> None:
            bars.tell(progress.step, progress.done, progress.total, progress.label)

        with prefect_environment.quiet_heartbeat(), listening(tell):
            report = publish_flow(project)
    if json:
        print_json(report)
    elif report.version is None:
        say(f"Nothing to publish yet: {report.why}")
    else:
        say(f"{report.dataset} {report.version}: {report.outcome}, {report.clips} clips, {report.url}")


@release.command(name="list")
def list_versions(
    dataset: Annotated[str | None, typer.Argument(help="A dataset; without it, all in the store.")] = None,
    json: Json = False,
) -> None:
    """Every committed version in the store.

    [bold]Examples[/]

      boli release list

      boli release list boli-demo --json
    """
    from releases.versions import commits, datasets

    _check_names(*([dataset] if dataset else []))
    store = _store(load_settings())
    found = [
        commit for name in ([dataset] if dataset else datasets(store)) for commit in commits(store, name)
    ]
    if json:
        for commit in found:
            print_json({"dataset": commit.dataset, "version": commit.version, "clips": commit.clips,
                        "seconds": commit.seconds, "parent": commit.parent, "files": len(commit.files)})  # fmt: skip
        return
    rows = [
        (each.dataset, each.version, each.clips, each.seconds / 3600, each.parent or "") for each in found
    ]
    print_table("Versions", ("dataset", "version", "clips", "hours", "after"), rows)
    if not rows:
        say("None yet. `boli release publish` makes the first.")


@release.command()
def diff(
    dataset: Annotated[str, typer.Argument(help="A dataset.")],
    old: Annotated[str, typer.Argument(help="A version.")],
    new: Annotated[str, typer.Argument(help="A later one.")],
    json: Json = False,
) -> None:
    """What changed from one version to another, by language.

    [bold]Example[/]

      boli release diff boli-demo 1.0.0 1.1.0
    """
    from releases.changes import briefs_in, compare
    from releases.versions import read_version

    _check_names(dataset, old, new)
    store = _store(load_settings())
    before, after = (read_version(store, dataset, version) for version in (old, new))
    changes = compare((old, new), briefs_in(store, before), briefs_in(store, after))
    if json:
        print_json(changes)
        return
    rows = [
        (language, kind, change.clips, change.seconds / 3600)
        for language, kinds in changes.by_language.items()
        for kind, change in kinds.items()
    ]
    print_table(f"{dataset}: {old} to {new}", ("language", "what", "clips", "hours"), rows)
    say(f"{changes.unchanged} clips are the same in both; {changes.rewritten} texts were changed.")


@release.command()
def verify(
    target: Annotated[str, typer.Argument(help="name, name@version, or the address of a version.")],
    level: Annotated[
        Literal["structure", "sizes", "bytes"], typer.Option(help="How deep: bytes reads everything again.")
    ] = "bytes",
    json: Json = False,
) -> None:
    """Read a version again and compare it with what was committed: hashes, durations, lists, splits, erasures.

    Exit 1 where anything is missing, changed or too much.

    [bold]Examples[/]

      boli release verify boli-demo

      boli release verify s3://bucket/prefix/datasets/boli-demo/1.0.0
    """
    from releases.verify import verify as read_again

    store, dataset, version = _version(target, load_settings())
    with step_bars(quiet=json) as bars:
        report = read_again(
            store,
            dataset,
            version,
            level=level,
            progress=lambda label, done, total: bars.tell("verify", done, total, label),
        )
    if json:
        print_json(report)
    elif report.ok:
        erased = f", {report.redacted_rows} clips erased on withdrawal" if report.redacted_rows else ""
        heard = f", {report.rows} clips decoded" if report.level == "bytes" else ""
        say(f"✓ {dataset} {version} is {report.state}: {report.files} files{heard}{erased}.")
    else:
        for problem in report.problems:
            complain(f"{problem.path or dataset}: {problem.what}")
    if not report.ok:
        raise typer.Exit(1)


@release.command()
def pull(
    target: Annotated[str, typer.Argument(help="name, name@version, or the address of a version.")],
    folder: Annotated[Path, typer.Argument(help="Where to put it.")],
    json: Json = False,
) -> None:
    """Fetch a version to a folder, comparing every byte; again fetches only what is missing.

    [bold]Example[/]

      boli release pull boli-demo@1.0.0 data/boli-demo
    """
    from releases.pull import pull as fetch

    store, dataset, version = _version(target, load_settings())
    with step_bars(quiet=json) as bars:
        pulled = fetch(
            store,
            dataset,
            version,
            folder,
            progress=lambda label, done, total: bars.tell("pull", done, total, label),
        )
    if json:
        print_json(pulled)
    else:
        say(f"✓ {dataset} {version} in {folder}: {pulled.files} files, {pulled.fetched} fetched now.")


def _check_names(*names: str) -> None:
    """Raises UserError for what can be no dataset's and no version's name."""
    for name in names:
        if not NAME.fullmatch(name):
            raise UserError(
                f"a dataset or version has a name of letters, digits, '.', '_' and '-', given {name!r}.\n"
                "`boli release list` shows what there is."
            )


def _store(settings: Settings) -> ObjectStore:
    from flows.workspace import s3_options

    return open_store(settings.store_address, s3_options(settings))


def _version(target: str, settings: Settings) -> tuple[ObjectStore, str, str]:
    """The store, dataset and version that a user names; without a version, the newest."""
    from flows.workspace import s3_options
    from releases.address import ReleaseAddress, parse, version_at

    if "://" in target:
        address = parse(target)
        _check_names(address.dataset, *([address.version] if address.version else []))
        store = open_store(address.store_url, s3_options(settings))
        return store, address.dataset, version_at(store, address)
    store = _store(settings)
    name, _, version = target.partition("@")
    _check_names(name, *([version] if version else []))
    return store, name, version_at(store, ReleaseAddress(store.url, name, version or None))
