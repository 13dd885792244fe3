"""What the checker says, where, and what it offers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transcription.sentences import guidelines
from tests.transcription.strategies import any_text, typed_text
from transcription.text import TextFinding, check, tidy
from transcription.text.checker import CODES, LONGEST, Severity


def found(text: str, code: str = "hi", duration: float | None = None) -> list[tuple[str, str, str | None]]:
    """Code, the stretch it is about, and the fix."""
    return [
        (finding.code, text[finding.start : finding.start + finding.length], finding.fix)
        for finding in check(text, guidelines()[code], duration)
    ]


@pytest.mark.parametrize("code", sorted(guidelines()))
@settings(max_examples=40)
@given(data=st.data())
def test_the_checker_never_fails_and_tidy_leaves_nothing_certain_undone(
    code: str, data: st.DataObject
) -> None:
    guideline = guidelines()[code]
    text = data.draw(typed_text(guideline) | any_text())

    findings = check(text, guideline, data.draw(st.sampled_from([None, 0.0, 0.01, 3.0, 1e9])))

    assert all(0 <= one.start <= one.start + one.length <= len(text) for one in findings)
    assert all(one.code in CODES and one.message for one in findings)
    assert not [one for one in check(tidy(text, guideline), guideline) if one.fix is not None]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("", [("empty", "", None)]),
        (" \n", [("empty", " \n", None)]),
        ("राम <noize> गया", [("unknown_tag", "<noize>", None)]),
        ("राम <Noise> गया", [("tag_spelling", "<Noise>", "<noise>")]),
        ("राम < noise> गया", [("tag_spelling", "< noise>", "<noise>")]),
        ("राम <noise>गया</noise>", [("tag_form", "</noise>", None)]),
        ("<foreign>good morning</foreign> जी", []),
        ("<foreign> राम", []),
        ("राम</foreign>", [("unclosed_tag", "</foreign>", None)]),
        ("<falsestart>रा राम", [("unclosed_tag", "<falsestart>", None)]),
        (
            "राम <noise गया >",
            [("tag_spelling", "<noise गया >", "<noise गया>"), ("unknown_tag", "<noise गया >", None)],
        ),
        ("5 < राम", [("numeral", "5", None), ("bracket", "<", None)]),
        ("{राम | श्याम} गया", []),
        ("{राम | राम} गया", [("alternatives", "{राम | राम}", None)]),
        ("{राम | } गया", [("alternatives", "{राम | }", None)]),
        ("{राम गया", [("alternatives", "{", None)]),
        ("राम गया |", [("look_alike", "|", "।")]),
        ("राम गया ।", [("spacing", " ", "")]),
        ("\u200b", [("empty", "\u200b", None)]),
        ("राम SMSों", [("mixed_word", "SMS", None)]),
        ("राम (धीरे) गया", [("punctuation_mark", "(", None), ("punctuation_mark", ")", None)]),
        ("“राम” गया", [("punctuation", "“", '"'), ("punctuation_mark", "“", None)]),
        ("रामಕ", [("character", "ಕ", None)]),
        ("ळ", [("rare_letter", "ळ", None)]),
        ("ाराम", [("lone_mark", "ा", None)]),
        ("काी", [("mark_clash", "ाी", None)]),
        ("कीी", [("repeated_mark", "कीी", None)]),
        ("हाााा", [("repeated_mark", "हाााा", None)]),
        ("क््या", [("repeated_mark", "क््", None)]),
        (
            "ఋా",
            [
                ("character", "ఋ", None),
                ("character", "ా", None),
                ("other_script", "ఋా", None),
                ("vowel_sign", "ఋా", None),
            ],
        ),
        ("ओे", [("vowel_sign", "ओे", None)]),
        ("ख्ा", [("vowel_sign", "्ा", None)]),
        ("आॅफिस", [("look_alike", "आॅ", "ऑ"), ("rare_letter", "ॅ", None)]),
        ("।", [("empty", "।", None)]),
        (" .,- ?!", [("empty", " .,- ?!", None)]),
        ("नननन", [("repeated_letter", "नननन", None)]),
        ("हाँ हाँ हाँ हाँ हाँ", [("repeated_word", "हाँ", None)]),
        ("राम\tगया", [("space", "\t", " ")]),
        ("राम\u200bगया", [("invisible", "\u200b", "")]),
        ("\ue000", [("character", "\ue000", None)]),
        ("राम\ud800", [("half_character", "\ud800", "\ufffd")]),
    ],
)
def test_each_fault_has_its_code_place_and_fix(
    text: str, findings: list[tuple[str, str, str | None]]
) -> None:
    told = found(text)

    if "“" in text:
        assert set(findings) <= set(told)
    else:
        assert sorted(told, key=str) == sorted(findings, key=str)


def test_an_unknown_tag_is_told_the_nearest_one() -> None:
    (finding,) = check("राम <laughing> गया", guidelines()["hi"])

    assert finding.message == "There is no tag <laughing>. Did you mean <laughter>?"
    assert finding.severity is Severity.ERROR


def test_offsets_count_code_points_of_the_text_as_typed() -> None:
    (finding,) = check("𑀓 राम 5", guidelines()["hi"])[1:]

    assert (finding.start, finding.length, finding.code) == (6, 1, "numeral")


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(None, None), (0.3, "too_much_text"), (3.0, None), (100.0, "too_little_text"), (0.0, None)],
)
def test_the_pace_is_judged_by_what_can_be_said(seconds: float | None, code: str | None) -> None:
    told = [one for one, _, _ in found("मैं कल बाज़ार गया था।", duration=seconds)]

    assert told == ([code] if code else [])


def test_a_clip_of_noise_alone_is_not_too_little_text() -> None:
    assert found("<noise>", duration=12.0) == []


def test_more_text_than_any_clip_holds_is_refused() -> None:
    assert "too_long" in [code for code, _, _ in found("नमक " * LONGEST)]


def test_findings_come_in_order_and_are_bounded() -> None:
    findings = check("5 " * 2000, guidelines()["hi"])

    assert len(findings) == 200
    assert [finding.start for finding in findings] == sorted(finding.start for finding in findings)


def test_findings_are_plain_values() -> None:
    assert TextFinding(0, 1, "numeral", Severity.ERROR, "x") == TextFinding(
        0, 1, "numeral", Severity.ERROR, "x", None
    )
