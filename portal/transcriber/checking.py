"""The checker's findings for a text on its way, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.remarks import told
from portal.translation import Tongue
from transcription.text.checker import Finding


@dataclass(frozen=True, slots=True)
class Remark:
    """start, length: in code points. severity: error (it can't be sent), warning or note"""

    start: int
    length: int
    code: str
    severity: str
    message: str
    fix: str | None


def remarks(findings: Iterable[Finding], tongue: Tongue) -> tuple[Remark, ...]:
    return tuple(
        Remark(
            finding.start,
            finding.length,
            finding.code,
            finding.severity.value,
            told(finding, tongue),
            finding.fix,
        )
        for finding in findings
    )
