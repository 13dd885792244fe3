"""Near-duplicates: the same sound re-encoded, trimmed or louder, found by how its spectrum moves.

After Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System" (ISMIR 2002): 32 bits a frame, each the sign of
how the difference between two neighbouring bands changed since the frame before. Levels cancel out, codecs hardly
matter, and a phone's band (300 to 2000 Hz) is enough.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from audio.blocks import Blocks

RATE = 16_000
WINDOW = 4096  # 256 ms
HOP = 512  # 32 ms: another start of the file is never further than 16 ms from a frame's
BITS = 32
_LOWEST_HZ, _HIGHEST_HZ = 300.0, 2000.0
_SPREAD_DB = 25  # frames further below the loud ones hold noise, whose bits say nothing
_MOST_OFFSETS = 8  # alignments that are looked at closely
_MOST_HITS = 2_000_000
LANDMARKS = 128  # of a recording
_LANDMARK_BITS = 24  # the lower bands: the last eight bits are the first that a codec changes


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """words: little-endian uint32 for each frame of 32 ms; levels: dB above -120 dBFS, a byte for each frame"""

    words: bytes
    levels: bytes

    @property
    def seconds(self) -> float:
        return len(self.levels) * HOP / RATE


@dataclass(frozen=True, slots=True)
class FingerprintMatch:
    """How two recordings lie over each other best.

    offset_seconds: where the second begins on the first's time line (below 0: it begins earlier)
    shared_seconds: loud enough in both, and so compared
    bit_error:      share of differing bits: 0.5 for strangers, under 0.3 for copies
    """

    offset_seconds: float
    shared_seconds: float
    bit_error: float


class Fingerprinter:
    """Push mono 16 kHz blocks of any size; constant memory apart from the 156 bytes a second that it gives out."""

    def __init__(self) -> None:
        self._bands = _bands()
        self._window = np.hanning(WINDOW).astype(np.float32)
        self._blocks = Blocks(HOP)
        self._past = np.zeros(WINDOW - HOP, np.float32)
        self._before: NDArray[np.float32] | None = None
        self._words: list[bytes] = []
        self._levels: list[bytes] = []

    def feed(self, samples: NDArray[np.float32]) -> None:
        """samples: (n,)"""
        fresh = self._blocks.whole(samples)
        # a few frames at a time, so that one long block costs no more memory than many short ones
        for start in range(0, len(fresh), HOP * 64):
            self._hear(fresh[start : start + HOP * 64])

    def finish(self) -> Fingerprint:
        """What has been heard so far; the last partial frame is left out."""
        return Fingerprint(b"".join(self._words), b"".join(self._levels))

    def _hear(self, fresh: NDArray[np.float32]) -> None:
        sound = np.concatenate([self._past, fresh])
        self._past = sound[-(WINDOW - HOP) :].copy()
        frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP]
        spectra = scipy.fft.rfft(frames * self._window, axis=1)[:, self._bands[0] : self._bands[-1]]
        power = np.square(spectra.real) + np.square(spectra.imag)
        bands = np.log10(np.add.reduceat(power, self._bands[:-1] - self._bands[0], axis=1) + 1e-9)
        slopes = bands[:, :-1] - bands[:, 1:]
        before = slopes[:1] if self._before is None else self._before
        rises = slopes - np.concatenate([before, slopes[:-1]])
        self._before = slopes[-1:]
        self._words.append(np.packbits(rises > 0, axis=1, bitorder="little").tobytes())
        hops = np.square(sound.reshape(-1, HOP), dtype=np.float64).mean(axis=1)
        means = np.convolve(hops, np.full(WINDOW // HOP, HOP / WINDOW), "valid")
        level = 10 * np.log10(means + 1e-12) + 120
        self._levels.append(np.clip(level, 0, 255).astype(np.uint8).tobytes())


def landmarks(fingerprint: Fingerprint) -> tuple[int, ...]:
    """A few words by which to look a recording up among many: copies share some, strangers hardly ever one.

    Of the words of its loud frames (24 bits each) the ones that an arbitrary, fixed order puts first: two recordings
    with words in common have many of these in common too (min-wise sampling, Broder 1997).
    """
    words, loud = _read(fingerprint)
    found = np.unique(words[loud] & np.uint32((1 << _LANDMARK_BITS) - 1))
    order = found * np.uint32(2_654_435_761)  # Knuth's multiplicative hash, modulo 2**32
    return tuple(found[np.argsort(order, kind="stable")[:LANDMARKS]].tolist())


def covered(found: FingerprintMatch, one: Fingerprint, other: Fingerprint) -> float:
    """Share of `other`'s time that lies over `one`: 1.0 for a copy or a part of it, less where it holds more."""
    start = max(0.0, found.offset_seconds)
    end = min(one.seconds, found.offset_seconds + other.seconds)
    return max(0.0, end - start) / other.seconds if other.seconds else 0.0


