"""What is posted to addresses of others stays bounded, follows nobody, and never leads into our own network."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from flows.posting import NotPosted, post_to_endpoint
from tests.push_service import push_service
from transcription.news.endpoints import Endpoint, checked_endpoint


def test_an_answer_that_sends_elsewhere_is_the_answer():
    with push_service() as service:
        service.status["/one"] = 307

        status = post_to_endpoint(checked_endpoint(f"{service.address}/one", ["127.0.0.1"]), b"x", {})

    assert status == 307
    assert [each.path for each in service.posted] == ["/one"]


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "127.0.0.2", "0.0.0.0"]
)
def test_a_name_that_leads_into_our_own_network_is_refused_before_anything_is_sent(host, monkeypatch):
    looked_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, port, **more: looked_up(host, port, **more))

    with pytest.raises(NotPosted, match=r"push.example.org leads into a network of our own"):
        post_to_endpoint(Endpoint("push.example.org", 443, "/", tls=True), b"x", {})


def test_a_service_that_never_ends_its_answer_is_left():
    listening = socket.create_server(("127.0.0.1", 0))
    left = threading.Event()

    def drip() -> None:
        connection, _ = listening.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 201 Created\r\n")
                while not left.wait(0.05):
                    connection.sendall(b"X: y\r\n")
            except OSError:
                left.set()

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(NotPosted):
            post_to_endpoint(
                Endpoint("127.0.0.1", listening.getsockname()[1], "/", tls=False), b"x", {}, seconds=1.0
            )
    finally:
        left.set()
        thread.join(60)
        listening.close()


@contextmanager
def behind_tls(folder: Path) -> Iterator[tuple[Endpoint, Path]]:
    """A service that takes everything, and the certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    both, certificate = folder / "both.pem", folder / "certificate.pem"
    certificate.write_bytes(signed.public_bytes(Encoding.PEM))
    both.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.read_bytes()
    )
    with push_service(both) as service:
        port = service.address.rpartition(":")[2]
        yield checked_endpoint(f"https://localhost:{port}/one", ["localhost"]), certificate


def test_over_tls_it_is_posted_to_whom_the_system_trusts_and_to_nobody_else(tmp_path, monkeypatch):
    with behind_tls(tmp_path) as (endpoint, certificate):
        with pytest.raises(NotPosted, match="SSLCertVerificationError"):
            post_to_endpoint(endpoint, b"x", {})
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

        assert post_to_endpoint(endpoint, b"x", {}) == 201


def test_nobody_there_is_said_without_the_address():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(NotPosted) as error:
        post_to_endpoint(Endpoint("127.0.0.1", port, "/secret", tls=False), b"x", {})
    assert "secret" not in str(error.value)
