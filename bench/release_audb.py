"""What audb, whose versions share files too, writes for the versions that `bench.releases` publishes.

python -m bench.release_audb

The same sound by the same nights: an hour whose last tenth comes in thirty nights, then one correction and one clip.
audb keeps a file a clip and every version's tables whole; it has no sound in its tables. It is in the environment of
our datasets' users (python -m tests.consumers), where there is one.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.release_archive import CLIPS, NIGHTS, RECORDINGS, SECONDS, archive_at, open_with_speakers, record
from tests import consumers

SCRIPT = Path(__file__).parent / "audb_versions.py"
MOST = 2**26
"""Bytes of a clip."""


def rows(folder: Path) -> Iterator[str]:
    """Bytes written for a correction and a clip, bytes stored for all nights, files."""
    if reason := consumers.why_not():
        yield f"| audb | not run: {reason} | |"
        return
    clips = _sounds(folder)
    nights = _nights(clips)
    (folder / "nights.json").write_text(json.dumps(nights), "utf-8")
    store = folder / "audb"
    done = subprocess.run(
        [str(consumers.PYTHON), str(SCRIPT), str(folder / "sounds"), str(folder / "nights.json"), str(store)],
        env={**os.environ, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    written: list[int] = json.loads(done.stdout)
    held = sum((folder / "sounds" / f"{clip}.flac").stat().st_size for clip in nights[NIGHTS])
    files = sum(path.is_file() for path in store.rglob("*"))
    yield (
        f"| audb: {NIGHTS + 1} nightly versions, 90 to 100 % | {sum(written[:-1]) / held:.2f} x the last one's sound, "
        f"in {files} files | |"
    )
    yield f"| audb: bytes written for one correction and one clip | {written[-1] / 1e6:.2f} MB | |"


def _sounds(folder: Path) -> list[str]:
    """The clips of an hour and one more, each a file by its id."""
    (folder / "sounds").mkdir()
    with archive_at(folder) as archive:
        open_with_speakers(archive)
        clips = record(archive, RECORDINGS, day=0)
        clips += archive.add_recording("te-01", clips=1, seconds=SECONDS)
        keys = {Path(each.key).stem: each.key for each in archive.store.list("clips/")}
        for clip in clips:
            (folder / "sounds" / f"{clip}.flac").write_bytes(archive.store.get_bytes(keys[clip], MOST))
    return clips


def _nights(clips: list[str]) -> list[dict[str, str]]:
    """For each version, each of its clips with its text."""
    texts = {clip: f"నాకు పాట పాడటం ఇష్టం {number}" for number, clip in enumerate(clips)}
    first = RECORDINGS * 9 // 10 * CLIPS
    fresh = RECORDINGS * CLIPS - first
    nights = [
        {clip: texts[clip] for clip in clips[: first + fresh * night // NIGHTS]}
        for night in range(NIGHTS + 1)
    ]
    return [*nights, texts | {clips[first // 2]: "నాకు ఇష్టం"}]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="boli-bench-release-audb-") as folder:
        for row in rows(Path(folder)):
            print(row, flush=True)


if __name__ == "__main__":
    main()
