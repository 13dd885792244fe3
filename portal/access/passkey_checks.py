"""Checks of what a browser brings from a device: a new passkey, or a signature by one (WebAuthn Level 3, 7.1 and 7.2).

The library takes 13 MB (measured): this module is imported where somebody uses a passkey, and not before.
"""

import json

from cryptography.exceptions import UnsupportedAlgorithm
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
)
from webauthn.helpers.exceptions import WebAuthnException

from portal.access.passkeys import KnownPasskey, NewPasskey, user_handle
from portal.access.relying_party import RelyingParty

LONGEST_ID = 1023
"""Bytes; WebAuthn Level 3, 4 (credential ID)."""
LONGEST_KEY = 1024
"""Bytes: twice an RSA key of 4096 bits. A larger one would make each sign-in slow."""
_MALFORMED = (WebAuthnException, UnsupportedAlgorithm, ValueError, TypeError, LookupError, RecursionError)
"""What the library, and those under it, raise for bytes that are not what they should be."""


class PasskeyRefused(Exception):
    """What came from the device proves nothing. The message is for the server's log."""


def claimed_id(given: str) -> str:
    """Which passkey an answer says it is by: base64url, as the browser wrote it. Raises PasskeyRefused."""
    try:
        said = json.loads(given)["id"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise PasskeyRefused("an answer is JSON with an id") from error
    if not isinstance(said, str):
        raise PasskeyRefused("an answer's id is a text")
    return said


def check_new(given: str, party: RelyingParty, *, challenge: bytes) -> NewPasskey:
    """The passkey that a device made. given: the browser's PublicKeyCredential as JSON. Raises PasskeyRefused."""
    try:
        made = verify_registration_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
        # a key that is none would be found out only when somebody signs in with it
        decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
        _refuse_foreign_frame(given)
    except _MALFORMED as error:
        raise PasskeyRefused("a new passkey did not hold what it should") from error
    if len(made.credential_id) > LONGEST_ID or len(made.credential_public_key) > LONGEST_KEY:
        raise PasskeyRefused("a new passkey was larger than any known kind")
    return NewPasskey(bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count)


def check_signature(given: str, party: RelyingParty, known: KnownPasskey, *, challenge: bytes) -> int:
    """The count that the device says, once everything fits. given: as for `check_new`. Raises PasskeyRefused.

    A count that did not grow is a copy of the device, or an answer played back.
    """
    try:
        signed = verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
        _refuse_foreign_frame(given)
        handle = json.loads(given)["response"].get("userHandle")
    except (*_MALFORMED, AttributeError) as error:
        raise PasskeyRefused("a signature did not fit its passkey, its page or its challenge") from error
    if bytes_to_base64url(signed.credential_id) != known.credential_id:
        raise PasskeyRefused("a signature is by another passkey than it says")
    # A passkey that is chosen without a name says whose it is: it must say the same as the catalogue.
    if handle != user_handle(known.person_id):
        raise PasskeyRefused("a passkey says that it is of somebody else")
    return signed.new_sign_count


def _refuse_foreign_frame(given: str) -> None:
    """Raises ValueError where a page of another site had ours within it (`crossOrigin`)."""
    encoded = json.loads(given)["response"]["clientDataJSON"]
    said = json.loads(base64url_to_bytes(encoded))
    if said.get("crossOrigin", False) is not False:
        raise ValueError("crossOrigin")
