"""`boli tasks`: clips out to another program with their sound, texts back in."""

import json
from pathlib import Path

import pytest
import soundfile

from tests.boli.conftest import Boli
from transcription.exchange import Format, Item, Package, read, write

TEXT = "ఆకుకూరలు తినాలి"


@pytest.fixture
def asha(boli: Boli, home: Path) -> str:
    """Somebody to work, in a project with clips that wait."""
    assert boli("people", "add", "asha", "--role", "transcriber", "--language", "te").status == 0
    return "asha"


def exported(folder: Path, form: Format) -> tuple[Path, Package]:
    file = next(file for file in folder.iterdir() if file.name.endswith(form.ending))
    beside = file.with_name(f"{file.stem}.boli.json")
    return file, read(file.read_bytes(), form, rows=beside.read_bytes() if beside.exists() else None)


def filled(package: Package, *texts: str) -> Package:
    items = tuple(Item(each.ticket, text) for each, text in zip(package.items, texts, strict=False))
    return Package(package.project, package.person, package.made_at, items)


@pytest.mark.parametrize("form", [Format.TEXTGRID, Format.EAF, Format.AUDACITY])
def test_clips_go_out_behind_one_another_in_one_sound_and_texts_come_back(
    boli: Boli, asha: str, tmp_path: Path, form: Format
) -> None:
    out = tmp_path / "for-asha"
    said = boli("tasks", "export", out, "--format", form, "--person", asha, "--count", "2", "--json")
    file, package = exported(out, form)

    assert said.status == 0
    assert said.lines[0]["clips"] == [item.ticket.clip for item in package.items]
    with soundfile.SoundFile(out / "package.wav") as sound:
        assert {item.ticket.place.span.rate for item in package.items} == {sound.samplerate}
        assert package.items[-1].ticket.place.span.end == sound.frames
    for one, other in zip(package.items, package.items[1:], strict=False):
        gap = other.ticket.place.span.start - one.ticket.place.span.end
        assert gap == one.ticket.place.span.rate // 2
    for written in write(filled(package, TEXT), form):
        (out / written.name).write_bytes(written.data)
    done = boli("tasks", "import", file, "--person", asha, "--json")
    assert (done.status, done.lines[0]["fate"], done.lines[0]["message"]) == (0, "received", "Received.")
    again = boli("tasks", "import", out, "--person", asha, "--json")
    assert [{**line, "file": ""} for line in again.lines] == [{**line, "file": ""} for line in done.lines]


@pytest.mark.parametrize("form", [Format.LABELSTUDIO, Format.CSV, Format.TSV])
@pytest.mark.parametrize(("audio", "ending"), [("clean", "flac"), ("preview", "opus")])
def test_clips_go_out_as_a_file_each_where_the_format_names_files(
    boli: Boli, asha: str, tmp_path: Path, form: Format, audio: str, ending: str
) -> None:
    out = tmp_path / "for-asha"

    said = boli("tasks", "export", out, "--format", form, "--person", asha, "--count", "2", "--audio", audio)

    assert said.status == 0 and "✓ 2 clips" in said.out
    _, package = exported(out, form)
    for item in package.items:
        place = item.ticket.place
        assert place.sound == f"clips/{item.ticket.clip}.{ending}"
        assert soundfile.info(out / place.sound).frames == place.span.end


def test_without_sound_the_places_are_those_of_the_recording(boli: Boli, asha: str, tmp_path: Path) -> None:
    boli(
        "tasks",
        "export",
        tmp_path / "all",
        "--format",
        "csv",
        "--person",
        asha,
        "--count",
        "9",
        "--audio",
        "none",
    )
    _, everything = exported(tmp_path / "all", Format.CSV)
    recording = everything.items[0].ticket.recording
    out = tmp_path / "one"

    said = boli(
        "tasks", "export", out, "--format", "eaf", "--person", asha, "--recording", recording, "--audio", "none"
    )  # fmt: skip

    assert said.status == 0
    file, package = exported(out, Format.EAF)
    assert [path.name for path in out.iterdir()] == [f"{recording}.eaf"] == [file.name]
    assert all(item.ticket.place.span == item.ticket.span for item in package.items)
    wanted = [item.ticket.clip for item in everything.items if item.ticket.recording == recording]
    assert [item.ticket.clip for item in package.items] == wanted


