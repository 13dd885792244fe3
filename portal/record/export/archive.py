"""Everything about one voice as a zip: its sound, a page to read and listen, and the same as data.

Streamed: sound passes through in blocks, rows a page at a time; what grows is the zip's own directory, a line a file.
"""

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from catalog import audit
from catalog.database import Catalog
from catalog.store import NotStored, ObjectStore
from catalog.voice_records import ClipRecord, ConsentRecord, FileRecord, clips_of, files_of
from portal.record.export.page import VoicePage

BLOCK = 1 << 20
PAGE_NAME, DATA_NAME = "index.html", "data.jsonl"


@dataclass(frozen=True, slots=True)
class StoredSound:
    """An object of the store, and what it is called in the zip."""

    name: str
    key: str


def note_export(catalog: Catalog, speaker_id: str, *, by: str, at: datetime) -> None:
    """On record: a copy of everything about a voice was given out. by: a person's id, or `receipt`"""
    with catalog.writing() as session:
        audit.record(
            session, at=at, actor=by, action="speaker.exported", subject=("speaker", speaker_id), detail={}
        )


def voice_archive(catalog: Catalog, store: ObjectStore, page: VoicePage) -> Iterator[bytes]:
    """The zip of a voice, in blocks. What the store lost meanwhile is left out, and the page doesn't link to it."""
    outlet = _Outlet()
    missing: set[str] = set()
    with ZipFile(outlet, "w", ZIP_STORED) as archive:
        for sound in _sounds(catalog, page):
            try:
                source = store.open(sound.key)
            except NotStored:
                missing.add(sound.name)
                continue
            with source, archive.open(_entry(sound.name, page.at), "w", force_zip64=True) as entry:
                while block := source.read(BLOCK):
                    entry.write(block)
                    yield outlet.drained()
        for name, lines in (
            (PAGE_NAME, page.html(_files(catalog, page, missing))),
            (DATA_NAME, _data(catalog, page)),
        ):
            with archive.open(_entry(name, page.at, ZIP_DEFLATED), "w", force_zip64=True) as entry:
                for line in lines:
                    entry.write(line.encode())
                    yield outlet.drained()
    yield outlet.drained()


def file_sound(file: FileRecord) -> StoredSound | None:
    return _named(file.key, f"recordings/{file.id}")


def clip_sound(clip: ClipRecord) -> StoredSound | None:
    return _named(clip.key, f"clips/{clip.id}")


def consent_sound(number: int, consent: ConsentRecord) -> StoredSound | None:
    return _named(consent.key, f"consent/{number}")


def _named(key: str | None, name: str) -> StoredSound | None:
    if key is None:
        return None
    last = key.rpartition("/")[2]
    ending = last.rpartition(".")[2] if "." in last else "bin"
    return StoredSound(f"{name}.{ending}", key)


def _sounds(catalog: Catalog, page: VoicePage) -> Iterator[StoredSound]:
    found: Iterable[StoredSound | None] = (
        consent_sound(number, each) for number, each in enumerate(page.consents, start=1)
    )
    yield from filter(None, found)
    for file in files_of(catalog, page.speaker_id):
        if sound := file_sound(file):
            yield sound
        for clip in clips_of(catalog, file):
            if sound := clip_sound(clip):
                yield sound


def _files(
    catalog: Catalog, page: VoicePage, missing: set[str]
) -> Iterator[tuple[FileRecord, str | None, Iterator[tuple[ClipRecord, str | None]]]]:
    """Files and their clips, each with the name of its sound in the zip."""

    def name(sound: StoredSound | None) -> str | None:
        return sound.name if sound and sound.name not in missing else None

    for file in files_of(catalog, page.speaker_id):
        clips = ((clip, name(clip_sound(clip))) for clip in clips_of(catalog, file))
        yield file, name(file_sound(file)), clips


def _data(catalog: Catalog, page: VoicePage) -> Iterator[str]:
    """A JSON object a line: the facts, consents, versions, then each file and each of its clips."""
    yield _line("speaker", asdict(page.facts))
    for consent in page.consents:
        yield _line("consent", asdict(consent))
    for version, clips in page.versions:
        yield _line("version", {"version": version, "clips": clips})
    for file in files_of(catalog, page.speaker_id):
        yield _line("file", asdict(file))
        for clip in clips_of(catalog, file):
            yield _line("clip", asdict(clip))


def _line(kind: str, value: dict[str, object]) -> str:
    return json.dumps({"record": kind, **value}, ensure_ascii=False, default=str) + "\n"


def _entry(name: str, at: datetime, compression: int = ZIP_STORED) -> ZipInfo:
    entry = ZipInfo(name, date_time=at.timetuple()[:6])
    entry.compress_type = compression
    return entry


class _Outlet(io.RawIOBase):
    """What was written since the last look. A zip can be written to it, since it asks for no seeking back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # any buffer, which is copied at once
        self._parts.append(bytes(data))
        return len(data)

    def drained(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
