"""Real speech whose true intervals are known, clean and under real noise: what detectors are measured on.

The recordings stand in ../shared/data beside the checkout. Sets:

  en_ami, en_mfa, en_paa   intervals by hand (meetings; a talker with loud handling noise; counting, a dialogue)
  words                    isolated words and short sentences with word times by hand, strung together with pauses
  session                  field-like sessions made by ../shared/data/scripts/make_field_session.py
"""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

Samples = npt.NDArray[np.float32]

RATE = 16_000
HOP = RATE // 100
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
HAND_SETS = ("en_ami", "en_mfa", "en_paa")
NOISES = (
    "esc50_rain_1-17367-A-10.wav",
    "esc50_wind_1-29532-A-16.wav",
    "esc50_crickets_3-129678-A-13.wav",
    "esc50_motorbike_3-119455-A-44.wav",
    "esc50_train_3-136451-A-45.wav",
    "speechcommands_running_tap.wav",
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """samples: (n,) mono 16 kHz; truth: (frames,) whether somebody speaks in each 10 ms"""

    name: str
    set: str
    samples: Samples
    truth: npt.NDArray[np.bool_]


def hand_labelled() -> list[Spoken]:
    """Every file in `vad/` that has intervals by hand."""
    found = []
    for path in sorted((DATA / "vad").glob("*/*.speech.json")):
        stated = json.loads(path.read_text(encoding="utf-8"))
        samples = load(path.parent / stated["audio"])
        found.append(
            Spoken(
                path.parent.name + "/" + path.name.split(".")[0],
                path.parent.name,
                samples,
                frames_of([(a, b) for a, b in stated["speech"]], len(samples)),
            )
        )
    return found


def strung_words(seed: int = 5) -> list[Spoken]:
    """Sentences and words with word times by hand, strung together with pauses of 0.3 to 3 s at each clip's floor."""
    rng = np.random.default_rng(seed)
    found = []
    for folder in ("bn_voxangeles", "ak_voxangeles", "en_praatio", "en_promo", "mdw_mboshi"):
        parts, speech, at = [], [], 0
        for path in sorted((DATA / "aligned" / folder).glob("*.words.json"))[:24]:
            stated = json.loads(path.read_text(encoding="utf-8"))
            samples = (
                load(path.parent / stated["audio"])
                if "audio" in stated
                else load(path.with_name(path.name.replace(".words.json", ".wav")))
            )
            level = np.sqrt(np.mean(np.square(samples))) + 1e-9
            samples = samples * np.float32(0.05 / level)
            floor = np.percentile(np.abs(samples), 10) / 0.13 * 1.0
            pause = rng.normal(0, floor, int(rng.uniform(0.3, 3.0) * RATE)).astype(np.float32)
            speech += [(at / RATE + word["start"], at / RATE + word["end"]) for word in stated["words"]]
            parts += [samples, pause]
            at += len(samples) + len(pause)
        if parts:
            joined = np.concatenate(parts)
            found.append(
                Spoken("words/" + folder, "words", joined, frames_of(speech, len(joined), close=0.12))
            )
    return found


@dataclass(frozen=True, slots=True)
class Utterance:
    """Times in seconds. speech: without its pauses; words: empty where no word times are known"""

    start: float
    end: float
    speech: list[tuple[float, float]]
    words: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class SessionTruth:
    speech: list[tuple[float, float]]
    utterances: list[Utterance]


def field_session(
    folder: Path, *, minutes: float, snr: str, seed: int, langs: str = ""
) -> tuple[Samples, SessionTruth]:
    """A made session and its truth (see the script), made once and kept in `folder`."""
    out = folder / f"session-{minutes:g}-{snr}-{seed}-{langs or 'all'}"
    if not out.with_name(out.name + ".truth.json").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        options = {"data": DATA, "out": out, "minutes": minutes, "snr": snr, "seed": seed, "langs": langs}
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        subprocess.run(
            [sys.executable, "-m", "bench.sound_session", *arguments],
            check=True,
            cwd=Path(__file__).resolve().parents[1],
            stdout=subprocess.DEVNULL,
        )
    stated = json.loads(out.with_name(out.name + ".truth.json").read_text(encoding="utf-8"))
    utterances = [
        Utterance(
            u["start"],
            u["end"],
            [(a, b) for a, b in u["speech"]],
            [(w["start"], w["end"]) for w in u.get("words", [])],
        )
        for u in stated["utterances"]
    ]
    truth = SessionTruth([(a, b) for a, b in stated["speech"]], utterances)
    return load(out.with_name(out.name + ".wav")), truth


def with_noise(spoken: Spoken, noise: str, snr_db: float) -> Spoken:
    """Real noise over a recording at a ratio to its speech (power where the truth says speech)."""
    sound = load(DATA / "noise" / noise)
    offset = int(hashlib.sha256((spoken.name + noise).encode()).hexdigest(), 16) % len(sound)
    bed = np.resize(np.roll(sound, -offset), len(spoken.samples))
    inside = np.repeat(spoken.truth, HOP)[: len(spoken.samples)]
    speech_power = float(np.mean(np.square(spoken.samples[inside], dtype=np.float64)))
    gain = np.sqrt(speech_power / 10 ** (snr_db / 10) / np.mean(np.square(bed, dtype=np.float64)))
    mixed = spoken.samples + np.float32(gain) * bed
    peak = float(np.abs(mixed).max())
    return Spoken(
        f"{spoken.name}+{noise}@{snr_db:g}",
        spoken.set,
        np.asarray(mixed / max(1.0, peak), np.float32),
        spoken.truth,
    )


def load(path: Path) -> Samples:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    return np.asarray(soxr.resample(mono, rate, RATE) if rate != RATE else mono, np.float32)


def frames_of(speech: list[tuple[float, float]], length: int, *, close: float = 0.0) -> npt.NDArray[np.bool_]:
    """Seconds to 10 ms frames: a frame is speech where its middle is. Gaps under `close` seconds are speech."""
    middles = (np.arange(-(-length // HOP)) + 0.5) * HOP / RATE
    truth = np.zeros(len(middles), bool)
    last = -1e9
    for start, end in sorted(speech):
        truth |= (middles >= (last if start - last < close else start)) & (middles < end)
        last = max(last, end)
    return truth