def test_what_breaks_the_guideline_is_listed_with_clip_and_time(
    boli: Boli, asha: str, tmp_path: Path
) -> None:
    out = tmp_path / "for-asha"
    boli("tasks", "export", out, "--format", "textgrid", "--person", asha, "--count", "2")
    file, package = exported(out, Format.TEXTGRID)
    file.write_bytes(write(filled(package, "<zzz> తినాలి", TEXT), Format.TEXTGRID)[0].data)

    said = boli("tasks", "import", out, "--person", asha)

    assert said.status == 1
    assert f"clip 1 at 0.0 s ({package.items[0].ticket.clip}): refused." in said.err
    assert "zzz" in said.err
    assert "refused" in said.out and "received" in said.out


def test_a_folder_with_somebodys_work_is_never_written_over(boli: Boli, asha: str, tmp_path: Path) -> None:
    out = tmp_path / "for-asha"
    boli("tasks", "export", out, "--format", "textgrid", "--person", asha, "--count", "1")
    before = {file.name: file.read_bytes() for file in out.iterdir()}

    said = boli("tasks", "export", out, "--format", "textgrid", "--person", asha, "--count", "1")

    assert said.status == 1 and "perhaps somebody's work" in said.err
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before


def test_the_same_export_into_another_folder_holds_the_same_clips(
    boli: Boli, asha: str, tmp_path: Path
) -> None:
    clips = []
    for name in ("first", "second"):
        said = boli(
            "tasks", "export", tmp_path / name, "--format", "csv", "--person", asha, "--count", "2", "--json"
        )
        clips.append(said.lines[0]["clips"])

    assert clips[0] == clips[1] and len(clips[0]) == 2


def test_label_studio_gets_its_interface_and_addresses(boli: Boli, asha: str, tmp_path: Path) -> None:
    out = tmp_path / "tasks"

    boli(
        "tasks", "export", out, "--format", "labelstudio", "--person", asha, "--count", "1",
        "--sound-prefix", "/data/local-files/?d=",
    )  # fmt: skip

    assert "<TextArea" in (out / "label-config.xml").read_text("utf-8")
    (task,) = json.loads((out / "package.json").read_text("utf-8"))
    assert task["data"]["audio"] == f"/data/local-files/?d=clips/{task['data']['clip']}.flac"
    assert boli("tasks", "import", out, "--person", asha, "--json").lines[0]["fate"] == "empty"


def test_wrong_names_and_files_are_told_in_a_sentence(boli: Boli, asha: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("buy onions\n", "utf-8")
    (tmp_path / "a.TextGrid").write_text("buy onions\n", "utf-8")

    nobody = boli("tasks", "export", tmp_path / "out", "--format", "csv", "--person", "nobody")
    nothing = boli(
        "tasks", "export", tmp_path / "out", "--format", "csv", "--person", asha, "--recording", "none"
    )
    small = boli(
        "tasks", "export", tmp_path / "out", "--format", "eaf", "--person", asha, "--audio", "preview"
    )  # fmt: skip
    missing = boli("tasks", "import", tmp_path / "none.csv", "--person", asha)
    unknown = boli("tasks", "import", tmp_path / "home", "--person", asha)
    labels = boli("tasks", "import", tmp_path / "notes.txt", "--person", asha)
    grid = boli("tasks", "import", tmp_path / "a.TextGrid", "--person", asha)

    assert [said.status for said in (nobody, nothing, small, missing, unknown, labels, grid)] == [
        1,
        1,
        2,
        1,
        1,
        1,
        1,
    ]
    assert "there is: asha" in nobody.err
    assert "no clip in none for asha" in nothing.err
    assert "Opus" in small.err
    assert "no such file" in missing.err
    assert "the endings are" in unknown.err
    assert ".boli.json" in labels.err
    assert "a TextGrid is expected" in grid.err
    assert not (tmp_path / "out").exists()
