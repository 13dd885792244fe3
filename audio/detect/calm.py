"""Spectra as they would be in a quiet room, at the level of a voice near the microphone.

The network was taught on speech of ordinary loudness. A village recording is fainter, and rain or an engine lies under
it; the network then doubts what a listener hears well. So before it judges, each spectrum is
- cleared of steady noise: in each band, what is heard even in the quietest fifth of the surrounding ten seconds;
- brought to a fixed level: the loudest tenth of the surrounding half minute.

Both look ahead as well as back, so opinions come about eighteen seconds late, and the same however sound arrives.
"""

from dataclasses import dataclass

import numpy as np

from audio.detect.network import BINS, STEP
from audio.smoothing import smoothed
from audio.weights import Array

NOISE_BACK, NOISE_AHEAD = 4, 1  # batches of two seconds that the noise is learnt from
LEVEL_BACK, LEVEL_AHEAD = 7, 7
QUIETEST = 20  # per cent
NOISE_BIAS = 1.5  # the quietest fifth is quieter than the mean of the noise
LOUDEST = 90  # per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class CalmRules:
    """bins:          of a spectrum
    grain:         spectra averaged before the quietest are picked
    smooth_time:   spectra, smooth_bins: bins, both odd: what the power at a point is averaged over
    deepest_db:    noise is lowered by this, never taken away: a gap in the spectrum is no voice either
    voice_db:      level that the loudest tenth is brought to, of the sum of a spectrum's powers times `unit`
    most_gain_db:  a faint recording is raised by no more
    """

    bins: int
    grain: int
    smooth_time: int
    smooth_bins: int = 3
    deepest_db: float
    voice_db: float
    unit: float
    most_gain_db: float


SILERO_CALM = CalmRules(
    bins=BINS,
    grain=8,
    smooth_time=9,
    deepest_db=10.0,
    voice_db=-16.0,
    unit=2 / (2 * STEP) / 96,  # power to mean square; 96: sum of the squared window
    most_gain_db=30.0,
)


class Calm:
    """Push-style over batches of magnitude spectra (rows, bins): gives them back later, cleared and levelled."""

    def __init__(self, rules: CalmRules = SILERO_CALM) -> None:
        self._rules = rules
        self._deepest = np.float32(10 ** (-rules.deepest_db / 20))
        self._heard: dict[int, Array] = {}  # by number of the batch
        self._power: dict[int, Array] = {}
        self._coarse: dict[int, Array] = {}
        self._cleared: dict[int, Array] = {}
        self._level: dict[int, Array] = {}
        self._count = self._cleared_count = self._given = 0

    def feed(self, spectra: Array) -> list[Array]:
        """The next batch; the batches that are ready. All but the last batch have the same, even number of rows."""
        power = np.square(spectra)
        self._heard[self._count] = spectra
        self._power[self._count] = power
        grain, bins = self._rules.grain, self._rules.bins
        coarse = power
        if power.size and len(power) % grain == 0:
            coarse = np.add.reduce(power.reshape(-1, grain, bins), axis=1)
            coarse /= np.float32(grain)
        self._coarse[self._count] = coarse
        self._count += 1
        return self._advance(self._count - NOISE_AHEAD, LEVEL_AHEAD)

    def finish(self) -> list[Array]:
        return self._advance(self._count, 0)

    def _advance(self, clear_to: int, ahead: int) -> list[Array]:
        while self._cleared_count < clear_to:
            self._clear(self._cleared_count)
            self._cleared_count += 1
        ready = []
        while self._given < self._cleared_count - ahead:
            ready.append(self._levelled(self._given))
            self._given += 1
        return ready

    def _clear(self, batch: int) -> None:
        around = range(max(0, batch - NOISE_BACK), min(self._count, batch + NOISE_AHEAD + 1))
        bands = np.concatenate([self._coarse[i] for i in around]).T.copy()
        rank = bands.shape[1] * QUIETEST // 100
        bands.sort(axis=1)  # of many short rows quicker than a partition
        noise = bands[:, rank] * np.float32(NOISE_BIAS)
        spectra = self._heard[batch]
        rules = self._rules
        side = rules.smooth_time // 2
        before = self._power[batch - 1][-side:] if batch else spectra[:0]
        after = self._power[batch + 1][:side] if batch + 1 < self._count else spectra[:0]
        power = np.concatenate([before, self._power[batch], after])
        smooth = smoothed(power, rules.smooth_time, rules.smooth_bins)[
            len(before) : len(before) + len(spectra)
        ]
        # Wiener's gain, of what lies over the noise: 1 - n / s
        gain = np.maximum(smooth, np.float32(1e-30), out=smooth)
        np.divide(noise + np.float32(1e-12), gain, out=gain)
        np.subtract(1, gain, out=gain)
        np.maximum(gain, self._deepest, out=gain)
        cleared = np.multiply(gain, spectra, out=gain)
        self._cleared[batch] = cleared
        energy = np.einsum("ij,ij->i", cleared, cleared) * rules.unit
        self._level[batch] = np.asarray(10 * np.log10(energy + 1e-10), np.float32)
        self._heard.pop(batch)
        self._power.pop(batch - 1, None)
        self._coarse.pop(batch - NOISE_BACK, None)

    def _levelled(self, batch: int) -> Array:
        around = range(max(0, batch - LEVEL_BACK), min(self._cleared_count, batch + LEVEL_AHEAD + 1))
        voice = _percentile(np.concatenate([self._level[i] for i in around]), LOUDEST)
        gain = min(self._rules.voice_db - voice, self._rules.most_gain_db)
        self._level.pop(batch - LEVEL_BACK, None)
        cleared = self._cleared.pop(batch)
        cleared *= np.float32(10 ** (gain / 20))
        return cleared


def _percentile(values: Array, share: int) -> float:
    """As `np.percentile`, at a third of its cost."""
    place = (len(values) - 1) * share / 100
    below = int(place)
    above = min(below + 1, len(values) - 1)
    parted = np.partition(values, (below, above))
    return float(parted[below]) + (place - below) * (float(parted[above]) - float(parted[below]))
