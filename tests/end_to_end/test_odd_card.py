"""A card of odd files and lists, as a coordinator brings it: one command, and a list of what to do about which file."""

import shutil
import unicodedata
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog.database import open_catalog
from catalog.states import RecordingState, UploadState
from catalog.tables import Recording, Upload
from tests.audio.mutants import all_mutants
from tests.end_to_end.conftest import Installation, install
from tests.servers import PrefectServer

pytestmark = pytest.mark.slow

GOOD = ("te-01_003.mp3", "te-01_004.mp3", "te-01_005.mp3", "te-01_011.mp3")
LISTED = (
    ("recordings_nfd.tsv", unicodedata.normalize("NFD", "te/Renée.mp3"), "te-01_008.mp3"),
    ("recordings_utf16.tsv", "te/a.mp3", "te-01_009.mp3"),
    ("recordings_semicolons.csv", "te/a.mp3", "te-01_010.mp3"),
)
"""A list, the file that it speaks of as it lies on the card, and the sound in it."""
MUTANTS, SEED = 30, 20261130
"""Files that nobody has looked at: of another seed than every other test's and bench's."""


@pytest.fixture
def card(shared_data: Path, examples: Path, tmp_path: Path) -> Path:
    """Good recordings; in folders beside them odd ones, damaged ones, and lists as editors save them."""
    folder = tmp_path / "card"
    sounds = examples / "recordings" / "te"
    for name in GOOD:
        copied(sounds / name, folder / "good" / name)
    described(folder / "good")
    for path in (shared_data / "cases").iterdir():
        if path.suffix not in (".tsv", ".csv", ".md", ".case"):
            copied(path, folder / "odd" / path.name)
    described(folder / "odd")
    for number, content in enumerate(islice(all_mutants(MUTANTS, SEED), MUTANTS)):
        path = folder / "damaged" / f"{number:02}.mp3"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    described(folder / "damaged")
    for listing, name, sound in LISTED:
        kind = folder / Path(listing).stem.removeprefix("recordings_")
        copied(sounds / sound, kind / name)
        copied(shared_data / "cases" / listing, kind / f"recordings{Path(listing).suffix}")
    copied(shared_data / "cases" / "consents_quoted.tsv", folder / "consents.tsv")
    return folder


def copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def described(folder: Path) -> None:
    rows = [f"{path.name}\tte\tsp-001" for path in sorted(folder.iterdir())]
    (folder / "recordings.tsv").write_text("\n".join(["file\tlanguage\tspeaker", *rows]) + "\n", "utf-8")


def test_every_good_file_is_taken_in_and_every_odd_one_is_named_with_what_to_do(
    card: Path, tmp_path: Path, prefect_server: PrefectServer
) -> None:
    boli = install(tmp_path / "home", prefect_server)

    said = boli.boli("run", str(card), "--project", "demo")

    assert "Traceback" not in said
    ends = ends_of(boli)
    brought = {
        path.relative_to(card).as_posix()
        for path in card.rglob("*")
        if path.is_file() and path.suffix not in (".tsv", ".csv")
    }
    assert set(ends) == brought
    good = {name for name in brought if not name.startswith(("odd/", "damaged/"))}
    assert {name: ends[name] for name in good} == dict.fromkeys(good)
    refused = {name for name, reason in ends.items() if reason is not None}
    assert {"odd/wav_tag_1234.wav", "odd/3gp_sevc.3gp"} <= refused
    for reason in {reason for reason in ends.values() if reason is not None}:
        assert f"✗ {reason}: " in said
    listed = boli.boli("recordings", "list", "--rejected", "-P", "demo", "--json")
    assert [name for name in refused if name not in listed] == []
    assert "✓ The books balance." in boli.boli("status")


def ends_of(boli: Installation) -> dict[str, str | None]:
    """Each file's reason, None where its sound was cut into clips. Every one has come to an end."""
    with closing(open_catalog(boli.settings.catalog_url)) as catalog, catalog.reading() as session:
        uploads = session.scalars(select(Upload)).all()
        recordings = {row.upload_id: row for row in session.scalars(select(Recording))}
    ends: dict[str, str | None] = {}
    for upload in uploads:
        row = recordings.get(upload.id, upload)
        assert row.state in (UploadState.REJECTED, RecordingState.SEGMENTED, RecordingState.REJECTED), (
            upload.name
        )
        ends[upload.name] = row.reason
    return ends
