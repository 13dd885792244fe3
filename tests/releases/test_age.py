"""A voice that came of age: its sound is kept and stays in what is published; new versions wait for their own yes."""

from datetime import timedelta
from typing import get_args

from sqlalchemy import select

from catalog.age import ask_again_at_18
from catalog.consent import ConsentScope, consented
from catalog.tables import Recording, RecordingSpeaker, Speaker
from releases.card import HELD_BACK
from releases.selection import HeldBack, candidates
from releases.versions import listed
from tests.releases.conftest import Archive


def test_a_card_has_words_for_every_reason_of_holding_back() -> None:
    assert set(get_args(HeldBack)) == set(HELD_BACK)


def comes_of_age(archive: Archive) -> str:
    """The pseudonym of a voice of the newest version, 18 since today."""
    with archive.catalog.writing() as session:
        speaker = session.scalars(
            select(Speaker).join(RecordingSpeaker).where(Speaker.consent_scopes != "").order_by(Speaker.id)
        ).first()
        assert speaker is not None
        now = archive.later() + timedelta(days=365)
        speaker.of_age_on = now.date()
        assert ask_again_at_18(session, "demo", today=now.date(), by="flow", at=now) == 1
        assert ask_again_at_18(session, "demo", today=now.date(), by="flow", at=now) == 0
        return speaker.pseudonym


def test_no_new_version_takes_a_voice_that_is_to_be_asked_at_18_and_nothing_is_taken_out(
    either_archive: Archive,
) -> None:
    archive = either_archive
    before = archive.publish()
    pseudonym = comes_of_age(archive)

    erased = archive.erase()
    with archive.catalog.reading() as session:
        found = candidates(session, "demo", licence="CC-BY-4.0")
        usable = session.scalars(
            select(Recording.id)
            .join(RecordingSpeaker, RecordingSpeaker.recording_id == Recording.id)
            .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
            .where(Speaker.pseudonym == pseudonym, consented(Recording.id, ConsentScope.TRANSCRIPTION))
        ).all()

    assert erased.rows == ()
    assert len(listed(archive.store, "tiny")) == 1
    assert usable
    assert pseudonym not in {row.speaker for row in found.rows}
    assert found.held_back["adult_yes_due"] > 0

    after = archive.publish()
    assert after.version != before.version
    card = archive.store.get_bytes(f"datasets/tiny/{after.version}/README.md", 10**6).decode()
    assert "came of age, and has not yet said yes itself" in card
