"""The books balance, or publishing refuses and says which item is missing."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from catalog.reconciliation.balance import Books, BooksDontBalance, balance
from catalog.tables import Clip, Recording, Transcript, Upload
from releases.versions import commits
from tests.releases.conftest import House, either_house, folder_store, house, make_house

__all__ = ["either_house", "folder_store", "house", "make_house"]  # fixtures

Plant = Callable[[House], str]
"""Breaks one thing behind our back, and returns the id that must be named."""


def books_of(house: House) -> Books:
    with house.catalog.reading() as session:
        return balance(session, house.store, "demo")


def first(house: House, column: object) -> str:
    with house.catalog.reading() as session:
        return str(session.scalars(select(column).order_by(column)).first())  # type: ignore[call-overload]


def behind_our_back(house: House, *statements: str) -> None:
    """As somebody with the database's own tools: no rules of ours, no foreign keys."""
    with house.catalog.engine.connect() as connection:
        if house.catalog.is_postgresql:
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN")
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
        connection.invalidate()  # the settings must not outlive this


def a_lost_clip_row(house: House) -> str:
    clip = first(house, Clip.id)
    with house.catalog.reading() as session:
        number, recording = session.execute(
            select(Clip.number, Clip.recording_id).where(Clip.id == clip)
        ).one()
    behind_our_back(
        house,
        f"DELETE FROM alignment WHERE clip_id = '{clip}'",
        f"DELETE FROM transcript WHERE clip_id = '{clip}'",
        f"DELETE FROM task WHERE clip_id = '{clip}'",
        f"DELETE FROM clip WHERE id = '{clip}'",
    )
    return f"{number} of recording {recording}"


def a_lost_recording_row(house: House) -> str:
    upload = first(house, Upload.id)
    behind_our_back(house, f"DELETE FROM recording WHERE upload_id = '{upload}'")
    return upload


def a_lost_upload_row(house: House) -> str:
    upload = first(house, Upload.id)
    behind_our_back(house, f"DELETE FROM upload WHERE id = '{upload}'")
    return upload


def a_lost_transcript(house: House) -> str:
    clip = first(house, Transcript.clip_id)
    behind_our_back(
        house,
        f"DELETE FROM alignment WHERE clip_id = '{clip}'",
        f"DELETE FROM transcript WHERE clip_id = '{clip}'",
    )
    return clip


def a_lost_task(house: House) -> str:
    clip = first(house, Clip.id)
    behind_our_back(house, f"DELETE FROM task WHERE clip_id = '{clip}'")
    return clip


def a_lost_original(house: House) -> str:
    house.store.delete(first(house, Recording.key))
    with house.catalog.reading() as session:
        return str(session.scalars(select(Recording.id).order_by(Recording.key)).first())


def a_shortened_original(house: House) -> str:
    house.store.put_bytes(first(house, Recording.key), b"short")
    with house.catalog.reading() as session:
        return str(session.scalars(select(Recording.id).order_by(Recording.key)).first())


def a_lost_sound_of_a_clip(house: House) -> str:
    clip = first(house, Clip.id)
    with house.catalog.reading() as session:
        house.store.delete(session.get_one(Clip, clip).cut_key)
    return clip


def a_clip_quietly_rejected(house: House) -> str:
    clip = first(house, Clip.id)
    behind_our_back(house, f"UPDATE clip SET state = 'rejected' WHERE id = '{clip}'")
    return clip


def a_clip_sent_back_without_work(house: House) -> str:
    clip = first(house, Clip.id)
    behind_our_back(house, f"UPDATE clip SET state = 'waiting' WHERE id = '{clip}'")
    return clip


def an_upload_quietly_rejected(house: House) -> str:
    upload = first(house, Upload.id)
    behind_our_back(
        house, f"UPDATE upload SET state = 'rejected', reason = 'no_speech' WHERE id = '{upload}'"
    )
    with house.catalog.reading() as session:
        return str(session.scalars(select(Recording.id).where(Recording.upload_id == upload)).one())


def an_upload_of_another_size(house: House) -> str:
    upload = first(house, Upload.id)
    behind_our_back(house, f"UPDATE upload SET size = size + 1 WHERE id = '{upload}'")
    return upload


def an_upload_without_receipt(house: House) -> str:
    upload = first(house, Upload.id)
    behind_our_back(house, f"DELETE FROM audit_event WHERE subject_id = '{upload}'")
    return upload


def a_clip_from_nowhere(house: House) -> str:
    clip = first(house, Clip.id)
    with house.catalog.reading() as session:
        recording = session.get_one(Clip, clip).recording_id
    behind_our_back(house, f"UPDATE clip SET number = 99 WHERE id = '{clip}'")
    return f"99 of recording {recording}"


def a_recording_of_nobody(house: House) -> str:
    recording = first(house, Recording.id)
    behind_our_back(house, f"DELETE FROM recording_speaker WHERE recording_id = '{recording}'")
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


def test_honest_books_balance_and_say_where_everything_went(either_house: House) -> None:
    books = books_of(either_house)

    assert books.missing == ()
    assert (books.received.count, books.received.seconds) == (5, 10.0)
    assert [(line.end, line.count) for line in books.ends("uploads")] == [("cut", 5)]
    assert [(line.end, line.count) for line in books.ends("clips")] == [("accepted", 10)]


def test_published_and_withdrawn_clips_are_ends_too(house: House) -> None:
    house.publish()
    house.withdraw("te-02")
    house.erase()

    books = books_of(house)

    assert books.missing == ()
    assert {line.end: line.count for line in books.ends("clips")} == {"published": 8, "withdrawn": 2}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_imbalance_stops_publishing_and_names_the_item(house: House, plant: Plant) -> None:
    named = plant(house)

    with pytest.raises(BooksDontBalance) as caught:
        house.publish()

    assert named in {missing.id for missing in caught.value.missing}
    assert named in str(caught.value)
    assert commits(house.store, "tiny") == ()


def test_every_planted_imbalance_is_seen_on_a_cluster_too(either_house: House) -> None:
    for plant in (a_shortened_original, a_clip_quietly_rejected, an_upload_of_another_size, a_lost_clip_row):
        named = plant(either_house)
        assert named in {missing.id for missing in books_of(either_house).missing}


def test_a_lost_published_clip_is_named_with_its_version(house: House) -> None:
    house.publish()
    clip = first(house, Clip.id)
    behind_our_back(house, f"DELETE FROM clip WHERE id = '{clip}'")

    missing = books_of(house).missing

    assert any(each.id == clip and "tiny@1.0.0" in each.what for each in missing)


def test_what_is_missing_is_told_in_full_up_to_twenty_and_then_counted(house: House) -> None:
    behind_our_back(house, "DELETE FROM task", "DELETE FROM audit_event", "DELETE FROM recording_speaker")

    with pytest.raises(BooksDontBalance, match="20 item") as caught:
        books_of(house).or_raise()

    assert len(caught.value.missing) == 20
