"""What is known of an example recording, and the tables and truth files in which make_examples.py tells it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

NOTICE_VERSION = "public-licence-1"
GIVEN_AT = "2026-01-01T00:00:00+00:00"  # the day the demonstration pretends the rows were written
GENDER = {"kn-01": "male"}  # the data folder's LICENCES.md says so; nothing is known of the others
COLUMNS = (
    "file", "language", "speaker", "gender", "age_band", "district", "scenario", "licence", "source",
    "sha256",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExampleWord:
    """Samples [start, end) of a file in which one word is said."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """Samples [start, end) of a file in which `text` is said; its words' times where they are known."""

    start: int
    end: int
    text: str
    speaker: str
    source: str
    words: tuple[ExampleWord, ...] = ()

    def moved(self, *, scale: float, shift: int, end: int) -> "Utterance":
        """The same on a time line of another rate and a little later or earlier; nothing leaves [0, end]."""

        def at(sample: int) -> int:
            return min(end, max(0, round(sample * scale) + shift))

        words = tuple(ExampleWord(word.word, at(word.start), at(word.end)) for word in self.words)
        return replace(self, start=at(self.start), end=at(self.end), words=words)


@dataclass(frozen=True, slots=True)
class ExampleRecording:
    """One file of examples/recordings with what a coordinator and a judge know of it."""

    file: str  # below recordings/
    language: str
    speaker: str
    scenario: str
    licence: str
    source: str
    truth: "Truth | None"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is said where, on the time line of the decoded file."""

    sample_rate: int
    samples: int
    utterances: tuple[Utterance, ...]
    noise: str = ""
    snr_db: float | None = None


def write_tables(
    out: Path, recordings: Sequence[ExampleRecording], damaged: Sequence[tuple[str, str, str]]
) -> None:
    """recordings.tsv, damaged.tsv, consents.tsv, and a truth file for each recording of which it is known."""
    ordered = sorted(recordings, key=lambda recording: recording.file)
    rows = []
    for known in ordered:
        sha256 = hashlib.sha256((out / "recordings" / known.file).read_bytes()).hexdigest()
        gender = GENDER.get(known.speaker, "unknown")
        rows.append((
            known.file, known.language, known.speaker, gender, "unknown", "unknown", known.scenario,
            known.licence, known.source, sha256,
        ))  # fmt: skip
        if known.truth is not None:
            write_truth(out / "truth" / f"{known.file}.json", known, known.truth)
    write_tsv(out / "recordings" / "recordings.tsv", COLUMNS, rows)
    write_tsv(out / "damaged.tsv", ("file", "kind", "how"), damaged)
    licences = {known.speaker: (known.language, known.licence) for known in ordered}
    write_tsv(
        out / "recordings" / "consents.tsv",
        ("speaker", "language", "scope", "notice_version", "given_at", "evidence"),
        [
            (speaker, language, "record,transcribe,publish", NOTICE_VERSION, GIVEN_AT, f"licence {licence}")
            for speaker, (language, licence) in sorted(licences.items())
        ],
    )


def write_truth(path: Path, recording: ExampleRecording, truth: Truth) -> None:
    rate = truth.sample_rate
    table = {
        "file": recording.file,
        "language": recording.language,
        "sample_rate": rate,
        "samples": truth.samples,
        "noise": truth.noise,
        "snr_db": truth.snr_db,
        "utterances": [
            {
                "start": round(spoken.start / rate, 4),
                "end": round(spoken.end / rate, 4),
                "start_sample": spoken.start,
                "end_sample": spoken.end,
                "text": spoken.text,
                "speaker": spoken.speaker,
                "source": spoken.source,
                "words": [
                    {
                        "word": word.word,
                        "start": round(word.start / rate, 4),
                        "end": round(word.end / rate, 4),
                    }
                    for word in spoken.words
                ],
            }
            for spoken in truth.utterances
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_tsv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["\t".join(header), *("\t".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
