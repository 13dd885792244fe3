"""A run that somebody asked for in the portal goes on with the trace of their request, in another process."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalog import tracing
from catalog.config.settings import ROOT
from catalog.states import Role
from portal.app import create_app
from tests.otlp_receiver import receiver
from tests.portal.datasets.flows import deploy
from tests.portal.people import sign_in
from tests.servers import PrefectServer
from tests.waiting import PATIENCE_SECONDS

pytest.importorskip("opentelemetry.sdk")


def test_the_request_the_run_and_its_steps_are_one_trace(
    portal, prefect_server: PrefectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    deployed = deploy(portal, prefect_server, flow="route", entrypoint="flows.route.route")
    configs = shutil.copytree(ROOT / "configs", tmp_path / "configs")
    demo = (configs / "projects" / "demo.yaml").read_text("utf-8")
    ours = demo.replace("name: demo\n", f"name: {deployed.project}\n").replace("boli-demo", deployed.project)
    (configs / "projects" / f"{deployed.project}.yaml").write_text(ours, "utf-8")
    with receiver() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.address)
        tracing.start("boli-portal", "1")
        served = deployed.portal
        with TestClient(create_app(served), base_url=served.address, follow_redirects=False) as client:
            meera = sign_in(served, "meera", [Role.MANAGER], project=deployed.project)
            answer = meera.browser(client).post("/datasets/runs/route", data={"request_id": "one"})
            assert answer.status_code == 303
        tracing.stop()
        wanted = {"deployments": {"id": {"any_": [deployed.deployment_id]}}}
        (run,) = [
            each for each in prefect_server.ask("flow_runs/filter", wanted) if "asked-for" in each["tags"]
        ]

        done = subprocess.run(
            [sys.executable, "-m", "prefect", "flow-run", "execute", run["id"]],
            env={
                **os.environ,
                "BOLI_CONFIGS": str(configs),
                "BOLI_HOME": str(tmp_path / "home"),
                "BOLI_TRACES": "true",
                "BOLI_WORKERS": "1",
                "PREFECT_API_URL": prefect_server.api,
                "PREFECT_API_AUTH_STRING": prefect_server.auth_string,
            },
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

        assert done.returncode == 0, done.stdout + done.stderr
        (asked,) = received.named("POST /datasets/runs/{flow}")
        (flow,) = received.named("flow route")
        assert (flow.trace, flow.parent) == (asked.trace, asked.id)
        assert flow.attributes == {"boli.step": "route", "prefect.flow_run.id": run["id"]}
        assert (asked.service, flow.service) == ("boli-portal", "boli-flows")
        steps = [span for span in received.parts_of(flow) if span.name.startswith("step ")]
        assert len(steps) == 1 and any(
            span.name.startswith("catalog ") for span in received.parts_of(steps[0])
        )
