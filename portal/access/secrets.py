"""Secrets that travel: made here, kept only as their hash."""

import hashlib
import secrets


def new_secret() -> str:
    """256 bits that fit a cookie, an address and a QR code."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What the catalogue keeps of a secret with 128 random bits or more; a PIN needs argon2 instead."""
    return hashlib.sha256(secret.encode()).hexdigest()
