"""A faulty configuration file is told every fault, with its line and its mend."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from catalog.config.configuration import LARGEST, Broken, ConfigurationError, Share, Unfit, load, load_folder
from catalog.config.yaml_document import read_document


@dataclass(frozen=True, slots=True)
class Agreement:
    threshold: Share
    measure: Literal["cer", "wer"] = "cer"


class Pay(BaseModel):
    currency: str
    amount: Annotated[float, Field(ge=0)] = 0


@dataclass(frozen=True, slots=True)
class Archive:
    """One of everything: nested, optional, in lists and by name."""

    name: str
    agreement: Agreement
    languages: tuple[str, ...] = ()
    pay: Pay | None = None
    by_name: dict[str, Agreement] | None = None
    count: int = 0
    open: bool = False

    def __post_init__(self) -> None:
        if self.name == "x":
            raise Unfit(Broken(("agreement", "threshold"), "is wrong for x", "Choose another."))
        if self.name == "y":
            raise ValueError("y is taken")


def refused(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "archive.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)

    with pytest.raises(ConfigurationError) as caught:
        load(path, Archive)

    return str(caught.value).replace(f"{path}:", "")


def accepted(tmp_path: Path, text: str) -> Archive:
    path = tmp_path / "archive.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, Archive)


def test_a_file_becomes_its_data_class(tmp_path: Path) -> None:
    text = "name: a\nagreement: {threshold: .1, measure: wer}\nlanguages: [te, kn]\npay: {currency: INR, amount: 2}\n"

    archive = accepted(tmp_path, text)

    assert archive == Archive("a", Agreement(0.1, "wer"), ("te", "kn"), Pay(currency="INR", amount=2))


def test_a_share_above_one_is_told_as_percent(tmp_path: Path) -> None:
    told = refused(tmp_path, "name: a\nagreement:\n  threshold: 15\n")

    assert told == "3: agreement.threshold is a share between 0 and 1, given 15.\nWrite 0.15 for 15 %."


def test_every_fault_of_a_file_is_told_at_once_in_order_of_line(tmp_path: Path) -> None:
    text = "nam: a\nagreement:\n  threshold: much\n  mesure: cer\ncount: 1.5\npay:\n  amount: -1\n"

    told = refused(tmp_path, text)

    lines = [line for line in told.splitlines() if line[0].isdigit()]
    assert [line.split(" is ")[0] for line in lines] == [
        "1: nam",
        "1: name",
        "3: agreement.threshold",
        "4: agreement.mesure",
        "5: count",
        "6: pay.currency",
        "7: pay.amount",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("agreement: {threshold: 0.1}\n", "1: name is missing.\nAdd `name: …`."),
        ("name: a\nagreement: {threshold: 0.1}\nlanguage: [te]\n", "Did you mean `languages`?"),
        ("name: a\nagreement: {threshold: 0.1, mesure: cer}\n", "Did you mean `measure`?"),
        ("name: a\nagreement: {threshold: 0.1}\npay: {curency: INR}\n", "Did you mean `currency`?"),
        ("name: a\nagreement: {threshold: 0.1}\nby_name: {k: {treshold: 1}}\n", "Did you mean `threshold`?"),
        ("name: a\nagreement: {threshold: 0.1, measure: cre}\n", "is one of cer, wer, given 'cre'"),
        ("name: a\nagreement: {threshold: 0.1, measure: cre}\n", "Did you mean `cer`?"),
        ("name: a\nagreement: {threshold: '0.1'}\n", "agreement.threshold is a number, given '0.1'"),
        (
            "name: 12\nagreement: {threshold: 0.1}\n",
            '1: name is text, given 12.\nPut it in quotes, as in "12".',
        ),
        ("name:\nagreement: {threshold: 0.1}\n", "1: name is text, given nothing."),
        ("name: a\nagreement: 0.1\n", "2: agreement is a group of `key: value` lines, given 0.1."),
        ("name: a\nagreement: {threshold: 0.1}\nlanguages: te\n", "3: languages is a list, given 'te'."),
        (
            "name: a\nagreement: {threshold: 0.1}\nlanguages:\n  - te\n  - 5\n",
            "5: languages[1] is text, given 5.",
        ),
        (
            "name: a\nagreement: {threshold: 0.1}\nopen: yes\n",
            "Write true or false; yes, no, on and off are text here.",
        ),
        ("name: a\nagreement: {threshold: .nan}\n", "agreement.threshold is a number, given '.nan'."),
        (
            "name: x\nagreement:\n  threshold: 0.1\n",
            "3: agreement.threshold is wrong for x.\nChoose another.",
        ),
        ("name: y\nagreement:\n  threshold: 0.1\n", "1: y is taken."),
    ],
)
def test_a_fault_is_the_key_the_rule_what_was_given_and_the_mend(
    tmp_path: Path, text: str, told: str
) -> None:
    assert told in refused(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1: holds no keys."),
        ("# only a remark\n", "1: holds no keys."),
        ("- a\n- b\n", "1: holds no keys."),
        (
            "name: a\nname: b\nagreement: {threshold: 0.1}\n",
            "2: name stands here a second time; the first is on line 1.",
        ),
        ("name: a\n---\nname: b\n", "2: holds a second document."),
        ("name: [a\nagreement: 1\n", "isn't YAML"),
        ("name: a\n\tagreement: 1\n", "Indent with spaces, not with tabs."),
        ("name: &n a\nagreement: {threshold: 0.1}\n", "1: name sets an anchor (&)."),
        (
            "name: &n a\nlanguages: [*n]\nagreement: {threshold: 0.1}\n",
            "2: languages[0] repeats an anchor (*).",
        ),
        ("name: !!python/object/apply:os.getcwd []\nagreement: {threshold: 0.1}\n", "1: name uses the tag"),
        ("? [a, b]\n: c\n", "has a key that isn't a word"),
        ("name: " + "[" * 5000 + "\n", "is nested more than 20 levels deep"),
        ('name: "\\ud800"\nagreement: {threshold: 0.1}\n', "holds half a character"),
        ("name: a\x07\nagreement: {threshold: 0.1}\n", "YAML"),
        (b"name: \xff\xfe\n", "1: isn't UTF-8 text.\nSave the file as UTF-8."),
        ("a: " + "x" * LARGEST, f"a configuration has at most {LARGEST}"),
    ],
)
def test_what_is_no_usable_yaml_is_told_in_plain_words(tmp_path: Path, text: str | bytes, told: str) -> None:
    assert told in refused(tmp_path, text)


@pytest.mark.parametrize(
    "code", ["no", "on", "or", "yes", "off", "y", "n", "NO", "1:30", "012", "0x10", "1_000", "2026-03-31"]
)
def test_language_codes_and_other_words_stay_text(tmp_path: Path, code: str) -> None:
    archive = accepted(
        tmp_path,
        f"name: a\nagreement: {{threshold: 0.1}}\nlanguages: [{code}]\nby_name: {{{code}: {{threshold: 0}}}}\n",
    )

    assert archive.languages == (code,)
    assert archive.by_name == {code: Agreement(0.0)}


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert accepted(tmp_path, "\ufeffname: a\nagreement: {threshold: 0}\n").name == "a"


def test_rules_beyond_the_file_are_told_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "archive.yaml"
    path.write_text("name: a\nagreement:\n  threshold: 0.1\n")

    with pytest.raises(ConfigurationError) as caught:
        load(
            path,
            Archive,
            check=lambda archive: [Broken(("agreement", "threshold"), "is too low", "Raise it.")],
        )

    assert str(caught.value) == f"{path}:3: agreement.threshold is too low.\nRaise it."


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.yaml: can't be read: No such file"):
        load(tmp_path / "none.yaml", Archive)


def test_a_folder_is_read_by_file_name(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.yaml").write_text("threshold: 0.5\n")
    (tmp_path / "README.md").write_text("not a configuration")

    assert list(load_folder(tmp_path, Agreement)) == ["a", "b"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="isn't a folder"):
        load_folder(tmp_path / "none", Agreement)


@given(st.text(max_size=60))
def test_any_text_is_a_document_or_a_told_fault(text: str) -> None:
    try:
        document = read_document(text)
    except Unfit as unfit:
        assert all(fault.rule for fault in unfit.broken)
    else:
        assert all(line >= 1 for line in document.lines.values())


@given(
    st.dictionaries(
        st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=5),
        st.one_of(
            st.integers(-(10**12), 10**12),
            st.booleans(),
            st.none(),
            st.text(st.characters(categories=["L"]), max_size=6),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_plain_values_are_read_as_they_were_written(values: dict[str, int | bool | str | None]) -> None:
    text = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())

    assert read_document(text).value == values
