"""Files of a form in the folder of a copy: written whole, never over somebody else's, and known afterwards."""

import gzip
import hashlib
import io
import json
import tarfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from releases.local_copy import inside, sha256_of
from releases.refusals import PullFailed


class FormFolder:
    """written: path and SHA-256 of every file of the forms

    ours: paths that pull wrote before; another file that is there is somebody else's
    """

    def __init__(self, folder: Path, ours: AbstractSet[str]) -> None:
        self._folder, self._ours = folder, ours
        self.written: dict[str, str] = {}

    def put(self, path: str, data: bytes) -> None:
        """Write a small file. One that is there with these bytes is left as it is."""
        if path in self.written:
            return
        place = inside(self._folder, path)
        if not (place.is_file() and place.stat().st_size == len(data) and place.read_bytes() == data):
            with self.file(path) as out:
                out.write(data)
        self.written[path] = hashlib.sha256(data).hexdigest()

    @contextmanager
    def file(self, path: str) -> Iterator[IO[bytes]]:
        """A file to write, which takes its name when the block ends well."""
        place = inside(self._folder, path)
        place.parent.mkdir(parents=True, exist_ok=True)
        aside = place.with_name(f".{uuid.uuid4().hex}.partial")
        try:
            with aside.open("xb") as out:
                yield out
            self._take_place(path, aside, place)
        finally:
            aside.unlink(missing_ok=True)

    def fetch(self, path: str, sha256: str, get: Callable[[Path], object]) -> bool:
        """A file that `get` brings, compared, to where it is asked to; False where the folder has it already."""
        place = inside(self._folder, path)
        if place.is_file() and not place.is_symlink() and sha256_of(place) == sha256:
            self.written[path] = sha256
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        aside = place.with_name(f".{uuid.uuid4().hex}.partial")
        try:
            get(aside)
            self._take_place(path, aside, place)
        finally:
            aside.unlink(missing_ok=True)
        return True

    @contextmanager
    def lines(self, path: str) -> Iterator["Lines"]:
        """Text, a line at a time; gzipped, without a time in it, where the name ends in .gz."""
        with self.file(path) as out:
            if path.endswith(".gz"):
                with gzip.GzipFile("", "wb", 6, out, mtime=0) as packed:
                    yield Lines(packed)
            else:
                yield Lines(out)

    @contextmanager
    def tar(self, path: str) -> Iterator["Tar"]:
        with self.file(path) as out, tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
            yield Tar(tar)

    def _take_place(self, path: str, aside: Path, place: Path) -> None:
        sha256 = sha256_of(aside)
        there = place.exists() or place.is_symlink()
        same = place.is_file() and not place.is_symlink() and sha256_of(place) == sha256
        if there and not same and path not in self._ours and path not in self.written:
            raise PullFailed(
                f"{place} is there, and was not written by pull. Name an empty folder, or move that file away."
            )
        aside.replace(place)
        self.written[path] = sha256


class Lines:
    def __init__(self, out: "IO[bytes] | gzip.GzipFile") -> None:
        self._out = out

    def write(self, line: str) -> None:
        self._out.write(line.encode() + b"\n")

    def json(self, value: Mapping[str, Any]) -> None:
        self.write(json.dumps(value, ensure_ascii=False, allow_nan=False))


class Tar:
    """A tar that the same members always make the same: no times, no owners."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, data: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        member.mode = 0o644
        self._tar.addfile(member, io.BytesIO(data))


def one_line(text: str) -> str:
    """A text for a list whose fields end at a tab or at the line's end.

    >>> one_line("two\\tfields\\nand a line")
    'two fields and a line'
    """
    return " ".join(text.split())
