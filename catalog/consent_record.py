"""A consent as others can read it: ISO/IEC TS 27560:2023 records and receipts, in JSON-LD.

In the words of W3C's Data Privacy Vocabulary (DPV 2.3) and its part for India, by DPV's guide to ISO/IEC TS 27560
(profiles dpv-27560#record and dpv-27560#receipt). The context stands in the record itself: nothing is fetched.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.consent import LICENCE, Purpose
from catalog.ids import content_id
from catalog.states import ConsentKind
from catalog.tables import ConsentEvent, Speaker

DPV = "https://w3id.org/dpv#"
PROFILE = "https://w3id.org/dpv/schema/dpv-27560#"
CONTEXT: Mapping[str, str] = {
    "dpv": DPV,
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "legal-in": "https://w3id.org/dpv/legal/in#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "boli": "urn:boli:",
}
TERMS = frozenset(
    {
        "dpv:ConsentGiven",
        "dpv:ConsentNotice",
        "dpv:ConsentReceipt",
        "dpv:ConsentRecord",
        "dpv:ConsentWithdrawn",
        "dpv:DataController",
        "dpv:DataSubject",
        "dpv:ExpressedConsent",
        "dpv:Process",
        "dpv:ProvideConsent",
        "dpv:Purpose",
        "dpv:WithdrawConsent",
        "dpv:hasApplicableLaw",
        "dpv:hasConsentControl",
        "dpv:hasConsentStatus",
        "dpv:hasDataController",
        "dpv:hasDataSubject",
        "dpv:hasIdentifier",
        "dpv:hasIndicationMethod",
        "dpv:hasJurisdiction",
        "dpv:hasLegalBasis",
        "dpv:hasNotice",
        "dpv:hasPersonalData",
        "dpv:hasProcess",
        "dpv:hasPurpose",
        "dpv:hasRecordOfActivity",
        "dpv:isExercisedAt",
        "dpv:isIndicatedAtTime",
        "dpv:isIndicatedBy",
        "dpv:CommercialPurpose",
        "dpv:ResearchAndDevelopment",
        "pd:VoiceCommunicationRecording",
        "legal-in:law-DPDP",
        "loc:IN",
    }
)
"""Every word of these vocabularies that a record may hold; a test holds records against it."""
_BROADER: Mapping[Purpose, str] = {
    Purpose.SPEECH_RECOGNITION: "dpv:ResearchAndDevelopment",
    Purpose.SPEECH_SYNTHESIS: "dpv:ResearchAndDevelopment",
    Purpose.VOICE_CLONING: "dpv:ResearchAndDevelopment",
    Purpose.RESEARCH: "dpv:ResearchAndDevelopment",
    Purpose.COMMERCIAL: "dpv:CommercialPurpose",
}


def purpose_iri(purpose: Purpose) -> str:
    """What a purpose is called in machine-readable terms: DPV's word where it is the same, else one of our own.

    >>> purpose_iri(Purpose.COMMERCIAL), purpose_iri(Purpose.VOICE_CLONING)
    ('https://w3id.org/dpv#CommercialPurpose', 'urn:boli:purpose:voice_cloning')
    """
    if purpose in (Purpose.RESEARCH, Purpose.COMMERCIAL):
        return DPV + _BROADER[purpose].partition(":")[2]
    return f"urn:boli:purpose:{purpose}"


def consent_record(
    speaker: Speaker, events: Sequence[ConsentEvent], number: int, *, controller: str
) -> dict[str, Any]:
    """The record of one consent event, with what came after it of the same consent.

    events:     of this speaker, in order; number: of the event that the record is of
    controller: who collects, as the project is titled
    """
    event = events[number - 1]
    given = _given_before(events, number)
    process = [
        {
            "@type": "dpv:Process",
            "dpv:hasPurpose": [_purpose(each) for each in _purposes(given)],
            "dpv:hasPersonalData": {"@id": "pd:VoiceCommunicationRecording"},
            "boli:scopes": list(given.scopes),
        }
    ]
    return {
        "@context": dict(CONTEXT),
        "@id": f"boli:consent:{event.id}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": {"@id": f"{PROFILE}record"},
        "dct:identifier": event.id,
        "dct:created": _time(event.at),
        "dpv:hasDataSubject": {
            "@id": f"boli:speaker:{speaker.id}",
            "@type": "dpv:DataSubject",
            "dct:identifier": speaker.pseudonym,
        },
        "dpv:hasDataController": {
            "@id": f"boli:project:{speaker.project_id}",
            "@type": "dpv:DataController",
            "dct:title": controller,
        },
        "dpv:hasJurisdiction": {"@id": "loc:IN"},
        "dpv:hasApplicableLaw": {"@id": "legal-in:law-DPDP"},
        "dpv:hasLegalBasis": {"@id": "dpv:ExpressedConsent"},
        "dpv:hasProcess": process,
        "dpv:hasNotice": {
            "@id": f"boli:notice:{speaker.project_id}:{event.notice_version}:{event.notice_language}",
            "@type": "dpv:ConsentNotice",
            "dct:identifier": event.notice_version,
            "dct:language": event.notice_language,
        },
        "dpv:hasConsentStatus": [_status(each) for each in _of_one_consent(events, number)],
    }


def consent_receipt(
    record: Mapping[str, Any], *, at: datetime, withdraw_at: str | None = None
) -> dict[str, Any]:
    """A receipt: the copy of a record that its speaker is given.

    withdraw_at: the page on which it can be taken back
    """
    inside = {key: value for key, value in record.items() if key != "@context"}
    if withdraw_at is not None:
        inside["dpv:hasConsentControl"] = {
            "@type": "dpv:WithdrawConsent",
            "dpv:isExercisedAt": {"@id": withdraw_at},
        }
    identifier = content_id("receipt", str(record["dct:identifier"]), _time(at)["@value"])
    return {
        "@context": dict(CONTEXT),
        "@id": f"boli:{identifier}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": {"@id": f"{PROFILE}receipt"},
        "dct:identifier": identifier,
        "dpv:hasIdentifier": identifier,
        "dct:created": _time(at),
        "dct:publisher": {"@id": record["dpv:hasDataController"]["@id"]},
        "dct:audience": {"@id": record["dpv:hasDataSubject"]["@id"]},
        "dpv:hasRecordOfActivity": inside,
    }


def as_text(record: Mapping[str, Any]) -> str:
    """As it is handed out: JSON in UTF-8, with a line break at the end."""
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def _given_before(events: Sequence[ConsentEvent], number: int) -> ConsentEvent:
    """The yes that an event is, or that it takes back."""
    return next(each for each in reversed(events[:number]) if each.kind is ConsentKind.GRANTED)


def _of_one_consent(events: Sequence[ConsentEvent], number: int) -> list[ConsentEvent]:
    """The yes, and the withdrawal that ends it: a yes given anew has a record of its own."""
    given = _given_before(events, number)
    after = events[given.number : given.number + 1]
    return [given, *(each for each in after if each.kind is ConsentKind.WITHDRAWN)]


def _purposes(event: ConsentEvent) -> list[Purpose]:
    return [Purpose(each) for each in event.purposes or ()]


def _purpose(purpose: Purpose) -> dict[str, Any]:
    said: dict[str, Any] = {
        "@id": purpose_iri(purpose),
        "@type": "dpv:Purpose",
        "dct:title": purpose.value.replace("_", " "),
    }
    return said if said["@id"].startswith(DPV) else said | {"skos:broader": {"@id": _BROADER[purpose]}}


def _status(event: ConsentEvent) -> dict[str, Any]:
    if event.kind is ConsentKind.WITHDRAWN:
        return {
            "@type": "dpv:ConsentWithdrawn",
            "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
            "dpv:isIndicatedAtTime": _time(event.at),
            "dpv:hasIndicationMethod": "given by word or by the code of the receipt",
        }
    by_licence = event.evidence.startswith(LICENCE)
    how = f"public {event.evidence}" if by_licence else "spoken or signed, kept as evidence"
    said: dict[str, Any] = {
        "@type": ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
        "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
        "dpv:isIndicatedAtTime": _time(event.at),
        "dpv:hasIndicationMethod": how,
    }
    if event.evidence_sha256:
        said["boli:evidence_sha256"] = event.evidence_sha256
    return said


def _time(at: datetime) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": at.isoformat()}
