"""The pictures of docs/sound.md, drawn from a recording in examples/."""

import base64
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from audio.clean import clean
from audio.interval import Interval
from audio.recipe import Recipe
from audio.spectrum import spectra_of
from bench.sound_data import RATE, Samples
from bench.sound_quality import Heard, hear
from bench.sound_session import decode

SESSION = Path(__file__).resolve().parents[1] / "examples" / "recordings" / "kn" / "kn-01_session_1.wav"
RAINY = SESSION.parents[1] / "te" / "te-01_session_2.webm"
SHOWN = Interval(26 * RATE, 54 * RATE)
WIDTH, LEFT = 1_000, 120
INK, SPEECH, CLIP = "#33404d", "#3b7dd8", "#d9822b"


def main(folder: Path) -> None:
    samples = np.asarray(soundfile.read(SESSION, dtype="float32")[0])
    heard = hear(samples)
    (folder / "sound-cuts.svg").write_text(cuts(samples, heard), encoding="utf-8")
    rainy = decode(str(RAINY))[0]
    (folder / "sound-cleaning.svg").write_text(cleaning(rainy, hear(rainy)), encoding="utf-8")


def cuts(samples: Samples, heard: Heard) -> str:
    """Waveform, what the detector heard, and the clips cut from it."""
    parts = _page(310, "Twenty-eight seconds of a field session: what is heard, and what is cut")
    parts.append(_label(95, "recording"))
    parts.append(_waveform(samples[SHOWN.start : SHOWN.end], top=40, height=110))
    for name, intervals, top, colour in (
        ("speech heard", heard.speech, 170, SPEECH),
        ("clips cut", heard.utterances, 215, CLIP),
    ):
        parts.append(_label(top + 18, name))
        for interval in intervals:
            if interval.end > SHOWN.start and interval.start < SHOWN.end:
                left, right = _across(interval.start), _across(interval.end)
                parts.append(
                    f'<rect x="{left:.1f}" y="{top}" width="{right - left:.1f}" height="28" rx="4" fill="{colour}"/>'
                )
    for second in range(0, SHOWN.length // RATE + 1, 4):
        x = _across(SHOWN.start + second * RATE)
        parts.append(f'<text x="{x:.0f}" y="275" text-anchor="middle" fill="#888">{second} s</text>')
    return _finish(parts)


def cleaning(samples: Samples, heard: Heard) -> str:
    """One clip's spectrum over time, before and after."""
    clip = max((u for u in heard.utterances if u.length < 6 * RATE), key=lambda u: u.length)
    before = samples[clip.start : clip.end]
    after = clean(before, heard.noise.around(clip), Recipe().cleaning)
    parts = _page(
        420, "One clip before and after cleaning: rain goes down, the voice stays, the level is right"
    )
    for name, sound, top in (("as recorded", before, 45), ("cleaned", after, 225)):
        parts.append(_label(top + 80, name))
        picture = base64.b64encode(spectrogram(sound)).decode()
        parts.append(
            f'<image x="{LEFT}" y="{top}" width="{WIDTH - LEFT - 20}" height="160" preserveAspectRatio="none" '
            f'href="data:image/png;base64,{picture}"/>'
        )
    return _finish(parts)


def spectrogram(sound: Samples) -> bytes:
    """PNG, grey: time across, 0 to 8 kHz up, -100 to -30 dB of full scale."""
    power = np.square(np.abs(spectra_of(sound)))
    level = 10 * np.log10(power / (512 * 512 / 16) + 1e-12)
    grey = 255 - (np.clip((level + 100) / 70, 0, 1) * 255)
    image = grey.T[::-1].astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in image)

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", image.shape[1], image.shape[0], 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def _waveform(sound: Samples, *, top: int, height: int) -> str:
    columns = WIDTH - LEFT - 20
    edges = np.linspace(0, len(sound), columns + 1).astype(int)
    scale = height / 2 / np.abs(sound).max()
    middle = top + height / 2
    points = []
    for i, (start, end) in enumerate(pairwise(edges.tolist())):
        part = sound[start:end]
        points.append(
            f"M{LEFT + i} {middle - part.max() * scale:.1f}V{middle - part.min() * scale + 0.5:.1f}"
        )
    return f'<path d="{"".join(points)}" stroke="{INK}" fill="none"/>'


def _across(sample: int) -> float:
    inside = min(max(sample - SHOWN.start, 0), SHOWN.length)
    return LEFT + inside / SHOWN.length * (WIDTH - LEFT - 20)


def _page(height: int, title: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        'font-size="14">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="24" fill="{INK}" font-size="16">{title}</text>',
    ]


def _label(y: int, text: str) -> str:
    return f'<text x="{LEFT - 14}" y="{y}" text-anchor="end" fill="{INK}">{text}</text>'


def _finish(parts: list[str]) -> str:
    return "\n".join([*parts, "</svg>", ""])
