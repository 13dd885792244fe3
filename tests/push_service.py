"""A real push service on this machine (RFC 8030), and a browser that opens what it carries (RFC 8291)."""

import base64
import json
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HOST = "127.0.0.1"


def text_of(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Posted:
    """What was posted to an endpoint. headers: by name in small letters"""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PushService:
    """status: that it answers with, by path; 201 for others"""

    address: str = ""
    posted: list[Posted] = field(default_factory=list)
    status: dict[str, int] = field(default_factory=dict)

    def of(self, path: str) -> list[Posted]:
        return [each for each in self.posted if each.path == path]


@contextmanager
def push_service(certificate: Path | None = None) -> Iterator[PushService]:
    """Until the block ends, on a free port. certificate: with its key, for one that is spoken to over TLS"""
    service = PushService()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.posted.append(Posted(self.path, headers, body))
            self.send_response(service.status.get(self.path, 201))
            self.send_header("Location", f"{service.address}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer((HOST, 0), Taking)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    service.address = f"{'https' if certificate else 'http'}://{HOST}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()


@dataclass
class PushBrowser:
    """A browser with a subscription. key, secret: that only it has"""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def p256dh(self) -> str:
        return text_of(self._point)

    @property
    def auth(self) -> str:
        return text_of(self.secret)

    @property
    def _point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def opened(self, body: bytes) -> bytes:
        """The message in a body, by the receiving side of RFC 8291. Raises InvalidTag for another browser's."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size and length == 65
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        agreed = self.key.exchange(ec.ECDH(), sender)
        shared = _hkdf(agreed, self.secret, b"WebPush: info\0" + self._point + theirs, 32)
        key = _hkdf(shared, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(shared, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain[-1:] == b"\x02"
        return plain[:-1]


def claims_of(authorization: str, public_key: str) -> dict[str, object]:
    """What a sender's token says, once its signature was checked (RFC 8292). Raises InvalidSignature."""
    scheme, _, rest = authorization.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid" and parts["k"] == public_key
    head, claims, signature = parts["t"].split(".")
    assert json.loads(bytes_of(head)) == {"typ": "JWT", "alg": "ES256"}
    halves = bytes_of(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(public_key))
    der = encode_dss_signature(int.from_bytes(halves[:32], "big"), int.from_bytes(halves[32:], "big"))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    said = json.loads(bytes_of(claims))
    assert isinstance(said, dict)
    return said


def _hkdf(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)
