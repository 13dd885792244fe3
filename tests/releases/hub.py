"""A hub on this machine that speaks as much of Hugging Face's protocol as bringing a dataset needs."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

TOKEN = "hf_writes"


@dataclass
class Hub:
    """files: of the repository now, by path; large: what its store keeps, by SHA-256; history: files of each commit"""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    pointers: dict[str, str] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    history: list[dict[str, bytes]] = field(default_factory=list)

    def everything(self) -> bytes:
        """All bytes that it still has, of now and of before."""
        return b"".join(
            [
                *self.files.values(),
                *self.large.values(),
                *(data for each in self.history for data in each.values()),
            ]
        )


@contextmanager
def hub() -> Iterator[Hub]:
    found = Hub("")

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            if self._is_known():
                self._answer(*_get(found, urlsplit(self.path).path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self._is_known():
                self._answer(*_post(found, urlsplit(self.path).path, body))

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.large[hashlib.sha256(body).hexdigest()] = body
            self._answer(200, {})

        def _is_known(self) -> bool:
            known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            if not known:
                self._answer(401, {"error": "Invalid token"})
            return known

        def _answer(self, status: int, said: object) -> None:
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def _get(hub: Hub, path: str) -> tuple[int, object]:
    if path.endswith("/lfs-files"):
        return 200, [
            {
                "fileOid": oid,
                "filename": "a",
                "oid": oid,
                "pushedAt": "2026-11-29T00:00:00.000Z",
                "size": len(data),
            }
            for oid, data in hub.large.items()
        ]
    if "/tree/" in path:
        return 200, [_entry(hub, name, data) for name, data in sorted(hub.files.items())]
    return 200, {"id": "team/tiny", "sha": _sha(hub), "siblings": [{"rfilename": name} for name in hub.files]}


def _entry(hub: Hub, name: str, data: bytes) -> dict[str, object]:
    entry: dict[str, object] = {
        "type": "file",
        "path": name,
        "size": len(data),
        "oid": hashlib.sha1(data).hexdigest(),
    }
    if oid := hub.pointers.get(name):
        entry["lfs"] = {"oid": oid, "size": len(hub.large[oid]), "pointerSize": 130}
    return entry


def _post(hub: Hub, path: str, body: bytes) -> tuple[int, object]:
    if path == "/api/repos/create":
        return 200, {"url": f"{hub.address}/datasets/team/tiny"}
    if path == "/api/validate-yaml":
        return 200, {"errors": [], "warnings": []}
    if "/preupload/" in path:
        files = json.loads(body)["files"]
        return 200, {
            "files": [
                {"path": each["path"], "uploadMode": _mode(each["path"]), "shouldIgnore": False}
                for each in files
            ]
        }
    if path.endswith("/lfs/objects/batch"):
        objects = [
            {"oid": each["oid"], "size": each["size"]}
            | (
                {}
                if each["oid"] in hub.large
                else {"actions": {"upload": {"href": f"{hub.address}/put/{each['oid']}"}}}
            )
            for each in json.loads(body)["objects"]
        ]
        return 200, {"transfer": "basic", "objects": objects}
    if "/commit/" in path:
        _commit(hub, [json.loads(line) for line in body.splitlines()])
        return 200, {
            "commitUrl": f"{hub.address}/datasets/team/tiny/commit/{_sha(hub)}",
            "commitOid": _sha(hub),
        }
    if "/super-squash/" in path:
        hub.history = []
        return 200, {}
    if path.endswith("/lfs-files/batch"):
        for oid in json.loads(body)["deletions"]["sha"]:
            del hub.large[oid]
        return 200, {}
    return 404, {"error": f"no {unquote(path)}"}


def _mode(path: str) -> str:
    return "lfs" if path.endswith(".parquet") else "regular"


def _commit(hub: Hub, lines: list[dict[str, dict[str, str]]]) -> None:
    if hub.files:
        hub.history.append(dict(hub.files))
    for line in lines:
        value = line["value"]
        if line["key"] == "file":  # type: ignore[comparison-overlap]
            hub.files[value["path"]] = base64.b64decode(value["content"])
        elif line["key"] == "lfsFile":  # type: ignore[comparison-overlap]
            hub.files[value["path"]] = b"pointer to " + value["oid"].encode()
            hub.pointers[value["path"]] = value["oid"]
        elif line["key"] == "deletedFile":  # type: ignore[comparison-overlap]
            hub.files.pop(value["path"])
            hub.pointers.pop(value["path"], None)


def _sha(hub: Hub) -> str:
    return hashlib.sha1(repr(sorted(hub.files)).encode()).hexdigest()
