"""`boli release plan | publish | list | diff | stats | score | verify | pull | yank | report | …`: dataset versions."""

import time
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boli.commands import release_hub, release_later, release_score, release_verify
from boli.commands.release_target import (
    Dataset,
    Json,
    Project,
    Token,
    check_names,
    in_megabytes,
    pace,
    rules_of,
    store_of,
    version_of,
)
from boli.errors import UserError
from boli.output import complain, print_json, print_table, say, step_bars
from boli.serve import prefect_environment
from catalog.config.settings import load_settings

if TYPE_CHECKING:
    from releases.marks import Mark
    from releases.plan import Plan
    from releases.versions import Version

release = typer.Typer(
    help="Versions of the dataset: plan, publish, list, compare, verify, fetch.", no_args_is_help=True
)


class Form(StrEnum):
    """What a pulled version can be read by, beside Parquet; the same names as releases.forms has."""

    FILES = "files"
    NEMO = "nemo"
    LHOTSE = "lhotse"
    SHAR = "shar"
    KALDI = "kaldi"
    WEBDATASET = "webdataset"
    COMMONVOICE = "commonvoice"
    ULCA = "ulca"
    TEXTGRID = "textgrid"
    CTM = "ctm"
    EAF = "eaf"
    PAIRS = "pairs"


def register(app: typer.Typer) -> None:
    release_later.register(release)
    release_verify.register(release)
    release_hub.register(release)
    release_score.register(release)
    app.add_typer(release, name="release")


