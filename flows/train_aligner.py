"""Each language's accepted clips teach it an aligner of its own."""

from prefect import flow

from flows.parameters import ProjectName
from flows.progress import StepProgress
from flows.running import publish_table, retried, say
from flows.steps.train_aligner import LanguageReport
from flows.steps.train_aligner import train_aligner as train_language
from flows.traced import traced_flow
from flows.workspace import open_workspace


@retried("train aligner {language}")
def train_one(project: str, language: str) -> LanguageReport:
    """Learn the model of one language, and decide whether it is used."""
    with open_workspace(project) as workspace:
        return train_language(workspace, language, progress=StepProgress("train_aligner"))


@traced_flow
@flow(name="train_aligner", flow_run_name="train aligner {project}")
def train_aligner(project: ProjectName) -> tuple[LanguageReport, ...]:
    """Learn aligners where a language has grown by a quarter, or a voice was withdrawn; else look, and end."""
    with open_workspace(project) as workspace:
        languages = sorted(workspace.languages)
    reports = tuple(train_one(project, language) for language in languages)
    publish_table(f"aligners-{project}", f"Aligners of {project}", [table_row(each) for each in reports])
    for each in reports:
        say(
            f"{each.language}: {'its own models' if each.chosen else 'the reference'} ({each.reason or 'chosen'})"
        )
    return reports


def table_row(report: LanguageReport) -> dict[str, object]:
    """The figures that a choice rests on, as shares of held-out edges and clips."""
    return {
        "language": report.language,
        "uses": "its own models" if report.chosen else "reference",
        "why": report.reason or "chosen",
        "clips": report.clips,
        "minutes": round(report.seconds / 60, 1),
        "halves agree": report.agreement,
        "stable under noise": report.stability,
        "reference stable": report.reference_stability,
        "texts distinguished": report.told_apart,
        "reference tells apart": report.reference_told_apart,
    }
