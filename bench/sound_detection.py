"""Speech detection on hand-labelled recordings, clean and under real noise: our engines and the peers."""

import math
import time
from dataclasses import dataclass

import numpy as np

from audio.interval import Interval
from bench.sound_data import HAND_SETS, HOP, NOISES, RATE, Spoken, hand_labelled, strung_words, with_noise
from bench.sound_peers import Detect, peers

CONDITIONS = (("clean", None), ("15 dB", 15.0), ("5 dB", 5.0))
SETS = (*HAND_SETS, "words")


@dataclass(frozen=True, slots=True)
class Score:
    """wrong, frames: by (condition, set); speed: times real time of one core"""

    name: str
    wrong: dict[tuple[str, str], int]
    frames: dict[tuple[str, str], int]
    speed: float

    def error(self, condition: str, *sets: str) -> float:
        """Per cent of 10 ms frames that differ from what people marked."""
        wrong = sum(self.wrong[condition, name] for name in sets)
        return 100 * wrong / sum(self.frames[condition, name] for name in sets)


def mixes() -> dict[str, list[Spoken]]:
    clean = hand_labelled() + strung_words()
    return {
        name: clean if snr is None else [with_noise(s, noise, snr) for s in clean for noise in NOISES]
        for name, snr in CONDITIONS
    }


def score(name: str, detect: Detect, recordings: dict[str, list[Spoken]]) -> Score:
    wrong: dict[tuple[str, str], int] = {}
    frames: dict[tuple[str, str], int] = {}
    seconds = cost = 0.0
    detect(recordings["clean"][0].samples)  # what is loaded once is not counted
    for condition, spoken in recordings.items():
        for recording in spoken:
            begin = time.process_time()
            speech = detect(recording.samples)
            cost += time.process_time() - begin
            seconds += len(recording.samples) / RATE
            key = condition, recording.set
            heard = marked(speech, len(recording.truth))
            wrong[key] = wrong.get(key, 0) + int(np.sum(heard != recording.truth))
            frames[key] = frames.get(key, 0) + len(recording.truth)
    return Score(name, wrong, frames, seconds / cost)


def marked(speech: list[Interval], frames: int) -> np.ndarray:
    """(frames,) whether the middle of each 10 ms is speech."""
    inside = np.zeros(frames * HOP + HOP, bool)
    for interval in speech:
        inside[interval.start : interval.end] = True
    return inside[HOP // 2 :: HOP][:frames]


def table(scores: list[Score]) -> str:
    """Markdown: error in per cent of frames; first over the sets labelled by hand, then each set."""
    names = [name for name, _ in CONDITIONS]
    head = [
        "detector",
        *(f"all, {name}" for name in names),
        *(f"{s}, {n}" for s in SETS for n in ("clean", "5 dB")),
    ]
    rows = [[*head, "x real time"], ["---"] + ["---:"] * len(head)]
    for one in scores:
        cells = [f"{one.error(name, *HAND_SETS):.1f}" for name in names]
        cells += [f"{one.error(name, s):.1f}" for s in SETS for name in ("clean", "5 dB")]
        rows.append([one.name, *cells, f"{one.speed:,.0f}"])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def front(scores: list[Score]) -> str:
    """SVG: error over the three conditions against speed, one dot a detector."""
    width, height, left, bottom = 720, 380, 60, 50
    worst = max(float(np.mean([s.error(n, *HAND_SETS) for n, _ in CONDITIONS])) for s in scores) * 1.1

    def place(one: Score) -> tuple[float, float]:
        across = (math.log10(one.speed) - 2.5) / 2.0
        up = float(np.mean([one.error(n, *HAND_SETS) for n, _ in CONDITIONS])) / worst
        return left + across * (width - left - 150), height - bottom - up * (height - bottom - 20)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<path d="M{left} 15 V{height - bottom} H{width - 15}" fill="none" stroke="#888"/>',
        f'<text x="{width / 2}" y="{height - 12}" text-anchor="middle" fill="#444">'
        "speed, times real time on one core →</text>",
        f'<text transform="translate(18 {height / 2}) rotate(-90)" text-anchor="middle" fill="#444">'
        "frames in error, %</text>",
    ]
    for speed in (500, 1_000, 2_000, 5_000, 10_000):
        x = left + (math.log10(speed) - 2.5) / 2.0 * (width - left - 150)
        parts.append(f'<text x="{x:.0f}" y="{height - 32}" text-anchor="middle" fill="#888">{speed:,}</text>')
    for percent in range(0, int(worst) + 1, 5):
        y = height - bottom - percent / worst * (height - bottom - 20)
        parts.append(f'<text x="{left - 8}" y="{y + 4:.0f}" text-anchor="end" fill="#888">{percent}</text>')
        parts.append(f'<path d="M{left} {y:.0f} H{width - 15}" stroke="#eee"/>')
    labels: list[tuple[float, float]] = []
    for one in scores:
        x, y = place(one)
        line = y + 4
        while any(abs(line - other) < 14 and abs(x - beside) < 260 for beside, other in labels):
            line += 15
        labels.append((x, line))
        colour = "#b3261e" if one.name.startswith("Boli") else "#5b6b7b"
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="6" fill="{colour}"/>')
        parts.append(f'<text x="{x + 10:.0f}" y="{line:.0f}" fill="{colour}">{one.name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> list[Score]:
    recordings = mixes()
    scores = [score(name, detect, recordings) for name, detect in peers().items()]
    print(table(scores))
    return scores


if __name__ == "__main__":
    main()
