"""A version is built for those purposes alone to which every voice in it agreed."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from catalog import consent
from catalog.config.project import Consent, Project
from catalog.consent import Purpose
from catalog.tables import ReleaseItem
from releases.refusals import NothingToPublish
from releases.release_rows import release_id
from tests.releases.conftest import EVERYTHING, TEXTS, Archive

NOTICE = "We record you, so that machines understand you, and speak; for business too."
NAMED = {
    Purpose.SPEECH_RECOGNITION: dict.fromkeys(TEXTS, "machines understand you"),
    Purpose.COMMERCIAL: dict.fromkeys(TEXTS, "for business too"),
    Purpose.VOICE_CLONING: dict.fromkeys(TEXTS, "and speak"),
}


def project(archive: Archive, version: str = "1") -> Project:
    asked = Consent(version=version, notices=dict.fromkeys(TEXTS, NOTICE), purposes=NAMED)
    return replace(archive.project, consent=asked)


def agree(archive: Archive, pseudonym: str, *purposes: Purpose, version: str = "1") -> None:
    with archive.catalog.writing() as session:
        consent.grant(
            session,
            speaker_id=f"speaker-{pseudonym}",
            scopes=EVERYTHING,
            purposes=purposes,
            notice_version=version,
            notice_language="te",
            evidence="consents/spoken.ogg",
            evidence_sha256=None,
            recorded_by="coordinator",
            at=archive.later(),
        )


def published(archive: Archive, *purposes: Purpose, version: str = "1") -> set[str]:
    """The speakers of the version that is published now."""
    given = project(archive, version)
    rules = replace(archive.release, purposes=purposes or None)
    done = archive.publish(project=replace(given, release=rules), rules=rules)
    with archive.catalog.reading() as session:
        return set(
            session.scalars(
                select(ReleaseItem.speaker).where(
                    ReleaseItem.release_id == release_id("tiny", done.version or "")
                )
            )
        )


def test_who_did_not_agree_to_a_purpose_is_held_back_from_what_is_given_out_for_it(
    either_archive: Archive,
) -> None:
    archive = either_archive
    agree(archive, "te-01", Purpose.SPEECH_RECOGNITION)
    agree(archive, "te-02", Purpose.SPEECH_RECOGNITION, Purpose.COMMERCIAL)
    agree(archive, "te-03")
    archive.add_recording("te-01", "te-02")

    assert published(archive, Purpose.SPEECH_RECOGNITION) == {
        "te-01",
        "te-02",
        "te-01+te-02",
        "te-04",
        "kn-01",
    }
    assert published(archive) == {"te-02", "te-04", "kn-01"}  # for all that is asked, but voice cloning


def test_a_yes_from_before_purposes_were_recorded_is_one_to_what_its_notice_named_but_voice_cloning(
    archive: Archive,
) -> None:
    everybody = {"te-01", "te-02", "te-03", "te-04", "kn-01"}

    assert published(archive) == everybody
    with pytest.raises(NothingToPublish, match="10 other_purpose"):
        published(archive, Purpose.VOICE_CLONING)
    agree(archive, "te-01", *NAMED)
    assert published(archive, Purpose.VOICE_CLONING) == {"te-01"}
    # what the notice of version 1 named nobody knows any more; the licence of a public corpus is what it was
    assert published(archive, version="2") == {"te-01", "kn-01"}


def test_a_public_licence_that_stands_for_the_yes_agrees_to_what_it_allows(either_archive: Archive) -> None:
    archive = either_archive
    archive.add_speaker("te-05", evidence="licence CC-BY-NC-4.0")
    archive.add_recording("te-05")

    assert published(archive) == {"te-01", "te-02", "te-03", "te-04", "kn-01"}  # for business too
    assert "te-05" in published(archive, Purpose.SPEECH_RECOGNITION)


def croissant(archive: Archive, number: str) -> dict[str, Any]:
    data = archive.store.get_bytes(f"datasets/tiny/{number}/croissant.json", 10**6)
    found: dict[str, Any] = json.loads(data)
    return found


def test_the_terms_of_use_are_an_offer_for_the_purposes_that_were_agreed_to(archive: Archive) -> None:
    published(archive)

    offer = croissant(archive, "1.0.0")["usageInfo"]

    def named(rules: list[dict[str, Any]]) -> list[str]:
        return [
            each["odrl:constraint"]["odrl:rightOperand"]["@id"] for each in rules if "odrl:constraint" in each
        ]

    assert "odrl:Offer" in offer["@type"]
    assert named(offer["odrl:permission"]) == [
        "urn:boli:purpose:speech_recognition",
        "https://w3id.org/dpv#CommercialPurpose",
    ]
    assert set(named(offer["odrl:prohibition"])) == {
        "urn:boli:purpose:voice_cloning",
        "urn:boli:purpose:speech_synthesis",
        "https://w3id.org/dpv#ResearchAndDevelopment",
    }
    assert all(each["odrl:duty"]["odrl:action"]["@id"] == "odrl:delete" for each in offer["odrl:permission"])
    card = archive.store.get_bytes("datasets/tiny/1.0.0/README.md", 10**6).decode()
    assert "speech recognition, commercial, and for nothing else" in card
    assert "not for making machines speak with their voices" in card


def test_a_project_that_names_no_purposes_publishes_as_before(archive: Archive) -> None:
    archive.publish()

    offer = croissant(archive, "1.0.0")["usageInfo"]

    assert [each["odrl:action"]["name"] for each in offer["odrl:permission"]] == [
        "transcription",
        "publication",
    ]
    assert not any("odrl:constraint" in each for each in offer["odrl:prohibition"])
