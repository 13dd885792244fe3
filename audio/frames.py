"""A decoder's frames to blocks of samples in one form, whatever forms the stream takes on its way."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain, groupby
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

Block = NDArray[np.float32]  # (channels, samples), full scale is 1.0
Native = NDArray[Any]  # the same in the decoder's own type: int16, int32, uint8, float32 or float64

FAULTS = (av.error.FFmpegError, ValueError, IndexError)  # what PyAV raises on damaged bytes
BLOCK_SECONDS = 4
_LOUDEST = float(2**31)  # float files of whole numbers reach this; beyond it a bit of the exponent is damaged
_SAMPLE_TYPES = {  # FFmpeg's names; the ones with a p keep channels apart
    name + apart: np.dtype(kind)
    for name, kind in (("u8", "u1"), ("s16", "i2"), ("s32", "i4"), ("flt", "f4"), ("dbl", "f8"))
    for apart in ("", "p")
}


def blocks_of(
    frames: Iterator[AudioFrame], first: AudioFrame, damaged: Callable[[], None]
) -> Iterator[Block]:
    """Blocks of BLOCK_SECONDS, the last one shorter, in the rate and channels of `first`, which stands before `frames`.

    damaged: called for every piece that is lost
    """
    size = BLOCK_SECONDS * first.sample_rate
    fifo = av.AudioFifo()
    first.time_base = Fraction(0)  # none: the queue then asks none of the others to have the same
    for part in _in_one_form(chain([first], frames), first, damaged):
        part.pts = None  # time is the count of samples, whatever the container says
        fifo.write(part)
        if fifo.samples >= size:
            while (whole := fifo.read(size)) is not None:
                yield _as_float(_to_array(whole), damaged)
    if (rest := fifo.read(size, partial=True)) is not None:
        yield _as_float(_to_array(rest), damaged)


def interleaved(frames: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    """Frames of eight and more separate channels as interleaved ones.

    PyAV 18.1 looks for a null pointer behind the last channel's; FFmpeg puts none there from the eighth on, so that
    `AudioFrame.planes` reads stray memory.
    """
    for frame in frames:
        pack = av.AudioResampler(format=frame.format.packed, layout=frame.layout, rate=frame.sample_rate)
        yield from pack.resample(frame)
        yield from (rest for rest in pack.resample(None) if rest.samples)


def _in_one_form(
    frames: Iterator[AudioFrame], first: AudioFrame, damaged: Callable[[], None]
) -> Iterator[AudioFrame]:
    """Every frame in the first one's rate, channels and type: files that were joined change these half-way."""
    for form, run in groupby(frames, _form):
        if form == _form(first):
            yield from run
            continue
        # one converter a run: it holds on to the form of its first frame, and to sound from one frame to the next
        convert = av.AudioResampler(format=first.format, layout=first.layout, rate=first.sample_rate)
        for frame in chain(run, [None]):
            if frame is not None:
                frame.pts = None  # a converter would fill what looks like a gap
            try:
                parts = convert.resample(frame)
            except FAULTS:
                damaged()
                continue
            yield from (part for part in parts if part.samples)


def _form(frame: AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.layout.name, frame.format.name


def _to_array(frame: AudioFrame) -> Native:
    """A frame as (channels, samples), whether its channels are interleaved or not; a view where that is possible."""
    kind = _SAMPLE_TYPES[frame.format.name]
    channels = frame.layout.nb_channels
    planes: tuple[Any, ...] = frame.planes  # buffers, which PyAV's annotations don't say
    if frame.format.is_planar and channels > 1:
        return np.stack([np.frombuffer(plane, kind, frame.samples) for plane in planes])
    together: Native = np.frombuffer(planes[0], kind, frame.samples * channels)
    return together.reshape(frame.samples, channels).T


def _as_float(native: Native, damaged: Callable[[], None]) -> Block:
    """Samples as float32. What can't be a sample (in float files) becomes silence and counts as damage."""
    block: Block
    if native.dtype.kind == "f":
        with np.errstate(over="ignore", invalid="ignore"):
            block = native.astype(np.float32, order="C", copy=False)
            highest = max(block.max(initial=0.0), -block.min(initial=0.0))
            if not highest <= _LOUDEST:  # also where it is not a number
                damaged()
                block = np.where(np.abs(block) <= _LOUDEST, block, np.float32(0))
        return block
    block = native.astype(np.float32, order="C")
    if native.dtype == np.uint8:
        block -= np.float32(128)
        block /= np.float32(128)
    else:
        block /= np.float32(2 ** (8 * native.dtype.itemsize - 1))
    return block
