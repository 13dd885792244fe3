"""A report stands alone, escapes what people typed, and draws words where they are said."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.report import drawing
from portal.report.page import render_report, write_report
from portal.report.records import (
    AgreementEnd,
    AgreementRow,
    Cleaning,
    EmbeddedSound,
    FunnelKind,
    FunnelRow,
    LanguageHours,
    ListenClip,
    RecordingPicture,
    RejectedRow,
    ReleaseBox,
    Report,
    ReportLanguage,
    Segment,
    SplitRow,
    TimedWord,
)

HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>"
TELUGU = ReportLanguage("te", "Telugu", "తెలుగు")
URDU = ReportLanguage("ur", "Urdu", "اردو", direction="rtl")
WORDS = (TimedWord("గాలి", 0.2, 0.7), TimedWord("వేగం", 0.7, 1.1), TimedWord("పెరిగింది", 1.3, 2.0))
VOID = {"meta", "link", "br", "img", "input", "hr"}


@pytest.fixture
def sound(examples: Path) -> EmbeddedSound:
    return EmbeddedSound((examples / "recordings" / "te" / "te-01_same.flac").read_bytes(), "audio/flac")


@pytest.fixture
def report(sound: EmbeddedSound) -> Report:
    peaks = tuple(0.1 + 0.08 * (number % 11) for number in range(400))
    return Report(
        title="A demonstration",
        summary="Three recordings came in.",
        generated_at=datetime(2026, 11, 22, 16, 30, tzinfo=UTC),
        funnel=(
            FunnelRow("Received", 3, "recordings", 0.05),
            FunnelRow("Empty file", 1, "recording", None, FunnelKind.LOST),
            FunnelRow("Released", 2, "clips", 0.04),
        ),
        languages=(LanguageHours(TELUGU, 0.05, 0.04, 0.04), LanguageHours(URDU, 0.0, 0.0, 0.0)),
        clips=(ListenClip("te-01-1", TELUGU, "te-01", 2.2, peaks, "గాలి వేగం పెరిగింది", WORDS, sound),),
        cleaning=(Cleaning("te-01-1", TELUGU, 2.2, sound, sound, peaks, peaks, (("Noise", "-48 dB", "-66 dB"),)),),
        recordings=(
            RecordingPicture(
                "te/session.m4a", TELUGU, "te-01", 30.0, peaks,
                (
                    Segment(4.0, 6.2, "గాలి వేగం పెరిగింది", tuple(shifted(word, 4.0) for word in WORDS)),
                    Segment(8.0, 9.0, "మాట"),
                ),
                ("Wind in the second half.",),
            ),
        ),
        agreement=(
            AgreementRow("te-01-1", TELUGU, "A", "గాలి వేగం", "B", "గాలి వేగము", 0.1, AgreementEnd.THIRD_OPINION, "A stays."),
            AgreementRow("te-01-2", TELUGU, "A", "మాట", "B", "మాట", 0.0, AgreementEnd.AGREED),
        ),
        rejected=(RejectedRow("te/empty.m4a", "empty_file", "The file holds no sound.", "Record again."),),
        release=ReleaseBox(
            "boli-demo", "v1", "file:///demo/v1", 2, 0.04, (SplitRow("train", 1, 2, 0.04),), 7,
            'load_dataset("parquet")',
        ),
        notes=("The transcribers are scripted.",),
    )  # fmt: skip


def shifted(word: TimedWord, seconds: float) -> TimedWord:
    return TimedWord(word.text, word.start + seconds, word.end + seconds)


class Page(HTMLParser):
    """Checks that every element is closed in its turn; keeps tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute given twice in {tag}"
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} is closed out of turn"

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_well_formed_with_everything_on_it(report: Report) -> None:
    page = Page(render_report(report))

    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    for told in (
        "A demonstration", "తెలుగు", "పెరిగింది", "Empty file", "te/session.m4a", "Wind in the second half.",
        "third opinion", "The file holds no sound.", "Record again.", "boli-demo", 'load_dataset("parquet")',
        "22 November 2026, 16:30", "The transcribers are scripted.", "2 min 24 s", "10 %",
    ):  # fmt: skip
        assert told in page.text, told


def test_a_report_of_nothing_is_still_a_page(report: Report) -> None:
    bare = Report("Nothing came", "No recording.", report.generated_at, (), (), (), (), (), (), (), None)

    page = Page(render_report(bare))

    assert page.open == []
    assert "Load the dataset" not in page.text


