"""The language models of a project, each learnt from its accepted texts when it is first asked for."""

import heapq
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.accepted_texts import newest_accepted
from catalog.database import Catalog
from catalog.states import SubmissionKind
from catalog.tables import Submission, Task, Transcript
from transcription.decisions.consensus import decided_words
from transcription.decisions.language_fit import DecidedWord, LanguageFit, learn
from transcription.rules.guideline import Guideline
from transcription.text import comparison

LEARNT_FROM = 1000
"""Accepted texts of a language, the newest, that its model is made of."""
DECIDED_FROM = 300
"""Reviewed texts of these, the newest, that tell how far the model is to be believed."""
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
    """The model of a guideline's language, by its newest texts; None of too few accepted texts."""
    wanted = select(
        Transcript.accepted_at,
        Transcript.id,
        Transcript.clip_id,
        Transcript.review_id,
        Transcript.normalised,
    )
    code = guideline.language.code
    rows = newest_accepted(session, wanted, project=project, language=code, most=LEARNT_FROM)
    newest = [_Accepted(*row) for row in rows]
    newest = heapq.nlargest(LEARNT_FROM, newest, key=lambda each: (each.at, each.id))
    return learn([comparison(each.text, guideline) for each in newest], _decided(session, newest, guideline))


@dataclass(frozen=True, slots=True)
class _Accepted:
    at: datetime
    id: str
    clip: str
    review: str | None
    text: str


def _decided(session: Session, accepted: Sequence[_Accepted], guideline: Guideline) -> list[DecidedWord]:
    """The words that reviewers decided in the newest of these texts."""
    newest: dict[str, int] = {}
    for number, each in enumerate(accepted):
        if each.review is not None:
            newest.setdefault(each.clip, number)
    numbers = dict(islice(newest.items(), DECIDED_FROM))
    rows = session.execute(
        select(Task.clip_id, Submission.normalised)
        .join(Task, Task.id == Submission.task_id)
        .where(Task.clip_id.in_(numbers), Submission.kind == SubmissionKind.FINAL)
        .order_by(Submission.id)
    )
    written: defaultdict[str, list[str]] = defaultdict(list)
    for clip, text in rows:
        written[clip].append(text)
    return [
        DecidedWord(numbers[clip], right, wrong)
        for clip, texts in written.items()
        for right, wrong in decided_words(accepted[numbers[clip]].text, texts, guideline)
    ]
