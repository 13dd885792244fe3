"""The pictures of docs/alignment.md: `python -m bench.alignment_pictures`.

A sentence over its spectrogram before and after its corpus taught a model; how reliable scores are. The sentence is
of a set that may be shown (exact times by a synthesiser).
"""

import base64
import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from audio.align.align import align_words
from audio.align.corpus.score import word_scores
from audio.align.features import RATE, mel_db
from bench.alignment_corpus import BINS, learn, near
from bench.alignment_data import Clip, Spans, known_clips

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "aligned"
SHOWN = "hi_festival"
WIDTH, LEFT, HEIGHT = 1000, 110, 200
INK, TRUTH, BEFORE, AFTER = "#33404d", "#2e8b57", "#d9822b", "#3b7dd8"
FONT = 'font-family="Noto Sans, Noto Sans Devanagari, sans-serif"'
Scored = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]


def main() -> None:
    known = list(known_clips(DATA))
    sets = {
        folder: [clip for clip in known if clip.folder == folder]
        for folder in sorted({c.folder for c in known})
    }
    (PICTURES / "alignment-before-after.svg").write_text(before_and_after(sets[SHOWN]), encoding="utf-8")
    (PICTURES / "alignment-reliability.svg").write_text(reliability(list(sets.values())), encoding="utf-8")


def before_and_after(clips: Sequence[Clip]) -> str:
    """The clip in which the reference aligner errs most."""
    learnt = learn(clips)
    before = [
        seconds((word.start, word.end) for word in align_words(c.samples, c.words, c.voice)) for c in clips
    ]
    after = [seconds((word.start, word.end) for word in found.words) for found in learnt.found]
    errors = [
        np.abs(np.subtract(spans, clip.truth)).mean() for spans, clip in zip(before, clips, strict=True)
    ]
    number = int(np.argmax(errors))
    clip = clips[number]
    end = len(clip.samples) / RATE

    def x(second: float) -> float:
        return LEFT + (WIDTH - LEFT - 10) * second / end

    parts = [
        f'<image x="{LEFT}" y="10" width="{WIDTH - LEFT - 10}" height="{HEIGHT}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{png(spectrogram(clip))}"/>'
    ]
    rows = (
        ("by hand", TRUTH, clip.truth),
        ("before", BEFORE, before[number]),
        ("after", AFTER, after[number]),
    )
    for place, (name, colour, spans) in enumerate(rows):
        top = HEIGHT + 25 + 50 * place
        mean = 1000 * np.abs(np.subtract(spans, clip.truth)).mean()
        note = "" if place == 0 else f"{mean:.0f} ms"
        parts.append(text(8, top + 17, "exact" if place == 0 else name) + text(8, top + 34, note, size=12))
        for word, (start, stop) in zip(clip.words, spans, strict=True):
            parts.append(
                f'<rect x="{x(start):.1f}" y="{top}" width="{max(1.0, x(stop) - x(start)):.1f}" height="36" '
                f'fill="{colour}" fill-opacity="0.25" stroke="{colour}"/>'
            )
            parts.append(text((x(start) + x(stop)) / 2, top + 23, word, size=12, anchor="middle"))
    return page(
        HEIGHT + 180,
        "A sentence over its spectrogram: exact word times, the reference aligner, its corpus' model",
        parts,
    )


def reliability(sets: Sequence[Sequence[Clip]]) -> str:
    """Share of words within 50 ms against the score they were given, over all sets."""
    scores, right = scored(sets)
    size, bottom = 300.0, 330.0
    parts = [
        f'<path d="M{LEFT} {bottom} h{size} M{LEFT} {bottom} v-{size}" stroke="{INK}" fill="none"/>',
        f'<path d="M{LEFT} {bottom} l{size} -{size}" stroke="{INK}" stroke-dasharray="4 4" fill="none"/>',
        text(LEFT + size / 2, bottom + 36, "score", anchor="middle"),
        text(8, bottom - size - 12, "within 50 ms"),
    ]
    for share in (0.0, 0.5, 1.0):
        parts.append(text(LEFT + size * share, bottom + 18, f"{share:.1f}", size=12, anchor="middle"))
        parts.append(text(LEFT - 8, bottom - size * share + 4, f"{share:.1f}", size=12, anchor="end"))
    for low, high in pairwise(BINS):
        inside = (scores >= low) & (scores < high + (high == 1.0))
        if not inside.any():
            continue
        given, true = float(scores[inside].mean()), float(right[inside].mean())
        parts.append(
            f'<circle cx="{LEFT + size * given:.1f}" cy="{bottom - size * true:.1f}" fill="{AFTER}" '
            f'fill-opacity="0.6" r="{3 + np.sqrt(inside.sum()) / 1.5:.1f}"/>'
        )
        parts.append(
            text(LEFT + size * given, bottom - size * true - 16, f"{inside.sum()}", size=12, anchor="middle")
        )
    return page(
        int(bottom) + 50,
        "Of words scored so, how many lie within 50 ms; on the line the score is exact",
        parts,
        460,
    )


def scored(sets: Sequence[Sequence[Clip]]) -> Scored:
    scores: list[float] = []
    right: list[bool] = []
    for clips in sets:
        for clip, found in zip(clips, learn(clips).found, strict=True):
            scores += word_scores(found.evidence)
            right += near(clip, found).tolist()
    return np.array(scores), np.array(right)


def seconds(spans: Iterator[tuple[int, int]]) -> Spans:
    return [(start / RATE, end / RATE) for start, end in spans]


def spectrogram(clip: Clip) -> npt.NDArray[np.uint8]:
    """Grey levels, low frequencies below."""
    mel = mel_db(clip.samples).T[::-1]
    low, high = np.percentile(mel, (10, 99.5))
    return np.asarray(255 - 255 * np.clip((mel - low) / (high - low), 0, 1), dtype=np.uint8)


def png(grey: npt.NDArray[np.uint8]) -> str:
    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    head = struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    blocks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in blocks
    )
    return base64.b64encode(content).decode()


def text(x: float, y: float, words: str, *, size: int = 14, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{INK}" {FONT}>{words}</text>'


def page(height: int, title: str, parts: Sequence[str], width: int = WIDTH) -> str:
    inside = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n<title>{title}</title>\n'
        f'<rect width="{width}" height="{height}" fill="white"/>\n{inside}\n</svg>\n'
    )


if __name__ == "__main__":
    main()
