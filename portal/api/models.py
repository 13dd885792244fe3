"""What the API says, field by field: the schema that programs are written against."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from portal.datasets.flow_server import ZONE


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [values]})


Text = Annotated[str, Field(max_length=10_000)]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, hexadecimal")]


class Fault(BaseModel):
    """What was wrong. code: for programs; message: for people"""

    model_config = _example(code="refused", message="There is nothing at this address.")
    code: str
    message: str


class Failure(BaseModel):
    """The body of every answer that is no success."""

    model_config = _example(
        error={"code": "no_token", "message": "Send a token: Authorization: Bearer boli_…"}
    )
    error: Fault


class LanguageEntry(BaseModel):
    """code: as in BCP 47; name: in English"""

    model_config = _example(code="te", name="Telugu")
    code: str
    name: str


class ProjectEntry(BaseModel):
    """dataset: the name its versions are published under; licence: an SPDX identifier"""

    model_config = _example(
        name="demo",
        title="A first dataset in Telugu",
        languages=[{"code": "te", "name": "Telugu"}],
        dataset="boli-demo",
        licence="CC0-1.0",
    )
    name: str
    title: str
    languages: list[LanguageEntry]
    dataset: str
    licence: str


class Projects(BaseModel):
    model_config = _example(projects=[])
    projects: list[ProjectEntry]


class StateCount(BaseModel):
    """seconds: of sound, where it is known"""

    model_config = _example(state="accepted", count=146, seconds=442.1)
    state: str
    count: Count
    seconds: Seconds | None


class Status(BaseModel):
    """How much stands where, by the catalogue's own states."""

    model_config = _example(
        project="demo",
        uploads=[{"state": "ingested", "count": 40, "seconds": None}],
        recordings=[],
        clips=[],
        tasks=[],
    )
    project: str
    uploads: list[StateCount]
    recordings: list[StateCount]
    clips: list[StateCount]
    tasks: list[StateCount]


class CoverageCell(BaseModel):
    """A group of speakers, in seconds of speech. Facts are null where unknown or not asked for; so is `wanted`

    recorded: all that may still become data; accepted: with a text that holds
    """

    model_config = _example(
        district="Warangal", gender="female", age_band="30-44", recorded=1800.0, accepted=900.0, wanted=3600.0
    )
    district: str | None
    gender: str | None
    age_band: str | None
    recorded: Seconds
    accepted: Seconds
    wanted: Seconds | None


class LanguageCoverage(BaseModel):
    """One language against what the project wants of it, in seconds of speech."""

    model_config = _example(language="te", recorded=1800.0, accepted=900.0, wanted=3600.0, cells=[])
    language: str
    recorded: Seconds
    accepted: Seconds
    wanted: Seconds | None
    cells: list[CoverageCell]


class Coverage(BaseModel):
    model_config = _example(project="demo", languages=[])
    project: str
    languages: list[LanguageCoverage]


class RowReport(BaseModel):
    """A row whose text is wrong. why: in a sentence, for the reviewer"""

    model_config = _example(clip="clip-10f7c23679af5fcf7cec", why="the second word is another")

    clip: Annotated[str, Field(min_length=1, max_length=200)]
    why: Annotated[str, Field(min_length=1, max_length=500)]


class RowReported(BaseModel):
    """new: whether it goes to a reviewer by this; false where somebody looks at it already"""

    model_config = _example(clip="clip-10f7c23679af5fcf7cec", new=True)

    clip: str
    new: bool


class VersionSummary(BaseModel):
    """clips and seconds: as published; erased: clips taken out since, because a speaker withdrew

    mark: yanked (don't use it) or deprecated (a better one exists), and why; null where nothing is said
    """

    model_config = _example(
        dataset="boli-demo",
        version="1.0.0",
        project="demo",
        parent=None,
        state="published",
        mark=None,
        mark_why=None,
        clips=146,
        seconds=442.1,
        erased=0,
        published_at="2026-11-22T19:24:15Z",
    )
    dataset: str
    version: str
    project: str
    parent: str | None
    state: str
    mark: str | None
    mark_why: str | None
    clips: Count
    seconds: Seconds
    erased: Count
    published_at: datetime


class DatasetEntry(BaseModel):
    """versions: the newest first"""

    model_config = _example(name="boli-demo", versions=[])
    name: str
    versions: list[VersionSummary]


class Datasets(BaseModel):
    model_config = _example(datasets=[])
    datasets: list[DatasetEntry]


class FactFigure(BaseModel):
    """What one value of a fact comes to. value: null where the fact is not known"""

    model_config = _example(
        value="te", clips=95, speakers=1, seconds=270.5, seconds_by_split={"train": 270.5}
    )
    value: str | None
    clips: Count
    speakers: Count
    seconds: Seconds
    seconds_by_split: dict[str, Seconds]


