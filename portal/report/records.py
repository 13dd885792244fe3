"""What a report shows, as records: each checks that what it holds can be drawn. Times are seconds."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from portal.report.drawing import Timed

PLAYABLE = ("audio/flac", "audio/ogg", "audio/webm", "audio/wav", "audio/mpeg", "audio/mp4")


@dataclass(frozen=True, slots=True)
class ReportLanguage:
    """A language as the page names it."""

    code: str  # BCP 47, e.g. te
    name: str
    native_name: str
    direction: str = "ltr"  # or rtl

    def __post_init__(self) -> None:
        if self.direction not in ("ltr", "rtl"):
            raise ValueError(f"a language runs ltr or rtl, given for {self.code}: {self.direction!r}")


class FunnelKind(StrEnum):
    """Whether a row of the funnel went on or left."""

    KEPT = "kept"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One step of the way, or one reason for which something left it."""

    label: str  # "Received", "Rejected: too quiet"
    count: int
    unit: str  # recordings, clips, tasks, transcripts
    hours: float | None = None  # None where the step has no length, as an empty file has none
    kind: FunnelKind = FunnelKind.KEPT


@dataclass(frozen=True, slots=True)
class LanguageHours:
    """Hours of one language: received, accepted among them, released among those."""

    language: ReportLanguage
    received: float
    accepted: float
    released: float

    def __post_init__(self) -> None:
        if not 0 <= self.released <= self.accepted <= self.received:
            raise ValueError(
                f"hours released are among those accepted, and these among those received, given for "
                f"{self.language.code}: {self.released}, {self.accepted}, {self.received}"
            )


@dataclass(frozen=True, slots=True)
class TimedWord:
    """One word and its time; seconds on the time line of whatever holds it."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One utterance of a recording; seconds of the recording."""

    start: float
    end: float
    text: str = ""
    words: tuple[TimedWord, ...] = ()

    def __post_init__(self) -> None:
        _in_order(self.words, self.start, self.end, f"segment {self.start}..{self.end} s")


@dataclass(frozen=True, slots=True)
class RecordingPicture:
    """A recording with the utterances found in it."""

    file: str
    language: ReportLanguage
    speaker: str  # pseudonym
    duration: float
    peaks: tuple[float, ...]  # 0..1, evenly spaced over the duration
    segments: tuple[Segment, ...]
    findings: tuple[str, ...] = ()  # sentences of the sound check

    def __post_init__(self) -> None:
        _check_peaks(self.peaks, self.file)
        _in_order(self.segments, 0.0, self.duration, self.file)


@dataclass(frozen=True, slots=True)
class EmbeddedSound:
    """A whole sound file that browsers play."""

    content: bytes
    media_type: str

    def __post_init__(self) -> None:
        if self.media_type not in PLAYABLE:
            raise ValueError(f"browsers play {', '.join(PLAYABLE)}, given: {self.media_type!r}")

    @property
    def uri(self) -> str:
        return f"data:{self.media_type};base64,{base64.b64encode(self.content).decode()}"


@dataclass(frozen=True, slots=True)
class ListenClip:
    """A clip to hear, with the words lighting up; seconds of the clip."""

    clip: str
    language: ReportLanguage
    speaker: str
    duration: float
    peaks: tuple[float, ...]
    text: str
    words: tuple[TimedWord, ...]
    sound: EmbeddedSound

    def __post_init__(self) -> None:
        _check_peaks(self.peaks, self.clip)
        _in_order(self.words, 0.0, self.duration, self.clip)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """The same clip before and after cleaning."""

    clip: str
    language: ReportLanguage
    duration: float
    before: EmbeddedSound
    after: EmbeddedSound
    before_peaks: tuple[float, ...]
    after_peaks: tuple[float, ...]
    figures: tuple[tuple[str, str, str], ...] = ()  # what, before, after: ("Noise floor", "-52 dB", "-68 dB")

    def __post_init__(self) -> None:
        _check_peaks(self.before_peaks, self.clip)
        _check_peaks(self.after_peaks, self.clip)


class AgreementEnd(StrEnum):
    """How two transcripts of a clip became one; the words that the page shows."""

    AGREED = "agreed"
    THIRD_OPINION = "third opinion"
    REVIEWED = "reviewed"
    OPEN = "still open"


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """What two people wrote down for one clip, and what became of it."""

    clip: str
    language: ReportLanguage
    first_by: str
    first: str
    second_by: str
    second: str
    character_error_rate: float  # 0.12 is 12 %, after the language's normalisation
    outcome: AgreementEnd
    note: str = ""  # e.g. who gave the third opinion, and which text stood


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A recording or clip that can't be used: why, and what would mend it."""

    item: str
    code: str
    sentence: str
    mend: str


@dataclass(frozen=True, slots=True)
class SplitRow:
    """One split of the release."""

    name: str
    speakers: int
    rows: int
    hours: float


@dataclass(frozen=True, slots=True)
class ReleaseBox:
    """The dataset that came out, and how to load it."""

    name: str
    version: str
    location: str  # path or URL, shown as text
    rows: int
    hours: float
    splits: tuple[SplitRow, ...]
    files_verified: int | None  # files whose checksum was read again and held; None where nobody looked
    loading_code: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on the page. No clock is read: `generated_at` is handed in."""

    title: str
    summary: str
    generated_at: datetime
    funnel: tuple[FunnelRow, ...]
    languages: tuple[LanguageHours, ...]
    clips: tuple[ListenClip, ...]
    cleaning: tuple[Cleaning, ...]
    recordings: tuple[RecordingPicture, ...]
    agreement: tuple[AgreementRow, ...]
    rejected: tuple[RejectedRow, ...]
    release: ReleaseBox | None  # None where nothing was published
    notes: tuple[str, ...] = ()  # what must be said plainly, e.g. that the transcribers are scripted


def _check_peaks(peaks: Sequence[float], where: str) -> None:
    if not peaks or not all(0.0 <= peak <= 1.0 for peak in peaks):
        raise ValueError(
            f"peaks are at least one number from 0 to 1; those of {where} are not. Divide by full scale."
        )


def _in_order(spans: Sequence[Timed], start: float, end: float, where: str) -> None:
    """Spans lie in [start, end], none ends before it starts, and none starts before the one it follows."""
    tolerance = 1e-6  # seconds: what adding floats can cost
    for span in spans:
        if not start - tolerance <= span.start <= span.end <= end + tolerance:
            raise ValueError(f"{where} goes from {start} to {end} s, but holds {span.start}..{span.end} s")
    for one, following in pairwise(spans):
        if following.start < one.start:
            raise ValueError(f"{where}: {following.start} s comes after {one.start} s. Sort by start.")
