"""Every damaged, hostile and odd file that we have, through the steps: one end each, and the books balance."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog.config.settings import Settings
from catalog.reasons import reason
from catalog.states import ClipState, RecordingState, UploadState
from catalog.tables import Clip, Recording, Upload
from flows.steps.status import read_balance
from flows.workspace import Workspace, open_workspace
from tests.flows.conftest import Coordinator, take_in

SETTLED_UPLOADS = {UploadState.INGESTED, UploadState.REJECTED}
SETTLED_RECORDINGS = {RecordingState.SEGMENTED, RecordingState.REJECTED}

# of a file that decodes; the formats hold one sound in many codecs
SOUND = (None, "duplicate_audio", "near_duplicate", "partly_duplicate")


def check_the_ends(workspace: Workspace, names: set[str]) -> dict[str, str | None]:
    """Every file has one end, a rejection with a reason that people can read. Returns each upload's reason."""
    with workspace.catalog.reading() as session:
        uploads = {row.name: row for row in session.scalars(select(Upload))}
        recordings = session.scalars(select(Recording)).all()
        clips = session.scalars(select(Clip)).all()
    assert set(uploads) == names
    assert {row.state for row in uploads.values()} <= SETTLED_UPLOADS
    assert {row.state for row in recordings} <= SETTLED_RECORDINGS
    assert {row.state for row in clips} <= {ClipState.CUT, ClipState.REJECTED}
    ends: list[Upload | Recording] = [*uploads.values(), *recordings]
    turned_away = [row for row in ends if row.state.value == "rejected"]
    for row in turned_away:
        assert reason(str(row.reason)).sentence
        assert row.detail
        assert "upload-" not in row.detail  # it speaks of the sender's file, not of our ids
        assert "recording-" not in row.detail
    balance = read_balance(workspace)
    assert balance.missing == ()
    assert balance.received.count == len(names)
    return {name: row.reason for name, row in uploads.items()}


@pytest.mark.slow
def test_every_damaged_hostile_and_odd_file_comes_to_one_end(settings: Settings, coordinator, shared_data):
    for kind in ("broken", "formats"):
        for path in sorted((shared_data / kind).rglob("*")):
            if path.is_file():
                coordinator.puts(f"{kind}/{path.relative_to(shared_data / kind).as_posix()}", path)
    names = {name for name, _, _ in coordinator.files if not name.endswith((".json", ".txt", ".md", ".tsv"))}

    with open_workspace("keeping", settings) as workspace:
        take_in(workspace, coordinator.folder)
        ends = check_the_ends(workspace, names)
        again = take_in(workspace, coordinator.folder)

    assert again.received == 0
    assert "decoder_crashed" not in ends.values()
    plays = {name for name in names if ends[name] in SOUND}
    pictures = {"formats/audiofile__video.mp4", "formats/media__bbb_176x144_128kbps_15fps_h263.3gp"}
    assert {name for name in names if name.startswith("formats/")} - plays == pictures
    assert {ends[name] for name in pictures} == {"not_audio"}
    assert sum(name.startswith("broken/") for name in plays) <= 10


@pytest.mark.slow
def test_files_that_nobody_planned_for_come_to_one_end_and_good_ones_beside_them_are_taken_in(
    settings: Settings, coordinator: Coordinator, shared_data: Path
):
    odd = [
        path
        for path in sorted((shared_data / "cases").iterdir())
        if path.suffix not in (".tsv", ".csv", ".md", ".case")
    ]
    for path in odd:
        coordinator.puts(f"odd/{path.name}", path)
    coordinator.puts_examples("kn/kn-01_102.ogg")

    with open_workspace("demo", settings) as workspace:
        take_in(workspace, coordinator.folder)
        ends = check_the_ends(workspace, {name for name, _, _ in coordinator.files})

    assert ends["kn/kn-01_102.ogg"] is None
    refused = {name for name, why in ends.items() if why not in SOUND}
    assert refused == {"odd/wav_tag_1234.wav", "odd/3gp_sevc.3gp"}
    assert {ends[name] for name in refused} == {"refused_format"}


@pytest.mark.slow
def test_the_damaged_files_of_the_examples_come_to_the_ends_their_list_names(
    settings: Settings, coordinator: Coordinator, examples: Path
):
    rows = (examples / "damaged.tsv").read_text("utf-8").splitlines()[1:]
    kinds = {row.split("\t")[0]: row.split("\t")[1] for row in rows}
    for name in [*kinds, "te/te-01_001.mp3", "te/te-01_same.wav"]:
        if (examples / "recordings" / name).exists():
            coordinator.puts_examples(name)

    with open_workspace("demo", settings) as workspace:
        take_in(workspace, coordinator.folder)
        reasons = check_the_ends(workspace, {name for name, _, _ in coordinator.files})
        with workspace.catalog.reading() as session:
            cut = select(Upload.name, Recording.reason).join(Recording, Recording.upload_id == Upload.id)
            reasons |= {name: why for name, why in session.execute(cut) if why}
            rejected = session.scalars(select(Recording).where(Recording.reason.is_not(None))).all()
            assert all(row.measures and row.findings for row in rejected)  # what decided can be judged anew

    assert reasons["te/te-01_001.mp3"] is None
    for name, kind in kinds.items():
        if name not in reasons:
            continue
        expected = {
            "empty": {"empty_file"},
            "truncated": {"truncated", "corrupt", "not_audio"},
            "not_audio": {"not_audio", "refused_format"},
            "duplicate": {"duplicate_bytes", "duplicate_audio"},
        }.get(kind, {kind})
        assert reasons[name] in expected, name


def test_a_hostile_name_can_neither_leave_its_folder_nor_the_store(settings: Settings, coordinator):
    names = {"..mp3", "a/...wav", "-rf.mp3", "$(reboot).mp3", "%00.mp3", "a" * 200 + ".mp3", "\u202e3pm.mp3"}
    for name in names:
        coordinator.puts(name, name.encode())

    with open_workspace("demo", settings) as workspace:
        take_in(workspace, coordinator.folder)
        visible = {name for name in names if not name.rsplit("/")[-1].startswith(".")}
        check_the_ends(workspace, visible)

    outside = {path.name for path in coordinator.folder.parent.iterdir()}
    assert outside == {coordinator.folder.name, settings.home.name}
    shutil.rmtree(settings.home)
