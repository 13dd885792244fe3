"""A version against the signed proofs of the erasures that took rows out of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog.erasure.proof import InvalidProof, read_proof
from catalog.store import StoreReader
from releases.tombstones import Tombstone, tombstones
from releases.verify import Problem, VerifyReport
from releases.versions import Version, read_version


def check_proofs(
    store: StoreReader, report: VerifyReport, proofs: Sequence[Path], *, public: str | None = None
) -> VerifyReport:
    """A report with what is wrong with these proofs too, under the file's name. While it is redacted none is read.

    public: the key that the installation is known by; None takes each proof's own
    """
    if not proofs or report.state == "being redacted":
        return report
    version = read_version(store, report.dataset, report.version)
    stones = [each for each in tombstones(store, report.dataset) if each.version == report.version]
    problems = []
    for path in proofs:
        try:
            statement = read_proof(path, public=public).statement
        except InvalidProof as error:
            problems.append(Problem(path.name, str(error)))
            continue
        problems += [Problem(path.name, what) for what in proof_problems(version, stones, statement)]
    return replace(report, problems=(*report.problems, *problems))


def proof_problems(
    version: Version, stones: Collection[Tombstone], proof: Mapping[str, Any]
) -> Iterator[str]:
    """Where a proof and the version say different things of one voice.

    stones: rows of it that `withdrawn.jsonl` names
    proof:  a statement whose signature was checked (`catalog.erasure.proof`)
    """
    stated = next((each for each in proof["releases"] if each["version"] == version.label), None)
    named = {
        stone.clip
        for stone in stones
        if stone.version == version.commit.version and proof["speaker"] in stone.speaker.split("+")
    }
    if proof["project"] != version.commit.project:
        yield f"is of project {proof['project']}, and the version of {version.commit.project}"
        return
    if stated is None:
        if named:
            yield f"says nothing of {version.label}, which {_rows(len(named))} of {proof['speaker']} left"
        return
    if stated["left"]:
        yield f"says that {_rows(stated['left'])} of {proof['speaker']} still stand in {version.label}"
    if stated["rows"] > len(named):
        yield (
            f"says that {_rows(stated['rows'])} of {proof['speaker']} were taken out, and withdrawn.jsonl names "
            f"{len(named)}"
        )
    if standing := named - version.redacted_clips:
        yield f"speaks of {_rows(len(standing))} that the version was never rewritten without"


def _rows(count: int) -> str:
    """
    >>> _rows(1), _rows(2)
    ('1 row', '2 rows')
    """
    return f"{count} row{'s' * (count != 1)}"
