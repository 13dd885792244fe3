"""Recognisers hear clips before people do: a brought model in a confined child, or a service over HTTP."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select

from audio.limits import Limits
from audio.recognise.file import RecognitionJob, recognise_file
from catalog.config.recognisers import Recogniser
from catalog.config.settings import Settings, SettingsError, load_settings
from catalog.states import ChosenBy, Role
from catalog.tables import Clip, MachineDraft, Task, Transcript
from flows.draft import draft
from flows.parameters import CorrectionWish
from flows.pipeline import pipeline
from flows.recogniser_service import RecogniserService
from flows.steps.draft import draft_batch, measure, waiting_clips
from flows.steps.project_context import open_project_context
from flows.workspace import Workspace, open_workspace
from tests.audio.brought import brought_files, sentences
from transcription.people import add_person
from transcription.queue import claim

PREFILL = "prefill:\n  drafts: true\n  blind_share: 0.0001\n"


@pytest.fixture
def asking(tmp_path: Path, configs: Path, home_of_clips: Path, examples: Path) -> Settings:
    """The project asks for drafts by a model that lies below its configs."""
    own = tmp_path / "configs"
    shutil.copytree(configs, own)
    (own / "models").mkdir()
    brought_files(examples, own / "models")
    ask(own, "recognisers:\n  te: {onnx: models/te.onnx, vocabulary: models/te.json}\n" + PREFILL)
    shutil.copytree(home_of_clips, tmp_path / "home")
    return Settings(home=tmp_path / "home", configs=own, workers=1)


@pytest.fixture
def workspace(asking: Settings) -> Iterator[Workspace]:
    with open_workspace("demo", asking) as opened:
        yield opened


def ask(configs: Path, lines: str) -> None:
    path = configs / "projects" / "demo.yaml"
    path.write_text(path.read_text("utf-8") + "\n" + lines, "utf-8")


def drafts(workspace: Workspace) -> dict[str, str]:
    with workspace.catalog.reading() as session:
        rows = session.execute(select(MachineDraft.clip_id, MachineDraft.text))
        return {row.clip_id: row.text for row in rows}


def draft_all(workspace: Workspace):
    waiting, missing = waiting_clips(workspace)
    return [draft_batch(workspace, each) for each in waiting], missing


def test_a_brought_model_hears_the_clips_that_wait_and_a_transcriber_begins_with_what_it_heard(
    workspace: Workspace, examples: Path
):
    (report,), _ = draft_all(workspace)

    assert (report.drafted, report.unheard, report.failed) == (3, 0, ())
    said = [each.text for each in sentences(examples)[:2]]
    assert sum(any(near(text, one) for text in drafts(workspace).values()) for one in said) == 2
    with workspace.catalog.writing() as session:
        asha = add_person(
            session,
            "asha",
            project="demo",
            roles=[Role.TRANSCRIBER],
            languages=["te"],
            by="tests",
            now=workspace.now(),
        )
    lease = claim(open_project_context(workspace), asha.id, now=workspace.now())
    assert lease.machine_draft == drafts(workspace)[lease.clip_id]


def near(one: str, other: str) -> bool:
    from rapidfuzz.fuzz import ratio

    return ratio(one, other) > 70


def test_hearing_again_does_nothing_and_another_model_hears_anew(workspace: Workspace, asking: Settings):
    draft_all(workspace)

    again, _ = draft_all(workspace)
    vocabulary = asking.configs / "models" / "te.json"
    vocabulary.write_text(vocabulary.read_text("utf-8") + "\n", "utf-8")  # other bytes, another model
    (anew,), _ = draft_all(workspace)

    assert again == []
    assert anew.drafted == 3


def test_one_clip_whose_sound_is_gone_leaves_the_others_their_drafts(workspace: Workspace):
    with workspace.catalog.reading() as session:
        clip = session.scalars(select(Clip).order_by(Clip.id)).first()
    workspace.store.delete(clip.cut_key)

    (report,), _ = draft_all(workspace)

    assert report.drafted == 2
    assert [each.name for each in report.failed] == [clip.id]


def test_a_model_that_is_not_there_is_told_and_stops_nothing(workspace: Workspace, asking: Settings):
    (asking.configs / "models" / "te.onnx").unlink()

    reports, missing = draft_all(workspace)

    assert reports == []
    assert [(each.name, each.code) for each in missing] == [("te", "recogniser_missing")]
    assert "models/te.onnx" in missing[0].detail


def test_a_model_in_a_store_is_fetched_from_there(workspace: Workspace, asking: Settings, tmp_path: Path):
    away = tmp_path / "elsewhere"
    shutil.move(asking.configs / "models", away)
    named = Recogniser(onnx=f"{away.as_uri()}/te.onnx", vocabulary=f"{away.as_uri()}/te.json")
    moved = replace(workspace, project=replace(workspace.project, recognisers={"te": named}))

    (report,), _ = draft_all(moved)

    assert report.drafted == 3


def test_a_file_that_is_no_model_becomes_a_fault_of_each_clip_and_no_text(
    workspace: Workspace, asking: Settings
):
    (asking.configs / "models" / "te.onnx").write_bytes(b"not a model")

    (report,), _ = draft_all(workspace)

    assert (report.drafted, report.unheard) == (0, 3)
    assert set(drafts(workspace).values()) == {""}


def test_drafts_are_held_against_accepted_texts_and_three_are_too_few_to_judge_by(workspace: Workspace):
    draft_all(workspace)
    accept_something_else(workspace)

    (figures,) = measure(workspace)

    assert (figures.language, figures.all.texts, figures.off) == ("te", 3, None)
    assert figures.all.rate > 0.9
    assert {figures.model} == set(read(workspace, MachineDraft.model))


def read(workspace: Workspace, column):
    with workspace.catalog.reading() as session:
        return session.scalars(select(column)).all()


def accept_something_else(workspace: Workspace) -> None:
    with workspace.catalog.writing() as session:
        for task in session.scalars(select(Task)):
            session.add(
                Transcript(
                    id=f"t-{task.id}",
                    clip_id=task.clip_id,
                    version=1,
                    verbatim="వాన బాగా పడింది",
                    normalised="వాన బాగా పడింది",
                    origin="single",
                    guideline="te@1",
                    accepted_at=workspace.now(),
                )
            )


class Service(ThreadingHTTPServer):
    """A small service of OpenAI's kind. answers: status and body for what it is sent; asked: path, key and body"""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[tuple[str, str | None, bytes]] = []
        self.answers: Callable[[bytes], tuple[int, bytes]] = lambda _body: (404, b"")


class Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Service)
        self.server.asked.append((self.path, self.headers["Authorization"], body))
        answer = self.server.answers(body)
        self.send_response(answer[0])
        self.end_headers()
        self.wfile.write(answer[1])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def at(workspace: Workspace, server: Service) -> Workspace:
    url = f"http://127.0.0.1:{server.server_port}/v1/audio/transcriptions"
    project = replace(workspace.project, recognisers={"te": Recogniser(service="tiny")})
    return replace(workspace, project=project, recogniser_service=RecogniserService(url, "secret"))


def flac_of(body: bytes) -> bytes:
    """The file in a multipart body."""
    start = body.index(b"fLaC")
    boundary = body[: body.index(b"\r\n")]
    return body[start : body.index(b"\r\n" + boundary, start)]


def test_a_service_is_sent_each_clip_with_the_key_and_its_text_becomes_the_draft(
    workspace: Workspace, service: Service, examples: Path, tmp_path: Path
):
    (tmp_path / "service").mkdir()
    files = brought_files(examples, tmp_path / "service")

    def hear(body: bytes) -> tuple[int, bytes]:
        path = tmp_path / "service" / "sent.flac"
        path.write_bytes(flac_of(body))
        heard = recognise_file(RecognitionJob(path, files), Limits()).heard
        return 200, json.dumps({"text": heard.text}).encode()

    service.answers = hear

    (report,), _ = draft_all(at(workspace, service))

    assert report.drafted == 3
    assert any(near(sentences(examples)[0].text, text) for text in drafts(workspace).values())
    assert {(path, key) for path, key, _ in service.asked} == {("/v1/audio/transcriptions", "Bearer secret")}
    assert all(
        b'name="model"\r\n\r\ntiny' in body and b"\r\n\r\nte\r\n" in body for _, _, body in service.asked
    )


