"""Guidelines: what a language decides, what it inherits, and what a faulty file is told."""

import shutil
from pathlib import Path

import pytest

from catalog.config.configuration import ConfigurationError
from tests.transcription.sentences import CONFIGS, guidelines, languages
from transcription.rules.guideline import load_guideline
from transcription.text import check
from transcription.text.checker import Severity


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    for name in ("guidelines", "languages", "spellings"):
        shutil.copytree(CONFIGS / name, tmp_path / name)
    shutil.copy(CONFIGS / "tags.yaml", tmp_path)
    return tmp_path


def test_every_language_has_rules() -> None:
    found = guidelines()

    assert set(found) == set(languages())
    assert all(guideline.id == f"{code}/v1" and guideline.rules for code, guideline in found.items())
    assert len(found["te"].tags) == 13


def test_every_example_obeys_its_own_guideline() -> None:
    for code, guideline in guidelines().items():
        for example in guideline.examples:
            errors = [f for f in check(example.write, guideline) if f.severity is Severity.ERROR]

            assert not errors, (code, example.write)


def test_a_language_adds_to_what_it_inherits() -> None:
    telugu = guidelines()["te"]

    assert telugu.rules[0].startswith("Write exactly what is said")
    assert "అంకెలను" in telugu.rules[-2]
    assert telugu.alternatives


def test_a_language_without_a_guideline_of_its_own_is_written_by_the_default(configs: Path) -> None:
    guideline = load_guideline(configs, languages()["sat"])

    assert guideline.id == "sat/v1"
    assert guideline.punctuation == frozenset(".,?!-᱾᱿")


def test_a_changed_rule_changes_the_fingerprint(configs: Path) -> None:
    before = load_guideline(configs, languages()["te"])

    path = configs / "guidelines" / "default" / "v1.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("alternatives: true", "alternatives: false"), "utf-8"
    )
    after = load_guideline(configs, languages()["te"])

    assert before.sha256 == guidelines()["te"].sha256 != after.sha256
    assert not after.alternatives
    assert [f.code for f in check("{ఒక | రెండు}", after)] == ["alternatives"]


def test_a_guideline_can_write_numbers_as_digits_and_english_in_latin(configs: Path) -> None:
    path = configs / "guidelines" / "te" / "v2.yaml"
    path.write_text("version: v2\ninherits: te/v1\nnumerals: digits\nenglish_words: latin\ntags: [noise]\n")

    guideline = load_guideline(configs, languages()["te"], "v2")

    assert check("hospital కి 25 మంది <noise>", guideline) == ()
    assert [f.code for f in check("<cough>", guideline)] == ["unknown_tag"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: v3\n", "1: version is the file's name, given 'v3'"),
        ("version: v2\ninherits: default/v9\n", "can't be read"),
        ("version: v2\ninherits: te/v2\n", "leads back to this file"),
        ("version: v2\ninherits: default\n", "2: inherits has the form"),
        ("version: v2\ntags: [nois]\n", "names tags that `default` doesn't have: nois"),
        (
            "version: v2\nnumerals: word\n",
            "2: numerals is one of words, digits, given 'word'.\nDid you mean `words`?",
        ),
        (
            "version: v2\ncharacters_per_second: {at_least: 9, at_most: 3}\n",
            "is less than at_most (3), given 9",
        ),
    ],
)
def test_a_fault_in_a_guideline_is_told(configs: Path, text: str, told: str) -> None:
    path = configs / "guidelines" / "te" / "v2.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_guideline(configs, languages()["te"], "v2")

    assert told in str(caught.value).replace(f"{path}:", "")


def test_a_version_that_is_not_there_is_told(configs: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"te/v7\.yaml: can't be read"):
        load_guideline(configs, languages()["te"], "v7")
