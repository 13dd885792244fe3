"""A later yes to less takes out of published versions what it leaves out, and nothing else."""

from dataclasses import replace

from sqlalchemy import select

from catalog.consent import ConsentScope, Purpose, grant
from catalog.speakers import SpeakerFacts, revise_speaker
from catalog.tables import AuditEvent, Clip
from releases.downloads import downloaders_of, outdated_copies
from releases.tombstones import tombstones
from releases.verify import verify
from tests.releases.conftest import Archive
from tests.releases.readers import download, reader
from tests.releases.stores import everything, rows_of
from tests.releases.test_erase import sounds_of, voice_in
from tests.releases.test_purposes import agree, project


def speakers(archive: Archive, version: str) -> set[str]:
    return {row["speaker"] for row in rows_of(archive.store, version)}


def published_for(archive: Archive, *purposes: Purpose) -> str:
    """The number of the version that is given out for these purposes now."""
    rules = replace(archive.release, purposes=purposes)
    done = archive.publish(project=replace(project(archive), release=rules), rules=rules)
    assert done.version is not None
    return done.version


def agree_to_be_listened_to(archive: Archive, pseudonym: str) -> None:
    with archive.catalog.writing() as session:
        grant(
            session,
            speaker_id=f"speaker-{pseudonym}",
            scopes=[ConsentScope.TRANSCRIPTION],
            notice_version="1",
            notice_language="te",
            evidence="consents/again.ogg",
            evidence_sha256=None,
            recorded_by="asha",
            at=archive.later(),
        )


def test_who_no_longer_agrees_to_be_published_leaves_every_version_and_their_recordings_stay(
    either_archive: Archive,
) -> None:
    archive = either_archive
    archive.publish()
    leela = reader(archive, "leela")
    download(archive, leela)
    sounds = sounds_of(archive, "te-02")

    agree_to_be_listened_to(archive, "te-02")
    erased = archive.erase()

    assert erased.rows == (("1.0.0", 2),)
    assert "te-02" not in speakers(archive, "1.0.0")
    assert not voice_in(everything(archive.store, "datasets/"), sounds)
    assert voice_in(everything(archive.store, "clips/"), sounds)
    assert verify(archive.store, "tiny", "1.0.0").ok
    assert {stone.speaker for stone in tombstones(archive.store, "tiny")} == {"te-02"}
    with archive.catalog.reading() as session:
        [copy] = outdated_copies(session)
        [holder] = downloaders_of(session, "speaker-te-02")
        act = session.scalars(
            select(AuditEvent.detail).where(AuditEvent.action == "consent.granted").order_by(AuditEvent.id)
        ).all()[-1]
    assert (copy.person_id, copy.versions) == (leela, {"1.0.0": 2})
    assert (holder.handle, holder.pulled_since) == ("leela", False)
    assert act["no_longer"] == ["publication"]
    assert archive.erase().rows == ()


def test_a_purpose_that_is_taken_back_takes_the_voice_out_of_what_is_given_out_for_it_alone(
    either_archive: Archive,
) -> None:
    archive = either_archive
    agree(archive, "te-02", Purpose.SPEECH_RECOGNITION, Purpose.COMMERCIAL)
    for_business = published_for(archive, Purpose.SPEECH_RECOGNITION, Purpose.COMMERCIAL)
    for_machines = published_for(archive, Purpose.SPEECH_RECOGNITION)
    assert "te-02" in speakers(archive, for_business) & speakers(archive, for_machines)

    agree(archive, "te-02", Purpose.SPEECH_RECOGNITION)
    erased = archive.erase()

    assert erased.rows == ((for_business, 2),)
    assert "te-02" not in speakers(archive, for_business)
    assert "te-02" in speakers(archive, for_machines)
    for version in (for_business, for_machines):
        assert verify(archive.store, "tiny", version).ok
    agree(archive, "te-02", Purpose.SPEECH_RECOGNITION, Purpose.COMMERCIAL)
    assert "te-02" in speakers(
        archive, published_for(archive, Purpose.SPEECH_RECOGNITION, Purpose.COMMERCIAL)
    )


def test_a_yes_to_more_takes_nothing_out(archive: Archive) -> None:
    agree(archive, "te-02", Purpose.SPEECH_RECOGNITION)
    published_for(archive, Purpose.SPEECH_RECOGNITION)

    agree(archive, "te-02", Purpose.SPEECH_RECOGNITION, Purpose.RESEARCH)

    assert archive.erase().rows == ()


def test_a_child_who_said_yes_as_an_adult_leaves_every_version_until_a_guardian_said_it(
    archive: Archive,
) -> None:
    archive.publish()
    with archive.catalog.writing() as session:
        facts = SpeakerFacts("te-02", age_band="13-17")
        revise_speaker(session, speaker_id="speaker-te-02", facts=facts, actor="asha", at=archive.later())

    archive.erase()

    assert "te-02" not in speakers(archive, "1.0.0")
    with archive.catalog.reading() as session:
        assert session.scalars(select(Clip.id).where(Clip.state == "withdrawn")).first() is None
    agree(archive, "te-02")
    assert "te-02" in speakers(archive, str(archive.publish().version))
