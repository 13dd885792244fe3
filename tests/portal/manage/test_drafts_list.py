"""Draft texts come from a list: looked at with what is wrong by cell, kept once, begun with, and taken back."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response  # what the test client of this Starlette answers with
from openpyxl import Workbook
from sqlalchemy import func, select

from catalog.imports import UNDO_WITHIN
from catalog.states import Role
from catalog.tables import AuditEvent, Clip, ListImport, MachineDraft, Recording
from portal.context import PortalContext
from tests.portal.people import sign_in
from transcription import queue

TEXT = "ఇప్పుడు మన ముందున్న అతి పెద్ద సవాలు ఇది"


@pytest.fixture(autouse=True)
def drafts_are_shown(busy_portal: PortalContext) -> None:
    demo = busy_portal.projects["demo"]
    busy_portal.projects["demo"] = replace(  # type: ignore[index]
        demo, prefill=replace(demo.prefill, drafts=True, blind_share=0.0001)
    )


@pytest.fixture
def clips(busy_portal: PortalContext) -> list[str]:
    with busy_portal.catalog.reading() as session:
        return list(session.scalars(select(Clip.id).order_by(Clip.id)))


def as_csv(*rows: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def as_workbook(*rows: tuple[str, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(out)
    return out.getvalue()


def looked_at(browser: TestClient, text: str) -> Response:
    return browser.post("/manage/drafts-list", data={"pasted": text, "model": "whisper-te"})


def kept(browser: TestClient, shown: Response, text: str) -> Response:
    seen = re.search(r'name="seen" value="(\w+)"', shown.text)
    assert seen is not None, shown.text
    form = {"pasted": text, "model": "whisper-te", "seen": seen[1]}
    return browser.post("/manage/drafts-list", data=form)


def drafts(portal: PortalContext) -> dict[str, str]:
    with portal.catalog.reading() as session:
        rows = session.execute(select(MachineDraft.clip_id, MachineDraft.text))
        return {row.clip_id: row.text for row in rows}


def import_id(portal: PortalContext) -> str:
    with portal.catalog.reading() as session:
        return session.scalars(select(ListImport.id)).one()


def test_nothing_is_kept_before_it_was_looked_at_and_then_it_stands_once(busy_portal, manager, clips):
    text = as_csv(("clip", "text"), (clips[0], TEXT), (clips[1], TEXT))
    shown = looked_at(manager, text)
    assert drafts(busy_portal) == {}

    answer = kept(manager, shown, text)

    assert answer.status_code == 303
    assert drafts(busy_portal) == {clips[0]: TEXT, clips[1]: TEXT}
    page = manager.get(answer.headers["location"]).text
    assert "2 texts stand as drafts now." in page
    assert f"/manage/imports/{import_id(busy_portal)}" in page
    assert "None of these is new." in looked_at(manager, text).text
    with busy_portal.catalog.reading() as session:
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "import.made")).one()
    assert (act.detail["kind"], act.detail["brought"]) == ("drafts", 2)


def test_the_list_of_clips_that_was_taken_along_comes_back_as_a_workbook_with_texts(
    busy_portal, manager, clips
):
    given = manager.get("/manage/lists/clips/csv?task=open").text.removeprefix("\ufeff")
    head, *rows = csv.reader(io.StringIO(given))
    book = as_workbook((*head, "text"), *((*row, TEXT) for row in rows))

    shown = manager.post("/manage/drafts-list", files={"file": ("clips.xlsx", book)})
    pasted = re.search(r'<textarea name="pasted" hidden[^>]*>([^<]*)</textarea>', shown.text)
    seen = re.search(r'name="seen" value="(\w+)"', shown.text)
    manager.post("/manage/drafts-list", data={"pasted": pasted[1], "seen": seen[1]})

    assert set(drafts(busy_portal)) == {row[0] for row in rows}


def test_a_file_and_where_the_clip_begins_name_it(busy_portal, manager, clips):
    with busy_portal.catalog.reading() as session:
        clip = session.get_one(Clip, clips[0])
        rate = session.get_one(Recording, clip.recording_id).sample_rate
    page = manager.get("/manage/lists/clips/csv?order=oldest").text
    row = next(
        each for each in csv.DictReader(io.StringIO(page.removeprefix("\ufeff"))) if each["id"] == clip.id
    )
    start = f"{clip.start / rate:.2f}"
    text = as_csv(("file", "start", "text"), (row["file"], start, TEXT))

    kept(manager, looked_at(manager, text), text)

    assert drafts(busy_portal) == {clip.id: TEXT}


def test_what_is_wrong_is_said_by_cell_and_the_other_rows_are_kept(busy_portal, manager, clips):
    text = as_csv(
        ("clip", "text", "language"),
        (clips[0], TEXT, "Telugu"),
        ("clip-of-nobody", TEXT, ""),
        (clips[1], "<b>abc</b> 12", ""),
        (clips[2], TEXT, "kn"),
        (clips[0], TEXT, ""),
        (clips[3], "", ""),
    )

    shown = looked_at(manager, text)
    kept(manager, shown, text)

    for said in (
        "the project has no such clip",
        "the guideline does not allow this text",
        "the clip is in another language",
        "stands in the list twice",
        "is empty",
    ):
        assert said in shown.text
    assert "<b>abc" not in shown.text
    assert drafts(busy_portal) == {clips[0]: TEXT}


def test_a_transcriber_begins_with_the_text_and_the_clips_page_says_whose_it_is(busy_portal, manager, clips):
    text = as_csv(("clip", "text"), *((clip_id, TEXT) for clip_id in clips))
    kept(manager, looked_at(manager, text), text)
    asha = sign_in(busy_portal, "asha", [Role.TRANSCRIBER])

    lease = queue.claim(busy_portal.project_context("demo"), asha.person_id, now=busy_portal.clock())

    assert lease.machine_draft == TEXT
    page = manager.get(f"/manage/clips/{lease.clip_id}").text
    assert "draft text by list:whisper-te" in page
    assert TEXT in page


def test_drafts_that_nobody_began_with_are_taken_back_and_the_one_that_somebody_did_stays(
    busy_portal, manager, clips
):
    text = as_csv(("clip", "text"), *((clip_id, TEXT) for clip_id in clips))
    kept(manager, looked_at(manager, text), text)
    asha = sign_in(busy_portal, "asha", [Role.TRANSCRIBER])
    lease = queue.claim(busy_portal.project_context("demo"), asha.person_id, now=busy_portal.clock())
    page = f"/manage/imports/{import_id(busy_portal)}"
    assert "somebody began to write with it" in manager.get(page).text

    answer = manager.post(f"{page}/undo")

    assert answer.headers["location"] == page
    assert set(drafts(busy_portal)) == {lease.clip_id}
    assert "What stays, because it was used" in manager.get(page).text
    assert manager.post(f"{page}/undo").status_code == 403
    with busy_portal.catalog.reading() as session:
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "import.undone")).one()
    assert (act.detail["gone"], act.detail["stays"]) == (len(clips) - 1, 1)
    again = looked_at(manager, text)
    assert "Keep" in again.text


def test_after_thirty_days_a_list_stays(busy_portal, manager, clips):
    text = as_csv(("clip", "text"), (clips[0], TEXT))
    kept(manager, looked_at(manager, text), text)
    page = f"/manage/imports/{import_id(busy_portal)}"
    with busy_portal.catalog.writing() as session:
        found = session.get_one(ListImport, import_id(busy_portal))
        found.at = busy_portal.clock() - UNDO_WITHIN - timedelta(hours=1)

    assert "can't be taken back any more" in manager.get(page).text
    assert manager.post(f"{page}/undo").status_code == 403
    assert drafts(busy_portal) == {clips[0]: TEXT}


def test_a_list_that_was_changed_by_what_happened_meanwhile_is_shown_again(busy_portal, manager, clips):
    text = as_csv(("clip", "text"), (clips[0], TEXT))
    shown = looked_at(manager, text)
    kept(manager, looked_at(manager, text), text)

    late = kept(manager, shown, text)

    assert late.status_code == 422
    assert "changed meanwhile" in late.text
    with busy_portal.catalog.reading() as session:
        assert session.scalar(select(func.count()).select_from(ListImport)) == 1
