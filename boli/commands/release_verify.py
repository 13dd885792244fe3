"""`boli release verify`: a version read again, and held against what was committed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from boli.commands.release_target import Json, Token, version_of
from boli.output import complain, print_json, say, step_bars
from catalog.config.settings import load_settings

if TYPE_CHECKING:
    from releases.verify import VerifyReport


def register(release: typer.Typer) -> None:
    release.command()(verify)


def verify(
    target: Annotated[str, typer.Argument(help="name, name@version, or the address of a version.")],
    level: Annotated[
        Literal["structure", "sizes", "hashes", "bytes", "sounds"],
        typer.Option(
            help="How deep: hashes reads everything again, bytes looks into every row, sounds decodes every sound."
        ),
    ] = "bytes",
    proof: Annotated[
        list[Path] | None,
        typer.Option(help="A proof of erasure that the version is held against; may be repeated."),
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="The public key that the installation signs proofs with.")
    ] = None,
    token: Token = None,
    json: Json = False,
) -> None:
    """Read a version again and compare it with what was committed: hashes, durations, lists, splits, erasures.

    Exit 1 where anything is missing, changed or too much, or where a proof of erasure (`boli consent proof`) was
    tampered with or says something else than the version.

    [bold]Examples[/]

      boli release verify boli-demo

      boli release verify s3://bucket/prefix/datasets/boli-demo/1.0.0

      boli release verify boli-demo@1.0.0 --proof te-01-erased.json
    """
    from releases.verify import verify as read_again
    from releases.verify_proofs import check_proofs

    store, dataset, version = version_of(target, load_settings(), token)
    with step_bars(quiet=json) as bars:
        report = read_again(
            store,
            dataset,
            version,
            level=level,
            progress=lambda label, done, total: bars.tell("verify", done, total, label),
        )
        report = check_proofs(store, report, proof or (), public=key)
    if json:
        print_json(report)
    else:
        _say(report, dataset, version, proofs=len(proof or ()))
    if not report.ok:
        raise typer.Exit(1)


def _say(report: "VerifyReport", dataset: str, version: str, *, proofs: int) -> None:
    if report.ok:
        erased = f", {report.redacted_rows} clips erased on withdrawal" if report.redacted_rows else ""
        what = {"bytes": "read", "sounds": "decoded"}.get(report.level)
        heard = f", {report.rows} clips {what}" if what else ""
        proven = f", {proofs} proofs of erasure hold" if proofs else ""
        say(f"✓ {dataset} {version} is {report.state}: {report.files} files{heard}{erased}{proven}.")
    elif report.state == "being redacted":
        complain(
            f"{dataset} {version} is being redacted: a speaker withdrew. Nothing is damaged; verify it again in a few "
            "minutes. If this stays, whoever runs the project runs the same `boli consent withdraw` again."
        )
    else:
        for problem in report.problems:
            complain(f"{problem.path or dataset}: {problem.what}")
