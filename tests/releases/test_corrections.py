"""A published text that is wrong is reported and mended in the next version; the old one is marked, never edited."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from catalog.states import SlotState
from catalog.tables import Release, Review, Slot, Task, Transcript
from releases.address import ReleaseAddress, version_at
from releases.difference import diff
from releases.marks import mark, mark_of, marks
from releases.refusals import NoSuchVersion
from releases.release_rows import note_mark
from releases.stats import stats
from releases.verify import verify
from releases.versions import commit_key, read_version
from tests.releases.conftest import Archive
from tests.releases.stores import everything, rows_of
from transcription import second_look
from transcription.slots.lease import locked_task


def report(archive: Archive, clip: str) -> None:
    """As `boli release report` does."""
    with archive.catalog.writing() as session:
        task = locked_task(session, session.query(Task.id).filter_by(clip_id=clip).scalar())
        second_look.ask(session, task, by="ml", why="a word is another", now=archive.later())


def mended(archive: Archive, clip: str, text: str, *reasons: str) -> None:
    """A reviewer's mend, as a review leaves it."""
    archive.rewrite(clip, text)
    with archive.catalog.writing() as session:
        newest = session.query(Transcript).filter_by(clip_id=clip).order_by(Transcript.version.desc()).first()
        assert newest is not None
        slot = session.query(Slot).join(Task).filter(Task.clip_id == clip).one()
        session.execute(update(Slot).where(Slot.id == slot.id).values(state=SlotState.CLOSED))
        session.execute(update(Transcript).where(Transcript.id == newest.id).values(origin="review"))
        from catalog.states import ReviewDecision
        from catalog.tables import Person

        session.add(
            Person(id="reviewer", handle="reviewer", languages=["te"], active=True, created_at=archive.now)
        )
        session.flush()
        session.add(
            Review(
                id="review-1",
                task_id=slot.task_id,
                reviewer_id="reviewer",
                submission_id=None,
                slot_id=slot.id,
                token=1,
                decision=ReviewDecision.ACCEPT_MINOR,
                verbatim=text,
                reasons=list(reasons),
                note="she says it twice",
                at=archive.now,
            )
        )
        session.flush()
        session.execute(update(Transcript).where(Transcript.id == newest.id).values(review_id="review-1"))


def test_a_reported_clip_is_held_back_until_somebody_has_looked_and_then_the_mend_is_published(
    archive: Archive,
) -> None:
    archive.publish()
    before = everything(archive.store, "datasets/tiny/1.0.0/")
    clip = rows_of(archive.store, "1.0.0")[0]["id"]
    report(archive, clip)

    meanwhile = archive.publish()
    mended(archive, clip, "నాకు ఇష్టం", "misspelt_word")
    after = archive.publish()

    assert (meanwhile.clips, meanwhile.held_back) == (9, {"open_report": 1})
    assert (after.version, after.clips, after.held_back) == ("1.2.0", 10, {})
    assert everything(archive.store, "datasets/tiny/1.0.0/") == before
    changes = diff(archive.store, "tiny", "1.0.0", "1.2.0")
    (rewrite,) = changes.rewrites
    assert (rewrite.clip, rewrite.after) == (clip, "నాకు ఇష్టం")


def test_the_next_version_says_which_texts_were_mended_and_why_without_repeating_them(
    archive: Archive,
) -> None:
    archive.publish()
    row = rows_of(archive.store, "1.0.0")[0]
    report(archive, row["id"])
    mended(archive, row["id"], "నాకు ఇష్టం", "misspelt_word")

    archive.publish()

    said = archive.store.get_bytes("datasets/tiny/1.1.0/CHANGES.md", 10**5).decode()
    assert f"- `{row['id']}`: misspelt word" in said
    assert row["text"] not in said and "she says it twice" not in said
    archive.withdraw(row["speaker"])
    archive.erase()
    assert row["id"] not in archive.store.get_bytes("datasets/tiny/1.1.0/CHANGES.md", 10**5).decode()
    assert verify(archive.store, "tiny", "1.1.0").ok


def test_a_yanked_version_stays_readable_and_is_not_taken_where_none_is_named(archive: Archive) -> None:
    archive.publish()
    archive.add_recording("te-01", clips=1)
    archive.publish()
    commit = archive.store.get_bytes(commit_key("tiny", "1.1.0"), 10**7)

    made = mark(archive.store, "tiny", "1.1.0", "yanked", why="mixed up", by="asha", at="2026-11-29")
    note_mark(archive.catalog, made, now=archive.later())

    newest = ReleaseAddress(archive.store.url, "tiny", None)
    assert version_at(archive.store, newest) == "1.0.0"
    assert archive.store.get_bytes(commit_key("tiny", "1.1.0"), 10**7) == commit
    assert verify(archive.store, "tiny", "1.1.0").ok
    said = mark_of(archive.store, read_version(archive.store, "tiny", "1.1.0"))
    assert said is not None and (said.kind, said.why, said.by) == ("yanked", "mixed up", "asha")
    with archive.catalog.reading() as session:
        release = session.query(Release).filter_by(version="1.1.0").one()
        assert (release.mark, release.mark_why) == ("yanked", "mixed up")


def test_a_mark_is_taken_back_by_another_and_all_are_kept(archive: Archive) -> None:
    archive.publish()
    for kind, why in (("deprecated", "old"), ("deprecated", "old"), ("in use", "it was another")):
        mark(archive.store, "tiny", "1.0.0", kind, why=why, by="asha", at="2026-11-29")  # type: ignore[arg-type]

    assert [each.kind for each in marks(archive.store, "tiny", "1.0.0")] == ["deprecated", "in use"]
    assert mark_of(archive.store, read_version(archive.store, "tiny", "1.0.0")) is None


def test_a_version_that_is_not_there_cannot_be_marked(archive: Archive) -> None:
    with pytest.raises(NoSuchVersion):
        mark(archive.store, "tiny", "9.0.0", "yanked", why="x", by="asha", at="2026-11-29")


def test_the_next_version_follows_a_yanked_one(archive: Archive) -> None:
    archive.publish()
    mark(archive.store, "tiny", "1.0.0", "yanked", why="mixed up", by="asha", at="2026-11-29")
    archive.add_recording("te-01", clips=1)
    archive.now += timedelta(hours=1)

    assert archive.publish().version == "1.1.0"


def test_stats_count_what_the_rows_say(either_archive: Archive) -> None:
    either_archive.publish()

    found = stats(either_archive.store, read_version(either_archive.store, "tiny", "1.0.0"))

    assert (found.total.clips, found.total.seconds, found.total.speakers) == (10, 10.0, 5)
    assert sum(held.clips for held in found.by_split.values()) == 10
    assert {value: held.clips for value, held in found.by_fact["language"].items()} == {"kn": 2, "te": 8}
    assert found.measures["snr_db"]["0.5"] == 24.5
    assert (found.words, found.vocabulary) == (8 * 4 + 2 * 3, 7)
