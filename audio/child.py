"""One limited child process: start it, give it a job, hear its answer or learn how it died."""

import contextlib
import io
import json
import os
import pickle
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from audio.errors import SandboxUnavailable
from audio.limits import Limits

_LARGEST_ANSWER = 256 * 2**20
_SECONDS_TO_START = 60.0
_HARMLESS = {
    "builtins": {"set", "frozenset", "complex", "slice", "range", "bytearray"},
    "pathlib": {"PosixPath", "Path"},
}


class Child:
    """One child process with a folder of its own."""

    def __init__(self, limits: Limits, temp: Path | None) -> None:
        self.jobs_done = 0
        self._folder = Path(tempfile.mkdtemp(prefix="boli-", dir=temp))
        with (self._folder / "stderr").open("wb") as words:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-s",
                    "-m",
                    "audio.sandbox_worker",
                    str(os.getpid()),
                    json.dumps(asdict(limits)),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                cwd=self._folder,
                env=_environment(self._folder),
                start_new_session=True,  # its own process group: ended as a whole, and deaf to Ctrl-C
            )
        try:
            kind, _ = self._read(_SECONDS_TO_START)
        except ChildDied as death:
            self.end()
            raise SandboxUnavailable(
                f"a child process for decoding can't be started (exit {death.code}): {death.last_words or 'no word'}"
            ) from death
        if kind != "ready":
            self.end()
            raise SandboxUnavailable(f"a child process for decoding began with {kind!r} instead of 'ready'")

    def ask(self, body: bytes, seconds: float) -> tuple[str, object]:
        """One job, one answer. Raises ChildDied; the child is of no use then."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(struct.pack("<Q", len(body)) + body)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._death(timed_out=False) from None
        answer = self._read(seconds)
        self.jobs_done += 1
        return answer

    def kill(self) -> None:
        """End the process and all that it started."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill, and clear the folder."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was still to be written to a dead child
                    pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self, seconds: float) -> tuple[str, object]:
        deadline = time.monotonic() + seconds
        header = self._read_exactly(8, deadline)
        length = struct.unpack("<Q", header)[0]
        if length > _LARGEST_ANSWER:
            raise self._death(timed_out=False)
        answer = _Unpickler(io.BytesIO(self._read_exactly(length, deadline))).load()
        return answer[0], answer[1]

    def _read_exactly(self, count: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        parts = bytearray()
        while len(parts) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise self._death(timed_out=True)
            part = os.read(descriptor, min(count - len(parts), 2**20))
            if not part:
                raise self._death(timed_out=False)
            parts += part
        return bytes(parts)

    def _death(self, *, timed_out: bool) -> "ChildDied":
        if timed_out:
            self.kill()
        code = self._await_exit()
        words = (self._folder / "stderr").read_text(errors="replace")
        return ChildDied(code, timed_out=timed_out, last_words=words[-2000:].strip())

    def _await_exit(self) -> int:
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()  # it closed its pipe and lives on
            return self._process.wait()


class ChildDied(Exception):
    """code: exit status, or the signal's number below zero; timed_out: we ended it."""

    def __init__(self, code: int, *, timed_out: bool, last_words: str) -> None:
        super().__init__(code)
        self.code = code
        self.timed_out = timed_out
        self.last_words = last_words


class _Unpickler(pickle.Unpickler):
    """Reads a child's answer, which a hostile file may have written: values and this room's own data classes only."""

    def find_class(self, module: str, name: str) -> object:
        if name in _HARMLESS.get(module, ()):
            return super().find_class(module, name)
        if module.split(".")[0] == "audio" and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(
            f"an answer from the sandbox holds a {module}.{name}; results are plain data"
        )


def _environment(folder: Path) -> dict[str, str]:
    """All that a child gets to know of ours: where modules are. One thread a library: a child is one core."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    kernels = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # an operator's way round a faulty processor
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": os.pathsep.join(str(Path(entry or ".").absolute()) for entry in sys.path),
        "PYTHONHASHSEED": "0",
        "PYTHONFAULTHANDLER": "1",
        "MALLOC_ARENA_MAX": "2",
        **dict.fromkeys(threads, "1"),
        **{name: os.environ[name] for name in kernels if name in os.environ},
    }
