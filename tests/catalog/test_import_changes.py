"""What a list changed of a speaker is kept to be set back: for thirty days, and never longer than the voice."""

import threading
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from catalog.config.retention import Retention
from catalog.consent import is_withdrawn, withdraw
from catalog.database import Catalog
from catalog.erasure.remains import remains
from catalog.import_changes import (
    ChangeOfKnown,
    SpeakerChange,
    SpeakerValues,
    changes_of,
    forget_old_changes,
    lock_known,
    note_changes,
)
from catalog.imports import UNDO_WITHIN, note_import, uses_of
from catalog.retention import sweep_retention
from catalog.speakers import SpeakerFacts, revise_speaker
from catalog.states import ImportKind
from catalog.store import ObjectStore
from catalog.tables import ImportChange, Person, Speaker, SpeakerPrivate
from tests.catalog.conftest import NOON
from tests.catalog.test_consent import say_no, say_yes, second_speaker_id
from tests.catalog.test_erasure import store
from tests.catalog.test_legal_hold import erase, hold, lift

__all__ = ["second_speaker_id", "store"]
BEFORE = SpeakerFacts("te-01", language="te", gender="female", other_languages=("hi",))
AFTER = SpeakerFacts("te-01", language="te", gender="female", district="Dumka", other_languages=("hi", "kn"))
DAY = timedelta(days=1)


def bring(catalog: Catalog, speaker_id: str, *, consent_round: int = 0, at: datetime = NOON) -> str:
    """A list that changes district, other languages, name and month of birth of that speaker; the import's id."""
    with catalog.writing() as session:
        if session.get(Person, "meera") is None:
            session.add(Person(id="meera", handle="meera", languages=[], created_at=NOON))
            session.flush()
        import_id = note_import(session, "telangana", ImportKind.SPEAKERS, [], changed=1, by="meera", now=at)
        revise_speaker(session, speaker_id=speaker_id, facts=AFTER, actor="meera", at=at)
        if session.get(SpeakerPrivate, speaker_id) is None:
            session.add(SpeakerPrivate(speaker_id=speaker_id, name="Lakshmi", phone="98480"))
        before = SpeakerValues(BEFORE, "Laxmi", "98480", None)
        after = SpeakerValues(AFTER, "Lakshmi", "98480", None)
        note_changes(session, import_id, [SpeakerChange(speaker_id, consent_round, before, after)])
    return import_id


def kept(catalog: Catalog) -> list[tuple[str, str | None]]:
    """Speakers of whom something is kept, with the name of before."""
    with catalog.reading() as session:
        return list(session.execute(select(ImportChange.speaker_id, ImportChange.name_before)).tuples())


def only(catalog: Catalog, import_id: str) -> ChangeOfKnown:
    with catalog.reading() as session:
        (found,) = changes_of(session, import_id)
        return found


def test_only_what_the_list_changed_is_kept_and_the_rest_of_what_is_known_stays(
    catalog: Catalog, speaker_id: str
) -> None:
    import_id = bring(catalog, speaker_id)
    with catalog.writing() as session:  # something else, which the list knew nothing of
        session.get_one(Speaker, speaker_id).occupation = "weaver"

    found = only(catalog, import_id)

    assert found.change.facts_before == {"district": None, "other_languages": ["hi"]}
    assert (found.change.phone_before, found.change.phone_after) == (None, None)
    assert found.stands
    assert found.before.facts.occupation == "weaver"
    assert (found.before.facts.district, found.before.facts.other_languages) == (None, ("hi",))
    assert (found.before.name, found.before.phone) == ("Laxmi", "98480")


@pytest.mark.parametrize("what", ["district", "name"])
def test_what_was_changed_since_does_not_stand_as_the_list_left_it(
    catalog: Catalog, speaker_id: str, what: str
) -> None:
    import_id = bring(catalog, speaker_id)
    with catalog.writing() as session:
        if what == "district":
            session.get_one(Speaker, speaker_id).district = "Pakur"
        else:
            session.get_one(SpeakerPrivate, speaker_id).name = "Lakshmi Devi"

    assert not only(catalog, import_id).stands


def test_a_month_of_birth_is_kept_and_compared_as_a_day(catalog: Catalog, speaker_id: str) -> None:
    day = date(2031, 5, 31)
    with catalog.writing() as session:
        session.add(Person(id="meera", handle="meera", languages=[], created_at=NOON))
        session.flush()
        session.get_one(Speaker, speaker_id).of_age_on = day
        import_id = note_import(session, "telangana", ImportKind.SPEAKERS, [], by="meera", now=NOON)
        before, after = SpeakerValues(BEFORE), SpeakerValues(BEFORE, of_age_on=day)
        note_changes(session, import_id, [SpeakerChange(speaker_id, 0, before, after)])

    found = only(catalog, import_id)

    assert found.stands
    assert found.before.of_age_on is None


def test_names_and_phones_stand_in_no_text_of_the_values(speaker_id: str) -> None:
    assert "Lakshmi" not in repr(SpeakerValues(BEFORE, "Lakshmi", "98480"))


