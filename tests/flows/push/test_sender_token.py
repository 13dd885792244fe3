"""A push service sees who sends, for it alone and for some hours (RFC 8292)."""

from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature

from catalog.push_key import push_key, push_public_key
from flows.push.sender_token import authorization
from tests.push_service import bytes_of, claims_of, text_of

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)
KEY = bytes(range(32))


def said(contact: str | None) -> str:
    return authorization(push_key(KEY), audience="https://push.example.org", contact=contact, now=NOW)


def test_the_token_names_service_end_and_operator_and_is_signed_with_the_installations_key():
    claims = claims_of(said("mailto:boli@example.org"), push_public_key(KEY))

    assert claims == {
        "aud": "https://push.example.org",
        "exp": int(NOW.timestamp()) + 12 * 3600,
        "sub": "mailto:boli@example.org",
    }
    assert "sub" not in claims_of(said(None), push_public_key(KEY))


def test_the_push_key_stays_the_same_and_another_installations_is_another():
    assert push_public_key(KEY) == push_public_key(KEY) != push_public_key(bytes(32))


def test_a_token_that_was_changed_is_no_token():
    head, token, key = said(None).replace(",", " ").split()
    first, claims, signature = token.split(".")
    longer = text_of(bytes_of(claims).replace(b'"exp":1', b'"exp":2'))

    with pytest.raises(InvalidSignature):
        claims_of(f"{head} {first}.{longer}.{signature},{key}", push_public_key(KEY))
