"""A row says which machine draft its writer began with and how much was changed; with its text where that is asked."""

import json
from dataclasses import replace

import pytest

from catalog.tables import DraftShown, MachineDraft, Person, Task, Transcript
from releases.drafted import draft_mark
from tests.releases.conftest import NOON, Archive
from tests.releases.stores import rows_of

MODEL = "onnx:0123456789ab"


@pytest.fixture
def drafted(archive: Archive) -> tuple[str, str]:
    """A clip whose writer began with a draft, and the draft: the accepted text but for its last letter."""
    with archive.catalog.writing() as session:
        task = session.query(Task).order_by(Task.id).first()
        assert task is not None
        clip_id = task.clip_id
        text = session.query(Transcript).filter_by(clip_id=clip_id).one().verbatim[:-1]
        session.add(Person(id="asha", handle="asha", languages=["te"], created_at=NOON))
        session.add(MachineDraft(id="draft", clip_id=clip_id, model=MODEL, text=text, at=NOON))
        session.flush()
        session.add(DraftShown(draft_id="draft", task_id=task.id, person_id="asha", at=NOON))
    return clip_id, text


def draft_column(archive: Archive, version: str) -> dict[str, str | None]:
    return {row["id"]: row["draft"] for row in rows_of(archive.store, version)}


def test_a_row_whose_writer_began_with_a_draft_names_the_model_and_how_much_was_changed(
    archive: Archive, drafted: tuple[str, str]
):
    clip_id, _ = drafted

    archive.publish()

    column = draft_column(archive, "1.0.0")
    assert json.loads(column.pop(clip_id)) == {"model": MODEL, "edits": 1}
    assert set(column.values()) == {None}


def test_a_release_carries_what_the_machine_had_written_where_the_project_asks(
    archive: Archive, drafted: tuple[str, str]
):
    clip_id, text = drafted
    project = archive.project
    asking = replace(project, prefill=replace(project.prefill, publish_pairs=True))

    archive.publish(project=asking)

    assert json.loads(draft_column(archive, "1.0.0")[clip_id])["text"] == text


def test_the_draft_of_a_text_from_which_a_part_was_taken_out_is_not_published():
    mark = draft_mark(MODEL, "call 98480 22338", "call <redacted>", "redaction", with_text=True)

    assert "98480" not in mark
