"""The calls of an OpenAPI document as a person reads them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """where: path or query"""

    name: str
    where: str
    about: str


@dataclass(frozen=True, slots=True)
class Call:
    """curl: a line that works once the names in it are one's own"""

    method: str
    path: str
    summary: str
    about: str
    parameters: Sequence[Parameter]
    curl: str


@dataclass(frozen=True, slots=True)
class CallGroup:
    name: str
    calls: Sequence[Call]


def calls_of(document: Mapping[str, Any], address: str) -> Sequence[CallGroup]:
    """By tag, in the document's order."""
    groups: dict[str, list[Call]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(
                _call(document, address, path, method, operation)
            )
    return [CallGroup(name, calls) for name, calls in groups.items()]


def _call(
    document: Mapping[str, Any], address: str, path: str, method: str, operation: Mapping[str, Any]
) -> Call:
    parameters = operation.get("parameters", [])
    filled = path
    for each in parameters:
        if each["in"] == "path":
            example = next(iter(each.get("schema", {}).get("examples", [])), f"<{each['name']}>")
            filled = filled.replace(f"{{{each['name']}}}", str(example))
    lines = ['curl --fail --header "Authorization: Bearer $BOLI_TOKEN"']
    if method != "get":
        lines.append(f"--request {method.upper()}")
    if "requestBody" in operation:
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][reference.rsplit("/", 1)[-1]]
        body = json.dumps(schema["examples"][0], ensure_ascii=False)
        lines += ["--header 'Content-Type: application/json'", f"--data '{body}'"]
    lines.append(f"'{address}{filled}'")
    return Call(
        method.upper(),
        path,
        operation["summary"],
        operation.get("description", ""),
        [Parameter(each["name"], each["in"], each.get("description", "")) for each in parameters],
        " \\\n  ".join(lines),
    )
