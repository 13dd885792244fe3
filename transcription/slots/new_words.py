"""Growth of a language's vocabulary, learnt from its accepted texts and kept: learnt anew as more are accepted.

Making the words of 20,000 texts comparable takes seconds, and people's texts come all day. So what was learnt of a
language stands until a twentieth more of texts came than it was learnt from: a text is read some twenty times in its
life, however many there are.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.accepted_texts import newest_accepted
from catalog.figures import keep_figure, kept_figure
from catalog.parts import in_parts
from catalog.tables import AuditEvent, Clip, Transcript
from transcription.context import ProjectContext
from transcription.rules.guideline import Guideline
from transcription.slots.vocabulary import Growth, Kind, Trait, WrittenClip, learn
from transcription.slots.voices import traits_of, voices_of
from transcription.text import comparison

LEARNT_FROM = 20_000
"""Accepted texts of a language, the newest, that tell how new words come up."""
LEARNT_AT_ONCE = 20_000
"""Texts after which no other language is learnt anew at one time; one that was never learnt from is not put off."""
AT_ONCE = 1_000
"""Texts that are asked for in one statement."""
NEWS = 20
"""What was learnt from twenty times as many texts as came since still holds."""
ACCEPTED = "texts accepted since words were learnt"
LEARNT = "new words of"
"""Figures of the project: what came, and for each language what was learnt."""


def growth_by_language(
    context: ProjectContext, languages: Iterable[str], *, now: datetime, at_once: int = LEARNT_AT_ONCE
) -> dict[str, Growth]:
    """How new words came up in the accepted texts of each language.

    At most a twentieth of texts newer than what was learnt; more where several large languages are due at once.
    at_once: texts that are read again, before no other language is
    """
    project = context.project.name
    with context.catalog.reading() as session:
        last = kept_figure(session, project, ACCEPTED, _Came)
        came = _count_new(session, project, last.value if last else None)
    came = _forget_withdrawn(context, came, now)
    with context.catalog.reading() as session:
        kept = {code: kept_figure(session, project, _name(code), _Learnt) for code in languages}
    found: dict[str, _Learnt] = {code: figure.value for code, figure in kept.items() if figure is not None}
    rules = {code: _rules(context.guideline_of(code)) for code in kept}
    due = [code for code in kept if _is_due(found.get(code), came.since.get(code, 0), rules[code])]
    for code in sorted(due, key=lambda code: (code in found, -came.since.get(code, 0), code)):
        if code in found:
            if at_once <= 0:
                break
            at_once -= found[code].texts
        with context.catalog.reading() as session:
            found[code] = _learn(session, context.guideline_of(code), project)
        _keep(context, _name(code), _Learnt, found[code], now)
        came = replace(came, since={**came.since, code: 0})
    _keep(context, ACCEPTED, _Came, came, now)
    return {code: learnt.growth for code, learnt in found.items()}


@dataclass(frozen=True, slots=True)
class _Came:
    """to: when the last text was accepted that was counted; since: texts by language, since its words were learnt"""

    to: datetime | None = None
    since: dict[str, int] = field(default_factory=dict)
    withdrawn: int = 0
    """The last voice that was taken back: an act's id."""


@dataclass(frozen=True, slots=True)
class _Learnt:
    """`Growth` as it is kept. rules: guideline by which words are compared; texts: that it was learnt from"""

    rules: str
    texts: int
    curves: dict[Kind, tuple[float, ...]]
    factors: dict[Kind, dict[str, float]]

    @property
    def growth(self) -> Growth:
        named = self.factors.items()
        return Growth(
            self.curves,
            {Trait(kind, value): factor for kind, values in named for value, factor in values.items()},
        )

    def without(self, voices: Iterable[str]) -> "_Learnt":
        """What was learnt, without these speakers' own words."""
        gone = set(voices)
        own = self.factors.get(Kind.SPEAKER, {})
        left = {voice: factor for voice, factor in own.items() if voice not in gone}
        return replace(self, factors={**self.factors, Kind.SPEAKER: left}) if len(left) < len(own) else self


