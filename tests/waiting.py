"""Waiting for what another thread, process or browser does: for a condition, with an end far off."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 600.0
"""Where a test stops waiting. Far more than anything takes: a machine under load is slow, not wrong."""


def soon(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether it comes true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for it to come true. Raises AssertionError."""
    assert soon(condition, seconds), f"did not come true within {seconds:g} s"
