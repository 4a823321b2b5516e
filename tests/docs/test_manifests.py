"""compose.yaml and docs/kubernetes.yaml: well formed, and as little allowed as the bot needs."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.settings import serving_settings_from
from bot.settings.names import EXAMPLES

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "tests" / "data" / "kubernetes-1.33.schema.json").read_text())
Validator = jsonschema.validators.validator_for(SCHEMA)
DOCUMENTS = tuple(yaml.safe_load_all((ROOT / "docs" / "kubernetes.yaml").read_text()))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
LONGEST_END_SECONDS = 20
"""docs/deploy.md: how long the process takes to finish what it acknowledged."""


def checked(document: dict[str, Any]) -> None:
    Validator(SCHEMA | {"$ref": f"#/$defs/{document['kind']}"}).validate(document)


def test_the_schema_is_one() -> None:
    """Once: to look at all of it for each document takes longer than the documents."""
    Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each["kind"])
def test_kubernetes_knows_every_field(document: dict[str, Any]) -> None:
    checked(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("spec", "replicas"), "two"),
        (("spec", "template", "spec", "securityContext", "runAsNonroot"), True),
        (("spec", "template", "spec", "containers", 0, "readynessProbe"), {}),
        (("spec", "strategy", "rollingUpdate"), "all at once"),
    ],
)
def test_a_field_that_kubernetes_does_not_know_is_found(path: tuple[Any, ...], value: Any) -> None:
    wrong = json.loads(json.dumps(DOCUMENTS[0]))
    part = wrong
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        checked(wrong)


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = DOCUMENTS[0]["spec"]["template"]["spec"]
    return spec


def test_the_pod_may_do_as_little_as_it_needs() -> None:
    [container] = pod()["containers"]
    assert pod()["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}  # noqa: S108
    assert container["resources"]["limits"]["memory"]
    assert not pod()["automountServiceAccountToken"]


def test_the_pod_listens_until_nobody_is_sent_to_it_and_has_time_to_end_then() -> None:
    """Endpoints are taken away beside the end, not before it."""
    [container] = pod()["containers"]
    word, seconds = container["lifecycle"]["preStop"]["exec"]["command"]
    assert (word, int(seconds) >= 5) == ("sleep", True)
    assert pod()["terminationGracePeriodSeconds"] > LONGEST_END_SECONDS + int(seconds)


def test_selectors_find_the_pod_and_probes_its_ports() -> None:
    labels = DOCUMENTS[0]["spec"]["template"]["metadata"]["labels"]
    assert DOCUMENTS[0]["spec"]["replicas"] >= 2
    for document in (DOCUMENTS[0], DOCUMENTS[2]):
        assert document["spec"]["selector"]["matchLabels"] == labels
    assert DOCUMENTS[1]["spec"]["selector"] == labels
    [container] = pod()["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert {probe["port"] for probe in probes.values()} == {"metrics"}
    assert probes["readiness"]["path"] == "/readyz"
    assert DOCUMENTS[1]["spec"]["ports"][0]["targetPort"] in ports


def test_every_variable_is_a_setting_and_secrets_come_from_the_secret() -> None:
    [container] = pod()["containers"]
    written = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert set(written) <= set(EXAMPLES)
    secret = {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "REDIS_URL"}
    assert {name for name, value in written.items() if value is None} == secret
    said = {
        name: value or EXAMPLES[name].partition(" (")[0].replace("…", "1") for name, value in written.items()
    }
    settings = serving_settings_from(said | {"HOME": "/nowhere", "PORT": "3000"})
    assert settings.require_store
    keys = set(re.findall(r"from-literal=([\w-]+)=", (ROOT / "docs" / "kubernetes.yaml").read_text()))
    needed = {e["valueFrom"]["secretKeyRef"]["key"] for e in container["env"] if "valueFrom" in e}
    assert keys <= needed == keys | {"app-token"}


def test_compose_gives_neither_service_more_than_it_needs() -> None:
    assert set(COMPOSE["services"]) == {"bot", "redis"}
    for service in COMPOSE["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["user"] not in ("", "0", "root")
        assert service["mem_limit"]
    bot = COMPOSE["services"]["bot"]
    assert int(bot["stop_grace_period"].removesuffix("s")) > LONGEST_END_SECONDS
    assert set(bot["environment"]) <= set(EXAMPLES)
    assert bot["env_file"] == [{"path": ".env", "required": False}], "every other setting would do nothing"
    volumes = {
        each.partition(":")[0] for service in COMPOSE["services"].values() for each in service["volumes"]
    }
    assert volumes == set(COMPOSE["volumes"])


def test_one_user_and_one_port_in_all_three() -> None:
    user = re.search(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert user is not None
    assert user[1] == str(pod()["securityContext"]["runAsUser"])
    assert COMPOSE["services"]["bot"]["user"] == f"{user[1]}:{user[2]}"
    assert f"EXPOSE {pod()['containers'][0]['ports'][0]['containerPort']}\n" in DOCKERFILE
