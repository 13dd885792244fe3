"""Language models are learnt when they are asked for, one by one, and anew after a while."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from catalog.database import Catalog
from tests.transcription.village import START, build_village
from transcription.decisions.language_models import LAST, LanguageModels


@pytest.fixture
def reads(catalog: Catalog) -> list[str]:
    """What is asked of the accepted texts."""
    reads: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "transcript" in statement:
            reads.append(statement)

    event.listen(catalog.engine, "before_cursor_execute", note)
    return reads


def test_a_language_is_learnt_once_when_it_is_asked_for_and_anew_after_a_while(catalog, reads):
    village, now = build_village(catalog, clips=1), [START]
    models = LanguageModels(catalog, "demo", village.context.guidelines, lambda: now[0])

    assert reads == []
    assert models.get("te") is None and models.get("te") is None and "xx" not in models
    assert len(reads) == 1
    now[0] += LAST + timedelta(seconds=1)
    assert models.get("te") is None
    assert len(reads) == 2


def test_nothing_is_learnt_for_whom_nothing_is_judged(catalog, reads):
    village = build_village(catalog, clips=1)

    LanguageModels(catalog, "demo", village.context.guidelines, lambda: START)

    assert reads == []
