"""The card tells the truth in figures, and says what a reader must know."""

from dataclasses import replace

import yaml

from catalog.states import ClipState, TaskState
from catalog.tables import Clip, Task
from tests.releases.conftest import House


def card_of(house: House, version: str = "1.0.0") -> str:
    return house.store.get_bytes(f"datasets/tiny/{version}/README.md", 10**6).decode()


def front_of(card: str) -> dict[str, object]:
    front = yaml.safe_load(card.split("---\n")[1])
    assert isinstance(front, dict)
    return front


def test_the_front_matter_is_what_hugging_face_reads(house: House) -> None:
    house.publish()

    front = front_of(card_of(house))

    assert front["language"] == ["kn", "te"]
    assert front["license"] == ["cc-by-4.0", "mit"]
    assert front["task_categories"] == ["automatic-speech-recognition"]
    assert front["size_categories"] == ["n<1K"]
    assert front["configs"] == [
        {
            "config_name": "default",
            "data_files": [
                {"split": "train", "path": "data/train-*.parquet"},
                {"split": "validation", "path": "data/validation-*.parquet"},
                {"split": "test", "path": "data/test-*.parquet"},
            ],
        }
    ]
    assert "not to attempt to determine the identity of the speakers" in str(front["extra_gated_prompt"])


def test_hours_stand_by_language_and_split(house: House) -> None:
    house.publish()

    card = card_of(house)

    assert "| Telugu (te) | 8 | 4 | 8.0 s | 4.0 s | 2.0 s | 2.0 s |" in card
    assert "| Kannada (kn) | 2 | 1 | 2.0 s | 2.0 s | 0.0 s | 0.0 s |" in card


def test_a_language_with_too_few_voices_for_a_test_says_so_instead_of_leaking(house: House) -> None:
    house.publish()

    assert "Kannada has 1 speaker and so no validation and no test split" in card_of(house)


def test_texts_that_a_test_shares_with_train_are_counted(house: House) -> None:
    house.publish()

    assert "- 2 of the 2 test clips say, in another voice, a text that also stands in train." in card_of(
        house
    )


def test_who_was_asked_and_who_gave_under_a_licence_are_told_apart(house: House) -> None:
    house.publish()

    card = card_of(house)

    assert "4 speakers were told what the recording is for (notice version 1)" in card
    assert "1 speaker was not asked by this project" in card


def test_what_was_rejected_is_counted_by_reason(house: House) -> None:
    clip_id = house.add_recording("te-01", clips=1)[0]
    with house.catalog.writing() as session:
        clip = session.get_one(Clip, clip_id)
        clip.state, clip.reason = ClipState.REJECTED, "low_snr"
        task = session.query(Task).filter_by(clip_id=clip_id).one()
        task.state = TaskState.REJECTED
    house.publish()

    assert "- clips rejected, because: low_snr: 1 (1.0 s)" in card_of(house)


def test_remarks_of_the_publisher_stand_on_the_card(house: House) -> None:
    remark = "The texts were typed in by a script, from the corpora they come with."
    house.publish(rules=replace(house.release, remarks=(remark,)))

    assert "The texts were typed in by a script" in card_of(house)


def test_a_redacted_version_says_so_on_its_card(house: House) -> None:
    house.publish()
    house.withdraw("te-02")
    house.erase()

    card = card_of(house)

    assert "> 2 clips were taken out of this version on 2026-11-22, because a speaker withdrew." in card
    assert front_of(card)["pretty_name"] == "Voices of three villages"
