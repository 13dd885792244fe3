"""What the portal says, in every language it says it in."""

import re

import pytest

from portal.i18n.remarks import REMARKS
from portal.i18n.translation import (
    LANGUAGES,
    SOURCE,
    best_language,
    interface_language,
    messages,
    script_messages,
)
from portal.i18n.update_messages import collect, is_translated
from transcription.text.checker import CODES

FOREIGN = [code for code in LANGUAGES if code != SOURCE]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
TAG = re.compile(r"</?[a-z]+>")


@pytest.fixture(scope="module")
def said():
    """Everything the portal says, in English."""
    return {message.id: message for message in collect() if message.id}


@pytest.mark.parametrize("code", FOREIGN)
def test_nothing_is_left_in_english(code, said):
    catalogue = {message.id: message for message in messages(code) if message.id}

    assert set(said) - set(catalogue) == set(), (
        "run python -m portal.i18n.update_messages, then translate what is new"
    )
    assert set(catalogue) - set(said) == set(), "run python -m portal.i18n.update_messages"
    assert [
        key for key, message in catalogue.items() if message.fuzzy or not is_translated(message.string)
    ] == []


@pytest.mark.parametrize("code", FOREIGN)
def test_a_translation_keeps_what_is_filled_in(code):
    for message in messages(code):
        if not message.id:
            continue
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        wanted = set(PLACEHOLDER.findall(originals[-1])), sorted(TAG.findall(originals[-1]))
        for form in forms:
            # a language may say "one clip" without the figure
            given = set(PLACEHOLDER.findall(form)) | (
                {"%(num)s", "%(num)d"} & wanted[0] if len(forms) > 1 else set()
            )
            assert given == wanted[0], (originals, form)
            assert sorted(TAG.findall(form)) == wanted[1], (originals, form)


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_message_stays_none_and_shows_nothing_of_the_catalogue_itself(code):
    assert interface_language(code).gettext("") == ""


@pytest.mark.parametrize("code", FOREIGN)
def test_a_translation_is_written_in_its_own_script(code):
    script = re.compile("[\u0900-\u0d7f\u0600-\u06ff\ufb50-\ufeff]")
    for message in messages(code):
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        if message.id and re.search(r"[a-z]{4}", PLACEHOLDER.sub("", TAG.sub("", str(message.id)))):
            assert all(script.search(form) for form in forms), message.id


@pytest.mark.parametrize("code", FOREIGN)
def test_scripts_get_their_messages_and_no_others(code, said):
    assert len(interface_language(code).gettext("Sign in")) > 0
    assert 0 < len(script_messages(code)) < len(said)


def test_every_remark_of_the_checker_is_said_in_every_language():
    assert set(CODES) == set(REMARKS)


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "ta-IN,en;q=0.8", "ta"),
        (None, "de,fr;q=0.9", "en"),
        ("ur", "ta", "ur"),
        ("xx", "pa", "pa"),
        (None, "x;q=nonsense,hi;q=0.2,bn;q=0.9", "bn"),
    ],
)
def test_a_reader_gets_their_language(chosen, accepted, language):
    assert best_language(chosen, accepted) == language


LIMITS = {"most", "size", "days", "texts", "reviews"}
"""Numbers that are never one: limits of ours, the days of a choice, and averages with their decimals."""


def test_every_count_of_something_has_a_singular(said):
    nouns = {
        noun
        for message in said
        if isinstance(message, tuple)
        for noun in re.findall(r"%\(num\)[sd] (?:[a-z]+ )?([a-z]+s)\b", message[1])
    }
    counted = re.compile(r"%\((\w+)\)[sd] (?:[a-z]+ )?(?:" + "|".join(nouns) + r")\b")

    assert {"clips", "recordings", "texts", "words"} <= nouns
    assert [
        message for message in said if isinstance(message, str) and (set(counted.findall(message)) - LIMITS)
    ] == []