@release.command()
def plan(
    project: Project = "demo",
    dataset: Dataset = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where", help="A condition beside the project's, such as 'snr_db >= 15'; may be repeated."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """What the next version would hold, without writing anything: hours, splits, what each condition costs, what is
    held back and why.

    [bold]Examples[/]

      boli release plan --project field

      boli release plan --project field --where 'district = Warangal, Hanamkonda' --where 'snr_db >= 15'
    """
    from catalog.conditions import InvalidCondition, parse_all
    from flows.steps.project_context import open_project_context
    from flows.workspace import open_workspace
    from releases.plan import plan_release
    from releases.texts import describer, text_faults

    try:
        parse_all(where or ())
    except InvalidCondition as error:
        raise UserError(str(error)) from error
    with open_workspace(project, load_settings()) as workspace:
        rules = rules_of(workspace.project, dataset)
        guidelines = open_project_context(workspace).guidelines
        found = plan_release(
            workspace.catalog,
            workspace.store,
            workspace.project,
            replace(rules, where=(*rules.where, *(where or ()))),
            text_faults=text_faults(guidelines),
            describe=describer(guidelines),
        )
    if json:
        print_json(
            {"dataset": rules.name, "selection_sha256": found.selection.sha256, "figures": found.figures,
             "held_back": found.selection.held_back, "costs": found.costs, "faulty": found.faulty,
             "leaks": found.leaks}
        )  # fmt: skip
    else:
        _show_plan(found)


def _show_plan(found: "Plan") -> None:
    """Hours by split, gender and place; what each condition costs; what is held back."""
    figures = found.figures
    splits = ("train", "validation", "test")
    total = figures.total
    rows: list[tuple[object, ...]] = [
        (
            "all",
            "",
            total.clips,
            total.speakers,
            total.hours,
            *(figures.by_split[each].hours for each in splits),
        )
    ]
    for fact in ("language", "gender", "district"):
        for value, amounts in figures.by_fact[fact].items():
            whole = amounts["all"]
            hours = (amounts[split].hours for split in splits)
            rows.append((fact, value, whole.clips, whole.speakers, whole.hours, *hours))
    heads = ("", "", "clips", "speakers", "hours", *splits)
    print_table(f"The next version of {found.selection.dataset}", heads, rows)
    if found.costs:
        costs = [(each.condition, each.clips, each.fails / 3600, each.alone / 3600) for each in found.costs]
        print_table("What each condition costs", ("condition", "clips", "hours", "hours by it alone"), costs)
    for why, count in sorted(found.selection.held_back.items()):
        say(f"▲ {count} accepted clips are held back: {why}")
    for each in found.faulty[:20]:
        say(f"  {each.item} {each.what}")


@release.command()
def publish(project: Project = "demo", json: Json = False) -> None:
    """Publish what is accepted as the next version of every dataset of a project. Where nothing changed since the
    newest one, nothing is done.

    [bold]Example[/]

      boli release publish --project field
    """
    settings = load_settings()
    prefect_environment.prepare(settings)
    prefect_environment.reach_server()
    from flows.progress import Progress, listening
    from flows.publish import DatasetsRefused
    from flows.publish import publish as publish_flow

    with step_bars(quiet=json) as bars:

        def tell(progress: Progress) -> None:
            bars.tell(progress.step, progress.done, progress.total, progress.label)

        refused: DatasetsRefused | None = None
        try:
            with prefect_environment.quiet_heartbeat(), listening(tell):
                report = publish_flow(project)
        except DatasetsRefused as error:
            refused, report = error, error.report
    for each in report.datasets:
        if json:
            print_json(each)
        elif each.version is not None:
            say(f"{each.dataset} {each.version}: {each.outcome}, {each.clips} clips, {each.url}")
        elif each.outcome == "nothing":
            say(f"Nothing to publish yet: {each.why}")
    if refused:
        raise refused


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
    from releases.marks import mark_of
    from releases.versions import datasets, listed

    check_names(*([dataset] if dataset else []))
    store = store_of(load_settings())
    found = [
        (each, mark_of(store, each))
        for name in ([dataset] if dataset else datasets(store))
        for each in listed(store, name)
    ]
    if json:
        for each, said in found:
            commit = each.commit
            print_json(
                {"dataset": commit.dataset, "version": commit.version, "clips": commit.clips - each.redacted_rows,
                 "seconds": commit.seconds, "parent": commit.parent, "files": len(each.files),
                 "bytes": sum(file.size for file in each.files), "erased": each.redacted_rows,
                 "state": "redacted" if each.redactions else "published",
                 "mark": said.kind if said else None, "why": said.why if said else None}
            )  # fmt: skip
        return
    _show_versions(found)


def _show_versions(found: "Sequence[tuple[Version, Mark | None]]") -> None:
    rows = [
        (
            each.commit.dataset,
            each.commit.version,
            said.kind if said else "redacted" if each.redactions else "published",
            each.commit.clips - each.redacted_rows,
            each.redacted_rows,
            each.commit.seconds / 3600,
            f"{sum(file.size for file in each.files) / 1e6:.1f} MB",
            each.commit.parent or "",
        )
        for each, said in found
    ]
    heads = ("dataset", "version", "state", "clips", "erased", "hours", "size", "after")
    print_table("Versions", heads, rows)
    for each, said in found:
        if said:
            say(f"▲ {each.commit.dataset} {each.commit.version} is {said.kind}: {said.why}")
    if not rows:
        say("None yet. `boli release publish` makes the first.")


@release.command()
def diff(
    dataset: Annotated[str, typer.Argument(help="A dataset.")],
    old: Annotated[str, typer.Argument(help="A version.")],
    new: Annotated[str, typer.Argument(help="A later one.")],
    texts: Annotated[
        int, typer.Option(min=0, help="So many changed texts are shown, before and after.")
    ] = 20,
    json: Json = False,
) -> None:
    """What changed from one version to another, by language, and which texts.

    [bold]Example[/]

      boli release diff boli-demo 1.0.0 1.1.0
    """
    from releases.changes import in_memory
    from releases.difference import diff as differences

    check_names(dataset, old, new)
    changes = differences(store_of(load_settings()), dataset, old, new)
    if json:
        print_json(in_memory(changes))
        return
    rows = [
        (language, kind, change.clips, change.seconds / 3600)
        for language, kinds in changes.by_language.items()
        for kind, change in kinds.items()
    ]
    print_table(f"{dataset}: {old} to {new}", ("language", "what", "clips", "hours"), rows)
    for each in changes.rewrites[:texts]:
        say(f"{each.clip}\n  - {each.before}\n  + {each.after}")
    if changes.rewritten > texts:
        say(f"… and {changes.rewritten - texts} more; --texts N shows more, --json all.")
    say(f"{changes.unchanged} clips are the same in both; {changes.rewritten} texts were changed.")


@release.command()
def pull(
    target: Annotated[str, typer.Argument(help="name, name@version, or the address of a version.")],
    folder: Annotated[Path, typer.Argument(help="Where to put it.")],
    forms: Annotated[
        list[Form] | None, typer.Option("--for", help="Also in the form that this reads; may be repeated.")
    ] = None,
    token: Token = None,
    json: Json = False,
) -> None:
    """Fetch a version to a folder, comparing every byte; again fetches only what is missing.

    A newer version goes into the folder of an older one: what changed is fetched, what it lacks is taken away, and
    files that pull did not write are left alone.

    [bold]Examples[/]

      boli release pull boli-demo@1.0.0 data/boli-demo

      boli release pull boli-demo data/boli-demo --for lhotse --for kaldi

      BOLI_TOKEN=boli_… boli release pull https://voices.example.org/datasets/boli-demo data/boli-demo
    """
    from releases.marks import mark_of
    from releases.pull import pull as fetch
    from releases.versions import read_version

    store, dataset, version = version_of(target, load_settings(), token)
    with step_bars(quiet=json) as bars:
        begun = time.monotonic()

        def tell(label: str, done: int, total: int) -> None:
            bars.tell("pull, MB", *in_megabytes(done, total), pace(done, total, time.monotonic() - begun))

        pulled = fetch(
            store, dataset, version, folder, forms=[form.value for form in forms or ()], progress=tell
        )
    said = mark_of(store, read_version(store, dataset, version))
    if said is not None:
        complain(f"{dataset} {version} is {said.kind}: {said.why}")
    if json:
        print_json(pulled)
    else:
        say(
            f"✓ {dataset} {version} in {folder}: {pulled.files} files, {pulled.fetched} fetched now "
            f"({pulled.travelled / 1e6:.1f} MB), {pulled.removed} of an earlier version taken away."
        )


@release.command()
def stats(
    target: Annotated[str, typer.Argument(help="name, name@version, or the address of a version.")],
    token: Token = None,
    json: Json = False,
) -> None:
    """What a version holds: hours by split, language, gender and place, words, and how its measures are spread.

    [bold]Example[/]

      boli release stats boli-demo@1.0.0 --json
    """
    from releases.measures import QUANTILES
    from releases.stats import stats as count
    from releases.versions import read_version

    store, dataset, number = version_of(target, load_settings(), token)
    found = count(store, read_version(store, dataset, number))
    if json:
        print_json(found)
        return
    rows = [("all", "", found.total.clips, found.total.seconds / 3600, found.total.speakers)]
    for fact, values in {"split": found.by_split, **found.by_fact}.items():
        rows += [
            (fact, value, held.clips, held.seconds / 3600, held.speakers) for value, held in values.items()
        ]
    print_table(f"{dataset} {number}", ("", "", "clips", "hours", "speakers"), rows)
    spread = [(name, *values.values()) for name, values in found.measures.items()]
    print_table("", ("", *(f"{share:.0%}" for share in QUANTILES)), spread)
    say(f"{found.words} words, {found.vocabulary} different ones.")
