# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configuration files of an instance: set, kept through every change, reset; and pods restarted exactly when they have to be."""

from __future__ import annotations

import json

import pytest
import yaml
from conftest import PLANTED
from harness.ansible import instance
from harness.checks import good
from harness.packages import edited, forget, package_with

CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-conf
data:
  app.properties: |
    maxclients={{ add 100 .Values.replicas }}
    level=info
    exit-after-seconds={{ .Values.exitAfterSeconds }}
  notes.txt: "1e3"
"""
CONFIG_YAML = """apiVersion: operators.apusic.com/v1alpha1
kind: ConfigSchema
metadata: {name: conf}
spec:
  configs:
    - configMap: "{{.Instance}}-conf"
      key: app.properties
      format: properties
      parameters:
        - {name: maxclients, type: integer, minimum: 1, maximum: 65000}
        - {name: level, type: string, choices: [info, debug], apply: reload}
"""
VOLUMES = """      volumes:
        - name: conf
          configMap:
            name: {{ .Release.Name }}-conf
        {{- if .Values.claim.enabled }}
"""
NOTE = "operators.apusic.com/config-digest"


@pytest.fixture(scope="module")
def package(ansible, api, platform, tmp_path_factory, worker_id):
    """The tiny package with a ConfigMap that its pods read; each worker has its own, or one would take it away under another."""
    name = f"configured-{worker_id}"
    pods = edited(
        "raw/tiny/templates/deployment.yaml", ("      {{- if .Values.claim.enabled }}\n      volumes:\n", VOLUMES),
        ("\n      {{- end }}\n", "\n        {{- end }}\n"))
    files = {"config.yaml": CONFIG_YAML, f"raw/{name}/templates/conf.yaml": CONFIG_MAP, f"raw/{name}/templates/deployment.yaml": pods}
    forget(api, name)
    good(ansible.play({"acmp_package": {"src": package_with(tmp_path_factory.mktemp("config"), name, files), "state": "listed"}}))
    yield name
    ansible.play(*[{"acmp_package": {"name": name, "version": "1.0.0", "state": state}} for state in ("unlisted", "absent")])
    forget(api, name)


def _config(space: str, **options) -> dict:
    return {"name": "config", "acmp_instance_config": {"name": "one", "namespace": space, **options}}


def _revision(api, space: str, number: int) -> tuple[dict, str]:
    """(texts of the ConfigMap, digest on the pods) in what Helm recorded."""
    release = api.helm_release(space, "one", number)["manifest"]
    objects = {item["kind"]: item for item in yaml.safe_load_all(release) if item}
    return objects["ConfigMap"]["data"], (objects["Deployment"]["spec"]["template"]["metadata"].get("annotations") or {}).get(NOTE, "")


def test_life_of_a_setting(ansible, api, space, package):
    """One deployment; what each step left is read from Helm's own records afterwards."""
    own = "maxclients=5\nlevel=info\nexit-after-seconds=0\n"
    ask = _config(space, settings={"app.properties": own, "new-key.conf": "yes"})
    back = {"acmp_instance_rollback": {"name": "one", "namespace": space}}
    change = {"values_mode": "merge", "wait": True}
    run = good(ansible.play(
        instance("one", space, package=package),
        {**ask, "check_mode": True, "diff": True}, ask, ask,
        # Without pods, what follows needs not wait for them.
        instance("one", space, values={"replicas": 0}, **change),
        _config(space, settings={"app.properties": own.replace("info", "debug")}),
        instance("one", space, drift="report", **change),
        {"acmp_instance_rollback": {**back["acmp_instance_rollback"], "revision": 1}},
        {"acmp_instance_rollback": {**back["acmp_instance_rollback"], "revision": 4}},
        {"name": "look", "acmp_instance_config_info": {"name": "one", "namespace": space}},
        _config(space, reset=["app.properties"], settings={"notes.txt": None}),
        _config(space, reset=["app.properties"], settings={"notes.txt": None}),
    ))
    _deployed, check, first, again, _changed, reloaded, drift, _back, _forth, look, reset, reset_again = run.results
    told = ["set one-conf/app.properties: 1 line changed", "add one-conf/new-key.conf: 1 line"]
    assert check["actions"] == first["actions"] and sorted(check["actions"]) == sorted(told) and check.changed
    assert [item["before_header"] for item in check["diff"]] == ["one-conf/app.properties", "one-conf/new-key.conf"]
    assert "maxclients=101" in check["diff"][0]["before"] and check["diff"][0]["after"] == own
    assert (first["restarts"], first["config_map"]) == (["Deployment one"], "one-conf")
    assert not again.changed and not reset_again.changed
    assert (reloaded.changed, reloaded["restarts"]) == (True, [])
    assert not drift.changed and not drift.data.get("drift"), drift.data.get("drift")
    assert reset["actions"] == ["reset one-conf/app.properties to the package's", "take out one-conf/notes.txt"]

    package_text = {"app.properties": "maxclients=101\nlevel=info\nexit-after-seconds=0\n", "notes.txt": "1e3"}
    set_text = {**package_text, "app.properties": own, "new-key.conf": "yes"}
    debug_text = {**set_text, "app.properties": own.replace("info", "debug")}
    after = {"app.properties": package_text["app.properties"].replace("101", "100"), "new-key.conf": "yes"}
    texts, digests = zip(*[_revision(api, space, number) for number in range(1, 8)], strict=True)
    # Deployed, set, changed by the form, reloaded, back to the first, back to the fourth, reset.
    assert texts[:6] == (package_text, set_text, set_text, debug_text, package_text, debug_text)
    assert texts[6] == after
    # The same digest: the same pods. What is only reloaded, or only hidden from a change of the form, restarts none.
    assert digests[1] and digests[1] == digests[2] == digests[3] == digests[5] and digests[0] == digests[4] == ""
    assert digests[6] not in ("", digests[1])
    assert api.core("configmaps", space, "one-conf")["data"] == after

    [shown] = look["config_maps"]
    found = {item["key"]: item for item in shown["settings"]}
    assert {key: item["source"] for key, item in found.items()} == {"app.properties": "override", "new-key.conf": "override", "notes.txt": "package"}
    conf = found["app.properties"]
    assert (conf["text"], conf["apply"], conf["format"]) == (debug_text["app.properties"], "restart", "properties")
    assert [(one["name"], one["value"], one["apply"]) for one in conf["parameters"]] == [("maxclients", 5, "restart"), ("level", "debug", "reload")]
    assert conf["form_fields"] == {"exit-after-seconds": "values.exitAfterSeconds"}
    # Recorded beside every revision, and nowhere as text where it is only spoken of.
    revisions = {item["spec"]["revision"]: item["spec"].get("configOverrides") for item in api.own("instancerevisions", space)}
    assert revisions[2] == {"one-conf": {key: set_text[key] for key in ("app.properties", "new-key.conf")}} and revisions[1] is None
    assert "maxclients=5" not in json.dumps(api.own("operations", space))


