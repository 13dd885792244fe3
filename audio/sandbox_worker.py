"""The child process of `audio.sandbox`: takes jobs on its standard input, answers on what was its standard output.

Started as `python -m audio.sandbox_worker PARENT LIMITS`; it imports the rest of the room only when a job asks for it.
A job is its length in 8 bytes, sent with the descriptors of its inputs, and a pickle from our own parent. An answer is
its length and JSON: (kind, content) and, for a value, the value.
"""

import _socket
import array
import errno
import json
import os
import pickle
import struct
import sys
import traceback
from pathlib import Path
from typing import BinaryIO

from audio.confine.privileges import die_with_parent, drop_capabilities
from audio.confine.resources import allow_cpu, limit_resources
from audio.confine.seccomp import restrict_calls

_MOST_DESCRIPTORS = 64
_LONGEST_TEXT = 20_000


class _Limits:
    """As `audio.limits.Limits`, whose module takes a third of a child's start to load."""

    def __init__(self, values: dict[str, float]) -> None:
        self.__dict__.update(values)


def main() -> None:
    """Serve jobs until the parent closes the pipe or dies."""
    parent, limits, parent_closed = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3] == "closed"
    die_with_parent()
    if os.getppid() != parent:
        return  # it died before the kernel knew of our wish
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not speak into the answers
    jobs = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, fileno=os.dup(0))
    drop_capabilities()
    limit_resources(_Limits(limits))  # type: ignore[arg-type]
    calls = restrict_calls()
    _send(answers, "ready", None)
    closed = False
    while (received := _receive(jobs)) is not None:
        body, descriptors = received
        allow_cpu(limits["cpu_seconds"])
        try:
            packed, inputs, writes = pickle.loads(body)  # noqa: S301 - from our own parent
            function, arguments = pickle.loads(packed)  # noqa: S301
            if not closed:
                _close_files(function, calls=calls, memory=parent_closed)
                closed = True
            _hand_over(inputs, descriptors, writes)
        except Exception as error:  # noqa: BLE001 - the border between processes: the parent raises it again
            _send(answers, "failed", _told(error))
        else:
            _answer(answers, function, arguments)
        for descriptor in descriptors:
            os.close(descriptor)


def _close_files(function: object, *, calls: bool, memory: bool) -> None:
    """Before a hostile byte is read, after the code of the first job is loaded: our own folder is all there is."""
    from audio.confine import landlock, report

    while (inner := getattr(function, "func", None)) is not None:
        function = inner
    package = str(getattr(function, "__module__", "audio")).partition(".")[0]
    files = landlock.restrict_files(str(Path.cwd()), ("audio", package))
    report.note(report.Confinement(calls=calls, files=files, memory=memory))


def _hand_over(inputs: list[tuple[str, int]], descriptors: list[int], writes: str | None) -> None:
    """inputs: paths with 0 for the next descriptor, or the number of the error below zero"""
    from audio import handed

    following = iter(descriptors)
    found = {path: fault or next(following) for path, fault in inputs}
    handed.take(found, writes, Path.cwd() / "out")


def _answer(answers: BinaryIO, function: object, arguments: tuple[object, ...]) -> None:
    from audio.errors import UnusableRecording
    from audio.wire import to_json

    try:
        value = to_json(function(*arguments))  # type: ignore[operator]
    except UnusableRecording as finding:
        _send(answers, "unusable", (finding.code.value, finding.message))
    except MemoryError:
        _send(answers, "unusable", ("over_limit", "it asks for more memory than one recording may have."))
    except OSError as error:
        if error.errno == errno.EFBIG:
            _send(answers, "unusable", ("over_limit", "what is made of it is larger than one file may be."))
        else:
            _send(answers, "system", (error.errno, error.strerror or str(error), str(error.filename or "")))
    except Exception as error:  # noqa: BLE001 - the border between processes: the parent raises it again
        _send(answers, "failed", _told(error))
    else:
        _send(answers, "value", None, value)


def _told(error: Exception) -> tuple[str, str, str]:
    trace = "".join(traceback.format_exception(error))
    return type(error).__name__, str(error)[:_LONGEST_TEXT], trace[-_LONGEST_TEXT:]


def _receive(jobs: _socket.socket) -> tuple[bytes, list[int]] | None:
    room = _MOST_DESCRIPTORS * array.array("i").itemsize
    head, ancillary, _, _ = jobs.recvmsg(8, _socket.CMSG_LEN(room))
    descriptors = array.array("i")
    for _level, _kind, data in ancillary:
        descriptors.frombytes(data[: len(data) // descriptors.itemsize * descriptors.itemsize])
    while head and len(head) < 8:
        more = os.read(jobs.fileno(), 8 - len(head))
        head = head + more if more else b""
    if not head:
        return None
    body, length = bytearray(), struct.unpack("<Q", head)[0]
    while len(body) < length:
        part = os.read(jobs.fileno(), min(length - len(body), 1 << 20))
        if not part:
            return None
        body += part
    return bytes(body), list(descriptors)


def _send(stream: BinaryIO, kind: str, content: object, value: bytes = b"null") -> None:
    head = json.dumps([kind, content]).encode()
    stream.write(struct.pack("<QQ", len(head), len(value)) + head + value)
    stream.flush()


if __name__ == "__main__":
    main()
