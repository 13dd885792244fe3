"""Search takes whatever a manager holds in hand to the item it means, within their project alone."""

import pytest
from sqlalchemy import insert, select

from catalog.search_words import index_words
from catalog.states import SearchKind
from catalog.tables import Clip, Recording, Speaker, Upload
from tests.portal.written import TEXT

MANY = 3000


def test_an_id_or_a_receipt_leads_straight_to_its_page(busy_portal, manager, written):
    with busy_portal.catalog.reading() as session:
        clip = session.get_one(Clip, written.clip_id)
        recording = session.get_one(Recording, clip.recording_id)
        upload = session.get_one(Upload, recording.upload_id)
        speaker = session.scalars(select(Speaker)).one()

    def led(asked: str) -> str:
        return manager.get("/manage/find", params={"q": asked}).headers["location"]

    clips = {led(asked) for asked in (written.clip_id, written.task_id, written.submission_id)}
    files = {led(asked) for asked in (upload.id, upload.receipt.lower(), recording.id)}
    assert clips == {f"/manage/clips/{clip.id}"}
    assert files == {f"/manage/files/{upload.id}"}
    assert led(speaker.id) == f"/manage/speakers/{speaker.id}"
    assert {manager.get(path).status_code for path in (*clips, *files, led(speaker.id))} == {200}


@pytest.mark.parametrize("asked", [TEXT, TEXT.split()[1], f"{TEXT.split()[0]} బడి"])
def test_words_of_an_accepted_text_find_its_clip(manager, written, asked):
    page = manager.get("/manage/find", params={"q": asked}).text

    assert f"/manage/clips/{written.clip_id}" in page


def test_a_part_of_a_files_name_a_pseudonym_and_a_district_are_found(busy_portal, manager):
    with busy_portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker)).one()
        speaker.district = "Warangal"

    by_name = manager.get("/manage/find", params={"q": "01_002"}).text
    by_speaker = manager.get("/manage/find", params={"q": speaker.pseudonym[:3]}).text
    by_district = manager.get("/manage/find", params={"q": "warangal"}).text

    assert "te/te-01_002.mp3" in by_name and "te/te-01_003.mp3" not in by_name
    assert f"/manage/speakers/{speaker.id}" in by_speaker
    assert "/manage/lists/clips?district=Warangal" in by_district


@pytest.mark.parametrize(
    "asked", ["", "  ", "%", "'; DROP TABLE clip; --", "\u200d", "a" * 200, "clip-", "-"]
)
def test_whatever_is_typed_is_answered(manager, asked):
    assert manager.get("/manage/find", params={"q": asked}).status_code == 200


def test_a_search_asks_as_little_of_many_files_as_of_few(busy_portal, manager, statements):
    with statements() as few:
        manager.get("/manage/find", params={"q": "te"})
    with busy_portal.catalog.writing() as session:
        pattern = session.scalars(select(Upload)).first()
        values = {column.name: getattr(pattern, column.name) for column in Upload.__table__.columns}
        names = {f"upload-{number}": f"te/{number}.mp3" for number in range(MANY)}
        rows = [{**values, "id": id_, "name": name, "recording_id": None} for id_, name in names.items()]
        session.execute(insert(Upload), rows)
        for id_, name in names.items():
            index_words(session, "demo", SearchKind.UPLOAD, id_, name)
    with statements() as many:
        page = manager.get("/manage/find", params={"q": "te"})

    assert page.text.count("/manage/files/upload-") == 10
    assert len(many) == len(few)
