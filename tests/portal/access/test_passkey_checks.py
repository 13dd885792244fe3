"""What a browser brings from a device: taken whole as it was signed, and refused in every other form."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from portal.access.passkey_checks import PasskeyRefused, check_new, check_signature, claimed_id
from portal.access.passkey_options import options_to_make, options_to_sign
from portal.access.passkeys import KnownPasskey
from portal.access.relying_party import RelyingParty, relying_party
from tests.portal.access.authenticator import Authenticator

SITE = RelyingParty("boli.example.org", "https://boli.example.org")
CHALLENGE = bytes(range(32))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def made_and_signed() -> tuple[str, str, KnownPasskey]:
    """Both answers of a device, and what the catalogue knows between them."""
    device = Authenticator(SITE.origin)
    wanted = options_to_make(SITE, CHALLENGE, person_id="person-1", handle="asha", credential_ids=())
    made = device.makes(wanted)
    new = check_new(made, SITE, challenge=CHALLENGE)
    known = KnownPasskey("passkey-1", new.credential_id, "person-1", new.public_key, new.sign_count)
    return made, device.signs(options_to_sign(SITE, CHALLENGE)), known


MADE, SIGNED, KNOWN = made_and_signed()
PARTS = ["clientDataJSON", "authenticatorData", "signature", "userHandle"]


def with_part(answer: str, path: tuple[str, ...], value: object) -> str:
    """That answer, with one of its parts another."""
    whole: dict[str, Any] = json.loads(answer)
    *before, last = path
    place = whole
    for each in before:
        place = place[each]
    place[last] = value
    return json.dumps(whole)


def test_what_a_device_signed_is_taken_and_says_its_count():
    assert check_signature(SIGNED, SITE, KNOWN, challenge=CHALLENGE) == 1
    assert claimed_id(SIGNED) == KNOWN.credential_id


@given(part=st.sampled_from(PARTS), data=st.data())
def test_one_bit_that_is_another_anywhere_in_an_answer_is_refused(part, data):
    right = base64url_to_bytes(json.loads(SIGNED)["response"][part])
    bit = data.draw(st.integers(0, 8 * len(right) - 1))
    wrong = bytearray(right)
    wrong[bit // 8] ^= 1 << (bit % 8)

    answer = with_part(SIGNED, ("response", part), bytes_to_base64url(bytes(wrong)))

    with pytest.raises(PasskeyRefused):
        check_signature(answer, SITE, KNOWN, challenge=CHALLENGE)


@given(
    path=st.sampled_from([("id",), ("rawId",), ("type",), *(("response", part) for part in PARTS)]),
    value=JSON,
)
def test_an_answer_with_anything_else_in_a_part_is_refused_and_breaks_nothing(path, value):
    with pytest.raises(PasskeyRefused):
        check_signature(with_part(SIGNED, path, value), SITE, KNOWN, challenge=CHALLENGE)


@given(JSON | st.text(max_size=40))
def test_what_is_no_answer_at_all_is_refused(value):
    given_ = value if isinstance(value, str) else json.dumps(value)

    for check in (
        lambda: check_signature(given_, SITE, KNOWN, challenge=CHALLENGE),
        lambda: check_new(given_, SITE, challenge=CHALLENGE),
    ):
        with pytest.raises(PasskeyRefused):
            check()


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_new_passkey_with_a_byte_changed_is_refused_or_is_one_and_breaks_nothing(at, change):
    held = bytearray(base64url_to_bytes(json.loads(MADE)["response"]["attestationObject"]))
    held[at % len(held)] ^= change

    answer = with_part(MADE, ("response", "attestationObject"), bytes_to_base64url(bytes(held)))

    try:
        kept = check_new(answer, SITE, challenge=CHALLENGE)
    except PasskeyRefused:
        return
    assert kept.credential_id and kept.public_key


@given(st.binary(min_size=32, max_size=32).filter(lambda other: other != CHALLENGE))
def test_an_answer_to_another_challenge_is_refused(other):
    with pytest.raises(PasskeyRefused):
        check_signature(SIGNED, SITE, KNOWN, challenge=other)
    with pytest.raises(PasskeyRefused):
        check_new(MADE, SITE, challenge=other)


@given(
    host=st.from_regex(r"[a-z][a-z0-9-]{0,20}(\.[a-z][a-z0-9]{1,10}){0,3}", fullmatch=True),
    port=st.none() | st.integers(1, 65535),
)
def test_every_name_over_https_is_a_site_of_its_own_and_without_https_it_is_none(host, port):
    shown = "" if port is None else f":{port}"

    party = relying_party(f"https://{host}{shown}")

    assert party is not None and party.id == host
    assert party.origin == f"https://{host}" + ("" if port in (None, 443) else shown)
    assert (relying_party(f"http://{host}{shown}") is None) == (host != "localhost")


@given(st.ip_addresses(), st.sampled_from(["http", "https"]))
def test_a_number_is_no_site_for_passkeys(number, scheme):
    shown = f"[{number}]" if number.version == 6 else str(number)

    assert relying_party(f"{scheme}://{shown}:8600") is None


@given(st.text(max_size=30))
def test_an_address_that_is_none_breaks_nothing(text):
    relying_party(text)
    relying_party(f"https://{text}")
