"""The one job of the children that listen to what has arrived. Answers in plain values alone.

The libraries of sound are loaded there, when a job comes: the portal itself stays small and starts at once.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audio.limits import Limits
from audio.recipe import Recipe
from audio.voices.values import HeardVoice, KnownEmbeddings, VoiceComparison

Findings = list[tuple[str, bool]]
"""Codes, the gravest first, and whether the recipe rejects for each."""


@dataclass(frozen=True, slots=True)
class HeardArrival:
    """What a child heard. voice, compared: None where nobody asked, or too little was said"""

    seconds: float
    findings: Findings
    measures: dict[str, Any]
    voice: HeardVoice | None = None
    compared: VoiceComparison | None = None


def measure(path: Path, recipe: Recipe, limits: Limits, known: KnownEmbeddings | None) -> HeardArrival:
    """What a recording is worth, and whose voice it is. Raises UnusableRecording.

    known: voices that it is compared with; None where the project compares none
    """
    from audio.files import measure_file
    from audio.voices.compare import compare
    from audio.voices.heard import VoiceMeter

    meter = VoiceMeter() if known is not None else None
    found = measure_file(path, recipe, limits, meter)
    findings = [(finding.code.value, finding.severity == "reject") for finding in found.findings]
    voice = meter.finish() if meter is not None else None
    compared = compare(voice.embedding, known) if voice is not None and known is not None else None
    return HeardArrival(found.duration, findings, asdict(found.measures), voice, compared)
