"""What the released texts cost and how wrong they are: simulated people, real sentences, the real services.

    python -m bench.transcription_simulation [--clips 120] [--languages ml te hi] [--seeds 1 2 3] [--own-spelling 0.5]

People with known habits (bench/transcribers.py) write clips whose truth is known. They claim, submit, are judged,
measured on gold, held back and reviewed by the same code as in the field, on SQLite. Beside it stand plain strategies
on the same texts. WER is edits by true words over all released clips, the spelling-aware error the same but for what
the language permits; a reviewer finds and mends each wrong word of what they are shown with the accuracy that is
stated, and makes no new ones.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from rapidfuzz.distance import Levenshtein
from sqlalchemy import func, select, update

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.transcribers import Spoken, Writer
from bench.true_clips import GOLD, SENTENCES, Truth, repeated_share, true_clips
from catalog.config.project import AgreementRules, Project
from catalog.database import Catalog, open_catalog
from catalog.states import ReviewDecision, Role, SlotPurpose, SubmissionKind
from catalog.tables import Clip, Review, Slot, Standing, Submission, Transcript
from tests.transcription.village import START, Village, add_voice, build_village, project_with
from transcription import gold, queue
from transcription.collect import collect
from transcription.decisions import judgement
from transcription.decisions.agreement import error_rates, total
from transcription.decisions.consensus import consensus
from transcription.decisions.language_models import learn_model
from transcription.queue import HeldBack
from transcription.review import decide, next_review
from transcription.routing import route_clips
from transcription.rules.guideline import strict
from transcription.submission import SubmissionOutcome, submit

REVIEWER = 0.9
"""Wrong words that a reviewer finds and mends, as a share."""
CLIPS_A_VOICE = 25

TEN_PERCENT = (*(Writer(f"ten-{n}", "good", 0.10) for n in range(19)), Writer("spam", "spammer", 1.0))
MIXED = (
    *(Writer(f"good-{n}", "good", 0.03 + 0.007 * n) for n in range(11)),
    *(Writer(f"careless-{n}", "careless", 0.20) for n in range(4)),
    *(Writer(f"dialect-{n}", "dialect", 0.06) for n in range(3)),
    Writer("spam", "spammer", 1.0),
    Writer("copy", "copier", 1.0),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a way of working: per clip, and what came out.

    wer, aware: shares, plain and by permitted spellings; None where nothing was released
    """

    name: str
    transcriptions: float
    reviews: float
    released: float
    wer: float | None
    aware: float | None

    def __str__(self) -> str:
        wer, aware = ("—" if rate is None else f"{rate:.2%}" for rate in (self.wer, self.aware))
        costs = f"{self.transcriptions:6.2f} {self.reviews:8.2f} {self.released:9.0%}"
        return f"{self.name:52} {costs} {wer:>7} {aware:>9}"


@dataclass(frozen=True, slots=True)
class Outcome:
    cost: Cost
    held_back: dict[str, int]
    """By name: after how many texts, gold included."""
    most_written: dict[str, int]


def work(
    truth: Truth,
    crew: Sequence[Writer],
    rules: AgreementRules,
    *,
    name: str,
    reviewer: float | None,
    catalog: Catalog,
) -> Outcome:
    """Have a crew write every clip through the services. reviewer: accuracy; None where there is nobody"""
    bench = _Bench.open(truth, crew, rules, reviewer, catalog)
    bench.run()
    return bench.outcome(name)


def plain(truth: Truth, crew: Sequence[Writer], accuracy: float) -> list[Cost]:
    """What others do, on the same texts, with nobody held back."""
    dice = random.Random(truth.seed)
    numbers = range(GOLD, len(truth.clips))
    chosen = {n: dice.sample(list(crew), 3) for n in numbers}
    texts = {n: [truth.text(n, writer) for writer in chosen[n]] for n in numbers}

    first = {n: texts[n][0] for n in numbers}
    voted = {n: consensus(texts[n], truth.guideline).text for n in numbers}
    mended = {n: mend(texts[n][0], truth.clips[n], accuracy, dice) for n in numbers}
    return [
        Cost("one transcriber", 1, 0, 1, *_errors(truth, first)),
        Cost("two, the first one's text is taken", 2, 0, 1, *_errors(truth, first)),
        Cost("three, voted on word by word with equal weights", 3, 0, 1, *_errors(truth, voted)),
        Cost("one, and a reviewer sees every clip", 1, 1, 1, *_errors(truth, mended)),
    ]


def mend(text: str, clip: Spoken, accuracy: float, dice: random.Random) -> str:
    """What a reviewer makes of a text: each wrong stretch is put right with that accuracy, else left."""
    words, said = text.split(), list(clip.words)
    out: list[str] = []
    for op in Levenshtein.opcodes(words, said):
        right = op.tag == "equal" or dice.random() < accuracy
        out += said[op.dest_start : op.dest_end] if right else words[op.src_start : op.src_end]
    return " ".join(out) or text


