"""The language models of a project, each learnt from its accepted texts when it is first asked for."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from catalog.consent import taken_back
from catalog.database import Catalog
from catalog.distinct import distinct_values
from catalog.tables import Clip, Transcript
from transcription.decisions.language_fit import LanguageFit, learn
from transcription.rules.guideline import Guideline
from transcription.text import comparison

LEARNT_FROM = 1000
"""Accepted texts of a language, the newest, that its model is made of."""
LAST = timedelta(minutes=10)
"""How long a model is used before it is learnt anew: texts that were taken back are forgotten with it."""


class LanguageModels(Mapping[str, LanguageFit]):
    """By language code; a language with too few texts has none.

    Learning one takes seconds, so only what is asked for is learnt, and whoever asks for another doesn't wait.
    """

    def __init__(
        self,
        catalog: Catalog,
        project: str,
        guidelines: Mapping[str, Guideline],
        clock: Callable[[], datetime],
    ) -> None:
        self._catalog = catalog
        self._project = project
        self._guidelines = guidelines
        self._clock = clock
        self._locks = {code: threading.Lock() for code in guidelines}
        self._learnt: dict[str, tuple[datetime, LanguageFit | None]] = {}

    def __getitem__(self, language: str) -> LanguageFit:
        if language not in self._locks:
            raise KeyError(language)
        with self._locks[language]:
            now = self._clock()
            learnt = self._learnt.get(language)
            if learnt is None or now - learnt[0] > LAST:
                with self._catalog.reading() as session:
                    model = learn_model(session, self._project, self._guidelines[language])
                learnt = self._learnt[language] = now, model
        if learnt[1] is None:
            raise KeyError(language)
        return learnt[1]

    def __iter__(self) -> Iterator[str]:
        return (code for code in self._guidelines if self.get(code) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def learn_model(session: Session, project: str, guideline: Guideline) -> LanguageFit | None:
    """The model of a guideline's language; None of too few accepted texts.

    The newest of each version of the guideline, by an index, and of those the newest: however many texts there are.
    """
    code = guideline.language.code
    clip = aliased(Clip)
    ours = exists().where(
        clip.id == Transcript.clip_id,
        clip.project_id == project,
        clip.language == code,
        ~taken_back(clip.recording_id),
    )
    newest: list[tuple[datetime, str, str]] = []
    for version in session.scalars(distinct_values(Transcript.guideline)):
        if version.startswith(f"{code}/"):
            rows = session.execute(
                select(Transcript.accepted_at, Transcript.id, Transcript.normalised)
                .where(Transcript.guideline == version, ours)
                .order_by(Transcript.accepted_at.desc())
                .limit(LEARNT_FROM)
            )
            newest += rows.tuples()
    newest.sort(key=lambda row: (row[0], row[1]), reverse=True)
    return learn([comparison(text, guideline) for _, _, text in newest[:LEARNT_FROM]])
