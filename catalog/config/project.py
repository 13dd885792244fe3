"""A project: what is collected, under which consent, by which rules, for which pay, into which dataset.

Read from `configs/projects/<name>.yaml`; hours, minutes, shares and money are as a coordinator writes them.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from catalog.age import is_minor_band
from catalog.config.configuration import Broken, ConfigurationError, Share, Unfit, load, nearest
from catalog.config.recognisers import PrefillRules, Recogniser
from catalog.config.release_rules import ReleaseRules
from catalog.config.retention import Retention
from catalog.config.sentence import Sentence
from catalog.config.types import EXACT, AgeBand, Gender, Hours, LanguageCode, Name, Text, Version
from catalog.consent import UNKNOWN_NOTICE, ConsentScope, Purpose
from catalog.states import Role


@dataclass(frozen=True, slots=True, config=EXACT)
class Quota:
    """Hours wanted of one language; the parts of a breakdown add up to the whole at most."""

    hours: Hours
    by_district: Mapping[str, Hours] = field(default_factory=dict)
    by_gender: Mapping[Gender, Hours] = field(default_factory=dict)
    by_age_band: Mapping[AgeBand, Hours] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts: tuple[tuple[str, Collection[float]], ...] = (
            ("by_district", self.by_district.values()),
            ("by_gender", self.by_gender.values()),
            ("by_age_band", self.by_age_band.values()),
        )
        _refuse(
            Broken(
                (name,),
                Sentence("adds up to the hours of the language at most"),
                Sentence("Lower the parts, or raise `hours`."),
                given=f"{sum(hours):g} > {self.hours:g}",
            )
            for name, hours in parts
            if sum(hours) > self.hours * (1 + 1e-9)
        )


@dataclass(frozen=True, slots=True, config=EXACT)
class Consent:
    """What a speaker hears before the first recording, and what a yes allows.

    notices: by language code; the text is read aloud to the speaker, word for word
    """

    version: Text
    notices: Mapping[LanguageCode, Text]
    scopes: tuple[ConsentScope, ...] = (ConsentScope.TRANSCRIPTION, ConsentScope.PUBLICATION)
    public_licence: Text | None = None
    """For a corpus that is public already: the licence under which its speakers gave their voices, which then
    stands for consent wherever no list beside the recordings brings one."""
    demonstration: bool = False
    """Nobody real is recorded: the notices are used though no native speaker has signed them. Pages say so."""
    evidence_after_withdrawal: Literal["keep", "erase"] = "keep"
    """The spoken or signed yes of a speaker who took it back: kept, to show that there was one, or erased too."""
    purposes: Mapping[Purpose, Mapping[LanguageCode, Text]] = field(default_factory=dict)
    """What the project asks a yes for, each with the words of every notice that name it. None asks for none: then
    the notice and the licence alone say what published speech is for."""

    minors: bool = False
    """Whether speakers under 18 may be asked at all, each with a parent or guardian who says yes in their place."""

    def __post_init__(self) -> None:
        if not self.scopes:
            rule, mend = Sentence("names at least one use"), Sentence("Write [transcription, publication].")
            raise Unfit(Broken(("scopes",), rule, mend))
        _refuse(self._unnamed())

    @property
    def questions(self) -> list[str]:
        """What a speaker is asked one by one: the scopes, and voice cloning where the project asks for it."""
        cloning = [Purpose.VOICE_CLONING.value] if Purpose.VOICE_CLONING in self.purposes else []
        return [*(scope.value for scope in self.scopes), *cloning]

    def purposes_of(
        self, scopes: Collection[ConsentScope], *, notice_version: str, voice_cloning: bool = False
    ) -> tuple[Purpose, ...] | None:
        """What a yes to these scopes agrees to, by the notice that was heard; None: by one that isn't known here.

        voice_cloning: whether that was said yes to by itself
        """
        if notice_version not in (self.version, UNKNOWN_NOTICE):
            return None
        if ConsentScope.PUBLICATION not in scopes:
            return ()
        return tuple(each for each in self.purposes if voice_cloning or each is not Purpose.VOICE_CLONING)

    def _unnamed(self) -> Iterable[Broken]:
        for purpose, words in self.purposes.items():
            for code in self.notices.keys() - words.keys():
                rule = Sentence("has no words of the notice in '%(language)s'", language=code)
                mend = Sentence(
                    "Write `%(language)s:` with the words of that notice which name it; have the notice say it first.",
                    language=code,
                )
                yield Broken(("purposes", purpose), rule, mend)
            for code, said in words.items():
                if _plain(said) not in _plain(self.notices.get(code, "")):
                    rule = Sentence("is named by words that stand in the notice")
                    mend = Sentence(
                        "Copy them out of the notice, letter by letter; or have the notice name this purpose."
                    )
                    yield Broken(("purposes", purpose, code), rule, mend, given=f"'{said}'")


@dataclass(frozen=True, slots=True, config=EXACT)
class Thresholds:
    """Where sound is too poor; what is left out holds as in the recipe."""

    snr_db_at_least: float | None = None
    clipped_share_at_most: Share | None = None
    speech_share_at_least: Share | None = None
    loudness_lufs_at_least: float | None = None
    bandwidth_hz_at_least: Annotated[float, Field(ge=0)] | None = None


@dataclass(frozen=True, slots=True, config=EXACT)
class ClipRules:
    """How recordings become clips: a recipe of `configs/recipes`, and where this project departs from it."""

    recipe: Name
    min_seconds: Annotated[float, Field(gt=0)] | None = None
    max_seconds: Annotated[float, Field(gt=0)] | None = None
    poor_sound: Literal["reject", "keep"] = "reject"
    """keep: poor clips are measured and reported, but still given to transcribers"""
    thresholds: Thresholds = Thresholds()
    voices: Literal["compare", "off"] = "compare"
    """compare: each recording's voice is held against its speaker's others and, of a new speaker, against everybody's;
    for that an embedding of the voice is kept, as personal data. off: none is made"""

    def __post_init__(self) -> None:
        if self.min_seconds and self.max_seconds and self.min_seconds >= self.max_seconds:
            rule = Sentence("is less than max_seconds (%(most)s)", most=f"{self.max_seconds:g}")
            mend = Sentence("Swap the two, or leave one out.")
            raise Unfit(Broken(("min_seconds",), rule, mend, given=f"{self.min_seconds:g}"))


@dataclass(frozen=True, slots=True, config=EXACT)
class Transcription:
    """How many people write a clip down, and how long they hold it."""

    transcribers: Annotated[int, Field(ge=1, le=2)] = 1
    guideline: Version = "v1"
    lease_minutes: Annotated[int, Field(ge=1)] = 30
    heartbeat_minutes: Annotated[int, Field(ge=1)] = 5
    blind_second_share: Share = 0.0
    """Share of the clips of a single-transcriber project that a second person writes down unseen."""
    max_pending_per_person: Annotated[int, Field(ge=1)] = 60
    wait_for_second_hours: Annotated[int, Field(ge=1)] = 72
    """How long a text waits for the next person's before a reviewer decides on what is there."""
    quiz_clips: Annotated[int, Field(ge=0)] = 0
    """Gold clips that a person writes right in a language before the first work in it."""

    def __post_init__(self) -> None:
        if self.heartbeat_minutes * 2 > self.lease_minutes:
            rule = Sentence("is at most half of lease_minutes (%(minutes)s)", minutes=str(self.lease_minutes))
            mend = Sentence("One lost beat must not cost the holder the clip.")
            raise Unfit(Broken(("heartbeat_minutes",), rule, mend, given=str(self.heartbeat_minutes)))


