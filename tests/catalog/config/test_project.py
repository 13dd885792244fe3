"""Projects as coordinators write them."""

from pathlib import Path

import pytest

from catalog.config.configuration import ConfigurationError
from catalog.config.project import Project, load_project, load_projects
from catalog.config.release_rules import Splits
from catalog.config.sentence import Sentence
from catalog.consent import ConsentScope, Purpose
from catalog.states import Role
from tests.conftest import REPOSITORY

CONFIGS = REPOSITORY / "configs"
LANGUAGES = frozenset(path.stem for path in (CONFIGS / "languages").glob("*.yaml"))
RECIPES = frozenset(path.stem for path in (CONFIGS / "recipes").glob("*.yaml"))

SMALLEST = """\
name: village
title: A village
languages: [te]
consent:
  version: "1"
  notices:
    te: నమస్కారం
clips:
  recipe: field
release:
  name: village
  licence: CC-BY-4.0
"""


ASKING = SMALLEST.replace(
    "    te: నమస్కారం\n",
    "    te: |\n      మీ భాషను ఫోన్లు అర్థం చేసుకునేలా\n      చేయడానికి. వ్యాపారానికి కూడా.\n"
    "  purposes:\n    speech_recognition: {te: ఫోన్లు అర్థం చేసుకునేలా చేయడానికి}\n    commercial: {te: వ్యాపారానికి కూడా}\n",
)
"""What SMALLEST is with purposes, which its notice names."""


def loaded(tmp_path: Path, text: str) -> Project:
    path = tmp_path / "village.yaml"
    path.write_text(text, encoding="utf-8")
    return load_project(path, languages=LANGUAGES, recipes={"field"})


def told(tmp_path: Path, text: str) -> str:
    """What is wrong with it, each rule and mend of which a page can say in its reader's language."""
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, text)
    said = [part for fault in caught.value.broken for part in (fault.rule, fault.mend) if part]
    assert all(isinstance(part, Sentence) for part in said), said
    return str(caught.value).replace(f"{tmp_path / 'village.yaml'}:", "")


def test_the_projects_of_the_house_load() -> None:
    projects = load_projects(CONFIGS / "projects", languages=LANGUAGES, recipes=RECIPES)

    demo, field = projects["demo"], projects["field"]
    assert demo.languages == ("te", "kn", "sw")
    assert demo.transcription.transcribers == 2
    assert demo.agreement.threshold == 0.10
    assert demo.agreement.third_on_disagreement
    assert demo.pay is not None and Role.TRANSCRIBER in demo.pay.rates
    assert field.transcription.transcribers == 1
    assert {"ml", "te", "hi", "kn", "sw"} <= set(field.languages)


def test_every_project_tells_its_speakers_in_their_own_language() -> None:
    for project in load_projects(CONFIGS / "projects", languages=LANGUAGES, recipes=RECIPES).values():
        for code in (*project.languages, "en-IN"):
            paragraphs = project.consent.notices[code].splitlines()

            assert len(paragraphs) == 7, (project.name, code)
            assert '"' in paragraphs[-1], "the last line says which words to answer with"


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    project = loaded(tmp_path, SMALLEST)

    assert project.transcription.transcribers == 1
    assert project.consent.scopes == (ConsentScope.TRANSCRIPTION, ConsentScope.PUBLICATION)
    assert project.pay is None
    assert project.limits.recording_hours == 4
    assert project.review.loops == 3


