"""A CTC network in ONNX, on one thread of the processor: sound in, logarithms of its tokens' probabilities out.

The file comes from an operator and is read as untrusted: bounded in bytes, whole in itself (no file beside it), and
run only where `audio.confine` holds the process. onnxruntime is an optional part: `pip install 'boli[models]'`.
"""

from importlib.util import find_spec
from typing import Any

import numpy as np

from audio.align.features import Floats
from audio.recognise.vocabulary import Vocabulary

MOST_BYTES = 768 * 2**20
"""A model of 300 million parameters in half precision; the child that runs it has 3 GB."""
_QUIET = 1e-7


class BadRecogniserError(ValueError):
    """A file that is no CTC model in ONNX, or not one of this vocabulary."""


class NoRuntimeError(RuntimeError):
    """onnxruntime isn't installed."""


NO_RUNTIME = "a model in ONNX needs onnxruntime. Install it with: pip install 'boli[models]'"


def has_runtime() -> bool:
    """Whether onnxruntime is installed; to be asked before work is given to children."""
    return find_spec("onnxruntime") is not None


class CtcNetwork:
    """A model that is ready to hear. Its input is (1, samples) at 16 kHz, and a length where it asks for one."""

    def __init__(self, data: bytes, vocabulary: Vocabulary) -> None:
        """data: of the ONNX file. Raises BadRecogniserError, NoRuntimeError."""
        if len(data) > MOST_BYTES:
            raise BadRecogniserError(f"a model takes at most {MOST_BYTES} bytes, given: {len(data)}.")
        self._vocabulary = vocabulary
        self._session = _session(data)
        inputs = self._session.get_inputs()
        self._sound, self._length = _named(inputs)

    def outputs(self, samples: Floats) -> Floats:
        """(frames, tokens), logarithms of probabilities. samples: float32 mono at 16 kHz. Raises BadRecogniserError."""
        heard = (samples - samples.mean()) / (samples.std() + _QUIET)  # as wav2vec 2.0 and MMS are trained
        given: dict[str, Any] = {self._sound: heard[None].astype(np.float32)}
        if self._length is not None:
            given[self._length] = np.array([len(samples)], dtype=np.int64)
        try:
            found = np.asarray(self._session.run(None, given)[0])
        except Exception as error:  # noqa: BLE001 (onnxruntime's are many, and of no common class)
            raise BadRecogniserError(
                f"the model can't hear {len(samples)} samples: {str(error)[:300]}"
            ) from None
        if found.ndim != 3 or found.shape[0] != 1 or found.shape[2] != len(self._vocabulary.tokens):
            raise BadRecogniserError(
                f"a CTC model gives (1, frames, {len(self._vocabulary.tokens)}) for its vocabulary, this one gave "
                f"{found.shape}. Is this the vocabulary of another model?"
            )
        if not found.shape[1] or not np.isfinite(found).all():
            raise BadRecogniserError(
                "a CTC model gives numbers for every frame; this one gave others or none."
            )
        return _log_softmax(found[0].astype(np.float32))


def _session(data: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise NoRuntimeError(NO_RUNTIME) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 (onnxruntime's are many, and of no common class)
        raise BadRecogniserError(f"this is no model in ONNX that can be run: {str(error)[:300]}") from None


def _named(inputs: list[Any]) -> tuple[str, str | None]:
    sound = [each for each in inputs if each.type == "tensor(float)" and len(each.shape) == 2]
    length = [each for each in inputs if each.type == "tensor(int64)" and len(each.shape) == 1]
    if len(sound) != 1 or len(sound) + len(length) != len(inputs) or len(length) > 1:
        given = ", ".join(f"{each.name} {each.type} {each.shape}" for each in inputs)
        raise BadRecogniserError(
            f"a model takes the sound as (1, samples) of float32, and its length where it needs one; this one takes "
            f"{given}. Export it together with what makes its features."
        )
    return sound[0].name, length[0].name if length else None


def _log_softmax(values: Floats) -> Floats:
    """Also of what is one already."""
    above = values - values.max(axis=1, keepdims=True)
    return np.asarray(above - np.log(np.exp(above).sum(axis=1, keepdims=True)), dtype=np.float32)
