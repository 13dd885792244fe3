"""A model as somebody brings one, made once a run: the tiny CTC, trained on six Telugu sentences of one speaker."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from audio.recognise.file import ModelFiles
from tests.audio.speech import mono
from tests.audio.tiny_ctc import RATE, TinyCtc, trained

_LEARNT = 6


@dataclass(frozen=True)
class Sentence:
    """A real recording and what is said in it."""

    path: Path
    text: str
    start: float
    end: float

    @property
    def samples(self):
        return mono(self.path)

    def cuts(self):
        """The same, cut with more and less silence around it: a model must not mind where a clip begins."""
        whole = self.samples
        for before, after in ((9.0, 9.0), (0.31, 0.27), (0.207, 0.153), (0.113, 0.311), (0.052, 0.08)):
            yield whole[max(0, round((self.start - before) * RATE)) : round((self.end + after) * RATE)]


def sentences(examples):
    """Eight short recordings, the first six of which the model has learnt."""
    found = []
    for path in sorted((examples / "recordings" / "te").glob("te-01_00?.mp3")):
        truth = json.loads((examples / "truth" / "te" / f"{path.name}.json").read_text("utf-8"))
        said = truth["utterances"]
        text = " ".join(each["text"] for each in said)
        found.append(Sentence(path, text, said[0]["start"], said[-1]["end"]))
    return found


@cache
def brought(examples) -> TinyCtc:
    learnt = sentences(examples)[:_LEARNT]
    return trained([(cut, each.text) for each in learnt for cut in each.cuts()])


def brought_files(examples, folder):
    """The model as two files of a folder."""
    model = brought(examples)
    onnx, vocabulary = folder / "te.onnx", folder / "te.json"
    onnx.write_bytes(model.onnx)
    vocabulary.write_bytes(model.vocabulary)
    return ModelFiles(onnx, vocabulary)
