"""Sampling: drawing a share of things so that the same thing is always drawn or always not."""

import hashlib


def falls_in(share: float, purpose: str, identifier: str) -> bool:
    """Whether `identifier` is among the `share` drawn for `purpose`: independent of order, time and machine.

    >>> sum(falls_in(0.25, "review", f"task-{n}") for n in range(1000))
    247
    """
    digest = hashlib.sha256(f"{purpose}\x1f{identifier}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64