def _is_due(learnt: _Learnt | None, came: int, rules: str) -> bool:
    return learnt is None or learnt.rules != rules or (came > 0 and came * NEWS >= learnt.texts)


def _forget_withdrawn(context: ProjectContext, came: _Came, now: datetime) -> _Came:
    """What was learnt of a voice by its id goes with the voice: at the first run after it was taken back."""
    project = context.project.name
    with context.catalog.reading() as session:
        acts = session.execute(
            select(AuditEvent.id, AuditEvent.subject_id)
            .where(AuditEvent.action == "consent.withdrawn", AuditEvent.id > came.withdrawn)
            .order_by(AuditEvent.id)
        ).all()
        if not acts:
            return came
        voices = [act.subject_id for act in acts]
        kept = {
            code: kept_figure(session, project, _name(code), _Learnt) for code in context.project.languages
        }
    for code, figure in kept.items():
        if figure is not None and (left := figure.value.without(voices)) != figure.value:
            _keep(context, _name(code), _Learnt, left, now)
    return replace(came, withdrawn=acts[-1].id)


def _count_new(session: Session, project: str, came: _Came | None) -> _Came:
    """Texts that were accepted since they were counted last, by language; the first time there is nothing to add to."""
    newest = session.scalar(select(func.max(Transcript.accepted_at)))
    if came is None or newest is None:
        return _Came(newest)
    texts = select(Transcript.clip_id).where(Transcript.accepted_at <= newest)
    if came.to is not None:
        texts = texts.where(Transcript.accepted_at > came.to)
    since = Counter(came.since)
    # The clips are asked for by name: of a join, SQLite reads every clip of the project.
    for clips in in_parts(session.scalars(texts).all(), AT_ONCE):
        languages = select(Clip.language).where(Clip.id.in_(clips), Clip.project_id == project)
        since.update(session.scalars(languages).all())
    return replace(came, to=newest, since=dict(since))


def _learn(session: Session, guideline: Guideline, project: str) -> _Learnt:
    """From the newest texts of the language."""
    wanted = select(Transcript.accepted_at, Transcript.version, Transcript.id, Transcript.clip_id)
    code = guideline.language.code
    rows = newest_accepted(session, wanted, project=project, language=code, most=LEARNT_FROM)
    found = [_Accepted(*row) for row in rows]
    newest: dict[str, _Accepted] = {}
    for text in sorted(found, key=lambda each: each.version):
        newest[text.clip] = text
    texts = heapq.nlargest(LEARNT_FROM, newest.values(), key=lambda each: (each.at, each.id))
    written = [
        each for some in in_parts(reversed(texts), AT_ONCE) for each in _written(session, some, guideline)
    ]
    growth = learn(written)
    factors: defaultdict[Kind, dict[str, float]] = defaultdict(dict)
    for trait, factor in growth.factors.items():
        factors[trait.kind][trait.value] = factor
    return _Learnt(_rules(guideline), len(written), dict(growth.curves), dict(factors))


@dataclass(frozen=True, slots=True)
class _Accepted:
    at: datetime
    version: int
    id: str
    clip: str


def _written(session: Session, texts: Sequence[_Accepted], guideline: Guideline) -> Iterator[WrittenClip]:
    """In the order that was asked for."""
    rows = session.execute(
        select(Transcript.id, Transcript.normalised, Clip.seconds, Clip.recording_id)
        .join(Clip, Clip.id == Transcript.clip_id)
        .where(Transcript.id.in_([text.id for text in texts]))
    ).all()
    by_id = {row.id: row for row in rows}
    voices = voices_of(session, {row.recording_id for row in rows})
    for text in texts:
        row = by_id[text.id]
        words = frozenset(comparison(row.normalised, guideline).split())
        yield WrittenClip(traits_of(voices.get(row.recording_id, ())), words, row.seconds / 60)


def _rules(guideline: Guideline) -> str:
    return f"{guideline.id} {guideline.sha256}"


def _name(language: str) -> str:
    return f"{LEARNT} {language}"


def _keep(context: ProjectContext, name: str, kind: Any, answer: object, now: datetime) -> None:
    project = context.project.name
    context.catalog.write(lambda session: keep_figure(session, project, name, kind, answer, at=now))
