"""The files that a process may open (Landlock, since Linux 5.13): its code to read, its own folder to write."""

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from audio.confine.privileges import libc, never_gain_privileges

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every machine
_PATH_BENEATH = 1
_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FOLDER, _REMOVE_FILE, _MAKE_FOLDER, _MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_TRUNCATE = 1 << 14
_OF_A_FILE = _EXECUTE | _WRITE | _READ | _TRUNCATE
_FILE_RIGHTS = {
    1: 0x1FFF,
    2: 0x3FFF,
    3: 0x7FFF,
    4: 0x7FFF,
}  # by version; all later ones have devices' controls too
_ALL_FILE_RIGHTS = 0xFFFF
_NETWORK, _OUTSIDE = 3, 3  # bind and connect (version 4); abstract sockets and signals (version 6)

# What libraries read of the machine: how many processors, how much memory, where shared libraries are
_MACHINE = (
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/etc/ld.so.cache",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self/maps",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu",
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
)


def landlock_version() -> int:
    """0 where the kernel has none, or doesn't let us."""
    if sys.platform != "linux":
        return 0
    found = libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    return max(0, int(found))


def restrict_files(own: str, packages: Iterable[str]) -> int:
    """From here on this process opens its code and the machine's for reading, and all only in its `own` folder.

    packages: names of the top packages whose folders are code, wherever they lie
    Returns the version of Landlock that holds, 0 where none does.
    """
    version = landlock_version()
    if not version or not never_gain_privileges():
        return 0
    handled = _FILE_RIGHTS.get(version, _ALL_FILE_RIGHTS)
    sizes = struct.pack("=QQQ", handled, _NETWORK if version >= 4 else 0, _OUTSIDE if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = libc().syscall(_CREATE, sizes, ctypes.c_size_t(size), ctypes.c_uint(0))
    if rules < 0:
        return 0
    try:
        for path in {*_MACHINE, *_code(packages)}:
            _allow(rules, path, (_EXECUTE | _READ | _LIST) & handled)
        _allow(rules, "/dev/null", _READ | _WRITE)
        mine = _READ | _LIST | _WRITE | _MAKE_FILE | _MAKE_FOLDER | _REMOVE_FILE | _REMOVE_FOLDER | _TRUNCATE
        _allow(rules, own, mine & handled)
        return version if libc().syscall(_RESTRICT, rules, ctypes.c_uint(0)) == 0 else 0
    finally:
        os.close(rules)


def _code(packages: Iterable[str]) -> set[str]:
    """Where Python, its libraries and these packages of ours lie; of a project's folder nothing else."""
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    installed |= {str(Path(prefix, "lib")) for prefix in (sys.base_prefix, sys.base_exec_prefix)}
    libraries = {path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    ours: set[str] = set()
    for name in packages:
        module = sys.modules.get(name)
        ours.update(getattr(module, "__path__", ()))
        file: str | None = getattr(module, "__file__", None)
        if not hasattr(module, "__path__") and file is not None:
            ours.add(file)
    return {path for path in (*installed, *libraries, *ours) if path}


def _allow(rules: int, path: str, rights: int) -> None:
    with suppress(OSError):  # what isn't there needs no rule
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not Path(path).is_dir():
                rights &= _OF_A_FILE
            rule = struct.pack("=Qi", rights, opened)
            libc().syscall(_ADD, rules, _PATH_BENEATH, rule, ctypes.c_uint(0))
        finally:
            os.close(opened)