@dataclass(slots=True)
class _Bench:
    truth: Truth
    village: Village
    writers: dict[str, Writer]
    reviewer: str | None
    accuracy: float
    number: dict[str, int]
    """Clip's index in the truth, by its id."""
    dice: random.Random
    written: Counter[str]
    held_back: dict[str, int]
    minute: int = 0

    @classmethod
    def open(
        cls,
        truth: Truth,
        crew: Sequence[Writer],
        rules: AgreementRules,
        reviewer: float | None,
        catalog: Catalog,
    ) -> "_Bench":
        village = build_village(catalog, _project(rules, truth.language), clips=0, speakers=0)
        lead = village.person("lead", [Role.REVIEWER], [truth.language])
        dice = random.Random(truth.seed)
        bench = cls(truth, village, {}, lead.id, reviewer or 1.0, {}, dice, Counter(), {})
        if reviewer is not None:
            bench._add_clips(range(GOLD))
            bench._make_gold()
        bench._add_clips(range(GOLD, len(truth.clips)))
        bench.reviewer = lead.id if reviewer is not None else None
        bench.writers = {village.person(each.name, languages=[truth.language]).id: each for each in crew}
        return bench

    def run(self) -> None:
        """Everybody takes a clip in turn, till there is nothing left for anybody."""
        people = sorted(self.writers)
        busy = True
        while busy:
            self.dice.shuffle(people)
            done = [self._one_clip(person) for person in people]
            busy = any(done)
            self._review()
            self._learn()
        collect(self.village.context, now=self._now())
        self._review()

    def outcome(self, name: str) -> Outcome:
        with self.village.catalog.reading() as session:
            finals = session.scalar(
                select(func.count())
                .select_from(Submission)
                .join(Slot, Slot.id == Submission.slot_id)
                .where(
                    Submission.kind == SubmissionKind.FINAL,
                    Slot.purpose == SlotPurpose.TRANSCRIPTION,
                    Submission.person_id.in_(self.writers),
                )
            )
            reviews = (session.scalar(select(func.count()).select_from(Review)) or 0) - self._golden
            texts = session.execute(
                select(Transcript.clip_id, Transcript.verbatim).order_by(Transcript.version)
            )
            released = {self.number[clip]: text for clip, text in texts.tuples() if self.number[clip] >= GOLD}
            held = set(session.scalars(select(Standing.person_id).where(Standing.held_back)))
        clips = len(self.truth.clips) - GOLD
        errors = _errors(self.truth, released) if released else (None, None)
        cost = Cost(name, (finals or 0) / clips, reviews / clips, len(released) / clips, *errors)
        names = {
            self.writers[person].name: self.held_back.get(person, self.written[person]) for person in held
        }
        return Outcome(
            cost, names, {each.name: self.written[person] for person, each in self.writers.items()}
        )

    @property
    def _golden(self) -> int:
        return GOLD if self.reviewer is not None else 0

    def _one_clip(self, person: str) -> bool:
        try:
            lease = queue.claim(self.village.context, person, now=self._now())
        except HeldBack:
            self.held_back.setdefault(person, self.written[person])
            return False
        if lease is None:
            return False
        text = self.truth.text(self.number[lease.clip_id], self.writers[person])
        request = str(self.written[person])
        sent = submit(self.village.context, lease.hold, text, request_id=request, now=self._now())
        assert sent.outcome is SubmissionOutcome.RECEIVED, sent
        self.written[person] += 1
        return True

    def _learn(self) -> None:
        """What the accepted texts look like by now, as the portal learns it every few minutes."""
        context = self.village.context
        with self.village.catalog.reading() as session:
            model = learn_model(session, context.project.name, self.truth.guideline)
        models = {self.truth.language: model} if model else {}
        self.village = replace(self.village, context=replace(context, language_models=models))

    def _review(self) -> None:
        if self.reviewer is None:
            return
        while item := next_review(self.village.context, self.reviewer, now=self._now()):
            clip = self.truth.clips[self.number[item.clip_id]]
            text = mend(item.proposal, clip, self.accuracy, self.dice)
            same = text == item.proposal
            decision = ReviewDecision.ACCEPT if same else ReviewDecision.ACCEPT_MINOR
            decide(
                self.village.context,
                item.hold,
                decision,
                text=None if same else text,
                now=self._now(),
            )

    def _add_clips(self, numbers: range) -> None:
        project = self.village.context.project
        with self.village.catalog.writing() as session:
            for first in range(numbers.start, numbers.stop, CLIPS_A_VOICE):
                batch = range(first, min(first + CLIPS_A_VOICE, numbers.stop))
                _, ids = add_voice(session, project, first, clips=len(batch), language=self.truth.language)
                for clip, index in zip(ids, batch, strict=True):
                    self.number[clip] = index
                    seconds = self.truth.clips[index].seconds
                    session.execute(update(Clip).where(Clip.id == clip).values(seconds=seconds))
        route_clips(self.village.context, now=self._now())

    def _make_gold(self) -> None:
        """Somebody who knows the texts writes the gold clips, and the lead accepts them."""
        village, project_context = self.village, self.village.context
        expert = village.person("expert", languages=[self.truth.language])
        assert self.reviewer is not None
        for number in range(GOLD):
            lease = queue.claim(project_context, expert.id, now=self._now())
            assert lease is not None
            true = self.truth.clips[self.number[lease.clip_id]].text
            submit(project_context, lease.hold, true, request_id=str(number), now=self._now())
            judgement.escalate(project_context, lease.task_id, by="bench", why="gold", now=self._now())
            item = next_review(project_context, self.reviewer, now=self._now())
            assert item is not None
            decide(project_context, item.hold, ReviewDecision.ACCEPT, now=self._now())
            gold.add_gold(project_context, lease.task_id, reviewer_id=self.reviewer, now=self._now())

    def _now(self) -> datetime:
        self.minute += 1
        return START.astimezone(UTC) + timedelta(minutes=self.minute)


