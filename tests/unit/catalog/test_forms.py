# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forms of packages in the catalog: read from the archives, and only when asked for."""

from __future__ import annotations

import json
import pathlib

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.catalog import packages, records
from ansible_collections.acmp.middleware.plugins.module_utils.platform.roles import CATALOG, INCOMING
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model

ROOT = pathlib.Path(__file__).resolve().parents[3]


class Kube:
    """A cluster with packages in it, which counts the parts of archives that are read."""

    def __init__(self):
        self.records = {CATALOG: [], INCOMING: []}
        self.parts = {}
        self.read = []

    def add(self, folder, namespace):
        tree = archive.read_folder(str(ROOT / folder))
        data = archive.write(tree, "x")
        sha256 = archive.sha256(data)
        record = records.package_record(model.load(tree), data, sha256, namespace, force=False, uploaded_by="a", uploaded_at="now")
        self.records[namespace].append(record)
        self.parts.update({(namespace, part["metadata"]["name"]): part for part in records.chunks("x", data, sha256, namespace)})
        return record

    def list(self, _api_version, _kind, namespace=None, **_more):
        return self.records[namespace]

    def get(self, _api_version, kind, name, namespace):
        assert kind == "ConfigMap"
        self.read.append((namespace, name))
        return self.parts.get((namespace, name))


@pytest.fixture
def kube(monkeypatch):
    made = Kube()
    made.add("examples/packages/redis", CATALOG)
    made.add("tests/packages/tiny", INCOMING)
    monkeypatch.setattr(packages, "connect", lambda *_args: made)
    return made


def test_without_form_no_archive_is_read(kube):
    found = packages.info({}, None, {}, Context())
    assert len(found) == 2 and not any("form" in item for item in found) and kube.read == []


def test_the_form_of_every_type(kube):
    ctx = Context()
    redis, tiny = packages.info({}, None, {"form": True}, ctx)
    assert list(redis["form"]) == redis["instance_types"] == ["default", "replicated"] and ctx.warnings == []
    assert redis["form"]["replicated"][0] == {**redis["form"]["default"][0], "default": 2}
    assert redis["form"]["default"][0]["path"] == "values.replicas" and redis["form"]["default"][0]["widget"] == "podCount"
    assert tiny["form"]["default"] and json.dumps(redis["form"])
    assert [namespace for namespace, _name in kube.read] == [CATALOG, INCOMING]


def test_only_what_was_asked_for_is_read(kube):
    packages.info({}, None, {"form": True, "phase": "hidden"}, Context())
    assert [namespace for namespace, _name in kube.read] == [INCOMING]


@pytest.mark.parametrize(("data", "told"), [(None, "A part of the archive"), ("AAAA", "is not the one that was uploaded")])
def test_a_damaged_archive_hides_no_other_package(kube, data, told):
    for (namespace, name), part in list(kube.parts.items()):
        if namespace == CATALOG:
            kube.parts[namespace, name] = data and {**part, "binaryData": {"archive": data}}
    ctx = Context()
    redis, tiny = packages.info({}, None, {"form": True}, ctx)
    assert redis["form"] == {} and tiny["form"] and len(ctx.warnings) == 1
    assert told in ctx.warnings[0] and ctx.warnings[0].startswith("redis")
