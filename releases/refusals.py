"""Why a version is not built: every fault of the project that a user of the data would have to find."""

from dataclasses import dataclass

from catalog.errors import UserError

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """kind: what is wrong, as a word; item: of what; what: in a sentence's second half"""

    kind: str
    item: str
    what: str


class Refused(UserError):
    """A version that would hold something false is not built; nothing was published."""

    def __init__(self, dataset: str, refusals: tuple[Refusal, ...]) -> None:
        self.refusals = refusals
        lines = [f"  {each.item} {each.what} ({each.kind})" for each in refusals[:SHOWN]]
        if len(refusals) > SHOWN:
            lines.append(f"  … and {len(refusals) - SHOWN} more")
        super().__init__(
            f"{dataset} was not published, because {len(refusals)} thing(s) in it are not as the catalogue says:\n"
            + "\n".join(lines)
            + "\n`boli explain CLIP` shows where each comes from; mend it, or reject the clip, and publish again."
        )


class NothingToPublish(UserError):
    """No clip may be published yet."""


class NoSuchVersion(UserError):
    """The store holds no committed version of that name."""


class BrokenManifest(UserError):
    """A commit, claim or redaction in the store is not in the form that we write."""


class PublishConflict(UserError):
    """Other publishers took every version number that was tried."""


class PullFailed(UserError):
    """What was pulled is not what the version holds."""
