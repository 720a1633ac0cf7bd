# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets: planted values are found in the Secrets of the namespace and nowhere else, whatever is printed, recorded or compared."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import yaml
from conftest import PLANTED
from harness.ansible import instance
from harness.checks import good
from harness.packages import edited, forget, package_with

PASSWORD = """          - path: values.password
            displayName: Password
            description: Of the administrator
            x-descriptors:
              - urn:alm:descriptor:com.tectonic.ui:password
          - path: values.authSecret
            displayName: Secret of the application
            description: Generated when empty
            x-descriptors:
              - urn:alm:descriptor:io.kubernetes:Secret
              - urn:alm:descriptor:com.apusic.secret:generate:auth:token:32
"""
SECRET = """{{- if .Values.password }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}-admin
stringData:
  password: {{ .Values.password | quote }}
{{- end }}
"""


@pytest.fixture(scope="module")
def package(ansible, api, platform, tmp_path_factory, worker_id):
    """A package with a password in its form and a generated Secret; each worker has its own, or one would take it away under another."""
    name = f"secretive-{worker_id}"
    text = '{"type": "string"}'
    ready = '"ready": {"type": "boolean"},'
    schema = edited("raw/tiny/values.schema.json", (ready, f'{ready} "password": {text}, "authSecret": {text},'))
    folder = package_with(tmp_path_factory.mktemp("secret"), name)
    path = Path(folder)
    csv = (path / "manifests" / "csv.yaml").read_text()
    assert csv.count("        specDescriptors:\n") == 1
    (path / "manifests" / "csv.yaml").write_text(csv.replace("        specDescriptors:\n", "        specDescriptors:\n" + PASSWORD))
    (path / "raw" / name / "values.schema.json").write_text(schema)
    (path / "raw" / name / "templates" / "secret.yaml").write_text(SECRET)
    forget(api, name)
    good(ansible.play({"acmp_package": {"src": folder, "state": "listed"}}))
    yield name
    ansible.play(*[{"acmp_package": {"name": name, "version": "1.0.0", "state": state}} for state in ("unlisted", "absent")])
    forget(api, name)


def _everywhere_else(api, space: str) -> str:
    """Every object of the namespace but Secrets, as text."""
    return "\n".join(json.dumps(item) for path in api.kinds() if not path.endswith("/secrets") for item in api.list(path.format(space)))


def _value(api, space: str, name: str, key: str) -> str:
    return base64.b64decode(api.core("secrets", space, name)["data"][key]).decode()


@pytest.mark.parametrize("option", ["values", "secret_values", "document"])
def test_planted_password(ansible, api, space, package, in_process, option):
    """Given in any of the three ways: kept in Secrets, printed and recorded nowhere, compared without being shown, not changed without need."""
    assert PLANTED in ansible.secrets
    encoded = base64.b64encode(PLANTED.encode()).decode()
    other = PLANTED[::-1]
    ansible.secrets += [secret for secret in (encoded, other) if secret not in ansible.secrets]

    def given(password):
        if option == "document":
            values = {"password": password, "replicas": 1}
            return {"document": {"apiVersion": "operators.apusic.com/v1alpha1", "kind": "HelmRelease", "spec": {"values": values}}}
        return {option: {"password": password}}

    arguments = ("--diff",)
    run = ansible.play(
        instance("one", space, package=package, **given(PLANTED)),
        instance("one", space, package=package, **given(PLANTED)),
        instance("one", space, package=package, **given(other)),
        {"acmp_instance_info": {"namespace": space}},
        instance("one", space, package=package, values={"image.tag": "no such tag"} | ({"password": other} if option == "values" else {}), wait_timeout=30),
        in_process=in_process, arguments=arguments)
    assert [result.failed for result in run.results] == [False] * 4 + [True], [result.msg for result in run.results]
    assert [result.changed for result in run.results[:3]] == [True, False, True], [result.data.get("actions") for result in run.results[:3]]
    assert _value(api, space, "one-admin", "password") == other
    assert len(_value(api, space, "one-auth", "token")) == 32
    text = _everywhere_else(api, space)
    for secret in (PLANTED, other, encoded, _value(api, space, "one-auth", "token")):
        assert secret not in text, "a secret stands in an object that is no Secret"
        assert secret not in run.output, f"a secret was printed, see {run.log}"
    assert {"name": "one-auth", "keys": ["token"]} in run[3]["instances"][0]["secrets"]


def test_password_of_a_task_that_fails_early(ansible, space, package, in_process):
    """Before the package is read nobody knows which field is secret; what is printed of the arguments may not show it all the same."""
    run = ansible.play(
        instance("one", space, package="no-such-package", values={"password": PLANTED}),
        instance("one", space, package=package, document={"kind": "Wrong", "spec": {"values": {"password": PLANTED}}}),
        instance("one", space, package=package, version="7.7.7", secret_values={"password": PLANTED}),
        instance("One", space, package=package, values={"password": PLANTED}),
        in_process=in_process)
    assert all(result.failed for result in run.results)


@pytest.mark.once
def test_generated_secret_stays(ansible, api, space, package):
    """Not given, so generated once; kept by changes and by removal, gone with a wipe."""
    good(ansible.play(instance("one", space, package=package)))
    token = _value(api, space, "one-auth", "token")
    password = next(base64.b64decode(value).decode() for value in api.core("secrets", space, "one-secrets")["data"].values())
    run = good(ansible.play(
        instance("one", space), instance("one", space, values={"replicas": 2}), instance("one", space, state="absent"),
        instance("one", space, package=package)))
    assert [result.changed for result in run.results] == [False, True, True, True]
    assert token not in run.output and password not in run.output
    assert _value(api, space, "one-auth", "token") == token
    good(ansible.play(instance("one", space, state="absent", delete_policy="wipe", confirm="one")))
    left = [item["metadata"]["name"] for item in api.core("secrets", space)]
    assert left == [], left


def test_kubeconfig_as_mapping(ansible, kubeconfig, platform):
    """A kubeconfig given as data holds a key: it is not printed, not even by the arguments of a module at -vvv."""
    config = yaml.safe_load(Path(kubeconfig).read_text())
    user = config["users"][0]["user"]
    secret = user.get("client-key-data") or user.get("token")
    if not secret:
        pytest.skip("the kubeconfig holds no embedded key or token")
    ansible.secrets.append(secret)
    try:
        for in_process in (True, False):
            good(ansible.play({"acmp_instance_info": {"kubeconfig": config}}, in_process=in_process, env={"K8S_AUTH_KUBECONFIG": ""}))
    finally:
        ansible.secrets.remove(secret)
