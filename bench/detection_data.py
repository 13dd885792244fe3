"""Speech whose intervals are known, through what happens to it in the field, judged by what counts as a pause.

Sets (in ../shared/data): hand-labelled `vad/*`; word-labelled `aligned/*`, strung together by language with pauses at
each clip's own floor. People disagree on pauses: a truth is made for each *convention*, by counting as speech every gap
of at most so many milliseconds. What is labelled coarser already stays as it is.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache

import av
import numpy as np
import numpy.typing as npt
import soxr

from bench.sound_data import DATA, HOP, RATE, Samples, load

Truth = npt.NDArray[np.bool_]

CONVENTIONS = (100, 300, 500)  # milliseconds: a gap of at most this is speech
CONDITIONS = ("clean", "5 dB", "AMR-NB", "AMR-NB, 5 dB", "quiet")
QUIET_DB = -35.0
STRUNG_CLIPS = 24
NOISES_EACH = 2
AMR_FRAME = 160  # samples at 8 kHz
LANGUAGE_FOLDERS = {
    "ak": ("ak_voxangeles",),
    "bn": ("bn_voxangeles",),
    "en": ("en_praatio", "en_promo", "en_ljspeech"),
    "hi": ("hi_festival",),
    "mdw": ("mdw_mboshi",),
    "te": ("te_festival",),
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """samples: (n,) mono 16 kHz; speech: seconds, in order, as people or word times say"""

    name: str
    set: str
    samples: Samples
    speech: tuple[tuple[float, float], ...]

    def truth(self, pause_ms: int) -> Truth:
        """(frames,) of 10 ms: whether the middle of each is speech, gaps of at most `pause_ms` counted in."""
        middles = (np.arange(len(self.samples) // HOP) + 0.5) * HOP / RATE
        inside = np.zeros(len(middles), bool)
        last = float("-inf")
        for start, end in self.speech:
            begin = last if start - last <= pause_ms / 1000 + 1e-6 else start
            inside |= (middles >= begin) & (middles < end)
            last = max(last, end)
        return inside


@cache
def labelled() -> tuple[Labelled, ...]:
    """Every recording, clean. Sets: vad/en_ami, vad/en_fine …, words/ak, words/bn …"""
    return (*_by_hand(), *map(_strung, LANGUAGE_FOLDERS))


def _by_hand() -> list[Labelled]:
    found = []
    for path in sorted((DATA / "vad").glob("*/*.speech.json")):
        stated = json.loads(path.read_text(encoding="utf-8"))
        name = f"vad/{path.parent.name}"
        speech = tuple((float(a), float(b)) for a, b in stated["speech"])
        found.append(
            Labelled(f"{name}/{path.name.split('.')[0]}", name, load(path.parent / stated["audio"]), speech)
        )
    return found


def _strung(language: str, seed: int = 11) -> Labelled:
    """Clips of a language one after the other, 0.2 to 2 s between them, all at one level."""
    rng = np.random.default_rng(seed)
    paths = [
        path
        for folder in LANGUAGE_FOLDERS[language]
        for path in sorted((DATA / "aligned" / folder).glob("*.words.json"))[:STRUNG_CLIPS]
    ]
    parts: list[Samples] = []
    speech: list[tuple[float, float]] = []
    at = 0
    for path in paths:
        stated = json.loads(path.read_text(encoding="utf-8"))
        clip = load(path.with_name(stated.get("audio") or path.name.replace(".words.json", ".wav")))
        clip = clip * np.float32(0.05 / (np.sqrt(np.mean(np.square(clip))) + 1e-9))
        floor = np.percentile(np.abs(clip), 10) / 0.13  # of a normal deviate, a tenth is below 0.13
        hush = rng.normal(0, floor, int(rng.uniform(0.2, 2.0) * RATE)).astype(np.float32)
        speech += [
            (at / RATE + word["start"], at / RATE + word["end"])
            for word in stated["words"]
            if not word["word"].startswith("<")
        ]
        parts += [clip, hush]
        at += len(clip) + len(hush)
    return Labelled(f"words/{language}", f"words/{language}", np.concatenate(parts), tuple(speech))


def field_recordings() -> dict[str, list[Labelled]]:
    """By condition."""
    return {
        condition: [
            each
            for recording in labelled()
            for each in under(condition, recording, noises_for(recording, NOISES_EACH))
        ]
        for condition in CONDITIONS
    }


def under(condition: str, recording: Labelled, noises: tuple[str, ...]) -> list[Labelled]:
    """What becomes of a clean recording: one, or one for each noise."""
    match condition:
        case "clean":
            return [recording]
        case "quiet":
            return [
                _with(recording, "quiet", _sixteen_bit(recording.samples * np.float32(10 ** (QUIET_DB / 20))))
            ]
        case "AMR-NB":
            return [_with(recording, "amr", through_amr(recording.samples))]
        case "5 dB":
            return [noisy(recording, noise, 5.0) for noise in noises]
        case "AMR-NB, 5 dB":
            mixed = [noisy(recording, noise, 5.0) for noise in noises]
            return [_with(each, "amr", through_amr(each.samples)) for each in mixed]
        case _:
            raise ValueError(f"a condition is one of {', '.join(CONDITIONS)}, given: {condition}")


def noise_names() -> tuple[str, ...]:
    """Every real noise of the data; rooms are not noises."""
    return tuple(sorted(p.name for p in (DATA / "noise").iterdir() if not p.name.startswith("rir_")))


def noises_for(recording: Labelled, count: int) -> tuple[str, ...]:
    """`count` noises drawn by the recording's name, so that all of them come up and every run hears the same."""
    rank = {name: hashlib.sha256(f"{recording.name}+{name}".encode()).hexdigest() for name in noise_names()}
    return tuple(sorted(rank, key=rank.__getitem__)[:count])


