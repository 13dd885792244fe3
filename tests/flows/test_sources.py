"""Where recordings come from: folders as people leave them, and prefixes of a store."""

import hashlib
import os
from pathlib import Path

import pytest

from catalog.store import S3Options, open_inbox, open_store
from flows.source import Source
from flows.sources import FolderSource, SourceMissing, StoreSource, open_source
from flows.steps.sidecar import ListKind, read_file_notes

NAMES = [
    "two words.mp3",
    'he said "go".wav',
    "line\nend.amr",
    "గ్రామం/నా గొంతు.m4a",
    "'; DROP TABLE upload; --.mp3",
]


def names(source: Source) -> list[str]:
    assert [each.name for each in source.listing()] == list(source.names())
    return list(source.names())


def read(source: Source, name: str) -> bytes:
    """The bytes of a file, as they are taken in."""
    (file,) = [each for each in source.listing() if each.name == name]
    with source.read(file, keep_up_to=1_000) as (found, path):
        assert path is not None and found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        return path.read_bytes()


def test_every_name_that_a_file_can_have_is_found(tmp_path):
    for name in NAMES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")

    source = FolderSource(tmp_path)

    assert names(source) == sorted(NAMES)
    assert all(source.look(name).size == 1 for name in NAMES)


def test_a_name_that_is_no_utf8_gets_one_that_a_database_can_hold(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.mp3")).write_bytes(b"x")

    source = FolderSource(tmp_path)

    (name,) = names(source)
    assert name == r"\xff\xfe.mp3"
    assert source.look(name).size == 1


def test_lists_notes_and_hidden_files_are_no_recordings(tmp_path):
    for name in ("recordings.tsv", "README.md", "notes.txt", ".hidden.mp3", "a.TextGrid"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".thumbnails").mkdir()
    (tmp_path / ".thumbnails" / "a.mp3").write_bytes(b"x")

    assert names(FolderSource(tmp_path)) == []


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(b"x")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.mp3").symlink_to(tmp_path / "secret")

    found = FolderSource(inbox).look("a.mp3")

    assert found.sha256 is None
    assert found.fault == "it is a link that leads out of the folder"


def test_a_link_within_the_folder_is_the_file_it_leads_to(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"x")
    (tmp_path / "b.mp3").symlink_to("a.mp3")

    source = FolderSource(tmp_path)

    assert source.look("a.mp3").sha256 == source.look("b.mp3").sha256


@pytest.mark.parametrize("target", ["nowhere.mp3", "b.mp3"])  # b.mp3: to itself
def test_a_link_that_leads_nowhere_is_told(tmp_path, target):
    (tmp_path / "b.mp3").symlink_to(target)

    assert FolderSource(tmp_path).look("b.mp3").fault is not None


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.mp3")

    assert FolderSource(tmp_path).look("a.mp3").fault == "it is a device or a pipe, not a file"


def test_a_pipe_in_the_place_of_a_list_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "recordings.tsv")

    (told,) = FolderSource(tmp_path).lists(ListKind.RECORDINGS)

    assert told.data is None
    assert str(told.fault).startswith("it is a pipe, or a link")


def test_a_list_that_leads_out_of_the_folder_is_not_read(tmp_path):
    (tmp_path / "secret.tsv").write_text("file\tspeaker\n")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "recordings.tsv").symlink_to(tmp_path / "secret.tsv")

    (told,) = FolderSource(inbox.resolve()).lists(ListKind.RECORDINGS)

    assert told.data is None
    assert "out of the folder" in str(told.fault)


def test_lists_are_found_in_every_folder(tmp_path):
    (tmp_path / "te").mkdir()
    (tmp_path / "te" / "recordings.tsv").write_text("file\n", "utf-8")
    (tmp_path / "transcripts.csv").write_text("file\n", "utf-8")

    lists = FolderSource(tmp_path.resolve()).lists(ListKind.RECORDINGS)
    assert [each.path for each in lists] == ["te/recordings.tsv", "transcripts.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "Recordings.tsv",
        "RECORDINGS.TSV",
        "recordings.tsv.txt",
        "recordings.txt",
        "recordings.csv",
        "transcripts.tab",
        "recordings.xlsx",
    ],
)
def test_a_list_is_known_by_any_name_that_an_editor_gives_it_and_is_no_recording(tmp_path, name):
    (tmp_path / name).write_bytes(b"file\n")

    source = FolderSource(tmp_path.resolve())

    assert [each.path for each in source.lists(ListKind.RECORDINGS)] == [name]
    assert source.lists(ListKind.CONSENTS) == []
    assert names(source) == []


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SourceMissing, match="there is no folder"):
        open_source(str(tmp_path / "gone"), scratch=tmp_path, s3=S3Options())


def test_a_prefix_of_a_store_is_a_source_like_a_folder(tmp_path, s3_store_url, s3_options):
    store = open_store(s3_store_url, s3_options)
    store.put_bytes("te/నా గొంతు.mp3", b"sound")
    store.put_bytes("te/recordings.tsv", b"file\tspeaker\n")

    source = open_source(s3_store_url, scratch=tmp_path / "scratch", s3=s3_options)

    assert isinstance(source, StoreSource)
    assert names(source) == ["te/నా గొంతు.mp3"]
    assert source.look("te/నా గొంతు.mp3").size == 5
    assert [each.path for each in source.lists(ListKind.RECORDINGS)] == ["te/recordings.tsv"]
    assert read(source, "te/నా గొంతు.mp3") == b"sound"
    assert list((tmp_path / "scratch").iterdir()) == []


# decomposed and composed letters, a tab, a folder that begins with dots (our own keys have none of these)
FOREIGN_KEYS = ["te/Rene\u0301e.mp3", "te/a\tb.mp3", "te/Renée 2.mp3", "..te/c.mp3"]


def test_keys_that_others_chose_are_taken_as_a_folders_names_are(tmp_path, s3_store_url, s3_options):
    inbox = open_inbox(s3_store_url, s3_options)
    for key in FOREIGN_KEYS:
        inbox.put_bytes(key, key.encode())
    inbox.put_bytes("Recordings.TSV", "file\tspeaker\nte/Renée.mp3\tte-07\n".encode("utf-16"))

    source = open_source(s3_store_url, scratch=tmp_path / "scratch", s3=s3_options)

    assert names(source) == sorted(FOREIGN_KEYS)
    for key in FOREIGN_KEYS:
        found = source.look(key)
        assert (found.size, found.fault) == (len(key.encode()), None)
        assert read(source, key) == key.encode()
    listed = read_file_notes(source.lists(ListKind.RECORDINGS), names(source))
    assert listed.notes["te/Rene\u0301e.mp3"].speaker == "te-07"
    assert listed.without_file == ()
