"""Whose voice it is, on the pages of recordings, speakers and the manager's first one; and at once, when it came."""

import pytest
from sqlalchemy import delete, select

from catalog import voices
from catalog.consent import withdraw
from catalog.states import Role
from catalog.tables import Speaker, SpeakerLikeness, Upload, Verdict, VoiceEmbedding
from tests.portal.people import sign_in

SENTENCE = "Another voice than in this speaker's other recordings."
ONE_OTHER = "In 1 recording another voice speaks than in the speaker's others."


@pytest.fixture
def odd(busy_portal):
    """A recording in another voice than its speaker's others, and a second speaker who sounds like the first."""
    now = busy_portal.clock()
    with busy_portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker).order_by(Speaker.pseudonym)).first()
        session.execute(delete(VoiceEmbedding))
        session.execute(delete(SpeakerLikeness))
        other = Speaker(
            id="speaker-again",
            project_id="demo",
            pseudonym="DUM-014",
            language="te",
            consent_scopes=speaker.consent_scopes,
            created_at=now,
        )
        session.add(other)
        session.flush()
        upload = session.scalars(select(Upload).where(Upload.speaker_id == speaker.id)).first()
        kept = voices.keep_embedding(session, upload.id, b"\0" * 512, model="test/1", seconds=4.0, at=now)
        kept.likeness, kept.is_other = 0.07, True
        voices.note_alike(session, speaker.id, [(other.id, 0.71)], at=now)
        return speaker.id, upload.id


def test_the_page_of_a_recording_says_that_another_voice_speaks_and_how_like_it_is(manager, odd):
    page = manager.get(f"/manage/files/{odd[1]}").text

    assert SENTENCE in page and "Look whether the right speaker was chosen" in page
    assert "<dd>0.07 <span" in page


def test_all_recordings_of_a_speaker_have_the_last_word_over_what_was_heard_at_once(
    busy_portal, manager, odd
):
    with busy_portal.catalog.writing() as session:
        session.get_one(VoiceEmbedding, odd[1]).is_other = False
        session.merge(
            Verdict(
                upload_id=odd[1], usable=True, seconds=4.0, reasons=["other_voice"], measures={},
                at=busy_portal.clock(),
            )
        )  # fmt: skip

    assert SENTENCE not in manager.get(f"/manage/files/{odd[1]}").text


def test_the_page_of_a_speaker_counts_them_and_names_who_sounds_alike(busy_portal, manager, odd):
    page = manager.get(f"/manage/speakers/{odd[0]}").text

    assert ONE_OTHER in page and "Sounds like" in page and "DUM-014" in page
    assert "/manage/speakers/speaker-again" in page
    assert "Sounds like" in manager.get("/manage/speakers/speaker-again").text


def test_a_coordinator_reads_the_same_on_the_speakers_page_and_beside_what_they_sent(
    busy_portal, busy_client, odd
):
    asha = sign_in(busy_portal, "asha", [Role.COORDINATOR])
    with busy_portal.catalog.writing() as session:
        session.get_one(Upload, odd[1]).sent_by = asha.person_id
    browser = asha.browser(busy_client)

    assert ONE_OTHER in browser.get(f"/speakers/{odd[0]}").text
    assert SENTENCE in browser.get("/record/mine").text


def test_the_first_page_of_a_manager_leads_to_both_lists(manager, odd):
    page = manager.get("/manage").text

    assert ONE_OTHER in page and "1 pair of speakers sounds alike" in page
    listed = manager.get("/manage/lists/files?voice=other").text
    assert listed.count("/manage/files/upload-") == 1 and odd[1] in listed
    assert "DUM-014" in manager.get("/manage/lists/speakers?voice=alike").text


def test_who_took_it_back_is_named_as_alike_to_nobody_from_that_moment_on(busy_portal, manager, odd):
    with busy_portal.catalog.writing() as session:
        withdraw(session, speaker_id=odd[0], recorded_by="te-01", at=busy_portal.clock())

    assert "Sounds like" not in manager.get("/manage/speakers/speaker-again").text
    page = manager.get("/manage").text
    assert ONE_OTHER not in page and "pair of speakers" not in page
