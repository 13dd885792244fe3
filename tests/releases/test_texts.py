"""A text that leaves its alphabet is not published."""

from pathlib import Path

import pytest

from releases.plan import plan_release
from releases.texts import text_faults
from tests.releases.conftest import TEXTS, Archive
from transcription.rules.guideline import load_guidelines
from transcription.rules.language import load_languages

CONFIGS = Path(__file__).resolve().parents[2] / "configs"


@pytest.fixture(scope="module")
def faults():
    languages = load_languages(CONFIGS / "languages")
    return text_faults(load_guidelines(CONFIGS, {code: languages[code] for code in TEXTS}))


def test_texts_of_their_language_have_no_fault(faults) -> None:
    assert {code: faults(code, text) for code, text in TEXTS.items()} == dict.fromkeys(TEXTS, ())


def test_letters_of_another_script_are_a_fault_that_names_the_guideline(faults) -> None:
    assert any("te" in fault for fault in faults("te", "నాకు पाट ఇష్టం"))


def test_a_language_without_guideline_is_a_fault(faults) -> None:
    assert faults("hi", "मुझे गाना पसंद है") == ("is in 'hi', for which the project has no guideline",)


def test_a_clip_with_such_a_text_is_held_back_and_the_plan_names_it(archive: Archive, faults) -> None:
    clip = archive.add_recording("te-01", clips=1)[0]
    archive.rewrite(clip, "నాకు पाट ఇష్టం")

    plan = plan_release(archive.catalog, archive.store, archive.project, archive.release, text_faults=faults)

    assert plan.selection.held_back == {"faulty_text": 1}
    assert {refusal.item for refusal in plan.faulty} == {clip}
