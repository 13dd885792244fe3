"""Run jobs on untrusted files in limited child processes: a file that kills its decoder costs one job, nothing else.

    with Sandbox(workers=2) as sandbox:
        for outcome in sandbox.map(measure, paths):
            ...

A job is a function that can be imported and arguments that can be pickled; paths in it are absolute, since a child
works in a folder of its own. A child has no secrets in its environment, no network, no other programs, bounded memory,
processor time and files (`audio.confine`), and dies with its parent, whatever ends that.
"""

import contextlib
import io
import json
import os
import pickle
import queue
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Generic, Self, TypeVar

from audio.errors import JobFailed, SandboxClosed, SandboxUnavailable, UnusableRecording
from audio.limits import Limits
from audio.reasons import AudioReason

Job = TypeVar("Job")
Value = TypeVar("Value")

_JOBS_PER_CHILD = 200  # then a fresh one, whatever the libraries left behind
_LARGEST_ANSWER = 256 * 2**20
_SECONDS_TO_START = 60.0
_HARMLESS = {
    "builtins": {"set", "frozenset", "complex", "slice", "range", "bytearray"},
    "pathlib": {"PosixPath", "Path"},
}


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Job, Value]):
    """What became of one job: a value, or why there is none.

    error: UnusableRecording is a finding about the file, final for its bytes (also when the child died or a limit was
           passed); OSError is the machine's (disk full), worth another try; JobFailed is a mistake of ours
    """

    job: Job
    value: Value | None
    error: Exception | None

    def result(self) -> Value:
        """The value, or its error raised."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # None is a value where the job gives None


class Sandbox:
    """A pool of limited children. Safe to use from several threads at once; open it with `with`."""

    def __init__(self, workers: int = 2, limits: Limits | None = None, *, temp: Path | None = None) -> None:
        """temp: where the children's own folders are made; the system's by default."""
        if workers < 1:
            raise ValueError(f"a sandbox has at least 1 worker, given {workers}")
        self._limits = limits or Limits()
        self._temp = temp
        self._jobs: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._closed.set()
        self._workers = workers
        self._keepers: list[_Keeper] = []

    def __enter__(self) -> Self:
        self._closed.clear()
        self._keepers = [
            _Keeper(self._jobs, self._limits, self._temp, self._closed) for _ in range(self._workers)
        ]
        for keeper in self._keepers:
            keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        for keeper in self._keepers:
            self._jobs.put(None)
            keeper.interrupt()
        for keeper in self._keepers:
            keeper.join()
        with contextlib.suppress(queue.Empty):
            while True:
                request = self._jobs.get_nowait()
                if request is not None:
                    request.future.set_exception(_closed_early())

    def run(self, function: Callable[..., Value], *arguments: object) -> Value:
        """Do one job and give its value.

        Raises UnusableRecording (also decoder_crashed, over_limit), OSError, JobFailed, SandboxClosed.
        """
        future: Future[Value] = self._submit(function, arguments)
        return future.result()

    def map(self, function: Callable[[Job], Value], jobs: Iterable[Job]) -> Iterator[Outcome[Job, Value]]:
        """Do every job, `workers` at a time; outcomes as they come, so a bad file holds up nobody.

        `jobs` is read a few ahead of the work, never all at once.
        """
        source = iter(jobs)
        pending: dict[Future[Value], Job] = {}
        try:
            while True:
                while len(pending) < 2 * self._workers:
                    try:
                        job = next(source)
                    except StopIteration:
                        break
                    pending[self._submit(function, (job,))] = job
                if not pending:
                    return
                done, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    job = pending.pop(future)
                    yield _outcome(job, future)
        finally:
            for future in pending:
                future.cancel()

    def _submit(self, function: Callable[..., Value], arguments: tuple[object, ...]) -> Future[Value]:
        if self._closed.is_set():
            raise SandboxClosed("this sandbox is not open: give it jobs inside `with Sandbox() as sandbox`")
        future: Future[Value] = Future()
        self._jobs.put(_Request(pickle.dumps((function, arguments)), future))
        return future


@dataclass(frozen=True, slots=True)
class _Request:
    body: bytes
    future: Future  # type: ignore[type-arg]  # jobs of every type share one queue


class _ChildDied(Exception):
    """code: exit status, or the signal's number below zero; timed_out: we ended it."""

    def __init__(self, code: int, *, timed_out: bool, last_words: str) -> None:
        super().__init__(code)
        self.code = code
        self.timed_out = timed_out
        self.last_words = last_words


