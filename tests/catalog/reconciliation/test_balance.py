"""The books balance, or publishing refuses and says which item is missing."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from catalog.reconciliation import balance as balance_module
from catalog.reconciliation.balance import Balance, Unbalanced, reconcile
from catalog.tables import Clip, Recording, Transcript, Upload
from releases.versions import commits
from tests.releases.conftest import Archive, archive, either_archive, folder_store, make_archive

__all__ = ["archive", "either_archive", "folder_store", "make_archive"]  # fixtures

Plant = Callable[[Archive], str]
"""Breaks one thing behind our back, and returns the id that must be named."""


def balance_of(archive: Archive) -> Balance:
    with archive.catalog.reading() as session:
        return reconcile(session, archive.store, "demo")


def first(archive: Archive, column: object) -> str:
    with archive.catalog.reading() as session:
        return str(session.scalars(select(column).order_by(column)).first())  # type: ignore[call-overload]


def behind_our_back(archive: Archive, *statements: str) -> None:
    """As somebody with the database's own tools: no rules of ours, no foreign keys."""
    with archive.catalog.engine.connect() as connection:
        if archive.catalog.is_postgresql:
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN")
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
        connection.invalidate()  # the settings must not outlive this


def a_lost_clip_row(archive: Archive) -> str:
    clip = first(archive, Clip.id)
    with archive.catalog.reading() as session:
        number, recording = session.execute(
            select(Clip.number, Clip.recording_id).where(Clip.id == clip)
        ).one()
    behind_our_back(
        archive,
        f"DELETE FROM alignment WHERE clip_id = '{clip}'",
        f"DELETE FROM transcript WHERE clip_id = '{clip}'",
        f"DELETE FROM task WHERE clip_id = '{clip}'",
        f"DELETE FROM clip WHERE id = '{clip}'",
    )
    return f"{number} of recording {recording}"


def a_lost_recording_row(archive: Archive) -> str:
    upload = first(archive, Upload.id)
    behind_our_back(archive, f"DELETE FROM recording WHERE upload_id = '{upload}'")
    return upload


def a_lost_upload_row(archive: Archive) -> str:
    upload = first(archive, Upload.id)
    behind_our_back(archive, f"DELETE FROM upload WHERE id = '{upload}'")
    return upload


def a_lost_transcript(archive: Archive) -> str:
    clip = first(archive, Transcript.clip_id)
    behind_our_back(
        archive,
        f"DELETE FROM alignment WHERE clip_id = '{clip}'",
        f"DELETE FROM transcript WHERE clip_id = '{clip}'",
    )
    return clip


def a_lost_task(archive: Archive) -> str:
    clip = first(archive, Clip.id)
    behind_our_back(archive, f"DELETE FROM task WHERE clip_id = '{clip}'")
    return clip


def a_lost_original(archive: Archive) -> str:
    archive.store.delete(first(archive, Recording.key))
    with archive.catalog.reading() as session:
        return str(session.scalars(select(Recording.id).order_by(Recording.key)).first())


def a_shortened_original(archive: Archive) -> str:
    archive.store.put_bytes(first(archive, Recording.key), b"short")
    with archive.catalog.reading() as session:
        return str(session.scalars(select(Recording.id).order_by(Recording.key)).first())


def a_lost_sound_of_a_clip(archive: Archive) -> str:
    clip = first(archive, Clip.id)
    with archive.catalog.reading() as session:
        archive.store.delete(session.get_one(Clip, clip).cut_key)
    return clip


def a_clip_quietly_rejected(archive: Archive) -> str:
    clip = first(archive, Clip.id)
    behind_our_back(archive, f"UPDATE clip SET state = 'rejected' WHERE id = '{clip}'")
    return clip


def a_clip_sent_back_without_work(archive: Archive) -> str:
    clip = first(archive, Clip.id)
    behind_our_back(archive, f"UPDATE clip SET state = 'waiting' WHERE id = '{clip}'")
    return clip


def an_upload_quietly_rejected(archive: Archive) -> str:
    upload = first(archive, Upload.id)
    behind_our_back(
        archive, f"UPDATE upload SET state = 'rejected', reason = 'no_speech' WHERE id = '{upload}'"
    )
    with archive.catalog.reading() as session:
        return str(session.scalars(select(Recording.id).where(Recording.upload_id == upload)).one())


