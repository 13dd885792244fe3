"""Encryption of a push message, so that the push service that carries it can't read it (RFC 8291, RFC 8188)."""

import struct
from typing import TYPE_CHECKING

from catalog.push_key import public_point

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

RECORD_BYTES = 4096
LARGEST = 3993
"""Bytes of a message: with its header, delimiter and tag it fills one record (RFC 8291, 4)."""
SALT_BYTES = 16
_KEY_BYTES, _NONCE_BYTES, _SHARED_BYTES = 16, 12, 32
_LAST_RECORD = b"\x02"


class UnusableBrowserKey(ValueError):
    """What a browser gave is no point of the curve."""


def encrypt(
    message: bytes, *, browser_key: bytes, secret: bytes, sender: "EllipticCurvePrivateKey", salt: bytes
) -> bytes:
    """The body that is posted, with the content coding `aes128gcm`. Raises UnusableBrowserKey, ValueError.

    browser_key, secret: of the subscription, 65 and 16 bytes
    sender, salt:        16 bytes; both made for this message alone
    """
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(message) > LARGEST:
        raise ValueError(f"a push message has {LARGEST} bytes at most, given {len(message)}")
    try:
        browser = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser_key)
    except ValueError as error:
        raise UnusableBrowserKey("the browser's key is no point of P-256") from error
    ours = public_point(sender)
    agreed = sender.exchange(ec.ECDH(), browser)
    shared = _derived(agreed, salt=secret, info=b"WebPush: info\0" + browser_key + ours, length=_SHARED_BYTES)
    key = _derived(shared, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=_KEY_BYTES)
    nonce = _derived(shared, salt=salt, info=b"Content-Encoding: nonce\0", length=_NONCE_BYTES)
    header = salt + struct.pack("!IB", RECORD_BYTES, len(ours)) + ours  # RFC 8188, 2.1
    return header + AESGCM(key).encrypt(nonce, message + _LAST_RECORD, None)


def _derived(material: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256 (RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length, salt, info).derive(material)
