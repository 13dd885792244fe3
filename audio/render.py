"""Samples to files: FLAC, WAV and a small Opus preview; whole or absent, and the same bytes every time."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float32]  # mono, (n,), full scale is 1.0

_WRITERS = {".flac": "FLAC", ".wav": "WAV"}
_BLOCK = 1 << 16


class SoundFile:
    """A file being written; made by `sound_file`."""

    def __init__(self, target: soundfile.SoundFile) -> None:
        self._target = target

    def write(self, samples: Samples) -> None:
        """Append mono samples, rounded to 16 bits without dither: a 16-bit original at this rate stays as it was."""
        for start in range(0, len(samples), _BLOCK):
            self._target.write(to_int16(samples[start : start + _BLOCK]))


@contextmanager
def sound_file(path: Path, rate: int) -> Iterator[SoundFile]:
    """Write a 16-bit mono FLAC or WAV, by the ending of `path`. It appears once it is whole, or not at all.

    Raises ValueError for another ending; OSError when the disk is full or the folder is missing.
    """
    kind = _WRITERS.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"sound is written as .flac or .wav, given {path.name!r}. Change the name's ending.")
    with (
        _whole_or_absent(path) as draft,
        soundfile.SoundFile(draft, "w", rate, 1, "PCM_16", format=kind) as target,
    ):
        yield SoundFile(target)


def write_sound(path: Path, samples: Samples, rate: int) -> None:
    """A clip that is all in memory; see `sound_file`."""
    with sound_file(path, rate) as target:
        target.write(samples)


def write_preview(path: Path, samples: Iterable[Samples], rate: int, bitrate: int) -> None:
    """Opus in Ogg for a weak phone on a slow line: mono, at most 32 kbit/s.

    samples: blocks in order
    rate:    one of Opus's own: 8, 12, 16, 24 or 48 kHz
    bitrate: bits a second, 6,000 to 32,000

    Complexity 1 of 10 and 60 ms frames: 490 times real time instead of 136, at the same size.
    """
    if not 6_000 <= bitrate <= 32_000:
        raise ValueError(f"a preview takes 6000 to 32000 bits a second, given {bitrate}")
    with (
        _whole_or_absent(path) as draft,
        # bitexact: no random stream number, no version of the encoder: the same bytes everywhere
        av.open(os.fspath(draft), "w", format="ogg", options={"fflags": "+bitexact"}) as target,
    ):
        stream = target.add_stream("libopus", rate=rate, options=_PREVIEW_OPTIONS, layout="mono")
        stream.bit_rate = bitrate
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        written = 0
        for block in samples:
            if len(block) == 0:
                continue
            frame = av.AudioFrame.from_ndarray(to_int16(block)[None], format="s16", layout="mono")
            frame.sample_rate = rate
            frame.pts = written
            written += len(block)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))


def write_text(path: Path, text: str) -> None:
    """UTF-8, whole or absent."""
    with _whole_or_absent(path) as draft:
        draft.write_text(text, encoding="utf-8")


def to_int16(samples: Samples) -> NDArray[np.int16]:
    """Nearest 16-bit value; what is beyond full scale stays at full scale."""
    rounded: NDArray[np.int16] = np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype(np.int16)
    return rounded


_PREVIEW_OPTIONS = {"application": "voip", "frame_duration": "60", "compression_level": "1", "vbr": "on"}


@contextmanager
def _whole_or_absent(path: Path) -> Iterator[Path]:
    """A draft in the same folder, which takes the name of `path` in one step when the block ends well."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o644)  # mkstemp's 0600 would keep other services from reading it
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
