"""The sound of a row: fetched from the store, held against what the catalogue says."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import soundfile

from catalog.store import Damaged, NotStored, ObjectStore, TooLarge
from releases.map_in_order import map_in_order
from releases.refusals import Refusal
from releases.rows import Row

LARGEST_CLIP = 64 * 2**20
TOLERANCE_SECONDS = 0.0005
FETCHED_AT_ONCE = 12
"""Clips are small, and a store far away answers slowly; two parts at once stay within its 25 connections."""


@dataclass(frozen=True, slots=True)
class Sound:
    """FLAC bytes and what decoding them gives."""

    data: bytes
    frames: int
    rate: int

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


def sounds(rows: Sequence[Row], store: ObjectStore) -> Iterator[tuple[Row, Sound | Refusal]]:
    """Every row with its sound, or with what is wrong about it, in order."""
    return map_in_order(lambda row: (row, sound(row, store)), rows, at_once=FETCHED_AT_ONCE)


def sound(row: Row, store: ObjectStore) -> Sound | Refusal:
    """Fetch and hash one clip, and decode its end: these are the bytes that were cut, and none is missing."""
    try:
        data = store.get_bytes(row.audio_key, LARGEST_CLIP, sha256=row.audio_sha256)
    except NotStored:
        return Refusal("missing_file", row.id, f"has no sound in the store at {row.audio_key}")
    except Damaged as error:
        return Refusal("damaged_file", row.id, f"is not the sound that was cut: {error}")
    except TooLarge as error:
        return Refusal("damaged_file", row.id, f"can't be used: {error}")
    try:
        heard = reaching_its_end(data)
    except soundfile.LibsndfileError as error:
        return Refusal("damaged_file", row.id, f"does not decode: {error.error_string}")
    if heard.frames == 0:
        return Refusal("empty_file", row.id, "holds no sound")
    if abs(heard.seconds - row.seconds) > TOLERANCE_SECONDS:
        what = f"is {heard.seconds:.4f} s long when decoded, and the catalogue says {row.seconds:.4f} s"
        return Refusal("duration", row.id, what)
    return heard


def reaching_its_end(data: bytes) -> Sound:
    """What the header promises, once the last sample was found by it: a tenth of the cost of decoding them all.

    What is broken on the way there is not seen. Raises soundfile.LibsndfileError for a sound that ends before.
    """
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        if file.frames:
            file.seek(file.frames - 1)
            file.read(1, dtype="int16")
        return Sound(data, file.frames, file.samplerate)


def decoded(data: bytes) -> Sound:
    """Decode to the last frame, because a header can promise more. Raises soundfile.LibsndfileError."""
    frames = 0
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        rate = file.samplerate
        while block := len(file.read(65_536, dtype="int16")):
            frames += block
    return Sound(data, frames, rate)


def promised(data: bytes) -> Sound:
    """What the header says that decoding would give. Raises soundfile.LibsndfileError for what has none."""
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        return Sound(data, file.frames, file.samplerate)
