"""A push message is read by its browser and by nobody on the way, byte for byte as RFC 8291 has it."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.push.encryption import LARGEST, RECORD_BYTES, UnusableBrowserKey, encrypt
from tests.push_service import PushBrowser, bytes_of, text_of

# RFC 8291, appendix A
MESSAGE = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def key_of(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(bytes_of(text), "big"), ec.SECP256R1())


def encrypted(message: bytes, browser: PushBrowser, salt: bytes = bytes(16)) -> bytes:
    return encrypt(
        message,
        browser_key=bytes_of(browser.p256dh),
        secret=browser.secret,
        sender=ec.generate_private_key(ec.SECP256R1()),
        salt=salt,
    )


def test_the_body_is_that_of_the_standards_own_example():
    browser = PushBrowser(key_of(BROWSER), bytes_of(SECRET))

    body = encrypt(
        MESSAGE,
        browser_key=bytes_of(browser.p256dh),
        secret=browser.secret,
        sender=key_of(SENDER),
        salt=bytes_of(SALT),
    )

    assert text_of(body) == BODY
    assert browser.opened(body) == MESSAGE


@settings(deadline=None, max_examples=25)
@given(message=st.binary(max_size=LARGEST), salt=st.binary(min_size=16, max_size=16))
def test_every_message_comes_out_as_it_went_in_and_fills_one_record_at_most(message, salt):
    browser = PushBrowser()

    body = encrypted(message, browser, salt)

    assert browser.opened(body) == message
    assert len(body) <= RECORD_BYTES


def test_another_browser_opens_nothing():
    with pytest.raises(InvalidTag):
        PushBrowser().opened(encrypted(MESSAGE, PushBrowser()))


def test_what_is_too_long_and_what_is_no_key_are_refused():
    with pytest.raises(ValueError, match="3993 bytes at most, given 3994"):
        encrypted(bytes(LARGEST + 1), PushBrowser())
    with pytest.raises(UnusableBrowserKey):
        encrypt(
            MESSAGE,
            browser_key=b"\x04" + bytes(64),
            secret=bytes(16),
            sender=key_of(SENDER),
            salt=bytes(16),
        )
