"""The one job of the children that listen to what has arrived. Answers in plain values alone.

The libraries of sound are loaded there, when a job comes: the portal itself stays small and starts at once.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from audio.limits import Limits
from audio.recipe import Recipe

Findings = list[tuple[str, bool]]
"""Codes, the gravest first, and whether the recipe rejects for each."""


def measure(path: Path, recipe: Recipe, limits: Limits) -> tuple[float, Findings, dict[str, Any]]:
    """Seconds, findings and measures of a recording. Raises UnusableRecording."""
    from audio.files import measure_file

    found = measure_file(path, recipe, limits)
    findings = [(finding.code.value, finding.severity == "reject") for finding in found.findings]
    return found.duration, findings, asdict(found.measures)