def likeness(one: Fingerprint, other: Fingerprint) -> FingerprintMatch | None:
    """The best alignment of two recordings; None where no stretch of them has anything in common."""
    words_a, loud_a = _read(one)
    words_b, loud_b = _read(other)
    best: FingerprintMatch | None = None
    for offset in _likely_offsets(words_a, loud_a, words_b, loud_b):
        start, end = max(0, offset), min(len(words_a), offset + len(words_b))
        both = loud_a[start:end] & loud_b[start - offset : end - offset]
        count = int(both.sum())
        if not count:
            continue
        differing = np.bitwise_count(words_a[start:end][both] ^ words_b[start - offset : end - offset][both])
        error = float(differing.sum()) / (BITS * count)
        found = FingerprintMatch(offset * HOP / RATE, count * HOP / RATE, error)
        if best is None or _strength(found) > _strength(best):
            best = found
    return best


def is_near_duplicate(found: FingerprintMatch | None) -> bool:
    """Whether a likeness means the same sound: the shorter the stretch in common, the fewer bits may differ.

    On 520 real clips (6 languages, many of them single words): no match among all 134,940 pairs of strangers, whose
    least error over a second or more was 0.34. Of 140 clips' copies 139 were found (MP3, AAC, Opus, a third of the
    level, 15 % cut off at both ends), and 135 as AMR at 8 kHz.
    """
    if found is None or found.shared_seconds < 1:
        return False
    return found.bit_error <= 0.4 - 0.1 / math.sqrt(found.shared_seconds)


def _strength(found: FingerprintMatch) -> float:
    """Bits that agree beyond chance."""
    return (0.5 - found.bit_error) * found.shared_seconds


def _read(fingerprint: Fingerprint) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    levels = np.frombuffer(fingerprint.levels, np.uint8)
    loud = levels >= np.percentile(levels, 95) - _SPREAD_DB if len(levels) else levels > 0
    return np.frombuffer(fingerprint.words, "<u4"), loud & (levels > 20)


def _likely_offsets(
    words_a: NDArray[np.uint32],
    loud_a: NDArray[np.bool_],
    words_b: NDArray[np.uint32],
    loud_b: NDArray[np.bool_],
) -> list[int]:
    """Offsets (frames of a, where b begins) at which most half words agree to the bit."""
    where_a, where_b = np.flatnonzero(loud_a), np.flatnonzero(loud_b)
    votes: list[NDArray[np.int64]] = []
    for shift in (0, 16):
        half_a = (words_a[where_a] >> shift) & 0xFFFF
        half_b = (words_b[where_b] >> shift) & 0xFFFF
        order = np.argsort(half_b, kind="stable")
        first = np.searchsorted(half_b[order], half_a, "left")
        last = np.searchsorted(half_b[order], half_a, "right")
        counts = last - first
        if counts.sum() > _MOST_HITS:  # halves that are everywhere tell nothing
            counts = np.where(counts > np.median(counts[counts > 0]), 0, counts)
        from_a = np.repeat(where_a, counts)
        ahead = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        from_b = where_b[order[np.repeat(first, counts) + ahead]]
        votes.append(from_a - from_b)
    offsets, frequency = np.unique(np.concatenate(votes), return_counts=True)
    most = np.argsort(-frequency, kind="stable")[:_MOST_OFFSETS]
    near = {int(offsets[index]) + step for index in most for step in (-1, 0, 1)}
    return sorted(near)


def _bands() -> NDArray[np.int64]:
    """Edges of 33 bands, equally wide to the ear, as bins of the spectrum."""
    edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, BITS + 2)
    return np.round(edges * WINDOW / RATE).astype(np.int64)
