"""A consent is read by others: ISO/IEC TS 27560 records and receipts whose every word means something."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog import consent
from catalog.consent import ConsentScope, Purpose, history
from catalog.consent_record import CONTEXT, DPV, TERMS, as_text, consent_receipt, consent_record
from catalog.database import Catalog
from catalog.receiving import register_project
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.tables import Speaker

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OTHERS = {
    "dct:audience", "dct:conformsTo", "dct:created", "dct:identifier", "dct:language", "dct:publisher", "dct:title",
    "skos:broader", "xsd:dateTime",
}  # fmt: skip


def speaker_with_events(catalog: Catalog, *purposes: Purpose, withdrawn: bool = False) -> str:
    with catalog.writing() as session:
        register_project(session, project_id="p", title="P", languages={"te": "Telugu"}, at=NOON)
        facts = SpeakerFacts("te-01", language="te")
        speaker = register_speaker(session, project_id="p", facts=facts, actor="test", at=NOON).id
        consent.grant(
            session,
            speaker_id=speaker,
            scopes=list(ConsentScope),
            purposes=purposes,
            notice_version="1",
            notice_language="te",
            evidence="consents/ab/abc.ogg",
            evidence_sha256="ab" * 32,
            recorded_by="asha",
            at=NOON,
        )
        if withdrawn:
            consent.withdraw(session, speaker_id=speaker, recorded_by="asha", at=NOON + timedelta(days=1))
    return speaker


def record_of(catalog: Catalog, speaker: str, number: int) -> dict[str, Any]:
    with catalog.reading() as session:
        events = history(session, speaker)
        return consent_record(session.get_one(Speaker, speaker), events, number, controller="Voices of P")


def expanded(node: Any) -> Iterator[str]:
    """Every term of a JSON-LD document as its IRI, by JSON-LD's rules for prefixes; other words raise."""
    if isinstance(node, list):
        for each in node:
            yield from expanded(each)
    elif isinstance(node, Mapping):
        if "@value" in node:
            yield _iri(node["@type"])
            return
        for key, value in node.items():
            if key == "@id":
                yield _iri(value)
            elif key == "@type":
                yield from map(_iri, value if isinstance(value, list) else [value])
            elif key != "@context":
                yield _iri(key)
                yield from expanded(value)


def _iri(term: str) -> str:
    prefix, colon, name = term.partition(":")
    assert colon, f"{term} is no IRI and no prefixed word"
    if name.startswith("//") or prefix == "urn":
        return term
    return CONTEXT[prefix] + name


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("as_receipt", [False, True])
def test_every_word_of_a_record_is_one_of_the_vocabularies_that_it_names(
    catalog: Catalog, number: int, as_receipt: bool
) -> None:
    speaker = speaker_with_events(catalog, *Purpose, withdrawn=True)
    made = record_of(catalog, speaker, number)
    if as_receipt:
        made = consent_receipt(made, at=NOON, withdraw_at="https://voices.example.org/withdraw")

    words = set(expanded(json.loads(as_text(made))))

    known = {_iri(each) for each in TERMS | OTHERS}
    own = ("urn:boli:", "https://voices.example.org/", "https://w3id.org/dpv/schema/dpv-27560#")
    assert {each for each in words if not each.startswith(own)} <= known
    assert f"{DPV}ConsentRecord" in words


def test_a_record_has_every_field_that_the_profile_demands(catalog: Catalog) -> None:
    speaker = speaker_with_events(catalog, Purpose.SPEECH_RECOGNITION, Purpose.COMMERCIAL)

    made = record_of(catalog, speaker, 1)

    assert made["@type"] == "dpv:ConsentRecord"
    assert made["dct:conformsTo"] == {"@id": "https://w3id.org/dpv/schema/dpv-27560#record"}
    assert made["dpv:hasDataSubject"]["dct:identifier"] == "te-01"
    assert made["dpv:hasDataController"]["dct:title"] == "Voices of P"
    assert made["dpv:hasApplicableLaw"] == {"@id": "legal-in:law-DPDP"}
    assert (made["dpv:hasNotice"]["dct:language"], made["dpv:hasNotice"]["dct:identifier"]) == ("te", "1")
    purposes = made["dpv:hasProcess"][0]["dpv:hasPurpose"]
    assert [each["@id"] for each in purposes] == [
        f"{DPV}CommercialPurpose",
        "urn:boli:purpose:speech_recognition",
    ]
    [status] = made["dpv:hasConsentStatus"]
    assert status["@type"] == ["dpv:ConsentGiven", "dpv:ExpressedConsent"]
    assert status["dpv:isIndicatedAtTime"] == {"@type": "xsd:dateTime", "@value": NOON.isoformat()}


def test_a_withdrawal_is_a_status_of_the_record_that_it_ends(catalog: Catalog) -> None:
    speaker = speaker_with_events(catalog, Purpose.RESEARCH, withdrawn=True)

    given, taken_back = record_of(catalog, speaker, 1), record_of(catalog, speaker, 2)

    kinds = [each["@type"] for each in given["dpv:hasConsentStatus"]]
    assert kinds == [["dpv:ConsentGiven", "dpv:ExpressedConsent"], "dpv:ConsentWithdrawn"]
    assert taken_back["dpv:hasConsentStatus"] == given["dpv:hasConsentStatus"]
    assert taken_back["dct:identifier"] != given["dct:identifier"]
    assert taken_back["dpv:hasProcess"] == given["dpv:hasProcess"]


def test_a_receipt_holds_its_record_and_says_where_it_is_taken_back(catalog: Catalog) -> None:
    speaker = speaker_with_events(catalog)
    made = record_of(catalog, speaker, 1)

    receipt = consent_receipt(made, at=NOON, withdraw_at="https://voices.example.org/withdraw")

    inside = receipt["dpv:hasRecordOfActivity"]
    assert receipt["dct:conformsTo"] == {"@id": "https://w3id.org/dpv/schema/dpv-27560#receipt"}
    assert {key: inside[key] for key in made if key != "@context"} == {
        key: value for key, value in made.items() if key != "@context"
    }
    assert inside["dpv:hasConsentControl"]["dpv:isExercisedAt"] == {
        "@id": "https://voices.example.org/withdraw"
    }
    assert "@context" not in inside and receipt["dct:identifier"] != made["dct:identifier"]
