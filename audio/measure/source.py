"""The recording as it came: what the phone, its microphone and its codec did to it."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from audio.blocks import Blocks
from audio.measure.amplitudes import Amplitudes
from audio.measure.bandwidth import Bandwidth
from audio.measure.dropouts import Dropouts
from audio.measure.values import SourceMeasures
from audio.recipe import MeasurementRules

SILENCE_DBFS = -120.0


class SourceInfo(Protocol):
    """What the container says."""

    @property
    def codec(self) -> str: ...
    @property
    def sample_rate(self) -> int: ...
    @property
    def channels(self) -> int: ...


class SourceMeter:
    """Push-style, in whole seconds inside; constant memory."""

    def __init__(self, info: SourceInfo, rules: MeasurementRules) -> None:
        self._info, self._rules = info, rules
        self._blocks = Blocks(info.sample_rate)
        self._heard = 0
        self._sums = np.zeros(info.channels)
        self._squares = np.zeros(info.channels)
        self._difference = 0.0
        self._common = 0.0
        self._amplitudes = [Amplitudes() for _ in range(info.channels)]
        self._bandwidth = Bandwidth(info.sample_rate)
        self._dropouts = Dropouts(info.sample_rate)

    def feed(self, samples: npt.NDArray[np.float32]) -> None:
        """samples: (channels, n)"""
        whole = self._blocks.whole(samples)
        if whole.size:
            self._hear(whole.reshape(len(whole), -1, self._info.sample_rate))

    def finish(self) -> SourceMeasures:
        rest = self._blocks.rest()
        if rest.size:
            self._hear(rest[:, None])
        heard = max(self._heard, 1)
        powers = self._squares / heard
        levels = 10 * np.log10(np.maximum(powers, 1e-12))
        loudest = int(np.argmax(powers))
        alive = levels > self._rules.dead_channel_dbfs
        stereo = self._info.channels == 2 and bool(alive.all())
        both = float(powers.sum()) * heard
        return SourceMeasures(
            codec=self._info.codec,
            sample_rate=self._info.sample_rate,
            channels=self._info.channels,
            duration=self._heard / self._info.sample_rate,
            peak=max((a.top for a in self._amplitudes), default=0.0),
            level_dbfs=max(SILENCE_DBFS, float(levels[loudest])),
            clipped_share=max((a.clipped_share() for a in self._amplitudes), default=0.0),
            dropout_share=self._dropouts.lost / heard,
            dropouts=self._dropouts.count,
            dc_offset=float(np.abs(self._sums / heard).max(initial=0.0)),
            bandwidth_hz=self._bandwidth.finish(),
            dead_channels=int(np.sum(~alive)) if alive.any() else 0,
            channel_difference_db=_below(min(self._difference, self._common), both) if stereo else None,
            inverted=stereo and self._common < 0.01 * both and self._difference > self._common,
        )

    def _hear(self, seconds: npt.NDArray[np.float32]) -> None:
        """seconds: (channels, seconds, samples of each); the very last may be shorter"""
        self._heard += seconds[0].size
        loudest = []  # so far, second after second
        for second in seconds.transpose(1, 0, 2):
            self._sums += second.sum(axis=-1)
            self._squares += np.einsum("ij,ij->i", second, second)
            loudest.append(int(np.argmax(self._squares)))
        if len(seconds) == 2:
            for left, right in zip(*seconds, strict=True):
                apart, together = left - right, left + right
                self._difference += float(np.einsum("i,i->", apart, apart))
                self._common += float(np.einsum("i,i->", together, together))
        for channel, amplitudes in zip(seconds, self._amplitudes, strict=True):
            amplitudes.feed(channel)
        heard = seconds[loudest, np.arange(len(loudest))] if len(seconds) > 1 else seconds[0]
        self._bandwidth.feed(heard)
        self._dropouts.feed(heard)


def _below(part: float, whole: float) -> float:
    """dB that `part` lies below `whole`; at most 120."""
    return float(min(120.0, 10 * np.log10(whole / max(part, 1e-30)))) if whole > 0 else 120.0