@pytest.mark.once
def test_what_is_refused(ansible, api, space, package):
    """Everything before anything is written: the release keeps its one revision."""
    api.create(f"/api/v1/namespaces/{space}/configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "foreign"}, "data": {"a": "1"}})
    wrong = {"app.properties": "maxclients=0\nlevel=loud\n"}
    cases = (
        ({"settings": wrong}, ("maxclients is below 1", "level is not one of", "one-conf/app.properties, maxclients")),
        ({"settings": {"a": "1"}, "config_map": "one-cnf"}, ('has no ConfigMap "one-cnf"', 'did you mean "one-conf"')),
        ({"settings": {"a": "1"}, "config_map": "foreign"}, ('has no ConfigMap "foreign"',)),
        ({"settings": {"big": "x" * 614400}}, ("601 KiB", "512")),
        ({"settings": {"a/b": "1"}}, ("cannot be a key",)),
        ({"settings": {"a": True}}, ("holds text",)),
        ({"settings": {"a": "x"}, "reset": ["a"]}, ("set and reset",)),
        ({"settings": {"a": "x ******** y"}}, ("instead of a secret",)),
        ({"settings": {"a": "x"}, "name": "on"}, ("There is no instance", 'did you mean "one"')),
    )
    near = {**_config(space, settings={"app.property": f"password={PLANTED}\n"}), "check_mode": True, "diff": True}
    run = ansible.play(instance("one", space, package=package), *[_config(space, **options) for options, _said in cases], near)
    for (options, said), result in zip(cases, run.results[1:], strict=False):
        assert result.failed and not [word for word in said if word not in result.msg], (list(options), result.msg)
    warned = " ".join(run.last.data["warnings"])
    assert 'did you mean "app.properties"' in warned and "seems to hold a secret" in warned and "********" in json.dumps(run.last["diff"])
    assert api.helm(space)["one"] == [(1, "deployed")]
    assert "configOverrides" not in api.own("instances", space, "one")["spec"]
