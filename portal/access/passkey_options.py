"""Options: what a browser is asked to do with passkeys, in JSON (Web Authentication, Level 3, 5.1.8 and 5.1.9)."""

from base64 import urlsafe_b64encode
from collections.abc import Collection
from typing import Any

from portal.access.challenges import LASTS
from portal.access.passkeys import user_handle
from portal.access.relying_party import RelyingParty

# COSE: Ed25519, ECDSA with P-256 and SHA-256, RSA PKCS #1 with SHA-256 (Windows Hello); those that the library takes
_ALGORITHMS = (-8, -7, -257)
_MILLISECONDS = int(LASTS.total_seconds() * 1000)


def options_to_sign(
    party: RelyingParty, challenge: bytes, *, credential_ids: Collection[str] = ()
) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON. credential_ids: with one of these; none: with any that the person picks"""
    return {
        "challenge": _base64url(challenge),
        "rpId": party.id,
        "timeout": _MILLISECONDS,
        "userVerification": "required",
        "allowCredentials": _described(credential_ids),
    }


def options_to_make(
    party: RelyingParty,
    challenge: bytes,
    *,
    person_id: str,
    handle: str,
    credential_ids: Collection[str],
) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON: one that is found without a name, and shows who uses it.

    handle: as the device lists it; credential_ids: which its person has already, so that no device makes a second
    """
    return {
        "challenge": _base64url(challenge),
        "rp": {"id": party.id, "name": "Boli"},
        "user": {"id": user_handle(person_id), "name": handle, "displayName": handle},
        "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in _ALGORITHMS],
        "timeout": _MILLISECONDS,
        "attestation": "none",
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "excludeCredentials": _described(credential_ids),
    }


def _described(credential_ids: Collection[str]) -> list[dict[str, str]]:
    return [{"type": "public-key", "id": each} for each in credential_ids]


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
