"""The image, the composition and the manifests of `deploy/`: linted by the field's own rules, held against the product.

No image is built and nothing is started here.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from boli.serve.prefect_environment import OF_RUNS, OF_SERVER
from catalog.config.settings import KEY_FILE, ROOT
from tests.deploy.mentions import DEPLOY, PREFECTS, command_fault, program, runs, unknown_settings

BROUGHT = "pip install --requirement requirements-dev.lock brings it"
compose_spec = pytest.importorskip("compose_spec", reason=BROUGHT)
kubernetes_validate = pytest.importorskip("kubernetes_validate", reason=BROUGHT)
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
COMPOSE = (DEPLOY / "compose.yaml").read_text("utf-8")
MANIFESTS = tuple(
    path for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")) if path.name != "kustomization.yaml"
)
KUBERNETES = "1.34"


def interpolated(text: str) -> str:
    """What Compose puts for `${NAME:?}`, with a value for each."""
    return re.sub(r"\$\{([A-Z0-9_]+):\?\}", lambda found: found[1].lower().replace("_", "-"), text)


def composition(text: str = COMPOSE) -> dict[str, Any]:
    """Checked by the Compose specification. Raises ValueError."""
    found: dict[str, Any] = yaml.safe_load(interpolated(text))
    compose_spec.PyCompose.from_json(json.dumps(found)).to_spec()
    return found


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in MANIFESTS:
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            yield f"{path.stem} {document['kind']} {document['metadata']['name']}", document


DOCUMENTS = dict(documents())


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """What each workload starts."""
    for name, document in DOCUMENTS.items():
        spec = document.get("spec", {})
        template = spec.get("template") or spec.get("jobTemplate", {}).get("spec", {}).get("template")
        if template:
            yield name, template["spec"]


PODS = dict(pods())
SERVICES = {
    name: each for name, each in composition()["services"].items() if each["image"].startswith("boli:")
}


def containers_of(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def hadolint(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("hadolint"), "--no-color", "-"], input=text, capture_output=True, text=True, check=False
    )


def test_hadolint_finds_nothing_in_the_image() -> None:
    said = hadolint(DOCKERFILE)

    assert (said.returncode, said.stdout) == (0, "")


def test_hadolint_would_find_a_fault() -> None:
    said = hadolint(DOCKERFILE.replace("WORKDIR /opt/boli", "WORKDIR opt/boli\nRUN cd /tmp && sudo ls"))

    assert said.returncode != 0
    assert "DL3000" in said.stdout
    assert "DL3004" in said.stdout


def test_all_that_the_image_copies_is_there_and_gets_past_the_list_of_what_may() -> None:
    copied = [
        word
        for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for word in line.split()
    ]
    admitted = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }

    assert set(copied) == admitted
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_image_has_every_package_that_the_wheel_has() -> None:
    wheel = re.search(r"^packages = \[(.+)\]$", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)

    assert wheel is not None
    for name in re.findall(r'"(\w+)"', wheel[1]):
        assert f"\nCOPY {name} {name}\n" in DOCKERFILE


def test_the_image_runs_as_nobody_in_particular_and_looks_at_itself() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    command = re.search(r"^CMD (.+)$", last, re.MULTILINE)

    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert command is not None
    assert command_fault(json.loads(command[1])) is None


@pytest.mark.parametrize(
    "path", [p for p in sorted(DEPLOY.rglob("*")) if p.is_file()], ids=lambda path: path.name
)
def test_every_setting_that_a_file_names_is_one(path: Path) -> None:
    assert unknown_settings(path.read_text("utf-8")) == []


def test_the_composition_is_what_the_specification_says() -> None:
    assert set(composition()["services"]) >= {
        "proxy",
        "postgres",
        "s3",
        "prefect",
        "worker",
        "portal",
        "upgrade",
    }


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("restart: unless-stopped", "restrat: unless-stopped"),
        ("condition: service_healthy", "condition: healthy"),
        ("replicas: 2", "replicas: two"),
        ("subnet: 172.30.57.0/24", "subnet: 172.30.57.0/99"),
    ],
)
def test_a_fault_in_the_composition_would_be_found(right: str, wrong: str) -> None:
    with pytest.raises(ValueError):
        composition(COMPOSE.replace(right, wrong, 1))


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_of_ours_runs_what_there_is_without_rights_or_a_root_to_write_to(name: str) -> None:
    service = SERVICES[name]

    assert runs(service["command"]) is None
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "healthcheck" in service


def test_services_wait_for_services_and_mount_volumes_and_files_that_there_are() -> None:
    found = composition()

    for service in found["services"].values():
        assert set(service.get("depends_on", {})) <= set(found["services"])
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in found["volumes"] or (DEPLOY / source).exists(), volume


def test_the_example_of_the_compositions_environment_holds_what_it_asks_for() -> None:
    example = (DEPLOY / "compose.env.example").read_text("utf-8")

    assert set(re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE)) == set(
        re.findall(r"^([A-Z0-9_]+)=", example, re.MULTILINE)
    )


def test_two_portals_share_a_home_and_believe_their_proxy() -> None:
    found = composition()
    portal = found["services"]["portal"]
    (network,) = found["networks"]["default"]["ipam"]["config"]

    assert portal["deploy"]["replicas"] == 2
    assert portal["environment"]["BOLI_PORTAL_PROXIES"] == network["subnet"]
    assert "home:/var/lib/boli" in portal["volumes"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_manifest_is_what_kubernetes_takes(name: str) -> None:
    kubernetes_validate.validate(DOCUMENTS[name], KUBERNETES, strict=True)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"), ("replicas: 2", "replicas: two")],
)
def test_a_fault_in_a_manifest_would_be_found(right: str, wrong: str) -> None:
    text = (DEPLOY / "kubernetes/portal.yaml").read_text("utf-8")
    faulty = next(yaml.safe_load_all(text.replace(right, wrong, 1)))

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(faulty, KUBERNETES, strict=True)


def test_the_kustomization_names_every_manifest() -> None:
    found = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text("utf-8"))

    assert sorted(found["resources"]) == [path.name for path in MANIFESTS]


@pytest.mark.parametrize("name", PODS)
def test_every_pod_runs_what_there_is_without_rights_or_a_root_to_write_to(name: str) -> None:
    pod = PODS[name]

    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False  # PREFECT_PORT would be taken for a setting of Prefect's
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers_of(pod):
        assert runs(container["command"]) is None
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", PODS)
def test_every_pod_mounts_volumes_that_it_has(name: str) -> None:
    document, pod = DOCUMENTS[name], PODS[name]
    claims = [each["metadata"]["name"] for each in document["spec"].get("volumeClaimTemplates", [])]
    volumes = {*claims, *(volume["name"] for volume in pod["volumes"])}

    for container in containers_of(pod):
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes


def test_portals_and_the_senders_of_push_messages_sign_with_the_same_key() -> None:
    for name in ("portal StatefulSet portal", "worker Deployment worker"):
        (container,) = PODS[name]["containers"]

        assert any(mount["mountPath"] == f"/var/lib/boli/{KEY_FILE}" for mount in container["volumeMounts"])


def test_services_autoscalers_and_the_ingress_lead_to_what_there_is() -> None:
    labels = {pod_name.split()[-1] for pod_name in PODS}
    ports = {
        (name.split()[-1], port["name"])
        for name, pod in PODS.items()
        for container in pod["containers"]
        for port in container.get("ports", [])
    }

    for document in DOCUMENTS.values():
        if document["kind"] == "Service":
            (port,) = document["spec"]["ports"]
            assert (document["spec"]["selector"]["app"], port["targetPort"]) in ports
        if document["kind"] == "HorizontalPodAutoscaler":
            assert document["spec"]["scaleTargetRef"]["name"] in labels


def test_no_image_names_a_registry() -> None:
    images = [each["image"] for each in composition()["services"].values()]
    images += [container["image"] for pod in PODS.values() for container in containers_of(pod)]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert [image for image in images if "." in image.partition("/")[0] and "/" in image] == []


@pytest.mark.parametrize("words", sorted(PREFECTS), ids=" ".join)
def test_prefects_commands_have_the_options_that_are_given(words: tuple[str, ...]) -> None:
    verbs = [word for word in words[1:] if not word.startswith("-")]
    verbs = verbs[: 1 if "deploy" in verbs else 2]

    help_text = "".join(
        subprocess.run(
            [program("prefect"), *each, "--help"], capture_output=True, text=True, check=True
        ).stdout
        for each in ([], verbs)
    )

    assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", help_text))


def variables_of(container: dict[str, Any]) -> dict[str, str]:
    """What a container's environment says itself, and by the settings that it is given."""
    said = {each["name"]: each["value"] for each in container.get("env", []) if "value" in each}
    named = {each["configMapRef"]["name"] for each in container.get("envFrom", []) if "configMapRef" in each}
    for document in DOCUMENTS.values():
        if document["kind"] == "ConfigMap" and document["metadata"]["name"] in named:
            said = {**document["data"], **said}
    return said


