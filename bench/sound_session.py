"""The shared maker of field sessions, with PyAV in place of an ffmpeg on the path.

python -m bench.sound_session --out session --minutes 20 --snr 15 --seed 1
"""

import importlib
import sys
from pathlib import Path

import av
import numpy as np

SCRIPTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "scripts"


def decode(path: str, rate: int = 16_000, _before: tuple[str, ...] = ()) -> tuple[np.ndarray, str, int]:
    """What the script's own `probe.decode` gives: samples, what was complained about, exit status."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    parts: list[np.ndarray] = []
    try:
        with av.open(path) as container:
            for frame in container.decode(audio=0):
                parts += [out.to_ndarray().reshape(-1) for out in resampler.resample(frame)]
            parts += [out.to_ndarray().reshape(-1) for out in resampler.resample(None)]
    except av.FFmpegError as error:
        return np.zeros(0, np.float32), str(error), 1
    return np.concatenate([*parts, np.zeros(0, np.float32)]), "", 0


def main() -> None:
    sys.path.insert(0, str(SCRIPTS))
    probe = importlib.import_module("probe")
    vars(probe)["decode"] = decode
    importlib.import_module("make_field_session").main()


if __name__ == "__main__":
    main()