def _project(rules: AgreementRules, language: str) -> Project:
    """A project in that language; a lease lasts, for nobody walks off."""
    project = project_with({"transcribers": 2, "lease_minutes": 100_000})
    consent = replace(project.consent, notices={language: "…"}, purposes={})
    return replace(project, languages=(language,), quotas={}, consent=consent, agreement=rules)


def _errors(truth: Truth, texts: dict[int, str]) -> tuple[float, float]:
    """Plain and spelling-aware word error rates of texts by number of the clip."""
    plain_rules = strict(truth.guideline)
    pairs = [(truth.clips[number].text, text) for number, text in texts.items()]
    wer, aware = (
        total([error_rates(true, text, rules) for true, text in pairs]).wer
        for rules in (plain_rules, truth.guideline)
    )
    return wer, aware


WAYS: tuple[tuple[str, AgreementRules, float | None], ...] = (
    ("Boli: a reviewer for doubtful words", AgreementRules(), REVIEWER),
    ("Boli: a third for doubtful words, then a reviewer", AgreementRules(doubtful_words="third"), REVIEWER),
    ("Boli: a third for doubtful words, no reviewer", AgreementRules(doubtful_words="third"), None),
    ("agreement by characters alone", AgreementRules(doubt_at_most=1.0), REVIEWER),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=120)
    parser.add_argument("--languages", nargs="+", default=["ml", "te", "hi"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument(
        "--own-spelling", type=float, default=0.0, help="Of words with several spellings, a share."
    )
    parser.add_argument("--sentences", type=Path, default=SENTENCES, help="Lists of transcribed recordings.")
    parser.add_argument(
        "--help-pages", type=Path, help="Sentences of /usr/share/help (gnome-user-docs) instead."
    )
    parser.add_argument("--only-ours", action="store_true", help="The default rules alone.")
    options = parser.parse_args()
    draws = [(language, seed) for language in options.languages for seed in options.seeds]
    for index, (language, seed) in enumerate(draws):
        truth = true_clips(
            language, options.clips, seed, options.sentences, options.own_spelling, options.help_pages
        )
        title = f"seed {seed}: 19 people at 10 % and a spammer, {repeated_share(truth):.0%} of it said before"
        every_way = index == 0 and not options.only_ours
        compare(truth, title, TEN_PERCENT, WAYS if every_way else WAYS[:1])
        if every_way:
            compare(truth, "20 people of all kinds", MIXED, WAYS[:2])


def compare(
    truth: Truth, title: str, crew: Sequence[Writer], ways: Sequence[tuple[str, AgreementRules, float | None]]
) -> None:
    """Print what plain strategies and ours cost, and how wrong their texts are."""
    clips = len(truth.clips) - GOLD
    print(f"\n{truth.language}: {title}, {clips} clips, reviewers find {REVIEWER:.0%} of wrong words")
    print(f"{'a clip:':52} {'texts':>6} {'reviews':>8} {'released':>9} {'WER':>7} {'spelling':>9}")
    for cost in plain(truth, crew, REVIEWER):
        print(cost)
    for name, rules, reviewer in ways:
        with TemporaryDirectory(prefix="boli-bench-") as folder:
            catalog = open_catalog(f"sqlite:///{folder}/boli.sqlite")
            outcome = work(truth, crew, rules, name=name, reviewer=reviewer, catalog=catalog)
            catalog.close()
        print(outcome.cost, flush=True)
        for who, after in sorted(outcome.held_back.items()):
            print(f"    held back: {who} after {after} clips")


if __name__ == "__main__":
    main()
