"""The push key: by which push services know this installation as the sender (VAPID, RFC 8292).

It follows from the installation's own key, like that of the proofs of erasure: nothing more to keep.
"""

import base64
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_PURPOSE = b"boli web push"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-5)."""


def push_key(key: bytes) -> "EllipticCurvePrivateKey":
    """Another purpose of the installation's secret gives another key."""
    from cryptography.hazmat.primitives.asymmetric import ec

    drawn = int.from_bytes(
        hmac.digest(key, _PURPOSE, "sha512"), "big"
    )  # twice as long: no number is likelier
    return ec.derive_private_key(drawn % (_ORDER - 1) + 1, ec.SECP256R1())


def push_public_key(key: bytes) -> str:
    """What a browser gets when its person switches notices on: an uncompressed point, in base64url.

    >>> len(base64.urlsafe_b64decode(push_public_key(bytes(32)) + "="))
    65
    """
    return url_text(public_point(push_key(key)))


def public_point(key: "EllipticCurvePrivateKey") -> bytes:
    """The public half, 65 bytes (SEC 1, 2.3.3)."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def url_text(value: bytes) -> str:
    """Bytes as base64url without padding (RFC 7515, 2).

    >>> url_text(b"push")
    'cHVzaA'
    """
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def url_bytes(text: str) -> bytes:
    """The other way. Raises ValueError.

    >>> url_bytes("cHVzaA")
    b'push'
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
