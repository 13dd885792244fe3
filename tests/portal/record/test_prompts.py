"""What speakers are asked: every file of ours is fit, and a mistake is named by file, line and key."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from catalog.config.configuration import ConfigurationError
from portal.http import static_files
from portal.record.prompts import load_book, load_prompts, pictures_here, title_of

CONFIGS = Path(__file__).resolve().parents[3] / "configs"
LANGUAGES = {path.stem for path in (CONFIGS / "languages").glob("*.yaml")}
GOOD = """language: te
sets:
  - name: market
    title: సంత
    prompts:
      - {name: fair, kind: question, text: "సంత గురించి చెప్పండి."}
      - {name: stall, kind: picture, picture: market.svg, text: "ఏం కనిపిస్తోంది?"}
"""


def read(tmp_path, text):
    path = tmp_path / "te.yaml"
    path.write_text(text, encoding="utf-8")
    return load_book(path, languages={"te", "kn"}, pictures={"market.svg"})


def test_our_own_prompts_ask_for_talk_reading_and_pictures_in_five_languages():
    balance = load_prompts(CONFIGS / "prompts", languages=LANGUAGES, pictures=pictures_here())

    assert set(balance) >= {"te", "kn", "hi", "en-IN", "sw"}
    for book in balance.values():
        prompts = [prompt for each in book.sets for prompt in each.prompts]
        assert len(prompts) >= 12
        assert {prompt.kind for prompt in prompts} == {"text", "picture", "question"}
        assert {each.name for each in book.sets} >= {
            "everyday",
            "market",
            "farming",
            "festival",
            "recipe",
            "story",
        }


def test_our_pictures_are_drawings_and_run_nothing():
    for path in (static_files.FOLDER / "prompts").iterdir():
        names = {element.tag.rpartition("}")[2] for element in ElementTree.parse(path).iter()}
        assert names <= {"svg", "g", "path", "rect", "circle", "ellipse"}, path


def test_a_good_file_is_read(tmp_path):
    book = read(tmp_path, GOOD)

    assert [prompt.name for prompt in book.sets[0].prompts] == ["fair", "stall"]
    assert title_of({"te": book}, "market/fair", "te") == "సంత"
    assert title_of({"te": book}, "gone/fair", "te") == "gone"
    assert title_of({}, None, "te") == ""


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("kind: question", "kind: song", 6, "sets[0].prompts[0].kind is one of"),
        ("market.svg", "maket.svg", 7, "Did you mean `market.svg`?"),
        ("language: te", "language: kn", 1, "language is the file's name"),
        ("name: stall", "name: fair", 7, "given 'fair'"),
        ("kind: picture, ", "kind: text, ", 7, "stands where `kind` is picture"),
        (", picture: market.svg", "", 7, "stands where `kind` is picture"),
        ("title: సంత", "titel: సంత", 4, "Did you mean `title`?"),
        ('"సంత గురించి చెప్పండి."', '""', 6, "sets[0].prompts[0].text"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_key(tmp_path, before, after, line, message):
    assert before in GOOD

    with pytest.raises(ConfigurationError) as error:
        read(tmp_path, GOOD.replace(before, after, 1))

    assert f"te.yaml:{line}:" in str(error.value) and message in str(error.value)


def test_where_nobody_wrote_prompts_there_are_none(tmp_path):
    assert load_prompts(tmp_path / "prompts", languages={"te"}, pictures=()) == {}