@pytest.mark.parametrize(
    ("answer", "drafted", "unheard", "failed"),
    [
        ((503, b"busy"), 0, 0, 3),
        ((401, b"which key?"), 0, 0, 3),
        ((302, b""), 0, 0, 3),
        ((200, b"<html>"), 0, 0, 3),
        ((200, b'{"text": "' + b"a" * 2**20 + b'"}'), 0, 0, 3),
        ((422, b"no speech"), 0, 3, 0),
        ((200, b'{"text": ""}'), 3, 0, 0),
    ],
)
def test_what_a_service_answers_is_bounded_and_a_fault_of_it_is_tried_again_later(
    workspace: Workspace,
    service: Service,
    answer: tuple[int, bytes],
    drafted: int,
    unheard: int,
    failed: int,
):
    service.answers = lambda _body: answer

    (report,), _ = draft_all(at(workspace, service))

    assert (report.drafted, report.unheard, len(report.failed)) == (drafted, unheard, failed)


def test_pocketsphinx_behind_a_service_drafts_what_somebody_said_in_english(
    service: Service, workspace: Workspace, tmp_path: Path
):
    ears = pytest.importorskip("pocketsphinx")
    import soundfile
    import soxr

    decoder = ears.Decoder(samprate=16_000, loglevel="FATAL")

    def hear(body: bytes) -> tuple[int, bytes]:
        path = tmp_path / "sent.flac"
        path.write_bytes(flac_of(body))
        samples, rate = soundfile.read(path, dtype="float32")
        decoder.start_utt()
        decoder.process_raw(
            (soxr.resample(samples, rate, 16_000) * 32767).astype("int16").tobytes(), full_utt=True
        )
        decoder.end_utt()
        found = decoder.hyp()
        return 200, json.dumps({"text": found.hypstr if found else ""}).encode()

    service.answers = hear

    (report,), _ = draft_all(at(workspace, service))

    assert report.drafted == 3
    assert all(text.isascii() for text in drafts(workspace).values()), "it hears English in everything"
    assert any(drafts(workspace).values())


@pytest.mark.parametrize(
    "url", ["http://asr.example.org/v1", "ftp://asr.example.org", "http://10.0.0.7:9000", "asr"]
)
def test_sound_is_sent_over_a_network_only_by_https(monkeypatch: pytest.MonkeyPatch, url: str):
    monkeypatch.setenv("BOLI_RECOGNISER_URL", url)

    with pytest.raises(SettingsError, match="reached by https://"):
        load_settings()


def test_the_flow_drafts_once_and_says_what_it_did(
    asking: Settings, monkeypatch: pytest.MonkeyPatch, prefect_api: object
):
    monkeypatch.setenv("BOLI_HOME", str(asking.home))
    monkeypatch.setenv("BOLI_CONFIGS", str(asking.configs))
    monkeypatch.setenv("BOLI_WORKERS", "1")

    first = draft("demo")
    second = draft("demo")

    assert (first.drafted, second.drafted) == (3, 0)


def test_a_run_that_a_manager_asked_for_also_chooses_clips_to_correct_the_recogniser_by(
    asking: Settings, monkeypatch: pytest.MonkeyPatch, prefect_api: object
):
    monkeypatch.setenv("BOLI_HOME", str(asking.home))
    monkeypatch.setenv("BOLI_CONFIGS", str(asking.configs))
    monkeypatch.setenv("BOLI_WORKERS", "1")

    report = draft("demo", CorrectionWish("te", 2, ChosenBy.CHANCE))

    assert report.corrected is not None
    assert (report.corrected.asked, report.corrected.heard, report.drafted) == ({"waiting": 2}, 2, 1)


def test_the_whole_way_drafts_before_people_write_where_the_project_asks(
    asking: Settings, monkeypatch: pytest.MonkeyPatch, prefect_api: object
):
    monkeypatch.setenv("BOLI_HOME", str(asking.home))
    monkeypatch.setenv("BOLI_CONFIGS", str(asking.configs))
    monkeypatch.setenv("BOLI_WORKERS", "1")

    report = pipeline("demo", release=False)

    assert report.drafted is not None
    assert (report.drafted.drafted, report.drafted.failed) == (3, ())


def test_without_a_new_text_the_figures_are_not_counted_again(workspace: Workspace):
    draft_all(workspace)
    accept_something_else(workspace)
    first = measure(workspace)
    with workspace.catalog.writing() as session:
        session.query(MachineDraft).update({"text": "వేరే"})  # nobody does; it would show if they were counted

    again = measure(workspace)

    assert (again, first[0].all.texts) == (first, 3)


def test_a_project_that_does_not_ask_is_heard_by_nobody(settings: Settings, home_of_clips: Path):
    shutil.copytree(home_of_clips, settings.home)
    with open_workspace("demo", settings) as workspace:
        assert waiting_clips(workspace) == ((), ())
