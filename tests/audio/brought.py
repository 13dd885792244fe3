"""A model as somebody brings one, made once a run: the tiny CTC, trained on six Telugu sentences of one speaker."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from audio.recognise.file import ModelFiles
from tests.audio.speech import mono
from tests.audio.tiny_ctc import TinyCtc, trained

_LEARNT = 6


@dataclass(frozen=True)
class Sentence:
    """A real recording and what is said in it."""

    path: Path
    text: str

    @property
    def samples(self):
        return mono(self.path)


def sentences(examples):
    """Eight short recordings, the first six of which the model has learnt."""
    found = []
    for path in sorted((examples / "recordings" / "te").glob("te-01_00?.mp3")):
        truth = json.loads((examples / "truth" / "te" / f"{path.name}.json").read_text("utf-8"))
        found.append(Sentence(path, " ".join(each["text"] for each in truth["utterances"])))
    return found


@cache
def brought(examples) -> TinyCtc:
    learnt = sentences(examples)[:_LEARNT]
    return trained([(each.samples, each.text) for each in learnt])


def brought_files(examples, folder):
    """The model as two files of a folder."""
    model = brought(examples)
    onnx, vocabulary = folder / "te.onnx", folder / "te.json"
    onnx.write_bytes(model.onnx)
    vocabulary.write_bytes(model.vocabulary)
    return ModelFiles(onnx, vocabulary)
