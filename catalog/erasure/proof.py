"""The proof of an erasure: what was destroyed where, when and by what request, and what remains and why; signed.

Signed with Ed25519 (RFC 8032) by a key that follows from the installation's own: who knows its public half can check
the proof without us. The objects may be millions, so the signature covers their digest, and they are listed in pages.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from catalog.database import Catalog
from catalog.erasure.remains import Remainder, remains
from catalog.errors import UserError
from catalog.tables import Clip, ErasedObject, Erasure, RecordingSpeaker, Release, ReleaseItem, Speaker

FORMAT = "boli-erasure-proof/1"
PAGE = 2000
LARGEST = 2**30  # bytes: three million objects
_PURPOSE = b"boli erasure proof"


class InvalidProof(UserError):
    """A file that is no proof, or was changed since it was signed."""


@dataclass(frozen=True, slots=True)
class ProvenErasure:
    """One withdrawal. finished_at: None while something is left"""

    round: int
    consent_event: str
    requested_at: str
    requested_by: str
    finished_at: str | None


@dataclass(frozen=True, slots=True)
class ProvenRelease:
    """Rows taken out of one published version. left: rows that still stand in it"""

    version: str
    rows: int
    left: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed. objects_sha256: of the objects, one line of JSON each with sorted keys, in the order listed"""

    format: str
    project: str
    speaker: str
    made_at: str
    erasures: tuple[ProvenErasure, ...]
    objects: int
    bytes: int
    objects_sha256: str
    releases: tuple[ProvenRelease, ...]
    remains: tuple[Remainder, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """The statement of a proof whose signature holds, as it was read. signed_by: the public key, in base64"""

    statement: Mapping[str, Any]
    signed_by: str


def write_proof(catalog: Catalog, speaker_id: str, target: TextIO, *, key: bytes, at: datetime) -> Statement:
    """Write the proof of a speaker's erasures as one JSON object, objects a line each, in bounded memory.

    key: the installation's secret
    """
    statement = _statement(catalog, speaker_id, at)
    signing = signing_key(key)
    signature = {
        "algorithm": "Ed25519",
        "public_key": public_key(key),
        "signature": base64.b64encode(signing.sign(_line(asdict(statement)))).decode(),
    }
    target.write(
        f'{{"statement": {_line(asdict(statement)).decode()},\n"signature": {json.dumps(signature)},\n'
    )
    target.write('"objects": [')
    for number, line in enumerate(_object_lines(catalog, speaker_id)):
        target.write(("," if number else "") + "\n" + line.decode())
    target.write("\n]}\n")
    return statement


def read_proof(path: Path, *, public: str | None = None) -> CheckedProof:
    """A proof that lies in a file, checked as by `check_proof`. Raises InvalidProof, which names the file."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        given = json.loads(data)
    except (OSError, ValueError) as error:
        raise InvalidProof(f"{path} can't be read as JSON, up to {LARGEST >> 20} MB: {error}.") from error
    try:
        return CheckedProof(check_proof(given, public=public), given["signature"]["public_key"])
    except InvalidProof as error:
        raise InvalidProof(f"{path}: {error}") from error


def check_proof(given: Mapping[str, Any], *, public: str | None = None) -> Mapping[str, Any]:
    """The statement of a proof that holds. Raises InvalidProof.

    public: the public key that the installation is known by; None trusts the one that the proof names
    """
    try:
        statement, signature, objects = given["statement"], given["signature"], given["objects"]
        named = signature["public_key"]
        verifier = Ed25519PublicKey.from_public_bytes(base64.b64decode(public or named))
        verifier.verify(base64.b64decode(signature["signature"]), _line(statement))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidProof(
            f"this is no proof of an erasure ({error}). Make it with `boli consent proof`."
        ) from error
    except InvalidSignature as error:
        raise InvalidProof(
            "the proof was changed since it was signed, or another installation signed it. "
            "Ask for it again, and compare the public key with the one that the installation publishes."
        ) from error
    digest = hashlib.sha256()
    for each in objects:
        digest.update(_line(each) + b"\n")
    if digest.hexdigest() != statement["objects_sha256"] or len(objects) != statement["objects"]:
        raise InvalidProof("the objects are not those that were signed. Ask for the proof again.")
    return dict(statement)


def signing_key(key: bytes) -> Ed25519PrivateKey:
    """Another purpose of the installation's secret gives another key."""
    return Ed25519PrivateKey.from_private_bytes(hmac.digest(key, _PURPOSE, "sha256"))


def public_key(key: bytes) -> str:
    """What others check proofs with, in base64."""
    public = signing_key(key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(public).decode()


def _statement(catalog: Catalog, speaker_id: str, at: datetime) -> Statement:
    digest, count, size = hashlib.sha256(), 0, 0
    for line in _object_lines(catalog, speaker_id):
        digest.update(line + b"\n")
        count += 1
        size += json.loads(line)["size"] or 0
    with catalog.reading() as session:
        speaker = session.get_one(Speaker, speaker_id)
        erasures = session.scalars(
            select(Erasure).where(Erasure.speaker_id == speaker_id).order_by(Erasure.round)
        ).all()
        releases = _releases(session, speaker_id)
        left = remains(session, speaker, at=at)
    return Statement(
        format=FORMAT,
        project=speaker.project_id,
        speaker=speaker.pseudonym,
        made_at=at.isoformat(),
        erasures=tuple(_proven(each) for each in erasures),
        objects=count,
        bytes=size,
        objects_sha256=digest.hexdigest(),
        releases=releases,
        remains=left,
        complete=bool(erasures)
        and all(each.finished_at is not None for each in erasures)
        and not any(each.left for each in releases)
        and not any(each.is_due for each in left),
    )


def _proven(erasure: Erasure) -> ProvenErasure:
    return ProvenErasure(
        round=erasure.round,
        consent_event=erasure.consent_event_id,
        requested_at=erasure.requested_at.isoformat(),
        requested_by=erasure.requested_by,
        finished_at=erasure.finished_at.isoformat() if erasure.finished_at else None,
    )


def _object_lines(catalog: Catalog, speaker_id: str) -> Iterator[bytes]:
    after = ("", "", "")
    position = tuple_(ErasedObject.erasure_id, ErasedObject.key, ErasedObject.version)
    while True:
        with catalog.reading() as session:
            page = session.scalars(
                select(ErasedObject)
                .join(Erasure, Erasure.id == ErasedObject.erasure_id)
                .where(Erasure.speaker_id == speaker_id, position > after)
                .order_by(ErasedObject.erasure_id, ErasedObject.key, ErasedObject.version)
                .limit(PAGE)
            ).all()
        if not page:
            return
        for each in page:
            yield _line(
                {
                    "key": each.key,
                    "version": each.version,
                    "kind": each.kind,
                    "of": each.subject_id,
                    "size": each.size,
                    "sha256": each.sha256,
                    "erased_at": each.erased_at.isoformat() if each.erased_at else None,
                }
            )
        after = (page[-1].erasure_id, page[-1].key, page[-1].version)


def _releases(session: Session, speaker_id: str) -> tuple[ProvenRelease, ...]:
    """Versions that held clips which were given before the last withdrawal, or which a later yes to less took out."""
    rows = session.execute(
        select(Release.name, Release.version, func.count(), func.count(ReleaseItem.erased_at))
        .join(ReleaseItem, ReleaseItem.release_id == Release.id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(
            Speaker.id == speaker_id,
            (RecordingSpeaker.consent_round < Speaker.consent_round) | ReleaseItem.erased_at.is_not(None),
        )
        .group_by(Release.name, Release.version)
        .order_by(Release.name, Release.version)
    )
    return tuple(
        ProvenRelease(f"{name}@{version}", erased, held - erased) for name, version, held, erased in rows
    )


def _line(value: Mapping[str, Any]) -> bytes:
    """One form for one value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