def test_what_people_typed_is_text_and_never_markup(report: Report, sound: EmbeddedSound) -> None:
    language = ReportLanguage('te" onload="x', HOSTILE, HOSTILE)
    hostile = replace(
        report,
        title=HOSTILE, summary=HOSTILE, notes=(HOSTILE,),
        funnel=(FunnelRow(HOSTILE, 1, HOSTILE, 1.0),),
        languages=(LanguageHours(language, 1.0, 1.0, 1.0),),
        clips=(ListenClip(HOSTILE, language, HOSTILE, 1.0, (0.5,), HOSTILE, (TimedWord(HOSTILE, 0.0, 1.0),), sound),),
        cleaning=(Cleaning(HOSTILE, language, 1.0, sound, sound, (0.5,), (0.5,), ((HOSTILE, HOSTILE, HOSTILE),)),),
        recordings=(
            RecordingPicture(HOSTILE, language, HOSTILE, 1.0, (0.5,), (Segment(0.0, 1.0, HOSTILE),), (HOSTILE,)),
        ),
        agreement=(AgreementRow(HOSTILE, language, HOSTILE, HOSTILE, HOSTILE, "", 1.0, AgreementEnd.OPEN, HOSTILE),),
        rejected=(RejectedRow(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        release=ReleaseBox(HOSTILE, HOSTILE, HOSTILE, 1, 1.0, (SplitRow(HOSTILE, 1, 1, 1.0),), 1, HOSTILE),
    )  # fmt: skip

    page = Page(render_report(hostile))

    assert page.open == []
    assert "img" not in [tag for tag, _ in page.tags]
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_the_page_asks_nothing_of_the_network(report: Report) -> None:
    page = Page(render_report(report))

    links = [
        (tag, attributes[name])
        for tag, attributes in page.tags
        for name in ("src", "href", "data", "poster", "action", "srcset")
        if name in attributes
    ]

    assert links
    assert all((value or "").startswith(("data:", "#")) for _, value in links)
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org)", render_report(report))


def test_the_security_policy_names_exactly_the_script_on_the_page(report: Report) -> None:
    html = render_report(report)

    script = html.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    assert f"script-src 'sha256-{digest}'" in html
    assert "default-src 'none'" in html


def test_the_sound_on_the_page_is_the_sound_given(report: Report, sound: EmbeddedSound) -> None:
    page = Page(render_report(report))

    sources = [attributes["src"] or "" for tag, attributes in page.tags if tag == "audio"]

    assert len(sources) == 3
    assert all(base64.b64decode(source.split("base64,")[1]) == sound.content for source in sources)


def test_every_word_stands_inside_its_segment(report: Report) -> None:
    (first, _) = report.recordings[0].segments

    labels = drawing.labels(first.words, first.start, first.end)

    assert [label.text for label in labels] == ["గాలి", "వేగం", "పెరిగింది"]
    assert all(0 <= label.left < label.right <= 1 for label in labels)


def test_a_word_outside_its_segment_is_refused() -> None:
    with pytest.raises(ValueError, match=r"goes from 1\.0 to 2\.0 s, but holds 1\.5\.\.2\.5 s"):
        Segment(1.0, 2.0, "మాట", (TimedWord("మాట", 1.5, 2.5),))


def test_a_segment_outside_its_recording_is_refused() -> None:
    with pytest.raises(ValueError, match="but holds"):
        RecordingPicture("a.wav", TELUGU, "te-01", 2.0, (0.1,), (Segment(1.0, 2.5),))


def test_sound_that_browsers_do_not_play_is_refused() -> None:
    with pytest.raises(ValueError, match="given: 'audio/amr'"):
        EmbeddedSound(b"#!AMR\n", "audio/amr")


def test_a_right_to_left_language_is_written_from_the_right(report: Report) -> None:
    page = Page(render_report(report))

    assert ("rtl", "ur") in [(attributes.get("dir"), attributes.get("lang")) for _, attributes in page.tags]


def test_words_that_differ_between_two_transcripts_are_marked(report: Report) -> None:
    html = render_report(report)

    assert "<mark>వేగం</mark>" in html
    assert "<mark>వేగము</mark>" in html
    assert "<mark>గాలి" not in html


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300), st.integers(1, 240))
def test_pooling_never_loses_the_loudest_peak(peaks: list[float], count: int) -> None:
    pooled = drawing.pooled(peaks, count)

    assert len(pooled) == min(count, len(peaks))
    assert max(pooled) == max(peaks)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300), st.floats(0, 10), st.floats(0, 10))
def test_strokes_of_any_part_stay_in_their_box(peaks: list[float], one: float, other: float) -> None:
    start, end = sorted((one, other))

    path = drawing.bars(drawing.part(peaks, 10.0, start, end), 160)

    numbers = [tuple(map(float, stroke)) for stroke in re.findall(r"M([\d.]+) (-?[\d.]+)V(-?[\d.]+)", path)]
    assert numbers
    assert all(0 <= x <= drawing.WIDTH and 0 <= top <= bottom <= drawing.HEIGHT for x, top, bottom in numbers)


def test_the_file_is_written_whole(report: Report, tmp_path: Path) -> None:
    write_report(report, tmp_path / "report.html")

    assert (tmp_path / "report.html").read_text(encoding="utf-8") == render_report(report)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
