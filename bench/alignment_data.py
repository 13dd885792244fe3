"""Clips with known word times, and transcribed ones without, as the alignment benches read them."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from audio.align.features import RATE
from audio.align.languages import nearest_voice
from audio.align.words import split_words

Samples = npt.NDArray[np.float32]
Spans = Sequence[tuple[float, float]]
TRANSCRIBED = {"hi_air": 20, "te_commonvoice": 40, "ml_msc": 40, "kn_halthor": 40, "sw_swahili": 8}


@dataclass(frozen=True, slots=True)
class Clip:
    folder: str
    samples: Samples
    words: list[str]
    voice: str
    truth: Spans


def known_clips(folder: Path) -> Iterator[Clip]:
    for path in sorted(folder.glob("*/*.words.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        words = [word for word in truth["words"] if split_words(word["word"])]
        spans = [(word["start"], word["end"]) for word in words]
        voice = nearest_voice(truth.get("language") or truth["lang"])
        samples = decode(path.with_name(path.name.replace(".words.json", ".wav")))
        yield Clip(path.parent.name, samples, [word["word"] for word in words], voice, spans)


def transcribed_clips(folder: Path) -> Iterator[Clip]:
    for name, most in TRANSCRIBED.items():
        with (folder / name / "transcripts.tsv").open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
        for row in [row for row in rows if len(split_words(row["text"])) > 1][:most]:
            samples = decode(folder / name / row["file"])
            yield Clip(name, samples, split_words(row["text"]), nearest_voice(row["language"]), [])


def decode(path: Path) -> Samples:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        blocks = [
            part.to_ndarray().ravel()
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        ]
        blocks += [part.to_ndarray().ravel() for part in resampler.resample(None)]
    return np.asarray(np.concatenate(blocks), dtype=np.float32)
