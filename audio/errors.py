"""What the sound room says when it can't go on."""

from audio.reasons import AudioReason


class UnusableRecording(Exception):
    """A recording that can't be used, with the code that decides and a sentence for people.

    Final for these bytes: trying the same file again gives the same answer. Travels between processes.
    """

    def __init__(self, code: AudioReason, message: str, detail: str = "") -> None:
        """detail: what the machine said, for operators; empty where the sentence says all"""
        super().__init__(code, message, detail)
        self.code = code
        self.message = message
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class JobFailed(Exception):
    """A job in the sandbox that failed through no fault of its recording: a mistake of ours, to be mended.

    kind:      name of the exception in the child
    traceback: where it came from, as the child printed it
    """

    def __init__(self, kind: str, message: str, traceback: str) -> None:
        super().__init__(kind, message, traceback)
        self.kind = kind
        self.message = message
        self.traceback = traceback

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}\n{self.traceback}"


class SandboxClosed(RuntimeError):
    """A sandbox that is not open, or was closed before the job was done. Give it the job inside `with Sandbox()`."""


class SandboxUnavailable(RuntimeError):
    """The child processes can't be started here: the message holds what they said."""
