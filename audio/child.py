"""One limited child process: start it, give it a job, hear its answer or learn how it died."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from audio.confine.privileges import forbid_tracing
from audio.errors import SandboxUnavailable
from audio.limits import Limits

_LARGEST_ANSWER = 32 * 2**20
_SECONDS_TO_START = 60.0
_SECONDS_BETWEEN_LOOKS = 0.5  # at what a child has written
_LAST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Request:
    """A job on its way to a child.

    body:   the pickled function, arguments, inputs and writes
    inputs: files that it is handed, open, in the order of `body`
    writes: a folder, or a file, that receives what it makes
    """

    body: bytes
    inputs: tuple[int, ...]
    writes: Path | None


@dataclass(frozen=True, slots=True)
class Answer:
    """kind: value, unusable, system or failed; content: its details; value: JSON, not yet read"""

    kind: str
    content: object
    value: bytes


class Child:
    """One child process with a folder of its own."""

    def __init__(self, limits: Limits, temp: Path | None) -> None:
        self.jobs_done = 0
        self._limits = limits
        self._folder = Path(tempfile.mkdtemp(prefix="boli-", dir=temp)).resolve()
        self._out = self._folder / "out"
        self._out.mkdir()
        self._jobs, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        closed = "closed" if forbid_tracing() else "open"
        with theirs, (self._folder / "stderr").open("wb") as words:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-s",
                    "-m",
                    "audio.sandbox_worker",
                    str(os.getpid()),
                    json.dumps(asdict(limits)),
                    closed,
                ],
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=words,
                cwd=self._folder,
                env=_environment(self._folder),
                start_new_session=True,  # its own process group: ended as a whole, and deaf to Ctrl-C
            )
        try:
            answer = self._read(_SECONDS_TO_START)
        except ChildDied as death:
            self.end()
            raise SandboxUnavailable(
                f"a child process for decoding can't be started (exit {death.code}): {death.last_words or 'no word'}"
            ) from death
        if answer.kind != "ready":
            self.end()
            raise SandboxUnavailable(
                f"a child process for decoding began with {answer.kind!r} instead of 'ready'"
            )

    def ask(self, request: Request, seconds: float) -> Answer:
        """One job, one answer. Raises ChildDied, the child is of no use then; OSError where results can't be kept."""
        try:
            head = struct.pack("<Q", len(request.body))
            socket.send_fds(self._jobs, [head], request.inputs)
            self._jobs.sendall(request.body)
        except (BrokenPipeError, ConnectionResetError):
            raise self._death(timed_out=False) from None
        answer = self._read(seconds)
        self.jobs_done += 1
        try:
            if answer.kind == "value" and request.writes is not None:
                self._keep_results(request.writes)
        finally:
            if request.writes is not None:
                _empty(self._out)
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
        self._jobs.close()
        if self._process.stdout is not None:
            self._process.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _keep_results(self, writes: Path) -> None:
        """Move what a job made to where it was asked for: plain files only, each at once or not at all."""
        for made in sorted(self._out.iterdir()):
            target = writes / made.name if writes.is_dir() else writes
            if made.name != target.name or not stat.S_ISREG(made.lstat().st_mode):
                continue
            try:
                made.replace(target)
            except OSError:  # another disk
                draft = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
                try:
                    shutil.copyfile(made, draft)
                    draft.replace(target)
                finally:
                    draft.unlink(missing_ok=True)

    def _read(self, seconds: float) -> Answer:
        deadline = time.monotonic() + seconds
        head_length, value_length = struct.unpack("<QQ", self._read_exactly(16, deadline))
        if head_length + value_length > _LARGEST_ANSWER:
            raise self._death(timed_out=False)
        head, value = self._read_exactly(head_length, deadline), self._read_exactly(value_length, deadline)
        try:
            kind, content = json.loads(head)
        except (ValueError, RecursionError, TypeError):
            raise self._death(timed_out=False) from None
        return Answer(str(kind), content, value)

    def _read_exactly(self, count: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        parts = bytearray()
        while len(parts) < count:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._death(timed_out=True)
            if not poll.poll(min(left, _SECONDS_BETWEEN_LOOKS) * 1000):
                if self._written() > self._limits.written_bytes:
                    raise self._death(wrote_too_much=True)
                continue
            part = os.read(descriptor, min(count - len(parts), 2**20))
            if not part:
                raise self._death(timed_out=False)
            parts += part
        return bytes(parts)

    def _written(self) -> int:
        """Bytes in the child's folder, and in files that it has taken out of there and holds open."""
        total = 0
        for folder, _, names in os.walk(self._folder):
            for name in names:
                with contextlib.suppress(OSError):
                    total += Path(folder, name).lstat().st_blocks * 512
        held = Path(f"/proc/{self._process.pid}/fd")
        with contextlib.suppress(OSError):
            for opened in held.iterdir():
                with contextlib.suppress(OSError):
                    found = opened.stat()
                    total += (
                        found.st_blocks * 512 if found.st_nlink == 0 and stat.S_ISREG(found.st_mode) else 0
                    )
        return total

    def _death(self, *, timed_out: bool = False, wrote_too_much: bool = False) -> "ChildDied":
        if timed_out or wrote_too_much:
            self.kill()
        code = self._await_exit()
        return ChildDied(
            code,
            timed_out=timed_out,
            wrote_too_much=wrote_too_much,
            last_words=_end_of(self._folder / "stderr"),
        )

    def _await_exit(self) -> int:
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()  # it closed its pipe and lives on
            return self._process.wait()


class ChildDied(Exception):
    """code: exit status, or the signal's number below zero; timed_out, wrote_too_much: we ended it"""

    def __init__(self, code: int, *, timed_out: bool, wrote_too_much: bool = False, last_words: str) -> None:
        super().__init__(code)
        self.code = code
        self.timed_out = timed_out
        self.wrote_too_much = wrote_too_much
        self.last_words = last_words


def _end_of(path: Path) -> str:
    """The last words of a file that a child may have filled."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_WORDS))
        return file.read(_LAST_WORDS).decode(errors="replace").strip()
    return ""


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink()


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
