"""Bounds on memory, processor time, written files, descriptors and processes."""

import resource
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a child starts sooner without what its limits' class needs
    from audio.limits import Limits


def limit_resources(limits: "Limits") -> None:
    """For the life of this process: memory, written files, descriptors, processes and threads of its user."""
    for kind, most in (
        (resource.RLIMIT_AS, limits.address_space),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        bounded = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bounded, bounded))


def allow_cpu(seconds: int) -> None:
    """Let this process use so many more seconds of processor time; SIGXCPU ends it then."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    resource.setrlimit(
        resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard)
    )
