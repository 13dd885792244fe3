"""What a row says of its prompt, device, day, channel, language and script; and how its columns are found."""

import io
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from catalog.config.settings import ROOT as REPOSITORY
from catalog.tables import Clip, Recording, Speaker, Upload
from releases.columns import MEANINGS
from releases.parquet import ROWS_IN_GROUP, columns, hub_features
from releases.versions import read_version
from tests.releases.conftest import Archive
from tests.releases.rows import row
from tests.releases.stores import rows_of


@pytest.mark.parametrize(
    ("bandwidth", "channel"),
    [
        (3_400.0, "narrowband"),
        (7_000.0, "wideband"),
        (12_000.0, "superwideband"),
        (20_000.0, "fullband"),
        (None, None),
    ],
)
def test_a_channel_is_named_by_its_measured_bandwidth(bandwidth: float | None, channel: str | None) -> None:
    assert row(bandwidth_hz=bandwidth).channel == channel


def test_a_published_row_says_where_its_sound_comes_from_and_in_which_script_it_is_written(
    archive: Archive,
) -> None:
    with archive.catalog.writing() as session:
        recording = (
            session.query(Recording).join(Clip, Clip.recording_id == Recording.id).order_by(Clip.id).first()
        )
        assert recording is not None
        recording.device, recording.recorded_on = "Redmi 9A", date(2026, 11, 20)
        session.get_one(Upload, recording.upload_id).prompt = "market/price-of-rice"
        session.query(Speaker).update({"native_language": "gon"})
        ours = recording.id
    archive.publish()

    rows = rows_of(archive.store, "1.0.0")

    said = next(each for each in rows if each["recording"] == ours)
    assert {name: said[name] for name in ("device", "recorded_on", "prompt_set", "prompt", "channel")} == {
        "device": "Redmi 9A",
        "recorded_on": "2026-11-20",
        "prompt_set": "market",
        "prompt": "market/price-of-rice",
        "channel": "wideband",
    }
    assert {each["language_tag"] for each in rows} == {"te-Telu", "kn-Knda"}
    assert {each["native_language"] for each in rows} == {"gon"}
    assert {each["duplicate_group"] for each in rows} == {None}


def test_every_column_says_what_it_means_on_the_card_in_croissant_and_in_the_docs(archive: Archive) -> None:
    archive.publish()
    card = archive.store.get_bytes("datasets/tiny/1.0.0/README.md", 10**6).decode()
    croissant = archive.store.get_bytes("datasets/tiny/1.0.0/croissant.json", 10**6).decode()
    docs = (REPOSITORY / "docs" / "datasets.md").read_text("utf-8")

    assert [name for name, _ in columns()] == list(MEANINGS) == [each["name"] for each in hub_features()]
    for name, meaning in MEANINGS.items():
        assert f"- `{name}`" in card and meaning in card
        assert meaning in croissant
        assert f"`{name}`" in docs, name


def test_what_people_filter_by_has_statistics_and_a_page_index_and_texts_have_none(archive: Archive) -> None:
    archive.publish()
    version = read_version(archive.store, "tiny", "1.0.0")
    data = archive.store.get_bytes(version.key(version.parts[0].file), 10**7)

    group = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0)

    found = {group.column(number).path_in_schema: group.column(number) for number in range(group.num_columns)}
    for name in ("district", "snr_db", "device", "recorded_on", "prompt_set", "channel", "language_tag"):
        assert found[name].statistics is not None and found[name].has_column_index, name
    for name in ("text", "audio.bytes"):
        assert found[name].statistics is None, name
    assert ROWS_IN_GROUP == 100


def test_rows_stand_in_groups_of_a_hundred(tmp_path: Path) -> None:
    from releases.parquet import ShardWriter, record
    from releases.sound import decoded
    from tests.releases.conftest import tone

    heard = decoded(tone(0.05, pitch=200))
    with ShardWriter(tmp_path / "part.parquet") as writer:
        for number in range(205):
            writer.write(record(row(id=f"clip-{number}"), heard))

    groups = pq.ParquetFile(tmp_path / "part.parquet").metadata
    assert [groups.row_group(each).num_rows for each in range(groups.num_row_groups)] == [100, 100, 5]
