"""A version goes to a hub by Hugging Face's own client, whole, and what was taken back leaves the hub too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from releases.local_copy import STATE
from releases.pull import pull
from releases.push_hub import HubRefused, push_hub
from tests.releases.conftest import Archive
from tests.releases.hub import TOKEN, Hub, hub
from tests.releases.test_erase import sounds_of, voice_in

pytest.importorskip("huggingface_hub")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with hub() as found:
        yield found


def push(archive: Archive, copy: Path, here: Hub, version: str = "1.0.0", token: str = TOKEN) -> int:
    pull(archive.store, "tiny", version, copy)
    done = push_hub(copy, label=f"tiny@{version}", repository="team/tiny", token=token, hub=here.address)
    assert done.url == f"{here.address}/datasets/team/tiny"
    return done.destroyed


def test_a_version_stands_on_the_hub_byte_by_byte(archive: Archive, tmp_path: Path, here: Hub) -> None:
    archive.publish()

    push(archive, tmp_path / "copy", here)

    there = {name: here.large.get(here.pointers.get(name, ""), data) for name, data in here.files.items()}
    copied = {
        str(path.relative_to(tmp_path / "copy")): path.read_bytes()
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file() and not path.name.startswith(".boli-")
    }
    assert there == copied
    assert STATE not in there
    assert {"README.md", "LICENSES/MIT.txt", "datasheet.md"} <= there.keys()


def test_pushing_again_after_a_withdrawal_leaves_nothing_of_the_voice_on_the_hub(
    archive: Archive, tmp_path: Path, here: Hub
) -> None:
    archive.publish()
    sounds = sounds_of(archive, "te-02")
    push(archive, tmp_path / "copy", here)
    assert voice_in({"hub": here.everything()}, sounds)
    archive.withdraw("te-02")
    archive.erase()

    destroyed = push(archive, tmp_path / "copy", here)

    assert destroyed >= 1
    assert not voice_in({"hub": here.everything()}, sounds)
    assert here.history == []


def test_a_hub_that_refuses_the_token_says_so(archive: Archive, tmp_path: Path, here: Hub) -> None:
    archive.publish()

    with pytest.raises(HubRefused, match="Look whether the token may write there"):
        push(archive, tmp_path / "copy", here, token="hf_reads")
