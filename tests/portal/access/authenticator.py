"""A device that holds passkeys, as Web Authentication (Level 3) describes it: keys, signatures, a count."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
"""Flags of what it says: somebody touched it, they showed who they are, a new key is with it."""


@dataclass(slots=True)
class HeldKey:
    """A passkey on the device. user_handle: as the site named its person; counted: how often it was used"""

    private: ec.EllipticCurvePrivateKey
    id: bytes
    user_handle: str
    counted: int = 0


@dataclass(slots=True)
class Authenticator:
    """origin: of the page that the browser shows; verifies: asks for a finger or a code; counts: as older devices do"""

    origin: str
    verifies: bool = True
    counts: bool = True
    framed: bool = False
    """Whether the browser shows our page within another site's."""
    keys: list[HeldKey] = field(default_factory=list)

    def makes(self, options: dict[str, Any]) -> str:
        """A new passkey, as the page sends it."""
        number = f"{options['user']['id']} {len(self.keys)} {id(self)}"
        key = HeldKey(
            ec.generate_private_key(ec.SECP256R1()),
            hashlib.sha256(number.encode()).digest(),
            options["user"]["id"],
        )
        self.keys.append(key)
        attested = bytes(16) + len(key.id).to_bytes(2, "big") + key.id + _cose(key.private)
        said = self._said(options["rp"]["id"], key.counted, ATTESTED) + attested
        return _answer(
            key,
            clientDataJSON=self._client_data("webauthn.create", options["challenge"]),
            attestationObject=cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said}),
        )

    def signs(self, options: dict[str, Any], key: HeldKey | None = None) -> str:
        """A signature by that passkey, or by the last one, as the page sends it."""
        key = key or self.keys[-1]
        key.counted += self.counts
        client_data = self._client_data("webauthn.get", options["challenge"])
        said = self._said(options["rpId"], key.counted)
        signature = key.private.sign(said + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return _answer(
            key,
            clientDataJSON=client_data,
            authenticatorData=said,
            signature=signature,
            userHandle=base64url_to_bytes(key.user_handle),
        )

    def _said(self, site: str, counted: int, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + counted.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.framed}
        return json.dumps(said).encode()


def _cose(private: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half (RFC 9053, 7.1.1): an elliptic curve's point, for ECDSA with SHA-256."""
    point = private.public_key().public_numbers()
    x, y = (each.to_bytes(32, "big") for each in (point.x, point.y))
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


def _answer(key: HeldKey, **response: bytes) -> str:
    name = bytes_to_base64url(key.id)
    encoded = {part: bytes_to_base64url(value) for part, value in response.items()}
    return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": encoded})
