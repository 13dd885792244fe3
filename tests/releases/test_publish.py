"""A release is whole or absent, and never changes. Same selection, same rules, same code: the same bytes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from catalog.config.release_rules import ReleaseRules
from catalog.states import AlignmentState, ReleaseState
from catalog.store import ObjectStore, S3Options, UnsafeStore, open_store
from catalog.tables import Alignment, Clip, ConsentEvent, Release, ReleaseItem, Speaker
from releases.publish import Published
from releases.refusals import NothingToPublish, Refused
from releases.verify import verify
from releases.versions import commits, read_version, taken
from tests.releases.conftest import Archive, fill
from tests.releases.stores import Careless, Meanwhile, everything, killed_after, rows_of, tiny_archive


def test_what_is_published_verifies_byte_by_byte(either_archive: Archive) -> None:
    published = either_archive.publish()

    report = verify(either_archive.store, "tiny", published.version)
    assert report.problems == ()
    assert (report.rows, round(report.seconds, 6), report.state) == (10, 10.0, "whole")
    assert (published.version, published.outcome, published.clips) == ("1.0.0", "published", 10)
    with either_archive.catalog.reading() as session:
        release = session.scalars(select(Release)).one()
        assert (release.state, release.clips) == (ReleaseState.PUBLISHED, 10)
        assert release.manifest_sha256 == published.manifest_sha256
        assert len(session.scalars(select(ReleaseItem)).all()) == 10


def test_publishing_again_when_nothing_changed_does_nothing_and_says_so(either_archive: Archive) -> None:
    first = either_archive.publish()
    before = everything(either_archive.store)

    again = either_archive.publish()

    assert (again.outcome, again.version) == ("unchanged", first.version)
    assert everything(either_archive.store) == before


def test_a_new_clip_makes_a_next_version_and_leaves_the_last_one_as_it_was(archive: Archive) -> None:
    archive.publish()
    before = everything(archive.store, "datasets/tiny/1.0.0/")
    archive.add_speaker("te-05")
    archive.add_recording("te-05", clips=1)

    second = archive.publish()

    assert (second.version, second.clips) == ("1.1.0", 11)
    assert everything(archive.store, "datasets/tiny/1.0.0/") == before
    assert verify(archive.store, "tiny", "1.0.0").ok
    assert verify(archive.store, "tiny", "1.1.0").ok
    assert read_version(archive.store, "tiny", "1.1.0").commit.parent == "1.0.0"
    changes = archive.store.get_bytes("datasets/tiny/1.1.0/CHANGES.md", 10_000).decode()
    assert "| te | 1 clip, 0.00 h |" in changes


def test_two_archives_with_the_same_clips_write_the_same_bytes(
    make_archive: Callable[..., Archive], tmp_path: Path
) -> None:
    archives = []
    for name in ("one", "other"):
        archive = make_archive(
            open_store((tmp_path / name).as_uri()), f"sqlite:///{tmp_path / name / 'boli.sqlite'}"
        )
        fill(archive)
        archive.publish()
        archives.append(archive)

    one, other = (without_time(everything(archive.store, "datasets/")) for archive in archives)
    assert len([key for key in one if "/parts/" in key]) == 3
    assert one == other


def test_a_folder_with_sqlite_and_s3_with_postgresql_hold_the_same_bytes(
    make_archive: Callable[..., Archive],
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
        archive = make_archive(store, url)
        fill(archive)
        archive.publish()
        found.append(without_time(everything(store, "datasets/")))

    assert len(found[0]) == 16
    assert found[0] == found[1]


def test_a_speaker_never_moves_however_the_collection_grows(archive: Archive) -> None:
    archive.publish()
    before = splits_of(archive, "1.0.0")
    for number in range(5, 12):
        archive.add_speaker(f"te-{number:02}")
        archive.add_recording(f"te-{number:02}", clips=1)

    archive.publish()

    after = splits_of(archive, "1.1.0")
    assert {speaker: after[speaker] for speaker in before} == before
    assert set(after.values()) == {"train", "validation", "test"}


def test_only_clips_that_may_be_published_are_and_the_others_are_counted_by_reason(archive: Archive) -> None:
    archive.add_speaker("te-05", scopes=())
    archive.add_recording("te-05")
    archive.add_recording("te-01", align=False)
    tags_only = archive.add_recording("te-01", clips=1)
    archive.rewrite(tags_only[0], "<noise>")

    published = archive.publish()

    assert published.clips == 10
    assert published.held_back == {"no_consent": 2, "not_aligned": 2, "no_text": 1}


def test_a_stale_alignment_holds_its_clip_back_until_it_is_made_again(archive: Archive) -> None:
    clip = archive.add_recording("te-01", clips=1)[0]
    with archive.catalog.writing() as session:
        session.execute(update(Alignment).where(Alignment.clip_id == clip).values(state=AlignmentState.STALE))

    assert archive.publish().held_back == {"not_aligned": 1}


def test_a_language_with_too_few_speakers_is_held_back(archive: Archive) -> None:
    archive.release = ReleaseRules(name="tiny", licence="CC-BY-4.0", min_speakers=3)

    published = archive.publish()

    assert (published.clips, published.held_back) == (8, {"too_few_speakers": 2})


def test_nothing_to_publish_says_what_is_held_back(
    make_archive: Callable[..., Archive], folder_store: ObjectStore
) -> None:
    archive = make_archive(folder_store)
    archive.add_speaker("te-01")
    archive.add_recording("te-01", align=False)

    with pytest.raises(NothingToPublish, match="2 not_aligned"):
        archive.publish()


def test_a_recording_of_voices_that_were_parted_before_is_held_back(archive: Archive) -> None:
    archive.publish()
    splits = splits_of(archive, "1.0.0")
    in_train = next(speaker for speaker, split in splits.items() if split == "train" and speaker != "kn-01")
    in_test = next(speaker for speaker, split in splits.items() if split == "test")
    archive.add_recording(in_train, in_test, clips=3)
    archive.add_recording(in_train, clips=1)

    published = archive.publish()

    assert (published.clips, published.held_back) == (11, {"voices_of_two_splits": 3})
    assert verify(archive.store, "tiny", published.version).ok


def test_the_cleaned_rendition_is_published_where_it_is_asked_for(archive: Archive) -> None:
    published = archive.publish(rules=replace(archive.release, rendition="clean"))

    with archive.catalog.reading() as session:
        clips = session.scalars(select(Clip)).all()
    rows = rows_of(archive.store, published.version)
    assert {row["id"]: row["audio_sha256"] for row in rows} == {clip.id: clip.clean_sha256 for clip in clips}
    assert all(clip.clean_sha256 != clip.cut_sha256 for clip in clips)


def test_voices_heard_together_go_to_the_same_split(archive: Archive) -> None:
    for number in range(10, 16):
        archive.add_speaker(f"te-{number}")
    for number in range(10, 16, 2):
        archive.add_recording(f"te-{number}", f"te-{number + 1}", clips=1)

    archive.publish()

    assert verify(archive.store, "tiny", "1.0.0").ok
    splits = splits_of(archive, "1.0.0")
    assert "te-10+te-11" in splits


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda archive, clip: archive.store.put_bytes(clip.cut_key, b""), "empty_file"),
        (lambda archive, clip: archive.store.put_bytes(clip.cut_key, b"fLaC not sound"), "damaged_file"),
        (lambda archive, clip: tamper(archive, Clip, clip.id, seconds=clip.seconds + 0.01), "duration"),
        (lambda archive, clip: tamper(archive, Clip, clip.id, cut_sha256="0" * 64), "damaged_file"),
        (lambda archive, clip: end_words_first(archive, clip), "words"),
    ],
)
def test_a_clip_that_is_not_what_the_catalogue_says_refuses_the_whole_and_is_named(
    archive: Archive, spoil: Callable[[Archive, Clip], None], kind: str
) -> None:
    with archive.catalog.reading() as session:
        clip = session.scalars(select(Clip).order_by(Clip.id)).first()
        assert clip is not None
    spoil(archive, clip)

    with pytest.raises(Exception, match=clip.id) as caught:
        archive.publish()

    if kind != "empty_file":  # an empty object is already seen by the books
        assert isinstance(caught.value, Refused)
        assert {refusal.kind for refusal in caught.value.refusals} == {kind}
    assert commits(archive.store, "tiny") == ()


def test_a_text_outside_its_alphabet_is_held_back_and_the_rest_is_published(archive: Archive) -> None:
    def faults(language: str, text: str) -> list[str]:
        return ["holds a Latin letter"] if language == "kn" else []

    published = archive.publish(text_faults=faults)

    assert (published.clips, published.held_back) == (8, {"faulty_text": 2})


def test_a_consent_that_no_event_bears_out_refuses_the_whole(archive: Archive) -> None:
    with archive.catalog.writing() as session:
        voice = select(Speaker.id).where(Speaker.pseudonym == "te-02").scalar_subquery()
        session.execute(delete(ConsentEvent).where(ConsentEvent.speaker_id == voice))

    with pytest.raises(Refused, match="speaker te-02 has no consent event"):
        archive.publish()


def test_a_store_that_ignores_conditions_is_refused(archive: Archive) -> None:
    careless = Careless(archive.store)
    archive.store = careless  # type: ignore[assignment]

    with pytest.raises(UnsafeStore):
        archive.publish()

    assert not careless.exists("datasets/tiny/versions/1.0.0.json")


@pytest.mark.slow
def test_killed_at_any_write_the_same_command_ends_in_the_same_state(
    make_archive: Callable[..., Archive], tmp_path: Path
) -> None:
    undisturbed = tiny_archive(make_archive, tmp_path / "undisturbed")
    published = undisturbed.publish()
    wanted = everything(undisturbed.store, "datasets/")
    writes = len(wanted)

    for last in range(1, writes + 1):
        archive = tiny_archive(make_archive, tmp_path / f"killed-{last}")
        killed_after(archive, last)

        again = archive.publish()

        assert (again.version, again.clips) == (published.version, published.clips)
        assert again.outcome == ("unchanged" if last == writes else "published")
        assert without_time(everything(archive.store, "datasets/")) == without_time(wanted)
        assert state_of(archive) == state_of(undisturbed)


def test_a_number_that_another_build_was_stopped_at_is_not_used_again(
    make_archive: Callable[..., Archive], tmp_path: Path
) -> None:
    archive = tiny_archive(make_archive, tmp_path)
    killed_after(archive, 3)
    archive.add_speaker("te-09")
    archive.add_recording("te-09")

    published = archive.publish()

    assert published.version == "1.1.0"
    assert verify(archive.store, "tiny", "1.1.0").ok


def test_what_a_stopped_build_left_is_cleared_away_a_day_later(
    make_archive: Callable[..., Archive], tmp_path: Path
) -> None:
    archive = tiny_archive(make_archive, tmp_path)
    killed_after(archive, 3)
    archive.add_speaker("te-09")
    archive.add_recording("te-09")
    archive.publish()
    archive.now += timedelta(days=2)

    archive.publish()

    assert everything(archive.store, "datasets/tiny/1.0.0/") == {}
    with archive.catalog.reading() as session:
        assert session.scalars(select(Release.version)).all() == ["1.1.0"]


def test_two_publishers_of_the_same_clips_make_one_version(either_archive: Archive) -> None:
    archive = either_archive
    start = threading.Barrier(2)

    def publisher(number: int) -> Published:
        start.wait()
        return archive.publish(actor=f"publisher {number}", scratch=archive.scratch / str(number))

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(publisher, range(2)))

    assert {result.version for result in results} == {"1.0.0"}
    assert [commit.version for commit in commits(archive.store, "tiny")] == ["1.0.0"]
    assert verify(archive.store, "tiny", "1.0.0").ok


def test_a_publisher_that_comes_late_finds_the_version_of_its_twin(archive: Archive) -> None:
    late = replace(archive, store=Meanwhile(archive.store, archive.publish), scratch=archive.scratch / "late")  # type: ignore[arg-type]

    published = late.publish()

    assert (published.version, published.outcome) == ("1.0.0", "unchanged")
    assert taken(archive.store, "tiny") == ("1.0.0",)


def test_two_publishers_of_different_clips_never_mix_their_files(archive: Archive) -> None:
    """Two catalogues that publish to one store under one name, which nobody should do."""
    start = threading.Barrier(2)
    other = replace(archive, release=ReleaseRules(name="tiny", licence="MIT", min_speakers=3))

    def publisher(which: Archive) -> Published:
        start.wait()
        return which.publish(scratch=which.scratch / which.release.licence)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(publisher, [archive, other]))

    there = commits(archive.store, "tiny")
    assert [each.version for each in there] == sorted(result.version for result in results)
    assert [each.parent for each in there] == [None, there[0].version]
    assert all(verify(archive.store, "tiny", each.version).ok for each in there)


def test_a_speaker_who_withdraws_while_a_version_is_built_is_not_in_it(archive: Archive) -> None:
    def withdraw_once(what: str, done: int, whole: int) -> None:
        if what == "files stored" and done == 3 and not taken_back:
            taken_back.append(True)
            archive.withdraw("te-02")

    taken_back: list[bool] = []
    published = archive.publish(progress=withdraw_once)

    assert published.clips == 8
    assert "te-02" not in splits_of(archive, published.version)
    assert everything(archive.store, "datasets/tiny/1.0.0/") == {}
    assert taken(archive.store, "tiny") == ("1.0.0", "1.1.0")
    assert [commit.version for commit in commits(archive.store, "tiny")] == ["1.1.0"]


def without_time(objects: dict[str, bytes]) -> dict[str, bytes]:
    return {key: data for key, data in objects.items() if not key.startswith("datasets/tiny/versions/")}


def state_of(archive: Archive) -> list[object]:
    with archive.catalog.reading() as session:
        releases = session.execute(
            select(Release.version, Release.state, Release.selection_sha256, Release.clips)
        ).all()
        items = session.execute(
            select(ReleaseItem.clip_id, ReleaseItem.split, ReleaseItem.shard, ReleaseItem.row_sha256)
        ).all()
        return [sorted(map(str, releases)), sorted(map(str, items))]


def splits_of(archive: Archive, version: str) -> dict[str, str]:
    with archive.catalog.reading() as session:
        rows = session.execute(
            select(ReleaseItem.speaker, ReleaseItem.split)
            .join(Release, Release.id == ReleaseItem.release_id)
            .where(Release.version == version)
        )
        return dict(rows.tuples().all())


def end_words_first(archive: Archive, clip: Clip) -> None:
    with archive.catalog.writing() as session:
        alignment = session.scalars(select(Alignment).where(Alignment.clip_id == clip.id)).one()
        alignment.words = [*reversed(alignment.words)]


def tamper(archive: Archive, table: Any, identifier: str, **values: object) -> None:
    with archive.catalog.writing() as session:
        session.execute(update(table).where(table.id == identifier).values(**values))
