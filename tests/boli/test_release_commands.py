"""`boli release …` on a home with two published versions."""

import json
import re
import shlex
from pathlib import Path

import pytest
from sqlalchemy import select

from boli.serve.portal_context import open_portal_context
from catalog.config.settings import ROOT, Settings
from catalog.tables import Download, Release, ReleaseItem
from tests.boli.conftest import Boli
from tests.portal.api.conftest import token_for
from tests.portal.live import served
from tests.releases.conftest import Archive as Shelf
from tests.releases.conftest import fill
from tests.releases.hub import TOKEN, hub

PAGE = (ROOT / "docs" / "datasets.md").read_text("utf-8")


@pytest.fixture
def published(boli: Boli, tmp_path: Path) -> str:
    """The dataset `tiny`: 1.0.0, and 1.1.0 with one text rewritten; returns the rewritten clip."""
    home = tmp_path / "home"
    with open_portal_context(Settings(home=home, workers=1)) as opened:
        shelf = Shelf(opened.catalog, opened.store, tmp_path / "scratch")
        fill(shelf)
        shelf.publish()
        with shelf.catalog.reading() as session:
            clip: str = session.query(ReleaseItem.clip_id).order_by(ReleaseItem.clip_id).limit(1).scalar()
        shelf.rewrite(clip, "నాకు ఇష్టం")
        shelf.publish()
    return clip


def test_versions_are_listed_with_state_size_and_what_was_said_of_them(boli: Boli, published: str) -> None:
    marked = boli("release", "yank", "tiny@1.1.0", "--why", "mixed up", "--by", "asha")
    listed = boli("release", "list", "tiny", "--json").lines
    shown = boli("release", "list").out

    assert marked.status == 0
    assert [(each["version"], each["state"], each["mark"]) for each in listed] == [
        ("1.0.0", "published", None),
        ("1.1.0", "published", "yanked"),
    ]
    assert all(each["bytes"] > 100_000 and each["erased"] == 0 for each in listed)
    assert "yanked: mixed up" in shown


def test_a_yanked_version_is_told_on_a_pull_and_not_taken_where_none_is_named(
    boli: Boli, published: str, tmp_path: Path
) -> None:
    boli("release", "yank", "tiny@1.1.0", "--why", "mixed up")

    named = boli("release", "pull", "tiny@1.1.0", tmp_path / "named")
    newest = boli("release", "pull", "tiny", tmp_path / "newest", "--json")

    assert named.status == 0 and "is yanked: mixed up" in named.err
    assert newest.lines[0]["version"] == "1.0.0" and newest.err == ""


def test_a_pull_for_a_tool_writes_its_form(boli: Boli, published: str, tmp_path: Path) -> None:
    said = boli("release", "pull", "tiny", tmp_path / "copy", "--for", "kaldi", "--for", "ctm")

    assert said.status == 0, said.err
    assert (tmp_path / "copy" / "kaldi" / "train" / "wav.scp").exists()
    assert (tmp_path / "copy" / "ctm" / "train.ctm").exists()


def test_a_difference_shows_texts_before_and_after(boli: Boli, published: str) -> None:
    said = boli("release", "diff", "tiny", "1.0.0", "1.1.0")

    assert published in said.out and "+ నాకు ఇష్టం" in said.out
    assert "9 clips are the same in both; 1 texts were changed." in said.out


def test_figures_of_a_version_for_people_and_for_machines(boli: Boli, published: str) -> None:
    told = boli("release", "stats", "tiny@1.0.0", "--json").lines[0]
    shown = boli("release", "stats", "tiny@1.0.0")

    assert told["total"]["clips"] == 10
    assert "different ones" in shown.out


def test_a_recogniser_is_scored_for_people_and_for_machines_and_missing_clips_are_said(
    boli: Boli, published: str, tmp_path: Path
) -> None:
    heard = tmp_path / "heard.tsv"
    heard.write_text(f"id\ttext\n{published}\tనాకు ఇష్టం\nclip-nobody\tనాకు\n", "utf-8")

    splits = ("train", "validation", "test")
    split = next(
        each for each in splits if boli("release", "score", heard, "tiny", "--split", each).status == 0
    )
    told = boli("release", "score", heard, "tiny", "--split", split, "--json")
    shown = boli("release", "score", heard, "tiny", "--split", split)
    wrong = boli("release", "score", heard, "tiny", "--split", "nowhere")

    assert told.lines[0]["by"]["language"]["te"]["spelling_aware"] <= told.lines[0]["total"]["wer"]
    assert (told.lines[0]["unknown"], told.lines[0]["split"]) == (1, split)
    assert "spelling-aware" in shown.out and "have no text" in shown.err
    assert wrong.status == 2


