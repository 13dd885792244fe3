"""docs/datasets.md: from a portal's address and a token to a first batch, by the very commands that stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.config.settings import ROOT
from portal.context import PortalContext
from tests.portal.api.conftest import token_for
from tests.portal.live import served

BOLI = f"{sys.executable} -c 'from boli.cli import main; main()'"
SECTION = (ROOT / "docs" / "datasets.md").read_text("utf-8").split("## From an address")[1].split("\n## ")[0]


def test_an_address_and_a_token_give_a_batch_of_sound_with_its_texts(
    portal: PortalContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (commands,) = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
    (code,) = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    token = token_for(portal, "pulls")

    with served(portal) as live:
        said = commands.replace(
            "https://voices.example.org/datasets/voices-of-dumka", f"{live.address}/datasets/tiny"
        )
        said = said.replace("boli_…", token).replace("boli release", f"{BOLI} release")
        subprocess.run(
            ["bash", "-euc", said],
            env={**os.environ, "BOLI_HOME": str(tmp_path / "own")},
            check=True,
            timeout=240,
        )
    given: dict[str, Any] = {}
    exec(code, given)

    assert given["sounds"].shape == (8, 16_000)
    assert given["sounds"].dtype == np.float32 and np.abs(given["sounds"]).max() > 0
    assert given["samples"] == [16_000] * 8
    assert all(given["texts"])