def noisy(recording: Labelled, noise: str, snr_db: float) -> Labelled:
    """Real noise over a recording; the ratio is of power where the truth says speech."""
    sound = load(DATA / "noise" / noise)
    bed = np.resize(sound, len(recording.samples))
    inside = np.repeat(recording.truth(0), HOP)
    spoken = np.mean(np.square(recording.samples[: len(inside)][inside], dtype=np.float64))
    gain = np.sqrt(spoken / 10 ** (snr_db / 10) / np.mean(np.square(bed, dtype=np.float64)))
    mixed = recording.samples + np.float32(gain) * bed
    return _with(recording, noise, np.asarray(mixed / max(1.0, float(np.abs(mixed).max())), np.float32))


def through_amr(samples: Samples) -> Samples:
    """As a phone call's codec leaves it: AMR-NB at 12.2 kbit/s and back, the codec's delay taken out."""
    narrow = np.asarray(soxr.resample(samples, RATE, 8_000), np.float32)
    pcm = np.clip(np.rint(narrow * 32768), -32768, 32767).astype(np.int16)
    pcm = np.pad(pcm, (0, -len(pcm) % AMR_FRAME))
    store = io.BytesIO()
    with av.open(store, "w", format="amr") as out:
        stream = out.add_stream("libopencore_amrnb", rate=8_000)
        stream.bit_rate = 12_200
        stream.layout = "mono"
        for at in range(0, len(pcm), AMR_FRAME):
            frame = av.AudioFrame.from_ndarray(pcm[None, at : at + AMR_FRAME], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 8_000, at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    store.seek(0)
    to_float = av.AudioResampler(format="flt", layout="mono", rate=8_000)
    with av.open(store, "r", format="amr") as back:
        parts = [
            part.to_ndarray().reshape(-1)
            for frame in back.decode(audio=0)
            for part in to_float.resample(frame)
        ]
    heard = np.concatenate(parts).astype(np.float32)
    wide = np.asarray(soxr.resample(heard, 8_000, RATE), np.float32)
    lag = _lag(samples, wide)
    wide = wide[lag:] if lag >= 0 else np.pad(wide, (-lag, 0))
    return np.pad(wide, (0, max(0, len(samples) - len(wide))))[: len(samples)]


def _lag(before: Samples, after: Samples, most: int = RATE // 20) -> int:
    """Samples that `after` comes late by, from the middle ten seconds, within 50 ms."""
    size = min(len(before), len(after), 10 * RATE)
    start = (min(len(before), len(after)) - size) // 2
    a, b = before[start : start + size], after[start : start + size]
    spectrum = np.fft.rfft(b, 2 * size) * np.conj(np.fft.rfft(a, 2 * size))
    match = np.fft.irfft(spectrum)
    reach = np.concatenate([match[-most:], match[: most + 1]])
    return int(np.argmax(reach)) - most


def _sixteen_bit(samples: Samples) -> Samples:
    return np.asarray(np.rint(samples * 32768) / 32768, np.float32)


def _with(recording: Labelled, what: str, samples: Samples) -> Labelled:
    return Labelled(f"{recording.name}+{what}", recording.set, samples, recording.speech)
