"""The manifest of `boli align` and its texts, as editors and spreadsheets save them."""

import shutil
import unicodedata
from pathlib import Path

import pytest

from catalog.config.settings import ROOT
from tests.boli.conftest import Boli

SOUND = ROOT / "examples" / "recordings" / "te" / "te-01_102.amr"
WORDS = "ఆకుకూరలు తినాలి"


@pytest.mark.parametrize(
    ("line", "encoding"),
    [
        ("Renée.amr\ta.txt\tte\n", "utf-8-sig"),
        ("Renée.amr\ta.txt\tte\r\n", "utf-16"),
        ("Renée.amr\ta.txt\tte\r", "utf-8"),
        ('"Renée.amr"\t"a.txt"\t"te"\n', "utf-8"),
        (".\\renée.AMR\t.\\a.txt\tte\t\t\n", "utf-8"),
        ("Renée.amr\ta.txt\tte\n", "latin-1"),
    ],
)
def test_a_manifest_is_read_as_it_was_saved(boli: Boli, tmp_path: Path, line: str, encoding: str) -> None:
    shutil.copyfile(SOUND, tmp_path / unicodedata.normalize("NFD", "Renée.amr"))
    (tmp_path / "a.txt").write_text(WORDS, "utf-8-sig")
    manifest = tmp_path / "pairs.tsv"
    manifest.write_bytes(line.encode(encoding))

    said = boli("align", "--manifest", manifest, "--json")

    assert said.status == 0, said.err
    assert [word["word"] for word in said.lines[0]["words"]] == WORDS.split()


def test_a_manifest_in_an_unknown_encoding_says_how_to_save_it(boli: Boli, tmp_path: Path) -> None:
    manifest = tmp_path / "pairs.tsv"
    manifest.write_bytes("Имя.amr\ta.txt\tte\n".encode("cp1251"))

    said = boli("align", "--manifest", manifest)

    assert said.status == 1
    assert "Save it as UTF-8" in said.err