STARTED = {
    **{f"compose {name}": (each["command"], each["environment"]) for name, each in SERVICES.items()},
    **{
        f"kubernetes {container['name']}": (container["command"], variables_of(container))
        for pod in PODS.values()
        for container in containers_of(pod)
    },
}
"""Every program that is started, with its environment."""


def started(*words: str) -> dict[str, dict[str, str]]:
    """The environments of the programs whose command begins with these words, by their names."""
    return {
        name: variables
        for name, (command, variables) in STARTED.items()
        if tuple(command[: len(words)]) == words
    }


def test_prefects_servers_run_with_what_boli_up_gives_its_own() -> None:
    servers = started("python", "-m", "boli.serve.prefect_server")

    assert len(servers) == 2
    for name, variables in servers.items():
        assert variables.items() >= OF_SERVER.items(), name


def test_workers_run_flows_with_what_boli_up_gives_its_own() -> None:
    workers = started("prefect", "worker", "start")

    assert len(workers) == 4
    for name, variables in workers.items():
        assert variables.items() >= OF_RUNS.items(), name


def test_every_pool_of_prefect_yaml_is_made_and_has_workers_and_its_batches_reach_theirs() -> None:
    described = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    pools = {each["work_pool"]["name"] for each in described["deployments"]}

    for where in ("compose", "kubernetes"):
        made = {command[3] for name, (command, _) in STARTED.items() if where in name and "create" in command}
        worked = {
            command[4] for name, (command, _) in STARTED.items() if where in name and "start" in command
        }
        assert made == worked == pools
    for name, variables in started("prefect", "worker", "start", "--pool", "boli").items():
        assert variables["BOLI_TASK_RUNNER"] == "prefect", name


def test_the_deployments_of_prefect_yaml_hear_of_runs_that_fall_silent() -> None:
    described = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    heartbeat = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": OF_RUNS["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]}

    assert all(each["work_pool"]["job_variables"]["env"] == heartbeat for each in described["deployments"])
    assert {name.split()[0] for name in started("python", "-m", "boli.serve.silent_runs")} == {
        "compose",
        "kubernetes",
    }


def test_the_docs_name_what_a_server_and_a_worker_of_your_own_run_with() -> None:
    text = (ROOT / "docs/operating.md").read_text("utf-8")

    for name, value in {**OF_SERVER, **OF_RUNS}.items():
        assert f"{name}={value}" in text, name
