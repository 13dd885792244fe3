"""Chats that WhatsApp exported, and zip archives, as sources of recordings."""

import json
import stat
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from catalog.store import S3Options
from catalog.tables import SourceObject, Speaker, Upload
from flows.chat_lists import LEFT_OUT
from flows.chat_senders import NoChat, add_senders, senders_in
from flows.sources import FolderSource, open_source
from flows.steps.receive import receive_all
from flows.whatsapp import Chat, attachment_in, read_chat, read_line
from flows.workspace import Workspace
from flows.zip_source import UnusableArchive, ZipSource

CHATS = Path(__file__).parents[1] / "whatsapp"
EXPECTED = json.loads((CHATS / "expected.json").read_text("utf-8"))
CHAT = """31/01/2024, 10:11 - Asha Devi: PTT-20240131-WA0001.opus (file attached)
31/01/2024, 10:12 - +91 98765 43210: PTT-20240131-WA0002.opus (file attached)
31/01/2024, 10:13 - Ravi: PTT-20240131-WA0003.opus (file attached)
31/01/2024, 10:14 - Ravi: IMG-20240131-WA0004.jpg (file attached)
"""
NAMES = [f"PTT-20240131-WA000{number}.opus" for number in (1, 2, 3)]


@pytest.fixture
def exported(tmp_path: Path, examples: Path) -> Path:
    """A chat with three recordings and a picture, as a phone sends it."""
    path = tmp_path / "WhatsApp Chat with Asha Devi.zip"
    sounds = sorted(
        path for path in (examples / "recordings" / "te").iterdir() if path.stat().st_size > 10_000
    )[:3]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("WhatsApp Chat with Asha Devi.txt", CHAT)
        archive.writestr("IMG-20240131-WA0004.jpg", b"no sound")
        for name, sound in zip(NAMES, sounds, strict=True):
            archive.write(sound, name)
    return path


def received(workspace: Workspace) -> dict[str, str]:
    """Pseudonyms by the names of the files that came in."""
    with workspace.catalog.reading() as session:
        rows = session.execute(
            select(Upload.name, Speaker.pseudonym).join(Speaker, Upload.speaker_id == Speaker.id)
        )
        return dict(rows.tuples().all())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_chat_tells_who_sent_each_recording_and_when(name: str) -> None:
    expected = EXPECTED[name]
    chat = Chat(expected["sent"].__contains__)

    for line in (CHATS / f"{name}.txt").read_text("utf-8").splitlines():
        chat.push(line)

    found = {
        file: {"sender": each.sender, "at": each.at and each.at.isoformat()}
        for file, each in chat.sent.items()
    }
    assert (chat.order, found) == (expected["order"], expected["sent"])


@given(
    st.text(st.characters(categories=("L", "M", "N"))).filter(str.strip),
    st.from_regex("[A-Za-z0-9_-]{1,20}[.]opus", fullmatch=True),
)
def test_whoever_is_named_before_a_file_that_is_there_has_sent_it(sender: str, name: str) -> None:
    line = read_line(f"31/01/2024, 10:11 - {sender}: {name} (file attached)")

    assert line is not None and attachment_in(line.rest, name.__eq__) == (sender, name)


@given(st.text(), st.integers(0, 60))
def test_any_text_is_a_line_or_none(text: str, cut: int) -> None:
    for each in (
        text,
        f"31/01/2024, 10:11 - Asha: {text}"[:cut],
        f"[31/01/24, 10:11] {text}: <x: {text}.opus>",
    ):
        line = read_line(each)
        assert line is None or all(number >= 0 for number in line.date)


def test_recordings_of_a_chat_wait_until_somebody_said_who_sent_them(exported, workspace, tmp_path) -> None:
    report = receive_all(workspace, ZipSource(exported, tmp_path / "scratch"))

    assert (report.found, report.received) == (3, 0)
    assert sorted(report.lists.waiting.first) == NAMES
    (fault,) = report.lists.faults.first
    assert "3 recordings of this chat have no speaker yet; 3 senders" in fault


def test_recordings_of_a_chat_come_in_under_the_speakers_that_the_coordinator_named(
    exported, workspace, tmp_path
) -> None:
    exported.with_name("senders.csv").write_text(
        f"sender,speaker\nAsha Devi,DUM-001\n+91 98765 43210,{LEFT_OUT}\n"
    )

    first = receive_all(workspace, ZipSource(exported, tmp_path / "scratch"))
    again = receive_all(workspace, ZipSource(exported, tmp_path / "scratch"))

    assert received(workspace) == {NAMES[0]: "DUM-001"}
    assert (first.received, first.lists.waiting.first) == (1, (NAMES[2],))
    assert again.received == 0 and not list((tmp_path / "scratch").iterdir())


