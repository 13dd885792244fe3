"""Signs that rest on what others wrote a moment ago, and on what a speaker was asked."""

from collections.abc import Sequence

from sqlalchemy import select, update

from catalog.database import Catalog
from catalog.states import TaskState
from catalog.tables import Judgement, Task, Upload
from tests.transcription.village import Village, after, build_village, project_with
from transcription.queue import claim
from transcription.routing import route_clips
from transcription.submission import submit

LONG = "మా ఊరి చెరువు నిండింది"
NEARLY = LONG.removesuffix("ి")
OTHER = "పిల్లలు నిన్న బడికి వెళ్ళారు"


def village_of(catalog: Catalog, prompt: str | None = None) -> Village:
    """One clip each of two voices, both asked the same where a prompt is given."""
    village = build_village(catalog, project_with({"transcribers": 1}), clips=1, speakers=2)
    with catalog.writing() as session:
        session.execute(update(Upload).values(prompt=prompt))
    route_clips(village.context, now=after(0))
    return village


def write(village: Village, texts: Sequence[str], *, minutes_between: float) -> list[TaskState]:
    """Each text by a person of their own, of a clip of their own; what became of each clip."""
    tasks = []
    for number, text in enumerate(texts):
        now = after(1 + number * minutes_between)
        lease = claim(village.context, village.person(f"person {number}").id, now=now)
        assert lease is not None
        submit(village.context, lease.hold, text, request_id="1", now=now)
        tasks.append(lease.task_id)
    with village.catalog.reading() as session:
        states = dict(session.execute(select(Task.id, Task.state)).tuples().all())
    return [states[task] for task in tasks]


def test_a_text_pasted_from_somebody_elses_clip_does_not_pass_alone(catalog: Catalog) -> None:
    village = village_of(catalog)

    states = write(village, [LONG, NEARLY], minutes_between=5)

    assert states == [TaskState.ACCEPTED, TaskState.DISPUTED]
    with catalog.reading() as session:
        because = session.scalars(select(Judgement.because).where(Judgement.outcome == "disputed")).one()
    assert "nearly what somebody wrote for another clip 300 s before" in because


def test_the_same_words_long_after_are_no_copy(catalog: Catalog) -> None:
    assert write(village_of(catalog), [LONG, LONG], minutes_between=11) == [TaskState.ACCEPTED] * 2


def test_other_words_are_no_copy(catalog: Catalog) -> None:
    assert write(village_of(catalog), [LONG, OTHER], minutes_between=1) == [TaskState.ACCEPTED] * 2


def test_a_sentence_that_two_were_asked_to_read_is_rightly_written_alike(catalog: Catalog) -> None:
    village = village_of(catalog, prompt="proverbs/12")

    assert write(village, [LONG, LONG], minutes_between=1) == [TaskState.ACCEPTED] * 2