@dataclass(frozen=True, slots=True, config=EXACT)
class AgreementRules:
    """When two texts of one clip say the same. threshold: error rate between them, as a share."""

    threshold: Share = 0.10
    measure: Literal["cer", "wer"] = "cer"
    third_on_disagreement: bool = True
    doubt_at_most: Share = 0.025
    """Share of a text's words that may be expected wrong where it passes without a reviewer."""
    doubtful_words: Literal["review", "third"] = "review"
    """Who settles the words in which two texts differ that agree on the whole."""


@dataclass(frozen=True, slots=True, config=EXACT)
class ReviewRules:
    """What reviewers see beyond the disputed: shares of what would pass without them."""

    share: Share = 1.0
    super_check_share: Share = 0.05
    loops: Annotated[int, Field(ge=0)] = 3
    """How often a text may be sent back to its author."""


@dataclass(frozen=True, slots=True, config=EXACT)
class Rate:
    amount: Annotated[Decimal, Field(ge=0)]
    per: Literal["audio_minute", "word"]


@dataclass(frozen=True, slots=True, config=EXACT)
class Pay:
    """What accepted work earns, by role. currency: ISO 4217"""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    rates: Mapping[Role, Rate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, config=EXACT)
class IntakeLimits:
    """The largest recording that is taken in."""

    recording_hours: Hours = 4.0
    upload_mb: Annotated[int, Field(ge=1)] = 2000


