"""A model as bytes that can be kept and read again: a .npz of plain arrays, without pickle, held to its bounds."""

import io
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt

from audio.align.corpus.frames import DIMENSIONS, Scale
from audio.align.corpus.graph import PARTS
from audio.align.corpus.mixtures import Mixtures
from audio.align.corpus.model import CorpusModel
from audio.align.corpus.sounds import SILENCE, UNKNOWN

FORMAT = 1
MOST_BYTES = 16 * 2**20
_MOST_SYMBOLS, _LONGEST_NAME = 1000, 32

_NUMBERS = ("mean", "variance", "weight", "first", "scale_mean", "scale_variance", "usual", "alarm")
_NAMES = frozenset(("format", "voice", "symbols", "tied", *_NUMBERS))
Array = npt.NDArray[Any]


class BadModelError(ValueError):
    """These bytes are no model of this version of Boli."""


def to_bytes(model: CorpusModel) -> bytes:
    """The same model gives the same bytes."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        allow_pickle=False,
        format=np.array(FORMAT),
        voice=np.array(model.voice),
        symbols=np.array(model.symbols),
        tied=np.array(model.tied, dtype=np.str_).reshape(-1, 2),
        mean=model.mixtures.mean,
        variance=model.mixtures.variance,
        weight=model.mixtures.weight,
        first=model.mixtures.first,
        scale_mean=model.scale.mean,
        scale_variance=model.scale.variance,
        usual=np.array(model.usual),
        alarm=np.array(model.alarm),
    )
    return content.getvalue()


def from_bytes(content: bytes) -> CorpusModel:
    """Raises BadModelError for anything that `to_bytes` would not have written."""
    if len(content) > MOST_BYTES:
        raise BadModelError(f"a model has at most {MOST_BYTES} bytes, given: {len(content)}.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            names = frozenset(entry.filename.removesuffix(".npy") for entry in archive.infolist())
        if size > MOST_BYTES or names != _NAMES:
            raise BadModelError(
                f"a model unpacks to {len(_NAMES)} arrays, given: {size} bytes in {sorted(names)}."
            )
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return _checked({name: arrays[name] for name in arrays.files})
    # zipfile says NotImplementedError of a compression that it doesn't know, as a damaged head may name
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError, OSError, NotImplementedError) as error:
        if isinstance(error, BadModelError):
            raise
        raise BadModelError(f"these bytes are no model: {error}") from error


def _checked(arrays: dict[str, Array]) -> CorpusModel:
    if arrays["format"].shape != () or arrays["format"] != FORMAT:
        raise BadModelError(f"a model of this version has format {FORMAT}; learn it again.")
    symbols = tuple(_text(arrays["symbols"], 1).tolist())
    tied = tuple((symbol, model) for symbol, model in _text(arrays["tied"], 2).reshape(-1, 2).tolist())
    first = arrays["first"]
    gaussians = len(arrays["mean"])
    rising = first.dtype == np.int64 and first.shape == (PARTS * len(symbols),)
    if not rising or first[0] != 0 or (np.diff(first) < 1).any() or first[-1] >= gaussians:
        raise BadModelError("each state of a model has one Gaussian or more, in the order of the states.")
    if symbols[:2] != (SILENCE, UNKNOWN) or not {model for _, model in tied} <= set(symbols):
        raise BadModelError("a model knows silence and the unknown sound first, and each tied symbol's own.")
    mean, variance = (_floats(arrays[name], gaussians, DIMENSIONS) for name in ("mean", "variance"))
    scale = Scale(_floats(arrays["scale_mean"], DIMENSIONS), _floats(arrays["scale_variance"], DIMENSIONS))
    if (variance <= 0).any() or (scale.variance <= 0).any():
        raise BadModelError("a variance is above 0.")
    usual = _floats(arrays["usual"], 2)
    return CorpusModel(
        str(_text(arrays["voice"], 0)),
        symbols,
        tied,
        Mixtures(mean, variance, _floats(arrays["weight"], gaussians), first),
        scale,
        (float(usual[0]), float(usual[1])),
        float(_floats(arrays["alarm"])),
    )


def _text(array: Array, axes: int) -> Array:
    if array.dtype.kind != "U" or array.ndim != axes or array.size > 2 * _MOST_SYMBOLS:
        raise BadModelError(
            f"names in a model are text along {axes} axes, given: {array.dtype} {array.shape}."
        )
    if array.dtype.itemsize > 4 * _LONGEST_NAME:
        raise BadModelError(f"a name in a model has at most {_LONGEST_NAME} characters.")
    return array


def _floats(array: Array, *shape: int) -> Array:
    if array.dtype.kind != "f" or array.shape != shape or not np.isfinite(array).all():
        raise BadModelError(f"numbers in a model are {shape} floats, given: {array.dtype} {array.shape}.")
    return array
