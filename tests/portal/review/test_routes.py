"""What a reviewer sees, and what becomes of what they decide."""

import pytest
from sqlalchemy import select

from catalog.states import Role, TaskState
from catalog.tables import Review, Submission, Task, Transcript
from tests.portal.people import sign_in
from transcription import queue, review, submission
from transcription.decisions.learnt_spellings import list_learnt

TEXTS = (
    "ఈ రోజు మార్కెట్‌లో టమాటా ధర నలభై రూపాయలు",
    "నిన్న బజారులో ఎవరూ లేరు అన్నాడు",
    "అమ్మ బడికి వెళ్ళింది పిల్లలతో కలిసి",
)


@pytest.fixture
def disputed(busy_portal) -> str:
    """A task whose three texts differ, waiting for a reviewer."""
    project_context = busy_portal.project_context("demo")
    for number, text in enumerate(TEXTS):
        person = sign_in(busy_portal, f"writer-{number}", [Role.TRANSCRIBER])
        lease = queue.claim(project_context, person.person_id, now=busy_portal.clock())
        submission.submit(
            project_context,
            lease.hold,
            text,
            request_id=f"request-{number}",
            now=busy_portal.clock(),
            active_seconds=30,
        )
    with busy_portal.catalog.reading() as session:
        return session.scalars(select(Task.id).where(Task.state == TaskState.IN_REVIEW)).one()


@pytest.fixture
def reviewer(busy_portal, busy_client, disputed):
    return sign_in(busy_portal, "lakshmi", [Role.REVIEWER]).browser(busy_client)


def held(task) -> dict[str, object]:
    return {"token": task["token"], "proof": task["proof"]}


def state_of(portal, task_id) -> TaskState:
    with portal.catalog.reading() as session:
        return session.get_one(Task, task_id).state


def test_the_page_brings_the_clip_with_every_text_and_no_author(reviewer):
    page = reviewer.get("/review")
    task = reviewer.post("/review/next").json()["task"]

    assert page.status_code == 200 and "writer-" not in page.text
    assert {text["text"] for text in task["texts"]} == set(TEXTS)
    assert len(task["compared"]) == 3 and all(len(word["words"]) == 3 for word in task["words"])
    assert any(not word["agreed"] for word in task["words"])
    assert reviewer.get(task["preview"]).content[:4] == b"OggS"


@pytest.mark.parametrize(
    ("change", "decision"),
    [
        (lambda text: text, "accept"),
        (lambda text: f" {text.replace(chr(32), chr(32) * 2)} ", "accept"),
        (lambda text: text.replace("నలభై", "నలభయి"), "accept_minor_change"),
        (lambda text: "ఇది పూర్తిగా వేరే మాట అని రాయాలి", "accept_major_change"),
    ],
)
def test_an_acceptance_is_as_large_as_its_change(busy_portal, reviewer, disputed, change, decision):
    task = reviewer.post("/review/next").json()["task"]
    chosen = next(text for text in task["texts"] if text["text"] == TEXTS[0])
    text = change(chosen["text"])

    answer = reviewer.post(
        f"/review/{task['slot']}/accept",
        json=held(task) | {"text": text, "offered": chosen["text"], "from_text": chosen["id"]},
    )

    assert answer.status_code == 200 and answer.json()["in_force"]
    with busy_portal.catalog.reading() as session:
        assert session.scalars(select(Review.decision)).one() == decision
        accepted = session.scalars(select(Transcript.verbatim)).one()
    assert accepted == (chosen["text"] if decision == "accept" else text)
    assert state_of(busy_portal, disputed) is TaskState.ACCEPTED


def test_a_text_goes_back_to_its_author_with_the_reasons(busy_portal, reviewer, disputed):
    task = reviewer.post("/review/next").json()["task"]
    chosen = next(text for text in task["texts"] if text["text"] == TEXTS[1])
    said = {
        "decision": "send_back",
        "reasons": ["missing_words"],
        "note": "రెండో మాట?",
        "from_text": chosen["id"],
    }

    answer = reviewer.post(f"/review/{task['slot']}/decline", json=held(task) | said)

    assert answer.json()["in_force"] and answer.json()["task"] is None
    assert state_of(busy_portal, disputed) is TaskState.RETURNED


def test_sound_is_rejected_for_reasons_of_the_list_alone(busy_portal, reviewer, disputed):
    task = reviewer.post("/review/next").json()["task"]
    address = f"/review/{task['slot']}/decline"

    unknown = reviewer.post(address, json=held(task) | {"decision": "reject_audio", "reasons": ["spelling"]})
    none = reviewer.post(address, json=held(task) | {"decision": "reject_audio", "reasons": []})
    answer = reviewer.post(address, json=held(task) | {"decision": "reject_audio", "reasons": ["too_noisy"]})

    assert (unknown.status_code, none.status_code) == (422, 422)
    assert answer.json()["in_force"]
    assert state_of(busy_portal, disputed) is TaskState.REJECTED


