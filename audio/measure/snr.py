"""Signal-to-noise ratio without a single pause: from how the amplitudes are distributed (WADA, Kim and Stern 2008)."""

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtri

SHAPE = 0.4  # speech's amplitudes follow a Gamma distribution of this shape, noise's a normal one
LEAST_SECONDS = 0.5
RANGE_DB = (-10.0, 60.0)


class Wada:
    """Push-style. ln E|x| - E ln|x| is 0.41 for noise alone, and grows with the share of speech."""

    def __init__(self) -> None:
        self._count = 0
        self._sum, self._logs = 0.0, 0.0

    def feed(self, samples: npt.NDArray[np.float32]) -> None:
        size = np.abs(samples)
        self._count += len(size)
        self._sum += float(size.sum(dtype=np.float64))
        self._logs += float(np.log(size + np.float32(1e-7)).sum(dtype=np.float64))

    def finish(self) -> float | None:
        """dB; None where less than half a second was heard."""
        if self._count < LEAST_SECONDS * 16_000 or self._sum <= 0:
            return None
        spread = float(np.log(self._sum / self._count) - self._logs / self._count)
        ratios, spreads = _curve()
        return float(np.interp(spread, spreads, ratios))


def _curve() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(dB, ln E|x| - E ln|x|) of Gamma speech plus normal noise, over a grid of both distributions' quantiles."""
    ratios = np.linspace(*RANGE_DB, 71)
    points = (np.arange(400) + 0.5) / 400
    speech = np.asarray(gammaincinv(SHAPE, points))
    speech = speech / np.sqrt(np.mean(np.square(speech)))
    noise = np.asarray(ndtri((np.arange(201) + 0.5) / 201))
    spreads = []
    for ratio in ratios:
        mixed = np.abs(speech[:, None] + noise[None, :] * 10 ** (-ratio / 20))
        spreads.append(float(np.log(mixed.mean()) - np.log(mixed + 1e-12).mean()))
    return ratios, np.maximum.accumulate(np.asarray(spreads))
