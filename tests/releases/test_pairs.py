"""A version carries what models heard beside what people made of it, where the project asks, and scores them by it."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.states import ChosenBy
from catalog.tables import Correction, DraftShown, Person, Task, Transcript
from releases.pairs import read_pairs
from releases.pull import pull
from releases.score import NothingToScore
from releases.score_pairs import score_pairs
from releases.texts import describer
from releases.versions import read_version
from tests.releases.conftest import NOON, TEXTS, Archive
from tests.releases.heard import MODEL, hear, hear_telugu, publish_pairs, telugu_clips
from tests.releases.stores import rows_of
from tests.transcription.sentences import guidelines

SAID = TEXTS["te"]
HEARD = "నాకు పట పాడటం యిష్టం అరే"
"""One word that is another, one that is spelt as the language permits, and one too many."""


def choose(archive: Archive, clip_id: str, chosen_by: ChosenBy) -> None:
    with archive.catalog.writing() as session:
        session.add(
            Correction(
                id=f"{chosen_by} {clip_id}",
                project_id="demo",
                language="te",
                clip_id=clip_id,
                model=MODEL,
                chosen_by=chosen_by,
                at=NOON,
            )
        )


def pairs_in(rows: list[dict[str, Any]]):
    return {row["id"]: read_pairs(row["pairs"]) for row in rows if row["pairs"] is not None}


def lines_of(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted((folder / "pairs").glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


def test_a_pair_says_word_by_word_what_people_made_of_what_the_model_heard(archive: Archive):
    clip_id, *_ = telugu_clips(archive)
    hear(archive, clip_id, HEARD)

    ((pair,),) = pairs_in(publish_pairs(archive)).values()

    assert (pair.heard.model, pair.heard.text, pair.heard.began) == (MODEL, HEARD, False)
    assert [(edit.kind, edit.heard, edit.written) for edit in pair.words] == [
        ("kept", "నాకు", "నాకు"),
        ("changed", "పట", "పాట"),
        ("kept", "పాడటం", "పాడటం"),
        ("kept", "యిష్టం", "ఇష్టం"),
        ("dropped", "అరే", None),
    ]


def test_the_card_and_croissant_name_the_models_and_how_many_clips_each_has_heard(archive: Archive):
    clips = hear_telugu(archive, HEARD)
    publish_pairs(archive)

    card = archive.store.get_bytes("datasets/tiny/1.0.0/README.md", 10**6).decode()
    croissant = json.loads(archive.store.get_bytes("datasets/tiny/1.0.0/croissant.json", 10**6))

    assert f"{MODEL} {len(clips)} clips" in card
    assert MODEL in croissant["rai:machineAnnotationTools"]
    labels = [each["prov:label"] for each in croissant["prov:wasGeneratedBy"]]
    assert labels[-1].startswith("Recognition by models")


def test_a_project_that_does_not_ask_publishes_no_pairs_and_its_rows_keep_their_hashes(archive: Archive):
    before = {row["id"]: row["row_sha256"] for row in publish_pairs(archive, archive.project)}
    clip_id, *_ = telugu_clips(archive)
    hear(archive, clip_id, HEARD)

    again = archive.publish(describe=describer(guidelines()))

    rows = rows_of(archive.store, again.version)
    assert {row["id"]: row["row_sha256"] for row in rows} == before
    assert {row["pairs"] for row in rows} == {None}


def test_every_model_that_made_something_of_a_clip_gives_a_pair_and_says_how_it_came_to_it(archive: Archive):
    clip_id, *_ = telugu_clips(archive)
    hear(archive, clip_id, HEARD)
    hear(archive, clip_id, SAID, model="service:large")
    hear(archive, clip_id, "", model="onnx:deaf", fault="too long")
    choose(archive, clip_id, ChosenBy.LEAST_SURE)
    choose(archive, clip_id, ChosenBy.CHANCE)
    with archive.catalog.writing() as session:
        task = session.query(Task).filter_by(clip_id=clip_id).one()
        session.add(Person(id="asha", handle="asha", languages=["te"], created_at=NOON))
        session.flush()
        session.add(DraftShown(draft_id=f"{MODEL} {clip_id}", task_id=task.id, person_id="asha", at=NOON))

    (pairs,) = pairs_in(publish_pairs(archive)).values()

    known = [(pair.heard.model, pair.heard.began, pair.heard.chosen_by) for pair in pairs]
    assert known == [(MODEL, True, "chance"), ("service:large", False, None)]


def test_a_text_from_which_a_part_was_taken_out_gives_no_pair(archive: Archive):
    clip_id, *_ = telugu_clips(archive)
    hear(archive, clip_id, "ఫోన్ 98480 22338")
    with archive.catalog.writing() as session:
        session.query(Transcript).filter_by(clip_id=clip_id).one().origin = "redaction"

    assert pairs_in(publish_pairs(archive)) == {}


def test_the_form_has_a_line_a_pair_with_what_the_row_says(archive: Archive, tmp_path: Path):
    clips = hear_telugu(archive, HEARD)
    rows = {row["id"]: row for row in publish_pairs(archive)}

    pull(archive.store, "tiny", "1.0.0", tmp_path / "copy", forms=("pairs",))

    lines = lines_of(tmp_path / "copy")
    assert [line["id"] for line in lines if line["model"] == MODEL] == [line["id"] for line in lines]
    assert {line["id"] for line in lines} == set(clips) & rows.keys()
    counts = {(line["kept"], line["changed"], line["dropped"], line["added"]) for line in lines}
    assert counts == {(3, 1, 1, 0)}
    assert all(line["speaker"] == rows[line["id"]]["speaker"] for line in lines)
    assert {(line["transcript_origin"], line["cer"]) for line in lines} == {("agreement", 0.02)}


def test_a_version_without_pairs_has_no_file_of_them(archive: Archive, tmp_path: Path):
    publish_pairs(archive)

    pull(archive.store, "tiny", "1.0.0", tmp_path / "copy", forms=("pairs",))

    assert not (tmp_path / "copy" / "pairs").exists()


def test_pairs_are_erased_with_the_voice(archive: Archive, tmp_path: Path):
    hear_telugu(archive, HEARD)
    rows = publish_pairs(archive)
    speaker = next(row["speaker"] for row in rows if row["pairs"] is not None)
    archive.withdraw(str(speaker))

    archive.erase()

    left = rows_of(archive.store, "1.0.0")
    assert speaker not in {row["speaker"] for row in left}
    pull(archive.store, "tiny", "1.0.0", tmp_path / "copy", forms=("pairs",))
    assert speaker not in {line["speaker"] for line in lines_of(tmp_path / "copy")}


def test_a_model_is_scored_by_its_pairs_but_for_clips_that_were_chosen_where_it_was_unsure(archive: Archive):
    first, second, *others = telugu_clips(archive)
    hear(archive, first, HEARD)
    hear(archive, second, "వేరే మాట")
    choose(archive, first, ChosenBy.CHANCE)
    choose(archive, second, ChosenBy.LEAST_SURE)
    publish_pairs(archive)

    (found,) = score_pairs(archive.store, read_version(archive.store, "tiny", "1.0.0"), guidelines())

    assert (found.model, found.doubted, found.total.clips) == (MODEL, 1, 1)
    assert (found.total.wer, found.total.spelling_aware) == (0.75, 0.5)
    assert found.by["district"]["Warangal"] == found.total
    assert others


def test_a_version_without_pairs_says_how_to_have_some(archive: Archive):
    publish_pairs(archive)

    with pytest.raises(NothingToScore, match="publish_pairs"):
        score_pairs(archive.store, read_version(archive.store, "tiny", "1.0.0"), guidelines())
