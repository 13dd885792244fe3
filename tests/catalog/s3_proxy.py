"""A bad link to a real S3 server: replies lost, downloads cut, conditions ignored, silence. The rest passes through."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from tests.servers import S3Server

HOP_HEADERS = {"connection", "keep-alive", "transfer-encoding"}


@dataclass
class Proxy:
    """What goes wrong on this link. Change it while it runs.

    lose_put_replies:  so many PUTs arrive, and their replies don't
    cut_downloads:     so many GETs end after `cut_after` bytes of their body
    ignore_conditions: the server takes If-None-Match for a comment
    conflicts:         so many conditional PUTs are answered with 409, nothing written
    speaks:            cleared, every request is taken and none answered, until it is set again
    asked:             requests that came so far
    on_upload:         called with the number of body bytes that have gone up so far, before each request goes on
    """

    server: S3Server
    endpoint: str = ""
    lose_put_replies: int = 0
    cut_downloads: int = 0
    cut_after: int = 0
    ignore_conditions: bool = False
    conflicts: int = 0
    speaks: threading.Event = field(default_factory=threading.Event)
    asked: int = 0
    on_upload: Callable[[int], None] = lambda sent: None
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, what: str) -> bool:
        """Whether this request is one of those that go wrong."""
        with self.lock:
            left: int = getattr(self, what)
            setattr(self, what, max(0, left - 1))
            return left > 0


@contextmanager
def bad_link(server: S3Server) -> Iterator[Proxy]:
    """Run the proxy in threads of its own; its `endpoint` stands for the server's."""
    proxy = Proxy(server)
    proxy.speaks.set()
    listener = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
    listener.daemon_threads = True
    proxy.endpoint = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield proxy
    finally:
        proxy.speaks.set()
        listener.shutdown()
        thread.join()
        listener.server_close()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    upstream = urlsplit(proxy.server.endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with proxy.lock:
                proxy.sent += len(body)
                proxy.asked += 1
            if not proxy.speaks.is_set():  # who asked has gone by the time it speaks again
                proxy.speaks.wait()
                self.hang_up()
                return
            proxy.on_upload(proxy.sent)
            conditional = "If-None-Match" in self.headers
            if conditional and proxy.take("conflicts"):
                self.reply(
                    409, [], b"<Error><Code>ConditionalRequestConflict</Code><Message>m</Message></Error>"
                )
            elif conditional and proxy.ignore_conditions:
                self.put_without_condition(body)
            else:
                self.forward(body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_one  # noqa: N815 (http.server's names)

        def forward(self, body: bytes) -> None:
            link = HTTPConnection(str(upstream.hostname), upstream.port, timeout=30)
            try:
                link.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() not in HOP_HEADERS | {"expect"}:
                        link.putheader(name, value)
                link.endheaders(body)
                answer = link.getresponse()
                content = answer.read()
                headers = answer.getheaders()
            except (OSError, HTTPException):
                self.hang_up()
                return
            finally:
                link.close()
            if self.command == "PUT" and proxy.take("lose_put_replies"):
                self.hang_up()
            else:
                self.reply(answer.status, headers, content)

        def put_without_condition(self, body: bytes) -> None:
            """The condition is signed with the rest: the request is made anew without it."""
            bucket, _, key = unquote(urlsplit(self.path).path).lstrip("/").partition("/")
            found = proxy.server.client().put_object(Bucket=bucket, Key=key, Body=body)
            self.reply(200, [("ETag", found["ETag"])], b"")

        def reply(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in HOP_HEADERS | {"content-length"}:
                    self.send_header(name, value)
            given = {name.lower(): value for name, value in headers}.get("content-length", "0")
            self.send_header("Content-Length", given if self.command == "HEAD" else str(len(content)))
            self.end_headers()
            if self.command == "GET" and len(content) > proxy.cut_after and proxy.take("cut_downloads"):
                self.wfile.write(content[: proxy.cut_after])
                self.hang_up()
            elif self.command != "HEAD":
                self.wfile.write(content)

        def hang_up(self) -> None:
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
