"""Parameters of the flows, as whoever starts a run by hand sees them."""

from importlib import import_module
from pathlib import Path

import pytest
from prefect.utilities.callables import parameter_schema

from boli.serve.deployments import SCHEDULED
from flows.batch import batch


@pytest.mark.parametrize("flow", [scheduled.flow for scheduled in SCHEDULED])
def test_every_parameter_says_what_it_means_and_the_project_is_a_choice(
    flow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for project in ("dumka", "araku"):
        (tmp_path / "projects").mkdir(exist_ok=True)
        (tmp_path / "projects" / f"{project}.yaml").touch()
    monkeypatch.setenv("BOLI_CONFIGS", str(tmp_path))

    fields = parameter_schema(getattr(import_module(f"flows.{flow}"), flow).fn).properties

    assert fields["project"]["enum"] == ["araku", "dumka"]
    assert all(field["description"] for field in fields.values())


def test_a_batch_takes_the_project_of_its_run_and_of_projects_that_are_made_later():
    assert "enum" not in parameter_schema(batch.fn).properties["project"]
