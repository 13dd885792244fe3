"""The sender's token: who posts a push message, signed for one push service and a few hours (VAPID, RFC 8292)."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from catalog.push_key import public_point, url_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

LASTS = timedelta(hours=12)
"""Half of what push services take (RFC 8292, 2): their clocks and ours differ."""
_HALF_BYTES = 32


def authorization(
    key: "EllipticCurvePrivateKey", *, audience: str, contact: str | None, now: datetime
) -> str:
    """The header `Authorization` of one message.

    audience: origin of the push service
    contact:  mailto: or https: address of whoever runs this installation; None leaves it out, which some refuse
    """
    claims: dict[str, str | int] = {"aud": audience, "exp": int((now + LASTS).timestamp())}
    if contact is not None:
        claims["sub"] = contact
    return f"vapid t={_token(claims, key)},k={url_text(public_point(key))}"


def _token(claims: dict[str, str | int], key: "EllipticCurvePrivateKey") -> str:
    """A JSON Web Token, signed with ES256 (RFC 7518, 3.4): both halves of the signature as they are, not in DER."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    parts = ({"typ": "JWT", "alg": "ES256"}, claims)
    signed = ".".join(url_text(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    first, second = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = first.to_bytes(_HALF_BYTES, "big") + second.to_bytes(_HALF_BYTES, "big")
    return f"{signed}.{url_text(signature)}"
