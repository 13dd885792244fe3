#!/usr/bin/env python3
"""Make everything under examples/ from a folder of public recordings: the same folder gives the same bytes.

    .venv/bin/python examples/make_examples.py ../shared/data

Nobody who uses Boli needs this; it stands here so that the examples can be checked and made again.
Only files whose MANIFEST.csv row says `redistribute` = yes are read: another is an error, not a warning.

A field session is made from clean utterances laid at known samples of a bed of real noise, so its truth is
exact. A lossy codec may move sound by some milliseconds; the shift is measured on the decoded file and the
truth moved with it, so that truth/<file>.json is true of what a decoder gives, at the file's own rate.
"""

import argparse
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from example_sound import (
    PHONES,
    SESSION_RATE,
    PhoneCodec,
    Samples,
    codec_delay,
    decode,
    encode,
    faded,
    noise_bed,
    resample,
    rms,
    speech_bits,
)
from example_sources import ExampleSource, noise_origins, read_noises, read_sources
from example_tables import ExampleRecording, ExampleWord, Truth, Utterance, write_tables, write_tsv

HERE = Path(__file__).resolve().parent
EDGE_SECONDS = 0.05  # kept around the speech when an utterance is cut from its clip

# How the clips of a language are shared out; each clip is used once, but for the copies made on purpose.
TELUGU_FORMATS = (
    "m4a", "amr", "webm", "3gp", "ogg", "wav", "m4a", "3gp", "webm", "wav44", "ogg", "amr", "m4a",
)  # fmt: skip


class Shelf:
    """Writes recordings under one folder and keeps the list of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.recordings: list[ExampleRecording] = []

    def put(self, recording: ExampleRecording, content: bytes) -> None:
        path = self.root / "recordings" / recording.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.recordings.append(recording)

    def put_sound(self, recording: ExampleRecording, phone: PhoneCodec, rate: int, samples: Samples) -> bytes:
        """Encode, then move the truth (given at `rate`) to the decoded file's rate and measured delay."""
        content = encode(phone, rate, samples)
        self.put(replace(recording, truth=on_file(content, rate, samples, recording.truth)), content)
        return content


def on_file(content: bytes, rate: int, samples: Samples, truth: Truth | None) -> Truth | None:
    if truth is None:
        return None
    file_rate, decoded = decode(content)
    delay = codec_delay(resample(rate, samples, file_rate), decoded)
    scale = file_rate / rate
    moved = tuple(heard.moved(scale=scale, shift=delay, end=len(decoded)) for heard in truth.utterances)
    return replace(truth, sample_rate=file_rate, samples=len(decoded), utterances=moved)


def utterance(source: ExampleSource, rate: int, samples: Samples) -> Utterance:
    """Where the clip's sentence is, and each word's place where the speaker stops between any two words.

    So the Kannada sentences were read: as many bits parted by 0.25 s or more as the sentence has words.
    """
    bits = speech_bits(rate, samples)
    apart = speech_bits(rate, samples, pause=0.25)
    said = source.text.split()
    words: tuple[ExampleWord, ...] = ()
    if len(said) == 1:
        words = (ExampleWord(said[0], bits[0][0], bits[-1][1]),)
    elif source.language == "kn" and len(apart) == len(said):
        words = tuple(ExampleWord(word, start, end) for word, (start, end) in zip(said, apart, strict=True))
    return Utterance(bits[0][0], bits[-1][1], source.text, source.speaker, source.origin, words)


def clip_truth(source: ExampleSource, rate: int, samples: Samples) -> Truth:
    return Truth(rate, len(samples), (utterance(source, rate, samples),))


