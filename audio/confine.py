"""What a child that reads hostile files may still do: no network, no other programs, bounded memory and files.

The bounds are the kernel's (resource limits and a seccomp filter), so that a decoder taken over by a file has them too.
"""

import ctypes
import platform
import resource
import signal
import struct
import sys

from audio.limits import Limits

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 1, 38, 22, 2
_ALLOW, _REFUSE_EACCES, _KILL = 0x7FFF0000, 0x00050000 | 13, 0x80000000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06

# linux/audit.h and asm/unistd.h: the architecture's mark, then socket, connect, execve, execveat, ptrace
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 59, 322, 101)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 117)),
}


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_char_p))


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the thread that started it ends. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def limit_resources(limits: Limits) -> None:
    """Memory, written files and descriptors, for the life of this process."""
    for kind, most in (
        (resource.RLIMIT_AS, limits.address_space),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
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


def refuse_network_and_programs() -> bool:
    """From here on opening a socket or starting a program fails with EACCES. False where the kernel can't do that."""
    calls = _CALLS.get(platform.machine())
    if sys.platform != "linux" or calls is None:
        return False
    program = _filter_program(*calls)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    filter_ = _Filter(len(program) // 8, program)
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filter_), 0, 0) == 0)


def _filter_program(architecture: int, refused: tuple[int, ...]) -> bytes:
    """Berkeley packet filter instructions: 16-bit operation, two 8-bit jumps, 32-bit operand."""

    def step(operation: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", operation, if_true, if_false, operand)

    lines = [
        step(_LOAD, 4),  # the architecture of the call
        step(_JUMP_EQUAL, architecture, 1, 0),
        step(_RETURN, _KILL),
        step(_LOAD, 0),  # its number
        step(_JUMP_AT_LEAST, 0x40000000, 0, 1),  # the x32 calls would go round the list
        step(_RETURN, _REFUSE_EACCES),
    ]
    for number in refused:
        lines += [step(_JUMP_EQUAL, number, 0, 1), step(_RETURN, _REFUSE_EACCES)]
    lines.append(step(_RETURN, _ALLOW))
    return b"".join(lines)