def test_a_decision_sent_twice_is_one_decision(busy_portal, reviewer):
    task = reviewer.post("/review/next").json()["task"]
    body = held(task) | {"text": task["proposal"], "offered": task["proposal"], "from_text": None}

    first = reviewer.post(f"/review/{task['slot']}/accept", json=body)
    second = reviewer.post(f"/review/{task['slot']}/accept", json=body)

    assert first.json() == second.json()
    with busy_portal.catalog.reading() as session:
        assert len(session.scalars(select(Review.id)).all()) == 1


def test_a_changed_text_keeps_to_the_guideline(reviewer):
    task = reviewer.post("/review/next").json()["task"]
    text = "అమ్మ 40 రూపాయలు ఇచ్చింది"

    remarks = reviewer.post("/review/check", json={"language": "te", "text": text, "seconds": 5}).json()
    answer = reviewer.post(
        f"/review/{task['slot']}/accept",
        json=held(task) | {"text": text, "offered": task["proposal"], "from_text": None},
    )

    assert "numeral" in {remark["code"] for remark in remarks}
    assert answer.status_code == 403 and "guideline" in answer.json()["error"]["message"]


def test_nobody_decides_with_somebody_elses_place(busy_portal, busy_client, reviewer):
    task = reviewer.post("/review/next").json()["task"]

    other = sign_in(busy_portal, "other", [Role.REVIEWER]).browser(busy_client)
    body = held(task) | {"text": TEXTS[0], "offered": TEXTS[0], "from_text": None}

    assert other.post(f"/review/{task['slot']}/accept", json=body).status_code == 404
    assert other.post("/review/next").json()["task"] is None


def test_nobody_reviews_what_they_wrote_themselves(busy_portal, busy_client, disputed):
    with busy_portal.catalog.reading() as session:
        task_id = disputed
    project_context = busy_portal.project_context("demo")
    both = sign_in(busy_portal, "both", [Role.TRANSCRIBER, Role.REVIEWER])
    lease = queue.claim(project_context, both.person_id, now=busy_portal.clock())
    submission.submit(
        project_context,
        lease.hold,
        TEXTS[0],
        request_id="own-text-1",
        now=busy_portal.clock(),
        active_seconds=30,
    )
    for number in (7, 8):
        person = sign_in(busy_portal, f"w{number}", [Role.TRANSCRIBER])
        lease = queue.claim(project_context, person.person_id, now=busy_portal.clock())
        text, name = TEXTS[number - 6], f"another-{number}"
        submission.submit(
            project_context, lease.hold, text, request_id=name, now=busy_portal.clock(), active_seconds=30
        )
    with busy_portal.catalog.reading() as session:
        waiting = set(session.scalars(select(Task.id).where(Task.state == TaskState.IN_REVIEW)))
    assert len(waiting) == 2

    browser = both.browser(busy_client)
    task = browser.post("/review/next").json()["task"]
    assert TEXTS[0] in {text["text"] for text in task["texts"]} and task_id in waiting
    body = held(task) | {"text": task["proposal"], "offered": task["proposal"], "from_text": None}
    after = browser.post(f"/review/{task['slot']}/accept", json=body).json()

    assert after["task"] is None
    assert state_of(busy_portal, task_id) is TaskState.ACCEPTED


def test_notes_are_read_by_the_next_reviewer_without_a_name(busy_portal, busy_client, reviewer):
    task = reviewer.post("/review/next").json()["task"]
    note = held(task) | {"text": "<b>నలభై</b> అనే అంటున్నారా?", "request_id": "note-0001"}

    said = reviewer.post(f"/review/{task['slot']}/notes", json=note).json()
    again = reviewer.post(f"/review/{task['slot']}/notes", json=note).json()

    assert [each["text"] for each in said] == ["<b>నలభై</b> అనే అంటున్నారా?"] and said == again
    assert "<b>నలభై" not in reviewer.get("/review").text


def test_the_desk_is_for_reviewers(busy_portal, busy_client):
    browser = sign_in(busy_portal, "writer", [Role.TRANSCRIBER]).browser(busy_client)

    assert browser.get("/review").status_code == 403
    assert browser.post("/review/next").status_code == 403


def test_the_answer_names_the_decision_that_stands_not_the_one_that_came_second(reviewer):
    task = reviewer.post("/review/next").json()["task"]
    body = held(task) | {"text": task["proposal"], "offered": task["proposal"], "from_text": None}

    first = reviewer.post(f"/review/{task['slot']}/accept", json=body).json()
    second = reviewer.post(
        f"/review/{task['slot']}/decline",
        json=held(task) | {"decision": "reject_audio", "reasons": ["too_noisy"]},
    ).json()

    assert first["message"] == second["message"] == "Accepted as it was written."


