"""What is corrected of a speaker's age decides anew whose yes is enough."""

from datetime import date

import pytest
from sqlalchemy import select

from catalog import consent
from catalog.age import NotOfAge, hold_children, settle_age
from catalog.consent import ConsentScope, consented
from catalog.database import Catalog
from catalog.speakers import SpeakerFacts, register_speaker, revise_speaker
from catalog.tables import AuditEvent, Recording, Speaker
from tests.catalog.conftest import NOON
from tests.catalog.test_consent import recording_id, say_no, say_yes, second_speaker_id

__all__ = ["recording_id", "second_speaker_id"]
CHILD, ADULT = "13-17", "30-44"


@pytest.fixture
def agreed(catalog: Catalog, recording_id: str, speaker_id: str, second_speaker_id: str) -> str:
    """A recording of two who both said yes; the id of the first."""
    for each in (speaker_id, second_speaker_id):
        say_yes(catalog, each)
    assert usable(catalog) == {"transcription", "publication"}
    return speaker_id


def usable(catalog: Catalog) -> set[str]:
    with catalog.reading() as session:
        return {
            scope.value
            for scope in ConsentScope
            if session.scalar(select(Recording.id).where(consented(Recording.id, scope)))
        }


def revise(catalog: Catalog, speaker_id: str, age_band: str, of_age_on: date | None = None) -> None:
    with catalog.writing() as session:
        facts = SpeakerFacts("te-01", language="te", age_band=age_band)
        revise_speaker(
            session, speaker_id=speaker_id, facts=facts, actor="asha", at=NOON, of_age_on=of_age_on
        )


def speaker(catalog: Catalog, speaker_id: str) -> Speaker:
    with catalog.reading() as session:
        return session.get_one(Speaker, speaker_id)


def acts(catalog: Catalog) -> list[str]:
    with catalog.reading() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_an_adult_who_turns_out_to_be_a_child_is_heard_by_nobody_until_a_guardian_says_yes(
    catalog: Catalog, agreed: str
) -> None:
    revise(catalog, agreed, CHILD, date(2031, 5, 31))

    assert usable(catalog) == set() and "speaker.guardian_due" in acts(catalog)
    assert speaker(catalog, agreed).consent_scopes  # nothing is taken back: the recordings wait
    with catalog.writing() as session:  # said by a guardian, as whoever writes a yes down has checked
        consent.grant(
            session,
            speaker_id=agreed,
            scopes=tuple(ConsentScope),
            notice_version="1",
            notice_language="te",
            evidence="her mother said yes",
            evidence_sha256=None,
            recorded_by="asha",
            at=NOON,
        )
    assert usable(catalog) == {"transcription", "publication"}


def test_a_list_that_fills_in_the_age_of_a_child_holds_what_is_recorded(
    catalog: Catalog, agreed: str
) -> None:
    with catalog.writing() as session:
        facts = SpeakerFacts("te-01", age_band=CHILD)
        register_speaker(session, project_id="telangana", facts=facts, actor="flow:ingest", at=NOON)

    assert usable(catalog) == set()


def test_a_list_that_contradicts_a_person_holds_until_a_person_says_what_is_true(
    catalog: Catalog, agreed: str
) -> None:
    revise(catalog, agreed, ADULT)

    def listed() -> list[str]:
        with catalog.writing() as session:
            return list(hold_children(session, "telangana", ["te-01", "te-09"], by="flow:ingest", at=NOON))

    assert listed() == ["te-01"] and usable(catalog) == set()
    assert listed() == ["te-01"]  # told as long as it stands
    assert speaker(catalog, agreed).age_band == ADULT
    with catalog.writing() as session:
        settle_age(session, session.get_one(Speaker, agreed), by="asha", at=NOON)

    assert usable(catalog) == {"transcription", "publication"}
    assert listed() == [] and usable(catalog) == {"transcription", "publication"}


def test_nobody_is_said_to_be_an_adult_who_is_written_down_as_a_child(catalog: Catalog, agreed: str) -> None:
    revise(catalog, agreed, CHILD)

    with pytest.raises(NotOfAge, match="Correct their age first"), catalog.writing() as session:
        settle_age(session, session.get_one(Speaker, agreed), by="asha", at=NOON)

    revise(catalog, agreed, ADULT)  # it was a slip of the pen
    assert usable(catalog) == {"transcription", "publication"} and "speaker.age_settled" in acts(catalog)


def test_a_child_who_turns_out_to_be_an_adult_is_asked_themselves(catalog: Catalog, agreed: str) -> None:
    with catalog.writing() as session:
        row = session.get_one(Speaker, agreed)
        row.age_band, row.of_age_on = CHILD, date(2031, 5, 31)

    revise(catalog, agreed, "18-24")

    found = speaker(catalog, agreed)
    assert found.adult_yes_due and found.of_age_on is None and not found.guardian_yes_due
    assert usable(catalog) == {"transcription", "publication"}  # as of who comes of age: work goes on


def test_a_voice_that_took_it_back_is_not_held_as_well(catalog: Catalog, agreed: str) -> None:
    say_no(catalog, agreed)

    revise(catalog, agreed, CHILD)

    assert not speaker(catalog, agreed).guardian_yes_due
