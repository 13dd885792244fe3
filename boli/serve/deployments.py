"""What runs on a schedule for every project: one table for `boli up`, the same as prefect.yaml."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TIMEZONE = "Asia/Kolkata"
AT_ONCE = 2  # a long pipeline must not keep the nightly release waiting


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A flow that runs for each project by the clock.

    flow: its name, which is also its module's in `flows` and its function's
    cron: in TIMEZONE
    """

    flow: str
    cron: str
    description: str

    @property
    def entrypoint(self) -> str:
        return f"flows/{self.flow}.py:{self.flow}"

    def parameters(self, project: str) -> dict[str, object]:
        if self.flow == "pipeline":  # what the portal received; `draft` and the nightly `publish` do the rest
            return {"project": project, "source": None, "release": False, "drafts": False}
        return {"project": project}


SCHEDULED = (
    Scheduled(
        "pipeline",
        "*/15 * * * *",
        "What was received goes as far as it can without people: ingest, segment, route, collect, align.",
    ),
    Scheduled(
        "collect",
        "5 * * * *",
        "Obey withdrawals; decide, from the texts that people handed in, what can be decided.",
    ),
    Scheduled(
        "draft",
        "10-59/15 * * * *",
        "Recognisers hear the clips that wait for people, where the project asks for drafts.",
    ),
    Scheduled("align", "20 * * * *", "Time the words of every accepted text that has no times yet."),
    Scheduled("train_aligner", "0 1 * * *", "Each language's accepted clips teach it an aligner of its own."),
    Scheduled("publish", "30 2 * * *", "Publish what is accepted as the dataset's next version."),
)


def projects(configs: Path) -> Iterator[str]:
    """Names of the projects that are configured, in order."""
    return iter(sorted(file.stem for file in (configs / "projects").glob("*.yaml")))
