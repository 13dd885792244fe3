"""What the sound room says when it can't go on."""

from audio.reasons import AudioReason


class UnusableRecording(Exception):
    """A recording that can't be used, with the code that decides and a sentence for people.

    Final for these bytes: trying the same file again gives the same answer. Travels between processes.
    """

    def __init__(self, code: AudioReason, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class SandboxClosed(RuntimeError):
    """A job was given to a sandbox that is not open."""
