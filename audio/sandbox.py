"""Run jobs on untrusted files in limited child processes: a file that kills its decoder costs one job, nothing else.

    with Sandbox(workers=2) as sandbox:
        for outcome in sandbox.map(measure, paths):
            ...

A job is a function that can be imported and arguments that can be pickled. A child opens no file by its name: those
that are named in the arguments are handed to it, open for reading; what it writes goes into a folder of its own, from
which its parent takes it. Its answer is JSON, held to the type that the function is annotated with. It has no secrets
in its environment, no network, no other programs or processes, bounded memory, processor time and files
(`audio.confine`), and dies with its parent, whatever ends that.
"""

import contextlib
import queue
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Self, TypeVar

from audio.child import Answer, Child, ChildDied, Request
from audio.errors import JobFailed, SandboxClosed, SandboxUnavailable, UnusableRecording
from audio.limits import Limits
from audio.packing import packed
from audio.reasons import AudioReason
from audio.wire import NotPlainData, from_json, of_type, returned_type

Job = TypeVar("Job")
Value = TypeVar("Value")

_JOBS_PER_CHILD = 200  # then a fresh one, whatever the libraries left behind


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

    def run(self, function: Callable[..., Value], *arguments: object, writes: Path | None = None) -> Value:
        """Do one job and give its value.

        Raises UnusableRecording (also decoder_crashed, over_limit), OSError, JobFailed, SandboxClosed.
        """
        future: Future[Value] = self._submit(function, arguments, writes)
        return future.result()

    def map(
        self,
        function: Callable[[Job], Value],
        jobs: Iterable[Job],
        *,
        writes: Callable[[Job], Path] | None = None,
    ) -> Iterator[Outcome[Job, Value]]:
        """Do every job, `workers` at a time; outcomes as they come, so a bad file holds up nobody.

        jobs:   read a few ahead of the work, never all at once
        writes: the file that a job makes, or the folder that is to receive its files; they are there with its outcome
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
                    pending[self._submit(function, (job,), writes(job) if writes else None)] = job
                if not pending:
                    return
                done, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    job = pending.pop(future)
                    yield _outcome(job, future)
        finally:
            for future in pending:
                future.cancel()

    def _submit(
        self, function: Callable[..., Value], arguments: tuple[object, ...], writes: Path | None
    ) -> Future[Value]:
        if self._closed.is_set():
            raise SandboxClosed("this sandbox is not open: give it jobs inside `with Sandbox() as sandbox`")
        future: Future[Value] = Future()
        self._jobs.put(_Request(function, arguments, writes, future))
        return future


@dataclass(frozen=True, slots=True)
class _Request:
    function: Callable[..., object]
    arguments: tuple[object, ...]
    writes: Path | None
    future: Future  # type: ignore[type-arg]  # jobs of every type share one queue


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
        self._child: Child | None = None

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
            with packed(request.function, request.arguments, request.writes) as packet:
                value = self._do(packet, returned_type(request.function))
        except Exception as error:  # noqa: BLE001 - handed on to whoever waits for the job
            request.future.set_exception(error)
        else:
            request.future.set_result(value)

    def _do(self, packet: Request, expected: object) -> object:
        """The job's value. A child that did other jobs before may have died of those: once more in a fresh one."""
        while True:
            child = self._ready_child()
            fresh = child.jobs_done == 0
            try:
                answer = child.ask(packet, self._limits.wall_seconds)
            except ChildDied as death:
                self._end_child()
                if self._closed.is_set():
                    raise _closed_early() from None
                if fresh or death.timed_out or death.wrote_too_much or -death.code == signal.SIGXCPU:
                    raise _verdict(death, self._limits) from death
                continue
            return _unwrap(answer, expected)

    def _ready_child(self) -> Child:
        if self._child is not None and self._child.jobs_done >= _JOBS_PER_CHILD:
            self._end_child()
        if self._child is None and not self._closed.is_set():
            self._child = Child(self._limits, self._temp)
        if self._child is None or self._closed.is_set():  # closed meanwhile: nobody else would end the child
            raise _closed_early()
        return self._child


def _unwrap(answer: Answer, expected: object) -> object:
    """The value of a child's answer, or its error raised. What a file may have written is held to its form."""
    try:
        if answer.kind == "value":
            return from_json(answer.value, expected)
        content = answer.content
        if answer.kind == "unusable":
            code, message = of_type(content, tuple[AudioReason, str])
            error: Exception = UnusableRecording(code, message)
        elif answer.kind == "system":
            number, text, filename = of_type(content, tuple[int | None, str, str])
            error = OSError(number or 0, text, filename or None)
        else:
            error = JobFailed(*of_type(content, tuple[str, str, str]))
    except NotPlainData as refusal:
        error = JobFailed("Protocol", str(refusal), "")
    raise error


def _verdict(death: ChildDied, limits: Limits) -> UnusableRecording:
    """What a child's death says of the recording that it was working on."""
    if death.timed_out:
        return UnusableRecording(
            AudioReason.OVER_LIMIT,
            f"it took longer than {limits.wall_seconds:g} s. Split it, or raise the limit.",
        )
    if death.wrote_too_much:
        return UnusableRecording(
            AudioReason.OVER_LIMIT,
            f"what is made of it takes more than {limits.written_bytes} bytes. Split it, or raise the limit.",
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
        death.last_words,
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
