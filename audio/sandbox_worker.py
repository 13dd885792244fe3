"""The child process of `audio.sandbox`: takes jobs on its standard input, answers on what was its standard output.

Started as `python -m audio.sandbox_worker PARENT LIMITS`; it imports the rest of the room only when a job asks for it.
A message is its length in 8 bytes and a pickle.
"""

import errno
import json
import os
import pickle
import struct
import sys
import traceback
from typing import BinaryIO

from audio.confine import allow_cpu, die_with_parent, limit_resources, refuse_network_and_programs
from audio.errors import UnusableRecording
from audio.limits import Limits
from audio.reasons import AudioReason

Answer = tuple[
    str, object
]  # ("value", v) | ("unusable", (code, message)) | ("system", (…)) | ("failed", (…))


def main() -> None:
    """Serve jobs until the parent closes the pipe or dies."""
    parent, limits = int(sys.argv[1]), Limits(**json.loads(sys.argv[2]))
    die_with_parent()
    if os.getppid() != parent:
        return  # it died before the kernel knew of our wish
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not speak into the answers
    limit_resources(limits)
    _send(answers, ("ready", refuse_network_and_programs()))
    while (job := _receive(sys.stdin.buffer)) is not None:
        allow_cpu(limits.cpu_seconds)
        _send(answers, _answer(job))


def _answer(job: bytes) -> Answer:
    """Do one job: a pickled (function, arguments)."""
    try:
        function, arguments = pickle.loads(job)  # noqa: S301 - from our own parent
        return "value", function(*arguments)
    except UnusableRecording as finding:
        return "unusable", (finding.code.value, finding.message)
    except MemoryError:
        return "unusable", (
            AudioReason.OVER_LIMIT.value,
            "it asks for more memory than one recording may have.",
        )
    except OSError as error:
        if error.errno == errno.EFBIG:
            return "unusable", (
                AudioReason.OVER_LIMIT.value,
                "what is made of it is larger than one file may be.",
            )
        return "system", (error.errno, error.strerror or str(error), str(error.filename or ""))
    except Exception as error:  # noqa: BLE001 - the border between processes: the parent raises it again
        return "failed", (type(error).__name__, str(error), traceback.format_exc())


def _receive(stream: BinaryIO) -> bytes | None:
    header = stream.read(8)
    return stream.read(struct.unpack("<Q", header)[0]) if len(header) == 8 else None


def _send(stream: BinaryIO, answer: Answer) -> None:
    try:
        body = pickle.dumps(answer)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        body = pickle.dumps(("failed", (type(error).__name__, f"the result can't travel: {error}", "")))
    stream.write(struct.pack("<Q", len(body)) + body)
    stream.flush()


if __name__ == "__main__":
    main()
