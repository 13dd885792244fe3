"""Rights of a process over others, given up: capabilities, the parent's memory, a life longer than the parent's."""

import ctypes
import signal
import struct
import sys

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITY_VERSION_3 = 0x20080522
_READ_AND_SEARCH = (
    1 << 2
)  # CAP_DAC_READ_SEARCH: root must go on to find its code, in folders of other users too


def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the thread that started it ends. Linux only."""
    if sys.platform == "linux":
        libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def forbid_tracing() -> bool:
    """From here on no other process of this user may read or write the memory of this one, nor trace it.

    It leaves no core dump and no debugger comes in, except root's. False where the kernel can't.
    """
    return sys.platform == "linux" and bool(libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


def never_gain_privileges() -> bool:
    """No program that this process might start gets rights that it has not; needed before a filter is set."""
    return sys.platform == "linux" and bool(libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def drop_capabilities() -> None:
    """Where we run as root: keep none of root's powers but that of reading."""
    if sys.platform != "linux":
        return
    head = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    data = ctypes.create_string_buffer(24)
    if libc().capget(head, data) != 0:
        return
    effective, permitted, _ = struct.unpack_from("=III", data.raw)
    kept = struct.pack("=III", effective & _READ_AND_SEARCH, permitted & _READ_AND_SEARCH, 0)
    libc().capset(head, kept + bytes(12))