def put_clip(
    shelf: Shelf, source: ExampleSource, stem: str, form: str, *, scenario: str = "read aloud"
) -> bytes:
    """One clip as a short phone file: `as-is` copies its bytes, else it is written as that phone would."""
    rate, samples = decode(source.path.read_bytes())
    truth = clip_truth(source, rate, samples)
    ending = source.path.suffix[1:] if form == "as-is" else PHONES[form].ending
    recording = ExampleRecording(
        f"{source.language}/{stem}.{ending}",
        source.language, source.speaker, scenario, source.licence, source.origin, truth,
    )  # fmt: skip
    if form == "as-is":
        shelf.put(recording, source.path.read_bytes())
        return source.path.read_bytes()
    return shelf.put_sound(recording, PHONES[form], rate, samples)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is round a field session: one kind of noise, how loud, how long the speaker waits."""

    noises: Sequence[tuple[str, Samples]]
    snr_db: float
    pauses: tuple[float, float]  # seconds, shortest and longest
    seed: int


def put_session(
    shelf: Shelf, sources: Sequence[ExampleSource], scene: Scene, *, stem: str, form: str
) -> None:
    """One long recording: the utterances in turn, pauses, mild changes of level, over real noise."""
    dice = np.random.default_rng(scene.seed)
    pieces: list[Samples] = [np.zeros(round(dice.uniform(1, 2) * SESSION_RATE), np.float32)]
    spoken: list[Utterance] = []
    margin = round(EDGE_SECONDS * SESSION_RATE)
    at = len(pieces[0])
    for source in sources:
        samples = resample(*decode(source.path.read_bytes()), SESSION_RATE)
        heard = utterance(source, SESSION_RATE, samples)
        first, last = max(0, heard.start - margin), min(len(samples), heard.end + margin)
        gain = 10 ** (dice.uniform(-27, -21) / 20) / rms(samples[heard.start : heard.end])
        gain = min(gain, 0.9 / float(np.abs(samples[first:last]).max()))
        piece = faded(samples[first:last], 0.01, SESSION_RATE) * np.float32(gain)
        spoken.append(heard.moved(scale=1, shift=at - first, end=at + len(piece)))
        pause = np.zeros(round(dice.uniform(*scene.pauses) * SESSION_RATE), np.float32)
        pieces += [piece, pause]
        at += len(piece) + len(pause)
    voice = np.concatenate(pieces)
    speech = np.concatenate([voice[heard.start : heard.end] for heard in spoken])
    bed = noise_bed(scene.noises, len(voice), dice)
    bed *= np.float32(rms(speech) / rms(bed) * 10 ** (-scene.snr_db / 20))
    known = sources[0]
    noise = ", ".join(name for name, _ in scene.noises)
    recording = ExampleRecording(
        file=f"{known.language}/{stem}.{PHONES[form].ending}",
        language=known.language,
        speaker=known.speaker,
        scenario="field session",
        licence=known.licence,
        source=f"{len(sources)} clips of {known.origin.rsplit(':', 1)[0]}, each named in the truth file; "
        "noise: LICENCES/noise.tsv",
        truth=Truth(SESSION_RATE, len(voice), tuple(spoken), noise, scene.snr_db),
    )
    shelf.put_sound(recording, PHONES[form], SESSION_RATE, faded(voice + bed, 0.02, SESSION_RATE))


def put_damaged(
    shelf: Shelf, sources: Sequence[ExampleSource], wind: Sequence[tuple[str, Samples]]
) -> Iterator[tuple[str, str, str]]:
    """Small files that go wrong on purpose; yields (file, kind, how it was made)."""
    quiet, clipped, cut, copied = sources
    yield from _put_unreadable(shelf, cut)
    yield _put_far_away(shelf, quiet)
    yield _put_too_close(shelf, clipped)
    yield _put_only_wind(shelf, cut, wind)
    yield from _put_duplicates(shelf, copied)


def _damaged(name: str, kind: str, source: ExampleSource, truth: Truth | None = None) -> ExampleRecording:
    scenario = f"made for the demonstration: {kind}"
    return ExampleRecording(f"te/{name}", "te", "te-01", scenario, source.licence, source.origin, truth)


def _put_unreadable(shelf: Shelf, source: ExampleSource) -> Iterator[tuple[str, str, str]]:
    shelf.put(replace(_damaged("te-01 empty.m4a", "empty", source), source="made here"), b"")
    yield "te/te-01 empty.m4a", "empty", "a file of no bytes"

    rate, samples = decode(source.path.read_bytes())
    whole = encode(PHONES["m4a"], rate, samples)
    shelf.put(_damaged("te-01 cut off.m4a", "truncated", source), whole[: len(whole) * 6 // 10])
    yield "te/te-01 cut off.m4a", "truncated", "the first 60 % of an M4A: its index, at the end, is missing"

    playlist = b"ffconcat version 1.0\nfile te-01_001.mp3\n"
    shelf.put(replace(_damaged("te-01 playlist.wav", "not audio", source), source="made here"), playlist)
    yield (
        "te/te-01 playlist.wav",
        "not_audio",
        "an ffconcat playlist that would open its neighbour, named .wav",
    )


def _put_far_away(shelf: Shelf, source: ExampleSource) -> tuple[str, str, str]:
    rate, samples = decode(source.path.read_bytes())
    recording = _damaged("te-01 far away.wav", "too quiet", source, clip_truth(source, rate, samples))
    far = samples * np.float32(10 ** (-66 / 20) / rms(samples))
    shelf.put_sound(recording, PHONES["wav"], rate, far)
    return recording.file, "too_quiet", "brought down to -66 dBFS, some 16 steps of a 16-bit sample"


def _put_too_close(shelf: Shelf, source: ExampleSource) -> tuple[str, str, str]:
    rate, samples = decode(source.path.read_bytes())
    recording = _damaged("te-01 too close.wav", "clipped", source, clip_truth(source, rate, samples))
    close = np.clip(samples / np.quantile(np.abs(samples), 0.9), -1, 1).astype(np.float32)
    shelf.put_sound(recording, replace(PHONES["wav"], rate=rate), rate, close)
    return recording.file, "clipped", "raised until the loudest 10 % of its samples stand at full scale"


def _put_only_wind(
    shelf: Shelf, source: ExampleSource, wind: Sequence[tuple[str, Samples]]
) -> tuple[str, str, str]:
    # Backwards: the same wind lies under a session, and one of the two would be taken for a copy of the other.
    backwards = noise_bed(wind, 6 * SESSION_RATE, np.random.default_rng(9))[::-1]
    bed = faded(np.ascontiguousarray(backwards), 0.02, SESSION_RATE)
    recording = _damaged("te-01 only wind.wav", "noise only", source, Truth(SESSION_RATE, len(bed), ()))
    recording = replace(recording, source="noise: LICENCES/noise.tsv")
    shelf.put_sound(recording, PHONES["wav"], SESSION_RATE, bed)
    return recording.file, "no_speech", "six seconds of wind, nobody speaks"


def _put_duplicates(shelf: Shelf, source: ExampleSource) -> Iterator[tuple[str, str, str]]:
    known = next(known for known in shelf.recordings if known.file == "te/te-01_001.mp3")
    again = replace(known, file="te/te-01_001 (1).mp3", scenario="made for the demonstration: duplicate")
    shelf.put(again, (shelf.root / "recordings" / known.file).read_bytes())
    yield again.file, "duplicate", "te-01_001.mp3, byte for byte, under another name"

    put_clip(shelf, source, "te-01_same", "wav")
    put_clip(shelf, source, "te-01_same", "flac", scenario="made for the demonstration: duplicate")
    yield (
        "te/te-01_same.flac",
        "duplicate",
        "te-01_same.wav in another container: the same samples, other bytes",
    )


def make_all(data: Path, out: Path) -> None:
    """Write recordings/, truth/ and the tables under `out`; what was there of them is removed first."""
    for old in ("recordings", "truth"):
        shutil.rmtree(out / old, ignore_errors=True)
    shelf = Shelf(out)
    sources = read_sources(data)
    put_telugu(shelf, [source for source in sources if source.language == "te"], data)
    put_kannada(shelf, [source for source in sources if source.language == "kn"], data)
    put_swahili(shelf, [source for source in sources if source.language == "sw"], data)
    damaged = shuffled([source for source in sources if source.language == "te"])[-4:]
    write_tables(out, shelf.recordings, list(put_damaged(shelf, damaged, read_noises(data, ["wind"]))))
    write_tsv(out / "LICENCES" / "noise.tsv", ("file", "licence", "origin"), noise_origins(data))


def put_telugu(shelf: Shelf, sources: Sequence[ExampleSource], data: Path) -> None:
    """Two sessions of thirty-odd sentences each, the rest short files; the last four are for put_damaged."""
    mixed = shuffled(sources)
    first, second, short = mixed[:36], mixed[36:66], mixed[66:-4]
    scene = Scene(read_noises(data, ["birds", "rooster"]), snr_db=18, pauses=(0.6, 3.0), seed=1)
    put_session(shelf, first, scene, stem="te-01_session_1", form="m4a")
    scene = Scene(read_noises(data, ["rain"]), snr_db=15, pauses=(0.6, 3.0), seed=2)
    put_session(shelf, second, scene, stem="te-01_session_2", form="webm")
    as_is = len(short) - len(TELUGU_FORMATS)
    for number, source in enumerate(short[:as_is], start=1):
        stem = (
            "రికార్డింగ్ 7" if number == 7 else f"te-01_{number:03}"
        )  # phones name files in their owner's script
        put_clip(shelf, source, stem, "as-is")
    for number, (source, form) in enumerate(zip(short[as_is:], TELUGU_FORMATS, strict=True), start=101):
        put_clip(shelf, source, f"te-01_{number}", form)


def put_kannada(shelf: Shelf, sources: Sequence[ExampleSource], data: Path) -> None:
    """A session of words with sentences between them, and two sentences on their own.

    The reader stops for up to 0.9 s between words, so the pauses between utterances are longer than that.
    """
    sentences = [source for source in sources if "/sample" in source.name]
    words = shuffled([source for source in sources if "/word_" in source.name])
    talk = [*words[:9], sentences[0], *words[9:18], sentences[1], *words[18:27], sentences[2], *words[27:]]
    scene = Scene(read_noises(data, ["crickets"]), snr_db=20, pauses=(1.4, 3.0), seed=3)
    put_session(shelf, talk, scene, stem="kn-01_session_1", form="wav")
    put_clip(shelf, sentences[3], "kn-01_101", "3gp")
    put_clip(shelf, sentences[4], "kn-01_102", "ogg")


def put_swahili(shelf: Shelf, sources: Sequence[ExampleSource], data: Path) -> None:
    """A session of the six longest sentences, and the two shortest on their own: there are no more."""
    by_length = sorted(sources, key=lambda source: source.path.stat().st_size)
    scene = Scene(read_noises(data, ["motorbike", "wind_5"]), snr_db=17, pauses=(1.0, 3.0), seed=4)
    put_session(shelf, shuffled(by_length[2:]), scene, stem="sw-01_session_1", form="mp3")
    put_clip(shelf, by_length[0], "sw-01_101", "webm")
    put_clip(shelf, by_length[1], "sw-01_102", "m4a")


def shuffled(sources: Sequence[ExampleSource]) -> list[ExampleSource]:
    return sorted(sources, key=lambda source: hashlib.sha256(source.origin.encode()).hexdigest())


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    asked.add_argument("data", type=Path, help="the folder with MANIFEST.csv")
    asked.add_argument("--out", type=Path, default=HERE, help="where to write (default: this folder)")
    given = asked.parse_args()
    make_all(given.data, given.out)


if __name__ == "__main__":
    main()