class _Keeper(threading.Thread):
    """One thread, which starts a child, feeds it and replaces it.

    It lives as long as the sandbox: the kernel ends a child with the thread that started it.
    """

    def __init__(
        self,
        jobs: "queue.SimpleQueue[_Request | None]",
        limits: Limits,
        temp: Path | None,
        closed: threading.Event,
    ) -> None:
        super().__init__(daemon=True, name="sandbox")
        self._jobs = jobs
        self._limits = limits
        self._temp = temp
        self._closed = closed
        self._child: _Child | None = None

    def run(self) -> None:
        try:
            while (request := self._jobs.get()) is not None:
                if request.future.set_running_or_notify_cancel():
                    self._settle(request)
        finally:
            self._end_child()

    def interrupt(self) -> None:
        """Kill the child under the job that it does, from another thread. This thread finds out and clears up."""
        child = self._child
        if child is not None:
            child.kill()

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _settle(self, request: _Request) -> None:
        try:
            value = self._do(request.body)
        except Exception as error:  # noqa: BLE001 - handed on to whoever waits for the job
            request.future.set_exception(error)
        else:
            request.future.set_result(value)

    def _do(self, body: bytes) -> object:
        """The job's value. A child that did other jobs before may have died of those: once more in a fresh one."""
        while True:
            child = self._ready_child()
            fresh = child.jobs_done == 0
            try:
                kind, content = child.ask(body, self._limits.wall_seconds)
            except _ChildDied as death:
                self._end_child()
                if self._closed.is_set():
                    raise _closed_early() from None
                if fresh or death.timed_out or -death.code == signal.SIGXCPU:
                    raise _verdict(death, self._limits) from death
                continue
            return _unwrap(kind, content)

    def _ready_child(self) -> "_Child":
        if self._child is not None and self._child.jobs_done >= _JOBS_PER_CHILD:
            self._end_child()
        if self._child is None and not self._closed.is_set():
            self._child = _Child(self._limits, self._temp)
        if self._child is None or self._closed.is_set():  # closed meanwhile: nobody else would end the child
            raise _closed_early()
        return self._child


class _Child:
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
        except _ChildDied as death:
            self.end()
            raise SandboxUnavailable(
                f"a child process for decoding can't be started (exit {death.code}): {death.last_words or 'no word'}"
            ) from death
        if kind != "ready":
            self.end()
            raise SandboxUnavailable(f"a child process for decoding began with {kind!r} instead of 'ready'")

    def ask(self, body: bytes, seconds: float) -> tuple[str, object]:
        """One job, one answer. Raises _ChildDied; the child is of no use then."""
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

    def _death(self, *, timed_out: bool) -> _ChildDied:
        if timed_out:
            self.kill()
        code = self._await_exit()
        words = (self._folder / "stderr").read_text(errors="replace")
        return _ChildDied(code, timed_out=timed_out, last_words=words[-2000:].strip())

    def _await_exit(self) -> int:
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()  # it closed its pipe and lives on
            return self._process.wait()


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


def _unwrap(kind: str, content: object) -> object:
    if kind == "value":
        return content
    if not isinstance(content, tuple):
        raise JobFailed("Protocol", f"the child answered {kind!r} without its details", "")
    if kind == "unusable":
        code, message = content
        raise UnusableRecording(AudioReason(code), message)
    if kind == "system":
        number, text, filename = content
        raise OSError(number, text, filename or None)
    raise JobFailed(*content)


def _verdict(death: _ChildDied, limits: Limits) -> UnusableRecording:
    """What a child's death says of the recording that it was working on."""
    if death.timed_out:
        return UnusableRecording(
            AudioReason.OVER_LIMIT,
            f"it took longer than {limits.wall_seconds:g} s. Split it, or raise the limit.",
        )
    if -death.code == signal.SIGXCPU:
        return UnusableRecording(
            AudioReason.OVER_LIMIT,
            f"it took more than {limits.cpu_seconds} s of processor time. Split it, or raise the limit.",
        )
    how = f"signal {signal.Signals(-death.code).name}" if death.code < 0 else f"exit status {death.code}"
    return UnusableRecording(
        AudioReason.DECODER_CRASHED,
        f"the process that decoded it died ({how}). The file is damaged or hostile.",
    )


def _outcome(job: Job, future: "Future[Value]") -> Outcome[Job, Value]:
    error = future.exception()
    if error is None:
        return Outcome(job, future.result(), None)
    if isinstance(error, SandboxClosed | SandboxUnavailable) or not isinstance(error, Exception):
        raise error
    return Outcome(job, None, error)


def _closed_early() -> SandboxClosed:
    return SandboxClosed("the sandbox was closed before this job was done")


def _environment(folder: Path) -> dict[str, str]:
    """All that a child gets to know of ours: where modules are. One thread a library: a child is one core."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
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
    }