def test_a_text_goes_back_as_often_as_the_project_allows_and_no_more(
    busy_portal, busy_client, reviewer, disputed
):
    project_context = busy_portal.project_context("demo")
    loops = project_context.project.review.loops
    said = {"decision": "send_back", "reasons": ["wrong_words"]}
    for number in range(loops):
        task = reviewer.post("/review/next").json()["task"]
        chosen = next(text for text in task["texts"] if text["text"] == TEXTS[1])
        assert task["returns_left"] == loops - number
        reviewer.post(f"/review/{task['slot']}/decline", json=held(task) | said | {"from_text": chosen["id"]})
        with busy_portal.catalog.reading() as session:
            author = session.get_one(Submission, chosen["id"]).person_id
        lease = queue.claim(project_context, author, now=busy_portal.clock())
        assert lease.task_id == disputed and lease.returned.reasons == ("wrong_words",)
        name = f"again-{number}"
        submission.submit(project_context, lease.hold, TEXTS[1], request_id=name, now=busy_portal.clock())

    task = reviewer.post("/review/next").json()["task"]
    chosen = next(text for text in task["texts"] if text["text"] == TEXTS[1])
    answer = reviewer.post(
        f"/review/{task['slot']}/decline", json=held(task) | said | {"from_text": chosen["id"]}
    )

    assert task["returns_left"] == 0
    assert answer.status_code == 403 and "as often as the project allows" in answer.json()["error"]["message"]


def test_a_second_look_says_so_and_confirming_it_keeps_the_first_reviewers_words(
    busy_portal, busy_client, reviewer, disputed
):
    better = "ఇది పూర్తిగా వేరే మాట అని రాయాలి"
    task = reviewer.post("/review/next").json()["task"]
    body = held(task) | {"text": better, "offered": task["proposal"], "from_text": None}
    reviewer.post(f"/review/{task['slot']}/accept", json=body)
    review.look_again(
        busy_portal.project_context("demo"), disputed, by="ml", why="is it right?", now=busy_portal.clock()
    )

    second = sign_in(busy_portal, "padma", [Role.REVIEWER]).browser(busy_client)
    task = second.post("/review/next").json()["task"]
    body = held(task) | {"text": task["proposal"], "offered": task["proposal"], "from_text": None}
    second.post(f"/review/{task['slot']}/accept", json=body)

    assert task["second_look"] and "is it right?" in task["because"] and task["proposal"] == better
    with busy_portal.catalog.reading() as session:
        assert session.scalars(select(Transcript.verbatim)).all() == [better]


def learnt(portal):
    with portal.catalog.reading() as session:
        return [(pair.one, pair.other) for pair in list_learnt(session, "demo")]


def accept(browser, task, pairs):
    text = task["texts"][0]
    body = {"text": text["text"], "offered": text["text"], "from_text": text["id"], "both_right": pairs}
    return browser.post(f"/review/{task['slot']}/accept", json=held(task) | body)


def test_the_page_offers_each_pair_that_stands_under_each_other_and_learns_what_is_marked(
    busy_portal, reviewer
):
    task = reviewer.post("/review/next").json()["task"]
    open_columns = [word for word in task["words"] if not word["agreed"]]
    pairs = next(word["pairs"] for word in open_columns if word["pairs"])

    answer = accept(reviewer, task, pairs)

    assert answer.status_code == 200 and answer.json()["in_force"]
    assert learnt(busy_portal) == sorted(map(tuple, pairs))
    assert all(not word["pairs"] for word in task["words"] if word["agreed"])


@pytest.mark.parametrize("pairs", [[["మాట", "వేరే"]], [["", "a"]], [["a"]]])
def test_words_that_stand_elsewhere_are_refused_and_nothing_is_decided(busy_portal, reviewer, pairs):
    task = reviewer.post("/review/next").json()["task"]

    assert accept(reviewer, task, pairs).status_code in (400, 403, 409, 422)

    assert learnt(busy_portal) == []
    assert reviewer.post("/review/next").json()["task"]["slot"] == task["slot"]


def test_a_manager_reads_the_pairs_and_takes_one_back(busy_portal, busy_client, reviewer):
    task = reviewer.post("/review/next").json()["task"]
    pairs = next(word["pairs"] for word in task["words"] if word["pairs"])
    accept(reviewer, task, pairs[:1])
    manager = sign_in(busy_portal, "manager", [Role.MANAGER]).browser(busy_client)
    with busy_portal.catalog.reading() as session:
        (pair,) = list_learnt(session, "demo")

    page = manager.get("/manage/guidelines").text
    unknown = manager.post("/manage/spellings/forget", data={"pair": "spelling-nobody"})
    taken_back = manager.post("/manage/spellings/forget", data={"pair": pair.id})

    assert pair.one in page and pair.other in page and "Both right" in page
    assert unknown.status_code == 404
    assert taken_back.status_code in (200, 303)
    assert learnt(busy_portal) == []