def test_a_senders_name_reaches_neither_the_catalogue_nor_a_report(exported, workspace, tmp_path) -> None:
    exported.with_name("senders.csv").write_text("sender,speaker\nAsha Devi,DUM-001\nRavi,DUM-002\n")

    report = receive_all(workspace, ZipSource(exported, tmp_path / "scratch", clock_ns=lambda: 2**62))

    with workspace.catalog.reading() as session:
        kept = str(session.execute(select(SourceObject.source, SourceObject.note)).all())
    said = json.dumps(asdict(report)) + kept
    assert "zip-" in kept and not [name for name in ("Asha", "98765", "Ravi") if name in said]


def test_an_unpacked_chat_is_read_as_the_archive_is(exported, workspace, tmp_path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(exported) as archive:
        archive.extractall(folder)
    (folder / "senders.csv").write_text(
        "sender,speaker\nRavi,DUM-002\nAsha Devi,DUM-001\n+91 98765 43210,DUM-003\n"
    )

    report = receive_all(workspace, FolderSource(folder))

    assert received(workspace) == dict(zip(NAMES, ("DUM-001", "DUM-003", "DUM-002"), strict=True))
    assert report.lists.faults.count == 0 and report.lists.without_row.count == 0


def test_the_senders_of_a_chat_are_written_beside_it_once_and_for_its_owner_alone(exported, tmp_path) -> None:
    found = senders_in(exported, tmp_path / "scratch")

    assert [(each.name, each.recordings) for each in found.senders] == [
        ("+91 98765 43210", 1),
        ("Asha Devi", 1),
        ("Ravi", 1),
    ]
    assert (add_senders(found), add_senders(found)) == (3, 0)
    assert found.list_path.read_text().splitlines() == [
        "sender,speaker",
        "'+91 98765 43210,",
        "Asha Devi,",
        "Ravi,",
    ]
    assert stat.S_IMODE(found.list_path.stat().st_mode) == 0o600


def test_a_folder_without_a_chat_has_no_senders(tmp_path) -> None:
    with pytest.raises(NoChat):
        senders_in(tmp_path, tmp_path / "scratch")


def test_names_of_an_archive_stay_below_the_source(tmp_path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (
            "../../etc/a.wav",
            "/elsewhere/b.wav",
            "..\\c.wav",
            "./x/../d.wav",
            "__MACOSX/._e.wav",
            "f/",
        ):
            archive.writestr(name, b"x")

    source = open_source(str(path), scratch=tmp_path / "scratch", s3=S3Options())

    assert list(source.names()) == ["c.wav", "elsewhere/b.wav", "etc/a.wav", "x/d.wav"]


def test_a_changed_or_cut_archive_gives_faults_and_never_a_half_file(exported, tmp_path) -> None:
    bytes_ = bytearray(exported.read_bytes())
    with zipfile.ZipFile(exported) as archive:
        at = archive.getinfo(NAMES[1]).header_offset
    bytes_[at + 200] ^= 0xFF
    changed = tmp_path / "changed.zip"
    changed.write_bytes(bytes_)
    source = ZipSource(changed, tmp_path / "scratch")

    looked = {name: source.look(name) for name in source.names()}

    assert looked[NAMES[1]].sha256 is None and "can't be unpacked" in (looked[NAMES[1]].fault or "")
    assert looked[NAMES[0]].sha256 is not None
    for size in range(0, len(bytes_) - 1, len(bytes_) // 40):
        changed.write_bytes(bytes_[:size])
        with pytest.raises(UnusableArchive):
            ZipSource(changed, tmp_path / "scratch")


def test_an_archive_that_says_too_much_is_refused_before_it_is_read(tmp_path) -> None:
    many, bomb = tmp_path / "many.zip", tmp_path / "bomb.zip"
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}.wav", b"")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wav", bytes(20_000_000))

    with pytest.raises(UnusableArchive, match="10000 files"):
        ZipSource(many, tmp_path / "scratch")
    source = ZipSource(bomb, tmp_path / "scratch")
    (file,) = source.listing()
    with source.read(file, keep_up_to=1_000_000) as (found, path):
        assert found.size == 20_000_000 and path is None


def test_a_file_that_two_have_sent_is_nobodys() -> None:
    assert (
        read_chat((CHATS / "forged.txt").read_text("utf-8").splitlines(), ["PTT-20240131-WA0001.opus"])[
            "PTT-20240131-WA0001.opus"
        ].sender
        == ""
    )
