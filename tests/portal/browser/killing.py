"""A browser's processes, killed as a phone kills them: no page has time for a last word."""

import os
import signal
from contextlib import suppress
from pathlib import Path


def kill_tabs(profile: Path) -> None:
    """As when the phone has no memory left: the process of every page is gone, the browser lives on."""
    _kill(profile, b"--type=renderer")


def kill_browser(profile: Path) -> None:
    """As when the battery dies, or somebody wipes the browser away."""
    _kill(profile, None)


def _kill(profile: Path, kind: bytes | None) -> None:
    """kind: of Chromium's processes; None for the one that started the others"""
    for each in Path("/proc").glob("[0-9]*"):
        words = _command(each)
        ours = any(bytes(profile) in word for word in words)
        if ours and next((word for word in words if word.startswith(b"--type=")), None) == kind:
            with suppress(ProcessLookupError):
                os.kill(int(each.name), signal.SIGKILL)


def _command(process: Path) -> list[bytes]:
    try:
        return (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []  # gone meanwhile