def test_a_wrong_share_is_told_with_line_and_mend(tmp_path: Path) -> None:
    text = SMALLEST + "agreement:\n  threshold: 15\n"

    assert "14: agreement.threshold is a share between 0 and 1, given 15" in told(tmp_path, text)
    assert "Write 0.15 for 15 %." in told(tmp_path, text)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("name: village\ntitle", "name: town\ntitle"), "1: name is the file's name, given 'town'"),
        (("languages: [te]", "languages: []"), "3: languages names at least one language"),
        (("languages: [te]", "languages: [te, te]"), "3: languages[1] repeats 'te'"),
        (
            ("languages: [te]", "languages: [te, kn]"),
            "6: consent.notices has no text in 'kn', a project language",
        ),
        (("languages: [te]", "languages: [te, Telugu]"), "3: languages[1] has the form"),
        (("te: నమస్కారం", "te: నమస్కారం\n    xx: Hello"), "8: consent.notices.xx is no configured language"),
        (
            ("recipe: field", "recipe: feild"),
            "9: clips.recipe is a recipe in configs/recipes, given 'feild'.\nDid you mean `field`?",
        ),
        (("licence: CC-BY-4.0", "licence: CC BY 4.0"), "12: release.licence is an SPDX identifier"),
        (
            ("licence: CC-BY-4.0", "licence: CC-BY-4.0\n  splits: {train: 0.9}"),
            "13: release.splits adds up to 1, given 1.1",
        ),
        (
            ("recipe: field", "recipe: field\n  min_seconds: 5\n  max_seconds: 3"),
            "10: clips.min_seconds is less than max_seconds (3), given 5",
        ),
        (
            ("licence: CC-BY-4.0", "licence: CC-BY-4.0\n  forms: [lhotse, kaldy]"),
            "13: release.forms[1] is one of",
        ),
        (
            (
                "title: A village",
                "title: A village\nquotas: {te: {hours: 1, by_gender: {female: 0.8, male: 0.8}}}",
            ),
            "quotas.te.by_gender adds up to the hours of the language at most, given 1.6 > 1",
        ),
        (
            ("title: A village", "title: A village\nquotas: {hi: {hours: 1}}"),
            "quotas.hi is no language of the project",
        ),
        (
            ("title: A village", "title: A village\ntranscription: {transcribers: 3}"),
            "transcription.transcribers is at most 2, given 3",
        ),
        (
            ("title: A village", "title: A village\ntranscription: {lease_minutes: 5, heartbeat_minutes: 3}"),
            "transcription.heartbeat_minutes is at most half of lease_minutes (5), given 3",
        ),
        (("title: A village", "title: A village\npay: {currency: rupees}"), "pay.currency has the form"),
        (
            (
                "title: A village",
                "title: A village\npay: {currency: INR, rates: {transcriber: {amount: -1, per: word}}}",
            ),
            "pay.rates.transcriber.amount is at least 0, given -1",
        ),
        (
            (
                "title: A village",
                "title: A village\npay: {currency: INR, rates: {transcriber: {amount: 1, per: hour}}}",
            ),
            "is one of audio_minute, word, given 'hour'",
        ),
        (
            ('version: "1"', 'version: "1"\n  scopes: [transcribe]'),
            "is one of transcription, publication, given 'transcribe'",
        ),
        (('version: "1"', "version: 1"), "consent.version is text, given 1"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    text = SMALLEST.replace(*change)
    assert text != SMALLEST

    assert fault in told(tmp_path, text)


def test_purposes_that_every_notice_names_are_asked_for_and_given_out(tmp_path: Path) -> None:
    project = loaded(tmp_path, ASKING)

    asked = (Purpose.SPEECH_RECOGNITION, Purpose.COMMERCIAL)
    assert tuple(project.consent.purposes) == project.purposes_of(project.release) == asked
    assert project.consent.questions == ["transcription", "publication"]
    yes = [ConsentScope.TRANSCRIPTION, ConsentScope.PUBLICATION]
    assert project.consent.purposes_of(yes, notice_version="1") == asked
    assert project.consent.purposes_of(yes[:1], notice_version="1") == ()
    assert project.consent.purposes_of(yes, notice_version="0") is None


def test_voice_cloning_is_no_unless_it_is_said(tmp_path: Path) -> None:
    project = loaded(tmp_path, ASKING.replace("    commercial:", "    voice_cloning:"))

    yes = [ConsentScope.TRANSCRIPTION, ConsentScope.PUBLICATION]
    assert project.consent.questions == ["transcription", "publication", "voice_cloning"]
    assert Purpose.VOICE_CLONING not in (project.consent.purposes_of(yes, notice_version="1") or ())
    assert Purpose.VOICE_CLONING in (
        project.consent.purposes_of(yes, notice_version="1", voice_cloning=True) or ()
    )
    assert Purpose.VOICE_CLONING not in project.purposes_of(project.release)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            ("commercial: {te: వ్యాపారానికి కూడా}", "commercial: {te: అమ్మకానికి}"),
            "12: consent.purposes.commercial.te is named by words that stand in the notice, given 'అమ్మకానికి'.\nCopy",
        ),
        (
            ("commercial: {te: వ్యాపారానికి కూడా}", "commercial: {}"),
            "consent.purposes.commercial has no words of the notice in 'te'",
        ),
        (("    commercial:", "    advertising:"), "is one of speech_recognition, speech_synthesis"),
        (
            ("licence: CC-BY-4.0", "licence: CC-BY-4.0\n  purposes: [research]"),
            "release.purposes[0] is a purpose that the project asks a yes for, given 'research'",
        ),
    ],
)
def test_a_purpose_that_nobody_heard_of_is_refused_on_load(
    tmp_path: Path, change: tuple[str, str], fault: str
) -> None:
    text = ASKING.replace(*change)
    assert text != ASKING

    assert fault in told(tmp_path, text)


def test_an_unknown_language_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    text = SMALLEST.replace("[te]", "[te, ori]").replace("te: నమస్కారం", "te: నమస్కారం\n    ori: x")

    assert "3: languages[1] is a configured language, given 'ori'.\nAdd configs/languages/ori.yaml" in told(
        tmp_path, text
    )
    assert "Did you mean `or`?" in told(tmp_path, text)


def test_a_project_defends_itself_without_a_file() -> None:
    with pytest.raises(ValueError, match="adds up to 1"):
        Splits(train=0.5, validation=0.1, test=0.1)
