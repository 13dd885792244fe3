import pytest

from catalog.database import Catalog
from catalog.states import Role
from tests.transcription.village import Village, after, build_village, project_with
from transcription.context import NotAllowed
from transcription.notes import LONGEST, MOST, ClipRole, add_note, notes_of
from transcription.queue import claim
from transcription.routing import route_clips


@pytest.fixture
def village(catalog: Catalog) -> Village:
    found = build_village(catalog, project_with({"transcribers": 2}), clips=1)
    route_clips(found.context, now=after(0))
    return found


def writers(village: Village) -> tuple[str, str, str]:
    """The task, and two people who hold it."""
    asha, ravi = village.person("asha"), village.person("ravi")
    first = claim(village.context, asha.id, now=after(1))
    second = claim(village.context, ravi.id, now=after(1))
    assert first is not None and second is not None and first.task_id == second.task_id
    return first.task_id, asha.id, ravi.id


def test_two_who_write_unseen_read_no_notes_of_each_other(village: Village) -> None:
    task, asha, ravi = writers(village)
    lead = village.person("lead", [Role.REVIEWER])
    boss = village.person("boss", [Role.MANAGER])

    add_note(village.context, task, asha, "the third word is a place", request_id="1", now=after(2))
    add_note(village.context, task, ravi, "a name?", request_id="1", now=after(3))
    add_note(village.context, task, lead.id, "write the place as it is said", request_id="1", now=after(4))

    def told(person: str) -> list[tuple[str, ClipRole, bool]]:
        return [(note.text[:5], note.part, note.mine) for note in notes_of(village.context, task, person)]

    assert told(asha) == [("the t", ClipRole.WRITER, True), ("write", ClipRole.REVIEWER, False)]
    assert told(ravi) == [("a nam", ClipRole.WRITER, True), ("write", ClipRole.REVIEWER, False)]
    assert len(told(lead.id)) == len(told(boss.id)) == 3
    assert {note.handle for note in notes_of(village.context, task, lead.id)} == {None}
    assert [note.handle for note in notes_of(village.context, task, boss.id)] == ["asha", "ravi", "lead"]


def test_the_same_request_leaves_one_note(village: Village) -> None:
    task, asha, _ = writers(village)

    first = add_note(village.context, task, asha, "unclear", request_id="1", now=after(2))
    again = add_note(village.context, task, asha, "unclear", request_id="1", now=after(3))

    assert first == again and len(notes_of(village.context, task, asha)) == 1
    with pytest.raises(NotAllowed, match="other words"):
        add_note(village.context, task, asha, "clear", request_id="1", now=after(4))


def test_strangers_neither_read_nor_write(village: Village) -> None:
    task, _, _ = writers(village)
    for stranger in (
        village.person("idle"),
        village.person("hindi", [Role.REVIEWER], ["hi"]),
        village.person("sender", [Role.COORDINATOR]),
    ):
        with pytest.raises(NotAllowed):
            notes_of(village.context, task, stranger.id)
        with pytest.raises(NotAllowed):
            add_note(village.context, task, stranger.id, "x", request_id="1", now=after(2))
    with pytest.raises(NotAllowed, match="there is no such clip"):
        notes_of(village.context, "task-none", stranger.id)


def test_notes_are_bounded_in_length_and_number(village: Village) -> None:
    task, asha, _ = writers(village)

    for text in ("", "   ", "క" * (LONGEST + 1)):
        with pytest.raises(NotAllowed, match="1 to 1000 letters"):
            add_note(village.context, task, asha, text, request_id="1", now=after(2))
    add_note(village.context, task, asha, "కి" * LONGEST, request_id="long", now=after(2))
    for number in range(MOST - 1):
        add_note(village.context, task, asha, "x", request_id=str(number), now=after(2))
    with pytest.raises(NotAllowed, match="at most 50 notes"):
        add_note(village.context, task, asha, "x", request_id="one more", now=after(2))