@dataclass(frozen=True, slots=True, config=EXACT)
class Project:
    name: Name
    title: Text
    languages: tuple[LanguageCode, ...]
    consent: Consent
    clips: ClipRules
    release: ReleaseRules
    datasets: tuple[ReleaseRules, ...] = ()
    """Further datasets of the same clips, chosen otherwise; splits are those of `release`, so that no speaker is in
    train here and in test there."""
    quotas: Mapping[LanguageCode, Quota] = field(default_factory=dict)
    weekly_hours: Hours | None = None
    """Hours of sound that the field means to bring in a week: what the managers' first page is held against."""
    transcription: Transcription = Transcription()
    recognisers: Mapping[LanguageCode, Recogniser] = field(default_factory=dict)
    prefill: PrefillRules = PrefillRules()
    agreement: AgreementRules = AgreementRules()
    review: ReviewRules = ReviewRules()
    pay: Pay | None = None
    """Nothing: nobody is paid through Boli."""
    limits: IntakeLimits = IntakeLimits()
    retention: Retention = Retention()

    def __post_init__(self) -> None:
        _refuse(self._faults())

    @property
    def releases(self) -> tuple[ReleaseRules, ...]:
        """Every dataset of the project, the main one first."""
        return (self.release, *self.datasets)

    def purposes_of(self, rules: ReleaseRules) -> tuple[Purpose, ...]:
        """What one of the project's datasets is given out for; nothing where the project names no purposes."""
        if rules.purposes is not None:
            return rules.purposes
        return tuple(each for each in self.consent.purposes if each is not Purpose.VOICE_CLONING)

    def _faults(self) -> Iterable[Broken]:
        for where, rules in self._placed_releases():
            yield from self._unasked(where, rules)
            if "pairs" in rules.forms and not self.prefill.publish_pairs:
                rule = Sentence("lists pairs, which the project doesn't publish")
                mend = Sentence("Write `publish_pairs: true` under `prefill:`, or take pairs out.")
                yield Broken((*where, "forms"), rule, mend)
        if not self.languages:
            yield Broken(("languages",), Sentence("names at least one language"), Sentence("Write [te, kn]."))
        for index, code in enumerate(self.languages):
            if code in self.languages[:index]:
                rule = Sentence("repeats '%(language)s'", language=code)
                yield Broken(("languages", index), rule, Sentence("Name each language once."))
            if code not in self.consent.notices:
                rule = Sentence("has no text in '%(language)s', a project language", language=code)
                mend = Sentence(
                    "Add `%(language)s: |` with the notice as it is read aloud; start from "
                    "configs/notices/%(language)s.txt.",
                    language=code,
                )
                yield Broken(("consent", "notices"), rule, mend)
        for index, rules in enumerate(self.datasets):
            if rules.name in (self.release.name, *(each.name for each in self.datasets[:index])):
                rule = Sentence("is the name of another dataset of the project")
                mend = Sentence("Give each dataset a name of its own.")
                yield Broken(("datasets", index, "name"), rule, mend, given=f"'{rules.name}'")
        for code, quota in self.quotas.items():
            for band in quota.by_age_band:
                if is_minor_band(band) and not self.consent.minors:
                    rule = Sentence(
                        "asks for speakers under 18 ('%(band)s') in a project that takes none", band=band
                    )
                    mend = Sentence("Write `minors: true` under `consent:`, or take the band out.")
                    yield Broken(("quotas", code, "by_age_band", band), rule, mend)
        for part, named in (("quotas", self.quotas), ("recognisers", self.recognisers)):
            for code in named:
                if code not in self.languages:
                    rule = Sentence("is no language of the project")
                    yield Broken((part, code), rule, nearest(code, self.languages))

    def _placed_releases(self) -> Iterable[tuple[tuple[str | int, ...], ReleaseRules]]:
        yield ("release",), self.release
        for index, rules in enumerate(self.datasets):
            yield ("datasets", index), rules

    def _unasked(self, where: tuple[str | int, ...], rules: ReleaseRules) -> Iterable[Broken]:
        for index, purpose in enumerate(rules.purposes or ()):
            if purpose not in self.consent.purposes:
                rule = Sentence("is a purpose that the project asks a yes for")
                mend = Sentence(
                    "Name it in consent.purposes and in the notice, and ask the speakers; or take it out here."
                )
                yield Broken((*where, "purposes", index), rule, mend, given=f"'{purpose}'")