class VersionDetail(BaseModel):
    """A version as it is now.

    address: where it lies, as `boli release pull` takes it
    figures: by fact (split, language, gender, age_band, district, dialect), for those that are known of anybody
    """

    model_config = _example(
        version={
            "dataset": "boli-demo",
            "version": "1.0.0",
            "project": "demo",
            "parent": None,
            "state": "published",
            "mark": None,
            "mark_why": None,
            "clips": 146,
            "seconds": 442.1,
            "erased": 0,
            "published_at": "2026-11-22T19:24:15Z",
        },
        address="s3://voices/boli/datasets/boli-demo/1.0.0",
        files=164,
        bytes=16_400_000,
        total={"value": None, "clips": 146, "speakers": 3, "seconds": 442.1, "seconds_by_split": {}},
        figures={},
    )
    version: VersionSummary
    address: str
    files: Count
    bytes: Count
    total: FactFigure
    figures: dict[str, list[FactFigure]]


class FileLink(BaseModel):
    """path: from the version's folder; url: gives the file to whoever has it, for an hour"""

    model_config = _example(
        path="checksums.sha256", bytes=16_800, sha256="0" * 64, url="https://portal/datasets/…"
    )
    path: str
    bytes: Count
    sha256: Digest
    url: str


class Files(BaseModel):
    """next_cursor: to be sent as `cursor` for the next page; null after the last"""

    model_config = _example(files=[], next_cursor=None)
    files: list[FileLink]
    next_cursor: str | None


class ObjectAddress(BaseModel):
    """path: from the dataset's folder in the store"""

    model_config = _example(path="versions/1.0.0.json", bytes=4711)
    path: str
    bytes: Count


class StoredObjects(BaseModel):
    """next_cursor: to be sent as `cursor` for the next page; null after the last"""

    model_config = _example(objects=[], next_cursor=None)
    objects: list[ObjectAddress]
    next_cursor: str | None


class DatasetLine(BaseModel):
    """One clip of a version. row_sha256: what withdrawn.jsonl names; sound: its file in a copy pulled `--for files`"""

    model_config = _example(
        id="clip-10f7c23679af5fcf7cec",
        split="train",
        language="te",
        speaker="te-01",
        seconds=2.5,
        text="దేవతలకు నిడక",
        sound="audio/train/clip-10f7c23679af5fcf7cec.flac",
        row_sha256="0" * 64,
    )
    id: str
    split: str
    language: str
    speaker: str
    seconds: Seconds
    text: Text
    sound: str
    row_sha256: Digest


class DatasetLines(BaseModel):
    """next_cursor: to be sent as `cursor` for the next page; null after the last"""

    model_config = _example(lines=[], next_cursor=None)
    lines: list[DatasetLine]
    next_cursor: str | None


class RunWanted(BaseModel):
    """request_id: the caller's own; the same one again gives the same run instead of another"""

    model_config = _example(flow="publish", request_id="nightly-2026-11-22")
    flow: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
    request_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,80}$")] | None = None


class Run(BaseModel):
    """state: Prefect's, as SCHEDULED, RUNNING, COMPLETED, FAILED, CRASHED or CANCELLED"""

    model_config = _example(
        id="7f0c3c3e-3f63-4b6c-9d0e-0d4e7a5b3c11",
        flow="publish",
        project="demo",
        state="COMPLETED",
        message="All states completed.",
        expected_at="2026-11-22T21:00:00Z",
        started_at="2026-11-22T21:00:02Z",
        ended_at="2026-11-22T21:00:40Z",
    )
    id: UUID
    flow: str
    project: str
    state: str
    message: str
    expected_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None


class ScheduleWanted(BaseModel):
    """cron: five fields of figures (minute, hour, day, month, day of the week)"""

    model_config = _example(cron="30 2 * * *", timezone=ZONE, active=True)
    cron: Annotated[str, Field(pattern=r"^[0-9*/,\-]{1,60}( [0-9*/,\-]{1,60}){4}$")]
    timezone: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+/\-]{1,60}$")] = ZONE
    active: Annotated[bool, Field(strict=True)] = True


class ScheduleNow(BaseModel):
    """As Prefect has it."""

    model_config = _example(cron="30 2 * * *", timezone=ZONE, active=True)
    cron: str
    timezone: str
    active: bool


class FlowSchedule(BaseModel):
    """When a flow runs by itself; never while it is `paused`.

    schedule: null where it has none, or one that only Prefect's own pages can show
    """

    model_config = _example(
        flow="publish",
        project="demo",
        schedule={"cron": "30 2 * * *", "timezone": ZONE, "active": True},
        paused=False,
    )
    flow: str
    project: str
    schedule: ScheduleNow | None
    paused: bool


class Schedules(BaseModel):
    model_config = _example(schedules=[])
    schedules: list[FlowSchedule]
