"""The rows of one Parquet file, each held against its own sound."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import soundfile

from releases.parquet import Read, read_shard
from releases.sound import decoded, promised
from releases.verify_lists import StatedRow

TOLERANCE_SECONDS = 0.0005
OVERHANG_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """What is kept of a row that was read. id: empty for a file that can't be read on; stated: for lists"""

    id: str
    duration: float
    speaker: str
    row_sha256: str
    problems: tuple[str, ...]
    stated: StatedRow | None = None


def checked_rows(path: Path, *, decode: bool, keep_text: bool) -> Iterator[CheckedRow]:
    """Every row with what is wrong with it; constant memory but for what the caller keeps.

    decode:    every sound to its last frame; else its length is taken from its header
    keep_text: also what lists of the row can be held against
    """
    try:
        for read in read_shard(path):
            yield CheckedRow(
                read.id,
                read.duration,
                read.speaker,
                read.row_sha256,
                tuple(_problems(read, decode)),
                _stated(read) if keep_text else None,
            )
    except (pa.ArrowException, KeyError) as error:
        yield CheckedRow("", 0.0, "", "", (f"can't be read as rows: {error}",))


def _problems(read: Read, decode: bool) -> Iterator[str]:
    try:
        heard = decoded(read.audio) if decode else promised(read.audio)
    except soundfile.LibsndfileError as error:
        yield f"{read.id} does not decode: {error.error_string}"
        return
    if abs(heard.seconds - read.duration) > TOLERANCE_SECONDS or not heard.frames:
        yield f"{read.id} lasts {heard.seconds:.4f} s and says {read.duration:.4f} s"
    if heard.rate != read.sample_rate:
        yield f"{read.id} has {heard.rate} samples a second and says {read.sample_rate}"
    if hashlib.sha256(read.audio).hexdigest() != read.audio_sha256:
        yield f"{read.id} holds another sound than its row says"
    for word, start, end, _ in read.words:
        if not 0 <= start <= end <= read.duration + OVERHANG_SECONDS:
            yield f"{read.id} has {word!r} at {start:.3f}–{end:.3f} s of {read.duration:.3f} s"


def _stated(read: Read) -> StatedRow:
    return StatedRow("train", read.duration, read.text, read.row_sha256, read.audio_sha256)
