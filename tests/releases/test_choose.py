"""A dataset takes the clips that meet its conditions, and holds back what would harm a model."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from catalog.conditions import COLUMNS, InvalidCondition, parse, parse_all
from catalog.config.release_rules import ReleaseRules
from catalog.states import AlignmentState
from catalog.store import open_store
from catalog.tables import Alignment, Clip
from releases.choose import choose, fact
from releases.plan import plan_release
from releases.refusals import NothingToPublish
from releases.verify import verify
from tests.releases.conftest import Archive, no_faults
from tests.releases.rows import row
from tests.releases.stores import rows_of

ROWS = [
    row(id="a", district="Warangal", snr_db=10.0, seconds=2.0),
    row(id="b", district="Warangal", snr_db=20.0, seconds=3.0, verbatim="<noise> నాకు"),
    row(id="c", district=None, snr_db=None, seconds=4.0),
    row(id="d", district="Hanamkonda", snr_db=30.0, seconds=5.0, received_on=date(2026, 1, 5)),
]


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ("district = Warangal", "ab"),
        ("district = Warangal, Hanamkonda", "abd"),
        ("district != Warangal", "cd"),
        ("district = unknown", "c"),
        ("district = Han*", "d"),
        ("snr_db >= 20", "bd"),
        ("snr_db <= 20", "ab"),
        ("duration >= 4", "cd"),
        ("tags = noise", "b"),
        ("tags != noise", "acd"),
        ("received_on >= 2026-02-01", "abc"),
        ("writers = 2", "abcd"),
    ],
)
def test_a_condition_takes_the_rows_that_it_says(condition: str, taken: str) -> None:
    chosen = choose(ROWS, parse_all([condition]), low_score=False, text_faults=no_faults)

    assert "".join(each.id for each in chosen.rows) == taken
    assert chosen.held_back == ({"not_chosen": 4 - len(taken)} if len(taken) < 4 else {})


def test_each_condition_says_what_it_costs_and_what_it_costs_alone() -> None:
    chosen = choose(
        ROWS, parse_all(["district = Warangal", "snr_db >= 15"]), low_score=False, text_faults=no_faults
    )

    assert [each.id for each in chosen.rows] == ["b"]
    assert {each.condition: (each.fails, each.alone, each.clips) for each in chosen.costs} == {
        "district = Warangal": (9.0, 5.0, 2),
        "snr_db >= 15": (6.0, 2.0, 2),
    }


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("snr >= 15", "Columns: accepted_on"),
        ("snr_db > 15", "Write `snr_db >= 15`"),
        ("snr_db >= loud", "is written as 15 or 0.2"),
        ("district >= Warangal", "Use = or !="),
        ("received_on >= 22.11.2026", "2026-11-22"),
        ("district = a,,b", "comma too many"),
    ],
)
def test_a_condition_that_cannot_be_read_says_how_one_is_written(written: str, said: str) -> None:
    with pytest.raises(InvalidCondition, match=said):
        parse(written)
    with pytest.raises(ValidationError, match=said):
        ReleaseRules(name="tiny", licence="MIT", where=(written,))


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_conditions_is_a_fact_of_a_row(column: str) -> None:
    assert fact(row(), column) is not NotImplemented


def test_clips_whose_words_fit_badly_are_held_back_unless_the_project_says_otherwise(
    archive: Archive,
) -> None:
    with archive.catalog.writing() as session:
        clip = session.query(Clip).filter_by(language="te").order_by(Clip.id).first()
        assert clip is not None
        session.execute(
            update(Alignment)
            .where(Alignment.clip_id == clip.id)
            .values(state=AlignmentState.LOW_SCORE, score=0.005)
        )

    careful = archive.publish()
    archive.release = replace(archive.release, low_score="publish")
    all_of_them = archive.publish()

    assert (careful.clips, careful.held_back) == (9, {"low_score": 1})
    assert (all_of_them.version, all_of_them.clips) == ("1.1.0", 10)


def test_a_second_dataset_of_a_project_takes_other_clips_with_the_same_splits(archive: Archive) -> None:
    archive.publish()
    kannada = ReleaseRules(name="kannada", licence="MIT", min_speakers=1, where=("language = kn",))

    published = archive.publish(rules=kannada)

    assert (published.dataset, published.version, published.clips) == ("kannada", "1.0.0", 2)
    assert published.held_back == {"not_chosen": 8}
    assert verify(archive.store, "kannada", "1.0.0").ok
    card = archive.store.get_bytes("datasets/kannada/1.0.0/README.md", 10**6).decode()
    assert "Taken are clips with `language = kn`." in card
    main = {each["speaker"]: each["id"] for each in rows_of(archive.store, "1.0.0")}
    assert "kn-01" in main


def test_conditions_that_nothing_meets_say_so(archive: Archive) -> None:
    with pytest.raises(NothingToPublish, match="10 not_chosen"):
        archive.publish(rules=replace(archive.release, where=("snr_db >= 90",)))


def test_a_first_version_for_which_every_language_has_too_few_speakers_says_so(
    make_archive: Callable[..., Archive], tmp_path: Path
) -> None:
    archive = make_archive(open_store((tmp_path / "other").as_uri()))
    archive.add_speaker("te-01")
    archive.add_recording("te-01")
    archive.release = ReleaseRules(name="tiny", licence="CC-BY-4.0", min_speakers=3)

    with pytest.raises(NothingToPublish, match=r"2 too_few_speakers \(3 are wanted\)"):
        archive.publish()


def test_a_plan_writes_nothing(make_archive: Callable[..., Archive], tmp_path: Path) -> None:
    archive = make_archive(
        open_store((tmp_path / "other").as_uri()), f"sqlite:///{tmp_path / 'other.sqlite'}"
    )
    archive.add_speaker("te-01")
    archive.add_recording("te-01")

    plan = plan_release(
        archive.catalog, archive.store, archive.project, archive.release, text_faults=no_faults
    )

    assert len(plan.selection.rows) == 2
    assert not list(archive.store.list("datasets/"))
    with archive.catalog.reading() as session:
        from catalog.tables import SpeakerSplit

        assert session.query(SpeakerSplit).count() == 0
