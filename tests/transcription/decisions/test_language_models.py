"""Language models are learnt when they are asked for, one by one, and anew after a while."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy import event

from catalog.database import Catalog
from tests.transcription.village import START, build_village
from transcription.decisions.language_models import LAST, LanguageModels


@pytest.fixture
def learnt(catalog: Catalog) -> list[str]:
    """Languages of which texts were read, in the order in which they were."""
    languages: list[str] = []

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Iterable[object], *_rest: object
    ) -> None:
        if "FROM transcript" in statement:
            given = parameters.values() if isinstance(parameters, dict) else parameters
            languages.extend(each for each in given if each in ("te", "kn"))

    event.listen(catalog.engine, "before_cursor_execute", note)
    return languages


def test_a_language_is_learnt_once_when_it_is_asked_for_and_anew_after_a_while(catalog, learnt):
    village, now = build_village(catalog, clips=1), [START]
    models = LanguageModels(catalog, "demo", village.context.guidelines, lambda: now[0])

    assert learnt == []
    assert models.get("te") is None and models.get("te") is None and "xx" not in models
    assert learnt == ["te"]
    now[0] += LAST + timedelta(seconds=1)
    assert models.get("te") is None
    assert learnt == ["te", "te"]


def test_nothing_is_learnt_for_whom_nothing_is_judged(catalog, learnt):
    village = build_village(catalog, clips=1)

    LanguageModels(catalog, "demo", village.context.guidelines, lambda: START)

    assert learnt == []