def load_project(path: Path, *, languages: Collection[str], recipes: Collection[str]) -> Project:
    """Read a project and hold it against the languages and recipes that are configured.

    languages: codes in `configs/languages`
    recipes:   names in `configs/recipes`
    raises: ConfigurationError
    """

    def check(project: Project) -> Iterable[Broken]:
        if project.name != path.stem:
            rule, mend = Sentence("is the file's name"), Sentence("Write %(name)s.", name=path.stem)
            yield Broken(("name",), rule, mend, given=f"'{project.name}'")
        for index, code in enumerate(project.languages):
            if code not in languages:
                rule, mend = Sentence("is a configured language"), _language_mend(code, languages)
                yield Broken(("languages", index), rule, mend, given=f"'{code}'")
        for code in project.consent.notices:
            if code not in languages:
                rule = Sentence("is no configured language")
                yield Broken(("consent", "notices", code), rule, _language_mend(code, languages))
        if project.clips.recipe not in recipes:
            rule, mend = Sentence("is a recipe in configs/recipes"), nearest(project.clips.recipe, recipes)
            yield Broken(("clips", "recipe"), rule, mend, given=f"'{project.clips.recipe}'")

    return load(path, Project, check=check)


def load_projects(
    folder: Path, *, languages: Collection[str], recipes: Collection[str]
) -> dict[str, Project]:
    """Every project of a folder by name. raises: ConfigurationError"""
    if not folder.is_dir():
        raise ConfigurationError(folder, [Broken((), "isn't a folder", "Check the path of the configs.")])
    return {
        path.stem: load_project(path, languages=languages, recipes=recipes)
        for path in sorted(folder.glob("*.yaml"))
    }


def _language_mend(code: str, languages: Collection[str]) -> Sentence:
    return Sentence(
        "Add configs/languages/%(language)s.yaml, or use what is there. %(nearest)s",
        language=code,
        nearest=nearest(code, languages),
    )


def _plain(text: str) -> str:
    """Without the difference of line breaks and of how letters are put together."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _refuse(faults: Iterable[Broken]) -> None:
    if found := tuple(faults):
        raise Unfit(*found)
