"""Which layers of confinement hold in this process."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Confinement:
    """calls: only the listed ones; files: version of Landlock, 0 where the kernel has none; memory: of the parent"""

    calls: bool
    files: int
    memory: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """What doesn't hold, in words."""
        words = (
            (self.calls, "calls are not filtered (the kernel lacks seccomp filters)"),
            (
                self.files > 0,
                "files are not closed (the kernel lacks Landlock: Linux 5.13 and later have it)",
            ),
            (
                self.files == 0 or self.files >= 3,
                "files could be emptied (Landlock is too old: Linux 6.2 and later)",
            ),
            (self.memory, "the parent's memory is not closed"),
        )
        return tuple(said for holds, said in words if not holds)


_found = Confinement(calls=False, files=0, memory=False)


def note(found: Confinement) -> None:
    """What the worker has set up in its own process."""
    global _found  # noqa: PLW0603 (of the process, as the layers are)
    _found = found


def confinement() -> Confinement:
    """Of this process: a job for the sandbox, which asks the child what holds."""
    return _found
