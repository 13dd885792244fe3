"""Silero v6: a small network's opinion of each 32 ms, without torch.

The weights come inside faster-whisper's wheel as a sequence model (ONNX): one call hears many frames and carries the
state, several times faster than a call a frame. The package itself is never imported: it would pull in a
speech recogniser.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from audio.blocks import Blocks
from audio.detect.interface import RATE, Samples
from audio.detect.levels import Levels
from audio.detect.states import SpeechStates, StateRules
from audio.interval import Interval

HOP = 512
CONTEXT = 64
BATCH = 64

# silero-vad 6, utils_vad.get_speech_timestamps: its defaults
RULES = StateRules(
    hop=HOP,
    enter=0.5,
    leave=0.35,
    min_silence=RATE * 100 // 1000,
    min_speech=RATE * 250 // 1000,
    before=RATE * 30 // 1000,
    after=RATE * 30 // 1000,
)


class SileroScores:
    """Likelihood of speech for each 32 ms of what is fed, in fixed batches of two seconds."""

    def __init__(self) -> None:
        self._session = _session()
        self._blocks = Blocks(HOP * BATCH)
        self._context = np.zeros(CONTEXT, np.float32)
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)

    def feed(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Scores (frames,) of the batches that became whole."""
        scores = [self._run(block) for block in self._blocks.feed(samples)]
        return np.concatenate(scores) if scores else np.zeros(0, np.float32)

    def finish(self) -> npt.NDArray[np.float32]:
        """Scores of the rest; the last frame is filled up with silence."""
        rest = self._blocks.rest()
        if not rest.size:
            return rest
        return self._run(np.pad(rest, (0, -rest.size % HOP)))

    def _run(self, samples: Samples) -> npt.NDArray[np.float32]:
        heard = np.concatenate([self._context, samples])
        self._context = heard[-CONTEXT:].copy()
        frames = np.lib.stride_tricks.sliding_window_view(heard, CONTEXT + HOP)[::HOP]
        scores, self._h, self._c = self._session.run(
            None, {"input": np.ascontiguousarray(frames), "h": self._h, "c": self._c}
        )
        return np.asarray(scores, np.float32).reshape(-1)


class SileroDetector:
    """Silero v6 with its own post-processing: what most of the field uses today."""

    def __init__(self) -> None:
        self._scores = SileroScores()
        self._states = SpeechStates(RULES)
        self._levels = Levels()

    @property
    def settled(self) -> int:
        return self._states.settled

    def feed(self, samples: Samples) -> list[Interval]:
        self._levels.feed(samples)
        return self._states.push(self._scores.feed(samples).tolist())

    def finish(self) -> list[Interval]:
        spoken = self._states.push(self._scores.finish().tolist())
        return spoken + self._states.finish(self._levels.heard)

    def quietest(self, span: Interval) -> int:
        return self._levels.quietest(span)


def model_path() -> Path:
    """Silero's weights on this machine. Raises FileNotFoundError with the mend where they are missing."""
    spec = find_spec("faster_whisper")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "assets" / "silero_vad_v6.onnx"
        if path.is_file():
            return path
    raise FileNotFoundError(
        "Silero's weights (silero_vad_v6.onnx) come inside the package faster-whisper, which is not installed whole. "
        "Install it (pip install faster-whisper), or set detection.engine to webrtc in the recipe."
    )


@cache
def _session() -> onnxruntime.InferenceSession:
    """One thread, so that the sums are made in one order and the scores are the same everywhere."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])
