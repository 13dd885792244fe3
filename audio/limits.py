"""How much one recording may cost before it is refused."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one job. The first group belongs to the decoder, the second to the child process.

    max_seconds, min_seconds: decoded sound
    max_channels:             of the sound stream
    max_decoded_bytes:        of samples as float32, summed over the whole recording (many channels at a high rate)
    address_space:            bytes of virtual memory; all of the room with onnxruntime and numba maps 750 MB
    cpu_seconds, wall_seconds: for one job; a 4-hour phone recording takes under a minute of each
    file_bytes:               the largest file the child may write
    written_bytes:            all that it may write; looked at twice a second
    open_files:               descriptors
    processes:                of its user, threads counted; a child starts no process at all
    """

    max_seconds: float = 4 * 3600.0
    min_seconds: float = 0.02
    max_channels: int = 16
    max_decoded_bytes: int = 32 * 2**30

    address_space: int = 2 * 2**30
    cpu_seconds: int = 600
    wall_seconds: float = 1200.0
    file_bytes: int = 2 * 2**30
    written_bytes: int = 8 * 2**30
    open_files: int = 256
    processes: int = 8_192

    def __post_init__(self) -> None:
        if not 0 <= self.min_seconds < self.max_seconds:
            raise ValueError(
                "limits: min_seconds is at least 0 and below max_seconds, "
                f"given {self.min_seconds} and {self.max_seconds}"
            )
        for name in (
            "max_channels",
            "max_decoded_bytes",
            "address_space",
            "cpu_seconds",
            "file_bytes",
            "written_bytes",
            "open_files",
            "processes",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"limits: {name} is at least 1, given {getattr(self, name)}")
        if self.wall_seconds <= 0:
            raise ValueError(f"limits: wall_seconds is more than 0, given {self.wall_seconds}")
