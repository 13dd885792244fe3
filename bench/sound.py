"""Everything about sound, measured in one run and written into docs/benchmarks.md and docs/pictures/.

python -m bench.sound
"""

import tempfile
from pathlib import Path

from bench import (
    sound_detection,
    sound_duplicates,
    sound_memory,
    sound_pictures,
    sound_quality,
    sound_speed,
)
from bench.page import write_section

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"


def main() -> None:
    work = Path(tempfile.gettempdir()) / "boli-bench"
    scores = sound_detection.main()
    (PICTURES / "sound-front.svg").write_text(sound_detection.front(scores), encoding="utf-8")
    sound_pictures.main(PICTURES)
    sections = [
        "## Sound",
        "Speech detection: per cent of 10 ms frames in error. en_ami (meetings), en_mfa (a talker with handling noise "
        "and two microphones) and en_paa (counting, a dialogue) were labelled by hand and make up “all”; words are "
        "isolated words and sentences with word times by hand, strung together. Noise is real (rain, wind, crickets, "
        "motorbike, train, water), laid over every recording at 15 and 5 dB. Silero is silero-vad 6.2 with its own "
        "post-processing.",
        sound_detection.table(scores),
        "![error against speed](pictures/sound-front.svg)",
        "Field-like sessions, cut with the default recipe; what others find is taken as clips. Share of the speech in "
        "whole utterances that no clip holds; share of the speech that is inside clips; cuts inside a word, where the "
        "times of words are known. Who hardly cuts has hardly a cut to go wrong: read the three together:",
        "\n".join(sound_quality.sessions(work)),
        "Signal-to-noise ratio, 14 speakers, real noise:",
        "\n".join(sound_quality.ratios()),
        "Cleaning: SI-SDR gained, dB, mean over clips. From 25 dB on, as the pauses tell it, noise is left alone:",
        "\n".join(sound_quality.cleaning()),
        "Processor time, phone file (AAC, 44.1 kHz) to measured, cleaned clips, on one core; medians, and the ratios "
        "medians of each round's. The kernels are called on the same file with nothing in between and write the same "
        "clips: once each on the whole file, as one would by hand, which has to fetch fresh memory; and in pieces, the "
        "least we know how to spend. Everything else (levels, spectra for the measures, gain rules, Python) is Boli's "
        "own:",
        sound_speed.table(sound_speed.measure(work)),
        "Peak memory of the process, all libraries included. FFmpeg holds an M4A's table of packets, 40 bytes each; "
        "what else grows are the results, 3 KB a clip:",
        "\n".join(sound_memory.rows(work)),
        "Near-duplicates, looked up as ingest does. The recordings are real; those that make up the hundred thousand "
        "are drawn from their words, so they are less like one another than real ones may be:",
        "\n".join(sound_duplicates.rows()),
    ]
    write_section("sound", "\n\n".join(sections))


if __name__ == "__main__":
    main()