def test_it_goes_thirty_days_after_the_list_in_its_own_project_and_the_import_stays(
    catalog: Catalog, speaker_id: str
) -> None:
    import_id = bring(catalog, speaker_id)

    def forget(project: str, at: datetime) -> int:
        with catalog.writing() as session:
            return forget_old_changes(session, project, at=at)

    assert forget("telangana", NOON + UNDO_WITHIN) == 0
    assert forget("another", NOON + UNDO_WITHIN + DAY) == 0
    assert kept(catalog) == [(speaker_id, "Laxmi")]

    assert forget("telangana", NOON + UNDO_WITHIN + DAY) == 1

    assert kept(catalog) == []
    with catalog.reading() as session:
        assert changes_of(session, import_id) == []


def test_of_a_voice_under_a_legal_hold_it_waits_for_the_end_of_the_hold(
    catalog: Catalog, store: ObjectStore, speaker_id: str
) -> None:
    say_yes(catalog, speaker_id)
    bring(catalog, speaker_id)
    order = hold(catalog, speaker_id)
    say_no(catalog, speaker_id)
    late = NOON + UNDO_WITHIN + DAY

    erase(catalog, store)
    with catalog.writing() as session:
        assert forget_old_changes(session, "telangana", at=late) == 0
        named = remains(session, session.get_one(Speaker, speaker_id), at=NOON)
    assert "what lists changed" in {each.what for each in named}

    lift(catalog, order)
    erase(catalog, store)
    assert kept(catalog) == []


def test_it_goes_with_the_voice_and_that_of_others_stays(
    catalog: Catalog, store: ObjectStore, speaker_id: str, second_speaker_id: str
) -> None:
    say_yes(catalog, speaker_id)
    for each in (speaker_id, second_speaker_id):
        bring(catalog, each)
    say_no(catalog, speaker_id)

    erase(catalog, store)

    assert [each for each, _ in kept(catalog)] == [second_speaker_id]


def test_after_a_new_yes_what_earlier_lists_changed_goes_and_what_later_ones_changed_stays(
    catalog: Catalog, store: ObjectStore, speaker_id: str
) -> None:
    say_yes(catalog, speaker_id)
    before = bring(catalog, speaker_id)
    say_no(catalog, speaker_id)
    say_yes(catalog, speaker_id)
    assert only(catalog, before).is_of_earlier_yes
    later = bring(catalog, speaker_id, consent_round=1)
    assert not only(catalog, later).is_of_earlier_yes

    erase(catalog, store)

    with catalog.reading() as session:
        assert session.scalars(select(ImportChange.import_id)).all() == [later]


def test_a_name_that_a_projects_rules_let_go_is_let_go_here_too(
    catalog: Catalog, store: ObjectStore, speaker_id: str
) -> None:
    import_id = bring(catalog, speaker_id)

    def sweep(rules: Retention) -> None:
        sweep_retention(catalog, store, project_id="telangana", rules=rules, actor="flow", at=NOON + 8 * DAY)

    sweep(Retention(phones=7))
    assert kept(catalog) == [(speaker_id, "Laxmi")]
    with catalog.writing() as session:
        session.get_one(SpeakerPrivate, speaker_id).name = None  # somebody took it out by hand
    sweep(Retention(names=7))

    assert kept(catalog) == [(speaker_id, None)]
    found = only(catalog, import_id)
    assert found.stands
    assert found.before.name is None
    assert found.before.facts.district is None


def test_to_be_changed_by_a_list_is_a_use_only_where_it_is_asked_for(
    catalog: Catalog, speaker_id: str
) -> None:
    bring(catalog, speaker_id)

    with catalog.reading() as session:
        assert uses_of(session, Speaker.id, [speaker_id], but=(SpeakerPrivate,))[speaker_id] == {
            "import_change"
        }
        assert not uses_of(session, Speaker.id, [speaker_id], but=(SpeakerPrivate, ImportChange))[speaker_id]


def test_a_withdrawal_waits_until_whoever_is_set_back_is_written(catalog: Catalog, speaker_id: str) -> None:
    say_yes(catalog, speaker_id)
    inside, order = threading.Event(), []

    def take_consent_back() -> None:
        inside.wait(30)
        with catalog.writing() as session:
            withdraw(session, speaker_id=speaker_id, recorded_by="asha", at=NOON)
            order.append("withdrawn")

    other = threading.Thread(target=take_consent_back)
    other.start()
    with catalog.writing() as session:
        lock_known(session, [speaker_id])
        inside.set()
        assert not is_withdrawn(session.get_one(Speaker, speaker_id))
        revise_speaker(session, speaker_id=speaker_id, facts=BEFORE, actor="meera", at=NOON)
        session.flush()
        order.append("set back")
    other.join(30)

    assert order == ["set back", "withdrawn"]
    with catalog.reading() as session:
        found = session.get_one(Speaker, speaker_id)
        assert is_withdrawn(found) and found.gender == "female"
