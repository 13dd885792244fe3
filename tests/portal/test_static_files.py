"""Our own scripts as they are served: typed, light, and brought at once."""

import re

import pytest

from portal.http import static_files

SCRIPTS = [path for path in static_files.files() if path.startswith("js/")]
CLASSIC = {"js/sw.js", "js/record/background.js"}
"""Of the service worker, which has a global scope of its own."""


def text(path: str) -> str:
    return (static_files.FOLDER / path).read_text("utf-8")


@pytest.mark.parametrize("path", sorted(set(SCRIPTS) - CLASSIC))
def test_every_script_is_type_checked(path):
    assert text(path).startswith("// @ts-check\n")


@pytest.mark.parametrize("path", SCRIPTS)
def test_no_text_of_a_script_can_look_like_a_comment(path):
    # Comments are left out line by line: then no text may stand on more than one line
    for line in static_files.without_comments(text(path)).splitlines():
        assert line.replace("\\`", "").count("`") % 2 == 0, line


@pytest.mark.parametrize("path", SCRIPTS)
def test_scripts_are_served_without_what_is_for_people(client, path):
    served = client.get(static_files.address(path))

    assert served.headers["content-type"].startswith("text/javascript")
    assert not re.search(r"^\s*(//|/\*)", served.text, re.MULTILINE)
    assert served.text == static_files.without_comments(text(path))


def test_a_page_names_all_that_its_script_imports_and_nothing_that_comes_later():
    modules = static_files.modules("js/write/write.js")

    assert {"js/page.js", "js/parts/player.js", "js/write/outbox.js"} <= set(modules)
    assert any("wavesurfer" in path for path in modules)
    assert not {"js/parts/spellings.js", "js/write/offline_bundle.js", "js/parts/guide.js"} & set(modules)


@pytest.mark.parametrize("path", SCRIPTS)
def test_every_import_leads_to_a_file(path):
    assert all((static_files.FOLDER / each).is_file() for each in static_files.modules(path))
