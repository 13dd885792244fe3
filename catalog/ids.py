"""Ids that follow from content, so that doing a thing twice gives the same row; and ids that are only new."""

import hashlib
import secrets

_READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I: receipts are read out over the phone


def content_id(kind: str, *parts: str | int) -> str:
    """An id that the same parts always give.

    >>> content_id("clip", "rec-1", 0, 16000) == content_id("clip", "rec-1", 0, 16000)
    True
    >>> content_id("clip", "a", "bc") == content_id("clip", "ab", "c")
    False
    """
    material = "\x1f".join([kind, *(str(part) for part in parts)])
    return f"{kind}-{hashlib.sha256(material.encode()).hexdigest()[:20]}"


def new_id(kind: str) -> str:
    """An id nobody has had before."""
    return f"{kind}-{secrets.token_hex(10)}"


def receipt_code(upload_id: str) -> str:
    """The short code on a coordinator's receipt, from the upload's id.

    >>> receipt_code("upload-1")
    'FYH-ANE'
    """
    digest = int.from_bytes(hashlib.sha256(upload_id.encode()).digest()[:8])
    letters = ""
    for _ in range(6):
        digest, index = divmod(digest, len(_READABLE))
        letters += _READABLE[index]
    return f"{letters[:3]}-{letters[3:]}"
