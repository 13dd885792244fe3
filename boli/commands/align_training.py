"""`boli align --train`: the flow `train_aligner` once, without Prefect, and which aligner each language uses since."""

from boli.output import print_json, print_table
from catalog.config.settings import Settings
from flows.steps.aligners import aligners_in_use
from flows.steps.train_aligner import LanguageReport, train_aligner
from flows.workspace import open_workspace

_REASONS = {
    "not_learnt": "not learnt yet",
    "nothing_new": "little is new since it was learnt",
    "too_little": "too little accepted speech: ten minutes teach a model",
    "no_voice": "espeak-ng has no voice near it",
    "does_not_know_its_texts": "its models tell clips' own texts from others' no better",
    "halves_disagree": "models of two halves of the clips disagree",
    "less_stable": "noise moves its words further",
    "consent_changed": "a voice was withdrawn meanwhile: run it again",
    "erased": "its models were erased with a voice: learnt again by the next run",
}


def train_project(settings: Settings, project: str, *, json: bool) -> None:
    """Learn what is due of every language of a project. Raises UnknownProject."""
    with open_workspace(project, settings) as workspace:
        reports = [train_aligner(workspace, language) for language in sorted(workspace.languages)]
        with workspace.catalog.reading() as session:
            found = aligners_in_use(session, project, list(workspace.languages))
    in_use = {each.language: each.aligner for each in found}
    if json:
        print_json({"project": project, "languages": reports, "in_use": in_use})
        return
    print_table(
        f"Aligners of {project}",
        ("language", "uses", "clips", "minutes", "halves agree", "stable", "why"),
        [_row(report, in_use[report.language]) for report in reports],
    )


def _row(report: LanguageReport, aligner: str) -> tuple[str, str, int, float, str, str, str]:
    why = "better on held-out clips" if report.reason is None else _REASONS[report.reason]
    stable = f"{_share(report.stability)} ({_share(report.reference_stability)})" if report.stability else ""
    return (
        report.language,
        aligner,
        report.clips,
        round(report.seconds / 60, 1),
        _share(report.agreement),
        stable,
        why,
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