def test_a_plan_says_what_each_condition_costs_and_a_wrong_one_how_to_write_it(
    boli: Boli, published: str
) -> None:
    wrong = boli("release", "plan", "--where", "snr >= 15")
    nothing = boli("release", "plan", "--dataset", "nowhere")

    assert wrong.status == 1 and "Columns: accepted_on" in wrong.err
    assert nothing.status == 1 and "has no dataset 'nowhere'" in nothing.err


def test_a_report_of_a_row_goes_to_review_and_of_nothing_is_refused(boli: Boli, published: str) -> None:
    said = boli("release", "report", published, "--why", "a word is another")
    again = boli("release", "report", "clip-nobody", "--why", "a word is another")

    assert said.status == 0 and "goes to a reviewer" in said.out
    assert again.status == 1 and "no text of a clip 'clip-nobody'" in again.err


def test_hashes_are_verified_without_decoding_and_nothing_is_left_to_collect(
    boli: Boli, published: str
) -> None:
    verified = boli("release", "verify", "tiny", "--level", "hashes", "--json").lines[0]
    collected = boli("release", "collect", "tiny", "--json").lines[0]

    assert (verified["problems"], verified["rows"]) == ([], 0)
    assert (collected["destroyed"], collected["waiting"]) == (0, 0)


def test_a_portal_without_a_token_says_where_one_is_made(
    boli: Boli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOLI_TOKEN", raising=False)

    said = boli("release", "pull", "https://voices.example.org/datasets/tiny", tmp_path / "copy")

    assert said.status == 1 and "My tokens" in said.err
    assert json.dumps("boli_") not in said.err


def test_a_version_is_pulled_through_a_portal_by_a_token_from_the_environment_and_noted(
    boli: Boli, published: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_portal_context(Settings(home=tmp_path / "home", workers=1)) as opened:
        token = token_for(opened, "leela")
        with served(opened) as live:
            monkeypatch.setenv("BOLI_TOKEN", token)
            pulled = boli(
                "release", "pull", f"{live.address}/datasets/tiny/1.0.0", tmp_path / "copy", "--json"
            )
        with opened.catalog.reading() as session:
            noted = session.execute(
                select(Release.version, Download.bytes).join(Release, Release.id == Download.release_id)
            ).all()

    assert pulled.status == 0, pulled.err
    [(version, size)] = noted
    assert version == "1.0.0" and 0 < size <= pulled.lines[0]["bytes"] + 10_000


def test_every_command_that_the_datasets_page_shows_runs(
    boli: Boli, published: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    shown = [
        line.removeprefix("export ")
        for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
        for line in block.splitlines()
    ]
    ran: list[str] = []
    with open_portal_context(Settings(home=tmp_path / "home", workers=1)) as opened, hub() as there:
        given = {
            "BOLI_TOKEN=boli_…": f"BOLI_TOKEN={token_for(opened, 'leela')}",
            "HF_TOKEN=hf_…": f"HF_TOKEN={TOKEN}",
            "our-team/voices-of-dumka": "team/tiny",
            "voices-of-dumka": "tiny",
        }
        monkeypatch.setenv("HF_ENDPOINT", there.address)
        with served(opened) as live:
            for line in shown:
                for said, meant in {**given, "https://voices.example.org": live.address}.items():
                    line = line.replace(said, meant)
                words = shlex.split(line)
                while words and "=" in words[0]:
                    monkeypatch.setenv(*words.pop(0).split("=", 1))
                if words:
                    assert words[0] == "boli"
                    done = boli(*words[1:])
                    assert done.status == 0, (line, done.err)
                    ran.append(words[2])

    assert set(ran) == {"list", "pull", "push-hub", "verify", "diff"}
    assert (tmp_path / "data" / "tiny" / "README.md").is_file()
