"""The system calls that a decoder needs, and no others: a Berkeley packet filter, which the kernel runs at every call.

What is not listed is refused with EACCES: sockets, programs, processes, io_uring, other processes' memory and
descriptors, tracing, mounts, namespaces, keys, BPF, userfaultfd, changing rights and times of files. What a library
can do without is refused with ENOSYS, so that it does without. Some are allowed with some arguments only.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterator

from audio.confine.privileges import libc, never_gain_privileges

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AND, _RETURN = 0x20, 0x15, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = (
    0,
    4,
    16,
)  # offsets in struct seccomp_data; both machines are little-endian

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column below; linux/audit.h

# asm/unistd_64.h and asm-generic/unistd.h: numbers on x86_64 and aarch64
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "preadv": (295, 69),
    "pwritev": (296, 70),
    "preadv2": (327, 286),
    "pwritev2": (328, 287),
    "lseek": (8, 62),
    "close": (3, 57),
    "fstat": (5, 80),
    "stat": (4, None),
    "lstat": (6, None),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "openat": (257, 56),
    "open": (2, None),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "getdents": (78, None),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rmdir": (84, None),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "ftruncate": (77, 46),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
    "fallocate": (285, 47),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "flock": (73, 32),
    "fadvise64": (221, 223),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "pipe2": (293, 59),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "brk": (12, 214),
    "madvise": (28, 233),
    "msync": (26, 227),
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "set_tid_address": (218, 96),
    "arch_prctl": (158, None),
    "membarrier": (324, 283),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "gettid": (186, 178),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "rt_sigtimedwait": (128, 137),
    "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132),
    "rt_sigpending": (127, 136),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrandom": (318, 278),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getresuid": (118, 148),
    "getresgid": (120, 150),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "setrlimit": (160, 164),
    "getcpu": (309, 168),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "recvmsg": (47, 212),
    "restart_syscall": (219, 128),
    "umask": (95, 166),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}

_CLONE_THREAD = 0x00010000
_CLONE_ANY_OTHER = 0x7E020000  # new namespaces of every kind
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030)  # copies, flags and locks; not whom to send signals
_IOCTL = (
    0x5401,
    0x5413,
    0x541B,
    0x5450,
    0x5451,
)  # is it a terminal, how wide, how many bytes wait, close on exec
_PRCTL = (15, 16, 38, 0x53564D41)  # names of threads and of memory; to gain no privileges (landlock asks)
_OUR_OWN = {"kill": (62, 129), "tgkill": (234, 131)}
_LIMITS, _CLONE, _PRCTL_CALL = (302, 261), (56, 220), (157, 167)
_CHOSEN = {(72, 25): _FCNTL, (16, 29): _IOCTL, _PRCTL_CALL: _PRCTL}
_DONE_WITHOUT = ((435, 435), (324, 283))  # clone3, whose flags lie in memory; membarrier


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict_calls() -> bool:
    """From here on only listed calls work in this thread and those that it starts. False where the kernel can't."""
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None or not never_gain_privileges():
        return False
    content = b"".join(_filter(*machine, os.getpid()))
    program = _Program(len(content) // 8, content)
    return bool(libc().prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(column: int, architecture: int, pid: int) -> Iterator[bytes]:
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_EQUAL, architecture, 1, 0)
    yield _step(_RETURN, _KILL)
    yield _step(_LOAD, _NUMBER)
    for numbers in _ALLOWED.values():
        if (number := numbers[column]) is not None:
            yield from _when(number, _step(_RETURN, _ALLOW))
    for numbers in _DONE_WITHOUT:
        yield from _when(numbers[column], _step(_RETURN, _ERRNO | errno.ENOSYS))
    for numbers in _OUR_OWN.values():
        yield from _when(numbers[column], *_argument_in(0, (pid,)))
    yield from _when(_LIMITS[column], *_argument_in(0, (0, pid)))
    for calls, values in _CHOSEN.items():
        yield from _when(calls[column], *_argument_in(0 if calls == _PRCTL_CALL else 1, values))
    yield from _when(
        _CLONE[column], *_argument_in(0, (_CLONE_THREAD,), mask=_CLONE_THREAD | _CLONE_ANY_OTHER)
    )
    yield _step(_RETURN, _ERRNO | errno.EACCES)


def _when(number: int, *then: bytes) -> Iterator[bytes]:
    """Go through `then`, which ends with an answer, where it is this call."""
    yield _step(_EQUAL, number, 0, len(then))
    yield from then


def _argument_in(index: int, values: tuple[int, ...], mask: int = 0xFFFFFFFF) -> list[bytes]:
    """Allow where the lower half of an argument is one of these, refuse otherwise."""
    lines = [_step(_LOAD, _ARGUMENTS + 8 * index)]
    if mask != 0xFFFFFFFF:
        lines.append(_step(_AND, mask))
    for value in values:
        lines += [_step(_EQUAL, value, 0, 1), _step(_RETURN, _ALLOW)]
    return [*lines, _step(_RETURN, _ERRNO | errno.EACCES)]


def _step(operation: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """16-bit operation, two 8-bit jumps, 32-bit operand."""
    return struct.pack("=HBBI", operation, if_true, if_false, operand)
