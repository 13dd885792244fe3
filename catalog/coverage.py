"""Coverage: hours against what is wanted, by district, gender and age: whom to ask next."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.config.project import Project, Quota
from catalog.states import ClipState, RecordingState, UploadState
from catalog.tables import Clip, Recording, RecordingSpeaker, Speaker, Upload, Verdict

UNKNOWN = ""
MOST_DISTRICTS = 40


@dataclass(frozen=True, slots=True)
class CoverageGroup:
    """People who count as alike. Empty where the project asks for no such difference, or nothing is known."""

    district: str
    gender: str
    age_band: str


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """One group's hours, in seconds. wanted: None where nobody said; next: whether most is missing here"""

    group: CoverageGroup
    recorded: float
    accepted: float
    wanted: float | None
    next: bool = False

    @property
    def share(self) -> float:
        """Of what is wanted, 1 at most."""
        return min(1.0, self.recorded / self.wanted) if self.wanted else 0.0

    @property
    def missing(self) -> float:
        return max(0.0, (self.wanted or 0.0) - self.recorded)


@dataclass(frozen=True, slots=True)
class DistrictRow:
    district: str
    cells: tuple[CoverageCell, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A language's hours. columns: gender and age of each cell of a row; most_missing: None where all is there"""

    language: str
    recorded: float
    accepted: float
    wanted: float | None
    columns: tuple[tuple[str, str], ...]
    rows: tuple[DistrictRow, ...]
    most_missing: CoverageCell | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """Seconds of one group's speech that are in hand."""

    group: CoverageGroup
    recorded: float
    accepted: float


def boards(project: Project, spoken: Mapping[str, Sequence[Spoken]]) -> list[Board]:
    """What there is of each language against what is wanted of it, in the order of the project's file.

    Recorded counts whatever may still become data: clips that are not refused, and uploads not cut yet.
    spoken: by language
    """
    return [lay_out(code, project.quotas.get(code), spoken.get(code, ())) for code in project.languages]


def lay_out(language: str, quota: Quota | None, spoken: Iterable[Spoken]) -> Board:
    """The board of one language. Pure.

    A cell's hours are the language's hours times the shares of its district, gender and age.
    """
    parts = _parts(quota)
    # Differences that nobody asked for would only scatter the hours.
    kept = [bool(shares) for shares in parts] if quota else [True, True, False]
    found: defaultdict[CoverageGroup, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for each in spoken:
        names = (each.group.district, each.group.gender, each.group.age_band)
        group = CoverageGroup(*(name if keep else UNKNOWN for name, keep in zip(names, kept, strict=True)))
        found[group][0] += each.recorded
        found[group][1] += each.accepted
    districts = _known(parts[0], sorted({group.district for group in found}, key=lambda d: (d == UNKNOWN, d)))
    genders = _known(parts[1], sorted({group.gender for group in found}))
    ages = _known(parts[2], sorted({group.age_band for group in found}))
    columns = tuple((gender, age) for gender in genders for age in ages)

    def cell(district: str, gender: str, age: str) -> CoverageCell:
        group = CoverageGroup(district, gender, age)
        recorded, accepted = found.get(group, [0.0, 0.0])
        return CoverageCell(group, recorded, accepted, _wanted(quota, parts, group))

    rows = [
        DistrictRow(district, tuple(cell(district, *column) for column in columns))
        for district in districts[:MOST_DISTRICTS]
    ]
    missing = max((each for row in rows for each in row.cells), key=lambda each: each.missing, default=None)
    most = missing if missing is not None and missing.missing > 0 else None
    return Board(
        language=language,
        recorded=sum(recorded for recorded, _ in found.values()),
        accepted=sum(accepted for _, accepted in found.values()),
        wanted=quota.hours * 3600 if quota else None,
        columns=columns,
        rows=tuple(
            replace(row, cells=tuple(replace(each, next=each is most) for each in row.cells)) for row in rows
        ),
        most_missing=replace(most, next=True) if most else None,
    )


def spoken(session: Session, project_id: str) -> dict[str, list[Spoken]]:
    """Seconds by language and group, of everything that the project holds: three statements.

    A recording of several voices counts for its first one alone, so that sums are true.
    """
    first = (
        select(func.min(RecordingSpeaker.speaker_id))
        .where(RecordingSpeaker.recording_id == Recording.id)
        .correlate(Recording)
        .scalar_subquery()
    )
    facts = (Speaker.district, Speaker.gender, Speaker.age_band)
    clips = session.execute(
        select(Clip.language, *facts, Clip.state, func.sum(Clip.seconds))
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Speaker, Speaker.id == first)
        .where(
            Clip.project_id == project_id,
            Clip.state.in_((ClipState.CUT, ClipState.WAITING, ClipState.ACCEPTED)),
        )
        .group_by(Clip.language, *facts, Clip.state)
    )
    found: defaultdict[str, list[Spoken]] = defaultdict(list)
    for language, district, gender, age, state, seconds in clips:
        accepted = seconds if state is ClipState.ACCEPTED else 0.0
        found[language].append(Spoken(_group(district, gender, age), seconds, accepted))
    uncut = session.execute(
        select(Recording.language, *facts, func.sum(Recording.samples * 1.0 / Recording.sample_rate))
        .join(Speaker, Speaker.id == first)
        .where(Recording.project_id == project_id, Recording.state == RecordingState.ACCEPTED)
        .group_by(Recording.language, *facts)
    )
    just_arrived = session.execute(
        select(Upload.language, *facts, func.sum(Verdict.seconds))
        .join(Speaker, Speaker.id == Upload.speaker_id)
        .join(Verdict, Verdict.upload_id == Upload.id)
        .where(
            Upload.project_id == project_id,
            Upload.language.is_not(None),
            Upload.state.in_((UploadState.RECEIVED, UploadState.FAILED)),
            Verdict.usable,
        )
        .group_by(Upload.language, *facts)
    )
    for language, district, gender, age, seconds in (*uncut, *just_arrived):
        found[language].append(Spoken(_group(district, gender, age), float(seconds or 0), 0.0))
    return dict(found)


def _group(district: str | None, gender: str | None, age: str | None) -> CoverageGroup:
    return CoverageGroup(district or UNKNOWN, gender or UNKNOWN, age or UNKNOWN)


def _parts(quota: Quota | None) -> list[dict[str, float]]:
    """Shares of a language's hours by district, by gender and by age; empty where nobody asked for them."""
    if quota is None:
        return [{}, {}, {}]
    return [
        {str(name): hours / quota.hours for name, hours in part.items()}
        for part in (quota.by_district, quota.by_gender, quota.by_age_band)
    ]


def _known(wanted: Mapping[str, float], found: Sequence[str]) -> list[str]:
    """Those that are wanted, in the order of the project's file; then whatever else there is."""
    return [*wanted, *(each for each in found if each not in wanted)] or [UNKNOWN]


def _wanted(quota: Quota | None, parts: Sequence[Mapping[str, float]], group: CoverageGroup) -> float | None:
    if quota is None:
        return None
    seconds = quota.hours * 3600
    for shares, name in zip(parts, (group.district, group.gender, group.age_band), strict=True):
        if shares:
            seconds *= shares.get(name, 0.0)
    return seconds or None