def an_upload_of_another_size(archive: Archive) -> str:
    upload = first(archive, Upload.id)
    behind_our_back(archive, f"UPDATE upload SET size = size + 1 WHERE id = '{upload}'")
    return upload


def an_upload_without_receipt(archive: Archive) -> str:
    upload = first(archive, Upload.id)
    behind_our_back(archive, f"DELETE FROM audit_event WHERE subject_id = '{upload}'")
    return upload


def a_clip_from_nowhere(archive: Archive) -> str:
    clip = first(archive, Clip.id)
    with archive.catalog.reading() as session:
        recording = session.get_one(Clip, clip).recording_id
    behind_our_back(archive, f"UPDATE clip SET number = 99 WHERE id = '{clip}'")
    return f"99 of recording {recording}"


def a_recording_of_nobody(archive: Archive) -> str:
    recording = first(archive, Recording.id)
    behind_our_back(archive, f"DELETE FROM recording_speaker WHERE recording_id = '{recording}'")
    return recording


PLANTS = [
    a_lost_clip_row,
    a_lost_recording_row,
    a_lost_upload_row,
    a_lost_transcript,
    a_lost_task,
    a_lost_original,
    a_shortened_original,
    a_lost_sound_of_a_clip,
    a_clip_quietly_rejected,
    a_clip_sent_back_without_work,
    an_upload_quietly_rejected,
    an_upload_of_another_size,
    an_upload_without_receipt,
    a_clip_from_nowhere,
    a_recording_of_nobody,
]


def test_honest_books_balance_and_say_where_everything_went(either_archive: Archive) -> None:
    balance = balance_of(either_archive)

    assert balance.missing == ()
    assert (balance.received.count, balance.received.seconds) == (5, 10.0)
    assert [(line.end, line.count) for line in balance.ends("uploads")] == [("cut", 5)]
    assert [(line.end, line.count) for line in balance.ends("clips")] == [("accepted", 10)]


def test_published_and_withdrawn_clips_are_ends_too(archive: Archive) -> None:
    archive.publish()
    archive.withdraw("te-02")
    archive.erase()

    balance = balance_of(archive)

    assert balance.missing == ()
    assert {line.end: line.count for line in balance.ends("clips")} == {"published": 8, "withdrawn": 2}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_imbalance_stops_publishing_and_names_the_item(archive: Archive, plant: Plant) -> None:
    named = plant(archive)

    with pytest.raises(Unbalanced) as caught:
        archive.publish()

    assert named in {missing.id for missing in caught.value.missing}
    assert named in str(caught.value)
    assert commits(archive.store, "tiny") == ()


def test_every_planted_imbalance_is_seen_on_a_cluster_too(either_archive: Archive) -> None:
    for plant in (a_shortened_original, a_clip_quietly_rejected, an_upload_of_another_size, a_lost_clip_row):
        named = plant(either_archive)
        assert named in {missing.id for missing in balance_of(either_archive).missing}


def test_a_lost_published_clip_is_named_with_its_version(archive: Archive) -> None:
    archive.publish()
    clip = first(archive, Clip.id)
    behind_our_back(archive, f"DELETE FROM clip WHERE id = '{clip}'")

    missing = balance_of(archive).missing

    assert any(each.id == clip and "tiny@1.0.0" in each.what for each in missing)


def test_what_is_missing_is_told_in_full_up_to_twenty_and_then_counted(archive: Archive) -> None:
    behind_our_back(archive, "DELETE FROM task", "DELETE FROM audit_event", "DELETE FROM recording_speaker")

    with pytest.raises(Unbalanced, match="20 item") as caught:
        balance_of(archive).or_raise()

    assert len(caught.value.missing) == 20


def test_of_a_store_that_is_lost_as_a_whole_some_items_are_named_and_all_are_counted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind_our_back(archive, "DELETE FROM task", "DELETE FROM audit_event", "DELETE FROM recording_speaker")
    monkeypatch.setattr(balance_module, "MOST_NAMED", 3)

    balance = balance_of(archive)

    assert (len(balance.missing), balance.unnamed, balance.wrong) == (3, 17, 20)
    assert not balance.balanced
    with pytest.raises(Unbalanced, match=r"given 20 item(?s:.*)… and 17 more"):
        balance.or_raise()
