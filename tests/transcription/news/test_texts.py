"""What notices say is written by the operator, and filled in with a count and an address alone."""

from pathlib import Path

import pytest

from catalog.config.configuration import ConfigurationError
from catalog.config.settings import ROOT
from flows.push.encryption import LARGEST
from transcription.news.queries import NewsKind
from transcription.news.texts import LONGEST_LINE, load_notice_texts

OURS = ROOT / "configs" / "messages" / "news.yaml"


def changed(folder: Path, before: str, after: str) -> Path:
    path = folder / "news.yaml"
    text = OURS.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    return path


def test_the_lines_of_a_notice_stand_in_the_order_of_the_kinds():
    text = load_notice_texts(OURS).of("te")

    said = text.said({NewsKind.WEEK: 1, NewsKind.CLIPS: 4})

    assert said == ["ఈ వారం మీ ప్రణాళిక", "రాయవలసిన క్లిప్‌లు: 4"]


def test_whoever_reads_another_language_is_written_english():
    assert load_notice_texts(OURS).of("sw").subject == "Something is new for you"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Recordings refused: {count}", "Refused: {name}", "is filled in with {count} alone"),
        ("Recordings refused: {count}", "Refused: {count.real}", "is filled in with {count} alone"),
        ("Look here: {address}", "Look here: {address", "is filled in with {address} alone"),
        ('      refused: "Recordings refused: {count}"\n', "", "none for refused"),
        ("  en:\n", "  xx:\n", "has the notices in English"),
    ],
)
def test_a_text_that_can_not_be_filled_in_is_refused_with_why(tmp_path, before, after, said):
    with pytest.raises(ConfigurationError) as refused:
        load_notice_texts(changed(tmp_path, before, after))
    assert said in str(refused.value)


def test_the_longest_notice_fits_into_a_push_message():
    longest = 3 * (LONGEST_LINE + 1) * len(NewsKind)  # bytes of the widest letters of our scripts

    assert longest + 1000 < LARGEST  # with title and names of fields
