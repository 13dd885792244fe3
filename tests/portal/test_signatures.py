"""Who signed for a translation: what a machine translated is marked until a native reader did."""

from datetime import date

import yaml

from portal.help.screens import whole_digest
from portal.i18n.sign_translation import digest_of
from portal.i18n.signatures import (
    FILE,
    TranslatedPart,
    TranslationSignature,
    is_signed,
    read_signatures,
    with_signature,
)

DAY = date(2026, 11, 30)


def signature(sha256: str, name: str = "Asha Devi") -> TranslationSignature:
    return TranslationSignature("hi", TranslatedPart.HELP, name, DAY, sha256)


def test_a_signature_counts_for_the_words_that_were_read_and_for_no_others():
    signed = [signature(whole_digest("hi"))]

    assert is_signed("hi", TranslatedPart.HELP, whole_digest("hi"), signed)
    assert not is_signed("hi", TranslatedPart.HELP, "words that were changed since", signed)
    assert not is_signed("hi", TranslatedPart.GUIDELINES, digest_of("hi", TranslatedPart.GUIDELINES), signed)
    assert not is_signed("ta", TranslatedPart.HELP, whole_digest("ta"), signed)


def test_what_was_written_in_english_needs_no_signature():
    assert is_signed("en", TranslatedPart.HELP, whole_digest("en"), [])


def test_a_new_signature_takes_the_place_of_an_earlier_one_and_keeps_the_remarks(tmp_path):
    first = with_signature(FILE.read_text("utf-8"), signature("a" * 64))

    written = with_signature(first, signature("b" * 64, "Sunita Murmu"))

    (tmp_path / "signatures.yaml").write_text(written, "utf-8")
    assert read_signatures(tmp_path / "signatures.yaml") == (signature("b" * 64, "Sunita Murmu"),)
    assert written.startswith("#")
    assert yaml.safe_load(written)["signatures"][0]["on"] == DAY
