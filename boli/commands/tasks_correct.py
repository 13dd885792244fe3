"""`boli tasks correct`: clips by which people correct a model, put into the queue with what it heard."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from boli.errors import UserError
from boli.output import complain, print_json, print_table, say, step_bars
from catalog.config.project import Project
from catalog.config.recognisers import Recogniser
from catalog.config.settings import load_settings
from catalog.states import ChosenBy

if TYPE_CHECKING:
    from flows.steps.correct_model import CorrectionPlan, CorrectionReport
    from transcription.drafts.correcting import Stage

AT_A_SERVICE = "service:"
MOST = 20_000
STAGES = {
    "waiting": "wait at the front of the queue, with what the model heard",
    "in_hand": "people are at them already",
    "written": "have an accepted text: nothing more is to be done",
}


class By(StrEnum):
    """How clips are chosen."""

    LEAST_SURE = "least-sure"
    CHANCE = "chance"


class Among(StrEnum):
    """Which clips are chosen from."""

    ANY = "any"
    WAITING = "waiting"
    WRITTEN = "written"


ProjectName = Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")]
Language = Annotated[
    str | None, typer.Option("--language", help="By default the project's only one.", show_default=False)
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="An ONNX file or its address in a store, or service:NAME; by default the project's recogniser.",
        show_default=False,
    ),
]
ModelVocabulary = Annotated[
    str | None,
    typer.Option("--vocabulary", help="Of an ONNX file: vocab.json or tokens.txt.", show_default=False),
]
ModelFeatures = Annotated[
    str | None,
    typer.Option(
        "--features", help="Of an ONNX file: the description of what it hears by.", show_default=False
    ),
]
Count = Annotated[int, typer.Option("--count", min=1, max=MOST, help="How many clips are chosen so, in all.")]
ChosenHow = Annotated[
    By, typer.Option("--by", help="Where the model is least sure, or chance: an honest measure of it.")
]
HeardFirst = Annotated[
    int | None,
    typer.Option(
        "--among",
        min=1,
        max=MOST,
        help="least-sure: how many clips are heard to choose from. By default five for each.",
        show_default=False,
    ),
]
Clips = Annotated[
    Among, typer.Option("--clips", help="Any, only those that nobody has begun, or only accepted ones.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def register(tasks: typer.Typer) -> None:
    tasks.command()(correct)


def correct(
    project: ProjectName = "demo",
    language: Language = None,
    model: Model = None,
    vocabulary: ModelVocabulary = None,
    features: ModelFeatures = None,
    count: Count = 100,
    by: ChosenHow = By.LEAST_SURE,
    among: HeardFirst = None,
    clips: Clips = Among.ANY,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Have people correct what a model hears: clips are chosen, heard by it, and come next in the queue.

    The work is the queue's own: its text stands in the editor of the first to write a clip, with the project's second
    opinions, review, pay and share of blind clips. A clip whose text is accepted makes no new task: its text stands
    beside what the model heard at once. The same command again does nothing; a larger --count chooses the rest; stopped
    anywhere it goes on from there.

    [bold]Examples[/]

      boli tasks correct --project field --count 200 --dry-run

      boli tasks correct -P field --language te --model te-new.onnx --vocabulary te-new.json --by chance --count 300
    """
    from flows.steps.correct_model import CorrectionRequest, correct_model, plan_correction
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace:
        code = _language(workspace.project, language)
        request = CorrectionRequest(
            language=code,
            recogniser=_recogniser(workspace.project, code, model, vocabulary, features),
            chosen_by=ChosenBy.LEAST_SURE if by is By.LEAST_SURE else ChosenBy.CHANCE,
            count=count,
            among=among,
            stages=_stages(clips),
            actor="operator",
        )
        plan = plan_correction(workspace, request)
        if dry_run:
            _show_plan(plan, json=json)
            return
        with step_bars(quiet=json) as bars:
            report = correct_model(
                workspace, plan, lambda done, total, label: bars.tell("hear", done, total, label)
            )
    if json:
        print_json(report)
    else:
        _show(plan, report)
    if _complain(report):
        raise typer.Exit(1)


def _complain(report: "CorrectionReport") -> bool:
    """Say what went wrong; whether the command failed: a clip did, or the model hears nothing at all."""
    if report.unheard:
        complain(f"{report.unheard} clips that the model can't hear are left out: {report.fault}")
    for item in report.failed:
        complain(f"{item.name}: {item.code}: {item.detail}")
    return bool(report.failed) or (report.unheard > 0 and not report.heard)


def _language(project: Project, code: str | None) -> str:
    if code is None and len(project.languages) == 1:
        return project.languages[0]
    if code not in project.languages:
        given = "none was named" if code is None else f"given: {code}"
        raise UserError(
            f"{project.name} collects {', '.join(project.languages)}; {given}.\nName one with --language."
        )
    return code


def _recogniser(
    project: Project, language: str, model: str | None, vocabulary: str | None, features: str | None
) -> Recogniser:
    """The one that --model names, else the project's."""
    if model is None:
        known = project.recognisers.get(language)
        if known is None:
            raise UserError(
                f"{project.name} names no recogniser for {language}.\n"
                "Name a model with --model, or write it under `recognisers` in the project's file."
            )
        return known
    try:
        if model.startswith(AT_A_SERVICE):
            return Recogniser(service=model.removeprefix(AT_A_SERVICE))
        return Recogniser(
            onnx=_address(model),
            vocabulary=_address(vocabulary) if vocabulary else None,
            features=_address(features) if features else None,
        )
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise UserError(f"--model {model}: {why}\nAn ONNX file has its --vocabulary.") from error


def _address(place: str) -> str:
    return place if "://" in place else Path(place).resolve().as_uri()


def _stages(clips: Among) -> "frozenset[Stage] | None":
    if clips is Among.ANY:
        return None
    return frozenset(["waiting"]) if clips is Among.WAITING else frozenset(["written"])


def _show_plan(plan: "CorrectionPlan", *, json: bool) -> None:
    minutes = sum(clip.seconds for clip in plan.to_hear) / 60
    if json:
        print_json(
            {
                "model": plan.draw.model,
                "language": plan.draw.language,
                "chosen_by": plan.draw.chosen_by,
                "before": plan.before,
                "to_choose": plan.missing,
                "drawn": [clip.id for clip in plan.clips],
                "to_hear": len(plan.to_hear),
                "minutes_to_hear": round(minutes, 2),
            }
        )
        return
    say(f"{plan.draw.model} in {plan.draw.language}: {plan.before} clips were chosen so before.")
    if not plan.missing:
        say("Nothing is left to do; a larger --count chooses more.")
        return
    say(
        f"Would hear {len(plan.to_hear)} clips ({minutes:.1f} minutes) and choose {min(plan.missing, len(plan.clips))}."
    )
    if len(plan.clips) < plan.missing:
        say(f"▲ There are no more than {len(plan.clips)} clips to choose from.")


def _show(plan: "CorrectionPlan", report: "CorrectionReport") -> None:
    total = sum(report.asked.values())
    say(f"✓ {report.model} in {report.language}: {total} clips chosen, {report.before} before.")
    rows = [(STAGES[stage], number) for stage, number in sorted(report.asked.items())]
    if rows:
        print_table("Chosen now", ("what becomes of them", "clips"), rows)
    if total < plan.missing:
        say(
            f"▲ {plan.missing} were wanted; there were {len(plan.clips)} to choose from. The command again goes on."
        )
