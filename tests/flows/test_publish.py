"""Publishing, as the flow does it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.config.settings import Settings
from flows.steps.publish import publish_release
from flows.workspace import Workspace, open_workspace
from releases.stored_forms import stored_form
from releases.versions import read_version
from tests.releases.conftest import Archive


@pytest.fixture
def workspace(settings: Settings, configs: Path) -> Iterator[Workspace]:
    """A project that keeps two forms of its dataset in the store, by its file; two voices' clips are accepted."""
    demo = (configs / "projects" / "demo.yaml").read_text("utf-8")
    listing = demo.replace("name: demo\n", "name: listing\n", 1).replace(
        "release:\n", "release:\n  forms: [ctm, lhotse]\n", 1
    )
    (configs / "projects" / "listing.yaml").write_text(listing, "utf-8")
    with open_workspace("demo", settings) as opened:
        archive = Archive(opened.catalog, opened.store, opened.scratch)
        archive.open()
        archive.add_speaker("te-01")
        archive.add_recording("te-01")
    with open_workspace("listing", settings) as opened:
        yield opened


def test_forms_that_a_projects_file_lists_are_made_when_it_is_published_and_when_they_are_listed_later(
    workspace: Workspace,
) -> None:
    # the made archive is of the project `demo`
    with_forms = replace(workspace.project, name="demo")
    without = replace(with_forms, release=replace(with_forms.release, forms=()))

    before = publish_release(replace(workspace, project=without))
    assert before.version is not None
    version = read_version(workspace.store, before.dataset, before.version)
    assert stored_form(workspace.store, version, "ctm") is None

    after = publish_release(replace(workspace, project=with_forms))

    assert (after.outcome, after.version) == ("unchanged", before.version)
    found = {form: stored_form(workspace.store, version, form) for form in ("ctm", "lhotse", "shar")}
    assert found["ctm"] is not None and [file.path for file in found["ctm"].files] == ["ctm/train.ctm"]
    assert found["lhotse"] is not None
    assert found["shar"] is None
    assert not list(workspace.scratch.rglob("form-*"))
