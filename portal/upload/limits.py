"""Who sends, and how much one sender may ask of the portal."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Sender:
    """A person who is signed in, and the project that the person works in now."""

    person_id: str
    project_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """Bounds of what is sent.

    most_bytes:           of one file; a project's own upload_mb may be lower
    portion_bytes:        written, flushed and counted at once: what a crash can cost, and what one request
                          holds in memory (twice)
    portion_seconds:      a portion is written after this time even if it is smaller: slow links
    checked_bytes:        of one PATCH with a checksum, which counts as a whole or not at all
    idle_seconds:         without a byte, until a request is ended and what came is kept
    takeover_seconds:     that a request waits for the one before it to let go
    lasts:                an unfinished upload, counted from its last request
    open_per_person:      unfinished uploads at a time
    free_bytes:           of the disk, kept free
    metadata_bytes:       of the whole Upload-Metadata header
    metadata_pairs:       in it
    name_letters:         of a file's name
    verdicts_at_once:     child processes that measure what has just arrived
    verdicts_waiting:     uploads in line for them; those beyond are found again by the sweep
    verdict_pause_seconds: before an upload that could not be listened to is tried again; then twice as long, and so on
    sweep_seconds:        between two sweeps
    """

    most_bytes: int = 2_000_000_000
    portion_bytes: int = 512 * 2**10
    portion_seconds: float = 3.0
    checked_bytes: int = 4 * 2**20
    idle_seconds: float = 20.0
    takeover_seconds: float = 2.0
    lasts: timedelta = timedelta(days=7)
    open_per_person: int = 200
    free_bytes: int = 500 * 10**6
    metadata_bytes: int = 4096
    metadata_pairs: int = 20
    name_letters: int = 200
    verdicts_at_once: int = 2
    verdicts_waiting: int = 500
    verdict_pause_seconds: float = 30.0
    sweep_seconds: float = 60.0

    def __post_init__(self) -> None:
        for name in (
            "most_bytes",
            "portion_bytes",
            "portion_seconds",
            "checked_bytes",
            "idle_seconds",
            "takeover_seconds",
            "open_per_person",
            "metadata_bytes",
            "metadata_pairs",
            "name_letters",
            "verdicts_at_once",
            "verdicts_waiting",
            "verdict_pause_seconds",
            "sweep_seconds",
        ):
            if getattr(self, name) <= 0:
                raise ValueError(f"upload limits: {name} is more than 0, given {getattr(self, name)}")
        if self.lasts <= timedelta(0) or self.free_bytes < 0:
            raise ValueError(
                f"upload limits: lasts is more than 0 and free_bytes at least 0, given {self.lasts}, {self.free_bytes}"
            )
