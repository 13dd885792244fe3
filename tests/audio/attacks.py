"""What a decoder that a file has taken over would try, from inside a real child.

0: it worked; otherwise the error's number.
"""

import ctypes
import errno
import mmap
import os
import platform
import signal
import struct
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_COLUMN = {"x86_64": 0, "aarch64": 1}.get(platform.machine(), 0)
# asm/unistd_64.h and asm-generic/unistd.h
CALLS = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "accept": (43, 202),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_setup": (206, 0),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setpgid": (109, 154),
    "setsid": (112, 157),
    "setpriority": (141, 140),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "personality": (135, 92),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "openat2": (437, 437),
    "fanotify_init": (300, 262),
    "inotify_init1": (294, 26),
    "chmod": (90, 0),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "fchown": (93, 55),
    "setxattr": (188, 5),
    "fsetxattr": (190, 7),
    "utimensat": (280, 88),
    "truncate": (76, 45),
    "link": (86, 0),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "mknodat": (259, 33),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "kcmp": (312, 272),
    "seccomp": (317, 277),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clone3": (435, 435),
    "fork": (57, 0),
    "vfork": (58, 0),
    "modify_ldt": (154, 0),
    "iopl": (172, 0),
    "vmsplice": (75, 75) if _COLUMN else (278, 75),
    "splice": (275, 76),
    "tee": (276, 77),
    "remap_file_pages": (216, 234),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "landlock_create_ruleset": (444, 444),
}
ANY_ERROR = {"landlock_create_ruleset"}  # harmless: it can only close more


def bare_call(name: str) -> int:
    """The call itself, with arguments of nothing."""
    number = CALLS[name][_COLUMN]
    if not number:
        return errno.ENOSYS  # this machine has it not
    return _call(number, 0, 0, 0, 0, 0, 0)


def _call(number: int, *arguments: int) -> int:
    ctypes.set_errno(0)
    given = [ctypes.c_long(number), *(ctypes.c_long(each) for each in arguments)]
    return 0 if _LIBC.syscall(*given) >= 0 else ctypes.get_errno()


def fork(_: object) -> int:
    return _caught(os.fork)


def clone_a_process(_: object) -> int:
    return _call((56, 220)[_COLUMN], signal.SIGCHLD, 0, 0, 0, 0)


def spawn_a_program(_: object) -> int:
    return _caught(lambda: os.posix_spawn("/bin/true", ["true"], {}))


def replace_by_a_program(_: object) -> int:
    return _caught(lambda: os.execv("/bin/true", ["true"]))


def signal_the_parent(_: object) -> int:
    return _caught(lambda: os.kill(os.getppid(), 0))


def signal_everybody(_: object) -> int:
    return _caught(lambda: os.kill(-1, 0))


def own_signals_to_the_parent(_: object) -> int:
    """A descriptor that sends its owner a signal whenever it can be read: the owner is said to be the parent."""
    import fcntl

    return _caught(lambda: fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid()))


def write_the_parents_memory(address: int) -> int:
    ours = ctypes.create_string_buffer(b"taken")
    local = struct.pack("=QQ", ctypes.addressof(ours), 5)
    remote = struct.pack("=QQ", address, 5)
    buffers = [ctypes.create_string_buffer(each) for each in (local, remote)]
    number = CALLS["process_vm_writev"][_COLUMN]
    return _call(number, os.getppid(), ctypes.addressof(buffers[0]), 1, ctypes.addressof(buffers[1]), 1, 0)


def attach_to_the_parent(_: object) -> int:
    return _call(CALLS["ptrace"][_COLUMN], 16, os.getppid(), 0, 0)  # PTRACE_ATTACH


def take_a_descriptor_of_the_parent(_: object) -> int:
    return _call(CALLS["pidfd_open"][_COLUMN], os.getppid(), 0)


def limit_the_parent(_: object) -> int:
    import resource

    return _caught(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE))


def read_file(path: str) -> int:
    return _caught(lambda: Path(path).read_bytes())


def read_of_the_parent(name: str) -> int:
    return _caught(lambda: Path(f"/proc/{os.getppid()}/{name}").open("rb").read(1))


def write_of_the_parent(name: str) -> int:
    return _caught(lambda: Path(f"/proc/{os.getppid()}/{name}").open("r+b", buffering=0).write(b"x"))


def list_folder(path: str) -> int:
    return _caught(lambda: list(Path(path).iterdir()))


def write_file(path: str) -> int:
    return _caught(lambda: Path(path).write_bytes(b"taken"))


def make_folder(path: str) -> int:
    return _caught(lambda: Path(path).mkdir())


def remove_file(path: str) -> int:
    return _caught(lambda: Path(path).unlink())


def rename_file(path: str) -> int:
    return _caught(lambda: Path(path).rename(Path(path).with_name("renamed")))


def empty_file(path: str) -> int:
    return _caught(lambda: os.truncate(path, 0))


def link_to_own_folder(path: str) -> int:
    def read_through_link() -> bytes:
        Path("linked").symlink_to(path)
        return Path("linked").read_bytes()

    return _caught(read_through_link)


def climb_out(path: str) -> int:
    return _caught(lambda: Path("../../../../../../../../" + path).read_bytes())


def write_the_input(path: Path) -> int:
    """The descriptor that was handed for reading."""
    from audio.handed import input_descriptor

    descriptor = input_descriptor(path)
    return _caught(lambda: os.write(descriptor, b"taken"))


def open_the_input_again(path: Path) -> int:
    from audio.handed import input_descriptor

    descriptor = input_descriptor(path)
    return _caught(lambda: os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR))


def map_the_input(path: Path) -> int:
    from audio.handed import input_descriptor

    descriptor = input_descriptor(path)
    return _caught(lambda: mmap.mmap(descriptor, 0, mmap.MAP_SHARED, mmap.PROT_WRITE))


def raise_own_limits(_: object) -> int:
    import resource

    return _caught(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2**60, 2**60)))


def type_into_a_terminal(_: object) -> int:
    import fcntl

    return _caught(lambda: fcntl.ioctl(0, 0x5412, b"x"))  # TIOCSTI


def be_traceable(_: object) -> int:
    return 0 if _LIBC.prctl(4, 1, 0, 0, 0) == 0 else ctypes.get_errno()  # PR_SET_DUMPABLE


def _caught(act: object) -> int:
    try:
        act()  # type: ignore[operator]
    except OSError as error:
        return error.errno or -1
    except ValueError:
        return errno.EINVAL
    return 0
