"""Versions of a dataset as audb publishes them, for a bench: run by the Python that has audb, apart from ours.

python bench/audb_versions.py SOUNDS NIGHTS STORE      prints what each version wrote, as JSON: bytes

sounds: folder of FLAC files; nights: JSON, for each version the clips that it holds, each with its text
"""

import json
import sys
from pathlib import Path

import audb
import audformat


def main(sounds: Path, nights: Path, store: Path) -> None:
    repository = audb.Repository("bench", str(store), "file-system")
    audb.config.CACHE_ROOT = audb.config.SHARED_CACHE_ROOT = str(store.parent / "cache")
    audb.config.REPOSITORIES = [repository]
    store.joinpath("bench").mkdir(parents=True)
    written: list[int] = []
    before = 0
    for number, texts in enumerate(json.loads(nights.read_text())):
        _publish(sounds, texts, f"{number + 1}.0.0", repository, store.parent / "build")
        stored = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
        written.append(stored - before)
        before = stored
    print(json.dumps(written))


def _publish(
    sounds: Path, texts: dict[str, str], version: str, repository: "audb.Repository", build: Path
) -> None:
    """The folder of the version before goes on: audb reads from it what has not changed."""
    for clip in texts:
        file = build / "clips" / f"{clip}.flac"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes((sounds / f"{clip}.flac").read_bytes())
    database = audformat.Database("tiny")
    database.schemes["text"] = audformat.Scheme("str")
    table = database["clips"] = audformat.Table(
        audformat.filewise_index([f"clips/{clip}.flac" for clip in texts])
    )
    table["text"] = audformat.Column(scheme_id="text")
    table["text"].set(list(texts.values()))
    database.save(str(build))
    audb.publish(str(build), version, repository, num_workers=1, verbose=False)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
