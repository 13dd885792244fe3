"""`boli audit verify | archive | export`: the log of every act, over years."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer

from boli.commands.opened import catalog_and_store
from boli.output import complain, print_json, say
from catalog.config.settings import load_settings

audit = typer.Typer(help="The log of every act: proved, moved to the store, read.", no_args_is_help=True)

ACTOR = "operator"
EVERY_MONTH = 12_000
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Day = Annotated[str | None, typer.Option(help="A day such as 2025-11-30, as people in India count days.")]


def register(app: typer.Typer) -> None:
    app.add_typer(audit, name="audit")


@audit.command()
def verify(json: Json = False) -> None:
    """Prove that no act of the log was changed, taken out or put in, in the catalogue and in the store.

    Exit 1 where an act does not fit the one before it, or the head of an earlier day that the store holds; the first
    such act is named.

    [bold]Example[/]

      boli audit verify
    """
    from catalog.audit_archive.proof import prove

    with catalog_and_store(load_settings()) as (catalog, store), catalog.reading() as session:
        proof = prove(session, store)
    if json:
        print_json(proof)
    elif proof.broken is None:
        say(
            f"✓ {proof.events} acts fit together, {proof.archived} of them in the store, and the heads of "
            f"{proof.heads} days in the store fit them."
        )
    else:
        complain(
            f"The audit log is not as it was written: {proof.broken}.\n"
            "Keep this database and the store as they are, and compare with a backup from before that act."
        )
    if proof.broken is not None:
        raise typer.Exit(1)


@audit.command()
def archive(json: Json = False) -> None:
    """Move the months that are over for longer than BOLI_AUDIT_MONTHS to the store, as Parquet.

    As the flow `collect` does by itself, a month at a time. What was written is read back and its chain proved before
    anything leaves the table. Stopped at any moment, give it again.

    [bold]Example[/]

      BOLI_AUDIT_MONTHS=24 boli audit archive
    """
    from catalog.audit_archive.archiving import archive_audit_log

    settings = load_settings()
    with catalog_and_store(settings) as (catalog, store):
        done = archive_audit_log(
            catalog,
            store,
            keep_months=settings.audit_months,
            actor=ACTOR,
            now=datetime.now(UTC),
            scratch=settings.scratch,
            most=EVERY_MONTH,
        )
    if json:
        print_json(done)
        return
    months = f": {', '.join(done.months)}" if done.months else ""
    say(
        f"✓ {len(done.months)} months are in the store now{months}. {done.acts:,} acts, "
        f"{done.removed:,} rows fewer in the catalogue."
    )


@audit.command()
def export(since: Day = None, until: Day = None) -> None:
    """Print the acts of some days, or all, oldest first, one JSON object a line, wherever they lie.

    Acts name people and speakers by id.

    [bold]Example[/]

      boli audit export --since 2025-01-01 --until 2025-03-31 > acts.jsonl
    """
    from catalog.audit_archive.reading import every_act
    from catalog.audit_archive.wanted import WantedActs

    begin, last = _midnight(since, "--since"), _midnight(until, "--until")
    wanted = WantedActs(begin=begin, end=None if last is None else last + timedelta(days=1))
    with catalog_and_store(load_settings()) as (catalog, store), catalog.reading() as session:
        for act in every_act(session, store, wanted):
            print_json({"id": act.id, **asdict(act.content)})


def _midnight(day: str | None, option: str) -> datetime | None:
    from catalog.calendar import ZONE

    if day is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(), ZONE)
    except ValueError:
        raise typer.BadParameter(f"{option} is a day such as 2025-11-30, given {day!r}.") from None
