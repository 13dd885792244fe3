"""A release is whole or absent, and never changes. Same selection, same rules, same code: the same bytes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from catalog.project import ReleaseRules
from catalog.states import AlignmentState, ReleaseState
from catalog.store import ObjectStore, S3Options, UnsafeStore, open_store
from catalog.tables import Alignment, Clip, Release, ReleaseItem, Speaker
from releases.publish import Published
from releases.refusals import NothingToPublish, Refused
from releases.verify import verify
from releases.versions import commits, read_version, taken
from tests.releases.conftest import House, fill
from tests.releases.stores import Careless, Meanwhile, everything, killed_after, rows_of, tiny_house


def test_what_is_published_verifies_byte_by_byte(either_house: House) -> None:
    published = either_house.publish()

    report = verify(either_house.store, "tiny", published.version)
    assert report.problems == ()
    assert (report.rows, round(report.seconds, 6), report.state) == (10, 10.0, "whole")
    assert (published.version, published.outcome, published.clips) == ("1.0.0", "published", 10)
    with either_house.catalog.reading() as session:
        release = session.scalars(select(Release)).one()
        assert (release.state, release.clips) == (ReleaseState.PUBLISHED, 10)
        assert release.manifest_sha256 == published.manifest_sha256
        assert len(session.scalars(select(ReleaseItem)).all()) == 10


def test_publishing_again_when_nothing_changed_does_nothing_and_says_so(either_house: House) -> None:
    first = either_house.publish()
    before = everything(either_house.store)

    again = either_house.publish()

    assert (again.outcome, again.version) == ("unchanged", first.version)
    assert everything(either_house.store) == before


def test_a_new_clip_makes_a_next_version_and_leaves_the_last_one_as_it_was(house: House) -> None:
    house.publish()
    before = everything(house.store, "datasets/tiny/1.0.0/")
    house.add_speaker("te-05")
    house.add_recording("te-05", clips=1)

    second = house.publish()

    assert (second.version, second.clips) == ("1.1.0", 11)
    assert everything(house.store, "datasets/tiny/1.0.0/") == before
    assert verify(house.store, "tiny", "1.0.0").ok
    assert verify(house.store, "tiny", "1.1.0").ok
    assert read_version(house.store, "tiny", "1.1.0").commit.parent == "1.0.0"
    changes = house.store.get_bytes("datasets/tiny/1.1.0/CHANGES.md", 10_000).decode()
    assert "| te | 1 clips, 0.00 h |" in changes


def test_two_houses_with_the_same_clips_write_the_same_bytes(
    make_house: Callable[..., House], tmp_path: Path
) -> None:
    houses = []
    for name in ("one", "other"):
        house = make_house(
            open_store((tmp_path / name).as_uri()), f"sqlite:///{tmp_path / name / 'boli.sqlite'}"
        )
        fill(house)
        house.publish()
        houses.append(house)

    one, other = (without_time(everything(house.store, "datasets/")) for house in houses)
    assert len([key for key in one if "/parts/" in key]) == 3
    assert one == other


def test_a_folder_with_sqlite_and_s3_with_postgresql_hold_the_same_bytes(
    make_house: Callable[..., House],
    tmp_path: Path,
    s3_store_url: str,
    s3_options: S3Options,
    postgres_url: str,
) -> None:
    found = []
    for store, url in (
        (open_store((tmp_path / "store").as_uri()), ""),
        (open_store(s3_store_url, s3_options), postgres_url),
    ):
        house = make_house(store, url)
        fill(house)
        house.publish()
        found.append(without_time(everything(store, "datasets/")))

    assert len(found[0]) == 12
    assert found[0] == found[1]


def test_a_speaker_never_moves_however_the_collection_grows(house: House) -> None:
    house.publish()
    before = splits_of(house, "1.0.0")
    for number in range(5, 12):
        house.add_speaker(f"te-{number:02}")
        house.add_recording(f"te-{number:02}", clips=1)

    house.publish()

    after = splits_of(house, "1.1.0")
    assert {speaker: after[speaker] for speaker in before} == before
    assert set(after.values()) == {"train", "validation", "test"}


def test_only_clips_that_may_be_published_are_and_the_others_are_counted_by_reason(house: House) -> None:
    house.add_speaker("te-05", scopes=())
    house.add_recording("te-05")
    house.add_recording("te-01", align=False)
    tags_only = house.add_recording("te-01", clips=1)
    house.rewrite(tags_only[0], "<noise>")

    published = house.publish()

    assert published.clips == 10
    assert published.held_back == {"no_consent": 2, "not_aligned": 2, "no_text": 1}


def test_a_stale_alignment_holds_its_clip_back_until_it_is_made_again(house: House) -> None:
    clip = house.add_recording("te-01", clips=1)[0]
    with house.catalog.writing() as session:
        session.execute(update(Alignment).where(Alignment.clip_id == clip).values(state=AlignmentState.STALE))

    assert house.publish().held_back == {"not_aligned": 1}


def test_a_language_with_too_few_speakers_is_held_back(house: House) -> None:
    house.release = ReleaseRules(name="tiny", licence="CC-BY-4.0", min_speakers=3)

    published = house.publish()

    assert (published.clips, published.held_back) == (8, {"too_few_speakers": 2})


def test_nothing_to_publish_says_what_is_held_back(
    make_house: Callable[..., House], folder_store: ObjectStore
) -> None:
    house = make_house(folder_store)
    house.add_speaker("te-01")
    house.add_recording("te-01", align=False)

    with pytest.raises(NothingToPublish, match="2 not_aligned"):
        house.publish()


def test_a_recording_of_voices_that_were_parted_before_is_held_back(house: House) -> None:
    house.publish()
    splits = splits_of(house, "1.0.0")
    in_train = next(speaker for speaker, split in splits.items() if split == "train" and speaker != "kn-01")
    in_test = next(speaker for speaker, split in splits.items() if split == "test")
    house.add_recording(in_train, in_test, clips=3)
    house.add_recording(in_train, clips=1)

    published = house.publish()

    assert (published.clips, published.held_back) == (11, {"voices_of_two_splits": 3})
    assert verify(house.store, "tiny", published.version).ok


def test_the_cleaned_rendition_is_published_where_it_is_asked_for(house: House) -> None:
    published = house.publish(rules=replace(house.release, rendition="clean"))

    with house.catalog.reading() as session:
        clips = session.scalars(select(Clip)).all()
    rows = rows_of(house.store, published.version)
    assert {row["id"]: row["audio_sha256"] for row in rows} == {clip.id: clip.clean_sha256 for clip in clips}
    assert all(clip.clean_sha256 != clip.cut_sha256 for clip in clips)


def test_voices_heard_together_go_to_the_same_split(house: House) -> None:
    for number in range(10, 16):
        house.add_speaker(f"te-{number}")
    for number in range(10, 16, 2):
        house.add_recording(f"te-{number}", f"te-{number + 1}", clips=1)

    house.publish()

    assert verify(house.store, "tiny", "1.0.0").ok
    splits = splits_of(house, "1.0.0")
    assert "te-10+te-11" in splits


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda house, clip: house.store.put_bytes(clip.cut_key, b""), "empty_file"),
        (lambda house, clip: house.store.put_bytes(clip.cut_key, b"fLaC not sound"), "damaged_file"),
        (lambda house, clip: tamper(house, Clip, clip.id, seconds=clip.seconds + 0.01), "duration"),
        (lambda house, clip: tamper(house, Clip, clip.id, cut_sha256="0" * 64), "damaged_file"),
    ],
)
def test_a_clip_that_is_not_what_the_catalogue_says_refuses_the_whole_and_is_named(
    house: House, spoil: Callable[[House, Clip], None], kind: str
) -> None:
    with house.catalog.reading() as session:
        clip = session.scalars(select(Clip).order_by(Clip.id)).first()
        assert clip is not None
    spoil(house, clip)

    with pytest.raises(Exception, match=clip.id) as caught:
        house.publish()

    if kind != "empty_file":  # an empty object is already seen by the books
        assert isinstance(caught.value, Refused)
        assert {refusal.kind for refusal in caught.value.refusals} == {kind}
    assert commits(house.store, "tiny") == ()


def test_a_text_outside_its_alphabet_is_held_back_and_the_rest_is_published(house: House) -> None:
    def faults(language: str, text: str) -> list[str]:
        return ["holds a Latin letter"] if language == "kn" else []

    published = house.publish(text_faults=faults)

    assert (published.clips, published.held_back) == (8, {"faulty_text": 2})


def test_a_consent_that_no_event_bears_out_refuses_the_whole(house: House) -> None:
    house.withdraw("te-02")
    with house.catalog.writing() as session:
        session.execute(text("update clip set state = 'accepted'"))
        session.execute(text("update task set state = 'accepted'"))
        session.execute(text("update recording set state = 'segmented'"))
        session.execute(
            update(Speaker).where(Speaker.pseudonym == "te-02").values(consent_scopes=" publication ")
        )

    with pytest.raises(Refused, match="speaker te-02 has no consent event"):
        house.publish()


def test_a_store_that_ignores_conditions_is_refused(house: House) -> None:
    careless = Careless(house.store)
    house.store = careless  # type: ignore[assignment]

    with pytest.raises(UnsafeStore):
        house.publish()

    assert not careless.exists("datasets/tiny/versions/1.0.0.json")


@pytest.mark.slow
def test_killed_at_any_write_the_same_command_ends_in_the_same_state(
    make_house: Callable[..., House], tmp_path: Path
) -> None:
    undisturbed = tiny_house(make_house, tmp_path / "undisturbed")
    published = undisturbed.publish()
    wanted = everything(undisturbed.store, "datasets/")
    writes = len(wanted)

    for last in range(1, writes + 1):
        house = tiny_house(make_house, tmp_path / f"killed-{last}")
        killed_after(house, last)

        again = house.publish()

        assert (again.version, again.clips) == (published.version, published.clips)
        assert again.outcome == ("unchanged" if last == writes else "published")
        assert without_time(everything(house.store, "datasets/")) == without_time(wanted)
        assert state_of(house) == state_of(undisturbed)


def test_a_number_that_another_build_was_stopped_at_is_not_used_again(
    make_house: Callable[..., House], tmp_path: Path
) -> None:
    house = tiny_house(make_house, tmp_path)
    killed_after(house, 3)
    house.add_speaker("te-09")
    house.add_recording("te-09")

    published = house.publish()

    assert published.version == "1.1.0"
    assert verify(house.store, "tiny", "1.1.0").ok


def test_what_a_stopped_build_left_is_cleared_away_a_day_later(
    make_house: Callable[..., House], tmp_path: Path
) -> None:
    house = tiny_house(make_house, tmp_path)
    killed_after(house, 3)
    house.add_speaker("te-09")
    house.add_recording("te-09")
    house.publish()
    house.now += timedelta(days=2)

    house.publish()

    assert everything(house.store, "datasets/tiny/1.0.0/") == {}
    with house.catalog.reading() as session:
        assert session.scalars(select(Release.version)).all() == ["1.1.0"]


def test_two_publishers_of_the_same_clips_make_one_version(either_house: House) -> None:
    house = either_house
    start = threading.Barrier(2)

    def publisher(number: int) -> Published:
        start.wait()
        return house.publish(actor=f"publisher {number}", scratch=house.scratch / str(number))

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(publisher, range(2)))

    assert {result.version for result in results} == {"1.0.0"}
    assert [commit.version for commit in commits(house.store, "tiny")] == ["1.0.0"]
    assert verify(house.store, "tiny", "1.0.0").ok


def test_a_publisher_that_comes_late_finds_the_version_of_its_twin(house: House) -> None:
    late = replace(house, store=Meanwhile(house.store, house.publish), scratch=house.scratch / "late")  # type: ignore[arg-type]

    published = late.publish()

    assert (published.version, published.outcome) == ("1.0.0", "unchanged")
    assert taken(house.store, "tiny") == ("1.0.0",)


def test_two_publishers_of_different_clips_never_mix_their_files(house: House) -> None:
    """Two catalogues that publish to one store under one name, which nobody should do."""
    start = threading.Barrier(2)
    other = replace(house, release=ReleaseRules(name="tiny", licence="MIT", min_speakers=3))

    def publisher(which: House) -> Published:
        start.wait()
        return which.publish(scratch=which.scratch / which.release.licence)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(publisher, [house, other]))

    assert {result.version for result in results} == {"1.0.0", "1.1.0"}
    assert all(verify(house.store, "tiny", version).ok for version in ("1.0.0", "1.1.0"))


def test_a_speaker_who_withdraws_while_a_version_is_built_is_not_in_it(house: House) -> None:
    def withdraw_once(what: str, done: int, whole: int) -> None:
        if what == "files stored" and done == 3 and not taken_back:
            taken_back.append(True)
            house.withdraw("te-02")

    taken_back: list[bool] = []
    published = house.publish(progress=withdraw_once)

    assert published.clips == 8
    assert "te-02" not in splits_of(house, published.version)
    assert everything(house.store, "datasets/tiny/1.0.0/") == {}
    assert taken(house.store, "tiny") == ("1.0.0", "1.1.0")
    assert [commit.version for commit in commits(house.store, "tiny")] == ["1.1.0"]


def without_time(objects: dict[str, bytes]) -> dict[str, bytes]:
    return {key: data for key, data in objects.items() if not key.startswith("datasets/tiny/versions/")}


def state_of(house: House) -> list[object]:
    with house.catalog.reading() as session:
        releases = session.execute(
            select(Release.version, Release.state, Release.selection_sha256, Release.clips)
        ).all()
        items = session.execute(
            select(ReleaseItem.clip_id, ReleaseItem.split, ReleaseItem.shard, ReleaseItem.row_sha256)
        ).all()
        return [sorted(map(str, releases)), sorted(map(str, items))]


def splits_of(house: House, version: str) -> dict[str, str]:
    with house.catalog.reading() as session:
        rows = session.execute(
            select(ReleaseItem.speaker, ReleaseItem.split)
            .join(Release, Release.id == ReleaseItem.release_id)
            .where(Release.version == version)
        )
        return dict(rows.tuples().all())


def tamper(house: House, table: Any, identifier: str, **values: object) -> None:
    with house.catalog.writing() as session:
        session.execute(update(table).where(table.id == identifier).values(**values))
