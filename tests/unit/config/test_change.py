# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration as part of a change of the instance: kept, named, and never lost to somebody else's change."""

from __future__ import annotations

import pytest

from ansible_collections.acmp.middleware.plugins.module_utils.catalog.entries import Entry
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InstanceError
from ansible_collections.acmp.middleware.plugins.module_utils.helm.revisions import Head
from ansible_collections.acmp.middleware.plugins.module_utils.instance import records
from ansible_collections.acmp.middleware.plugins.module_utils.instance._desired import desired
from ansible_collections.acmp.middleware.plugins.module_utils.instance._observe import Observed
from ansible_collections.acmp.middleware.plugins.module_utils.instance._plan import plan
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import from_params
from ansible_collections.acmp.middleware.plugins.module_utils.package import yaml_reader

DOCUMENT = {"apiVersion": "operators.apusic.com/v1alpha1", "kind": "HelmRelease", "spec": {"values": {"replicas": 1}}}
TYPES = [{"name": "default", "document": yaml_reader.dump(DOCUMENT)}]
ENTRY = Entry({"name": "redis", "version": "1.0.0", "sha256": "a" * 64, "mode": "helm", "types": TYPES}, "acmp-catalog")
ONE, TWO = {"m": {"a": "1"}}, {"m": {"a": "2", "b": None}}


def wanted(recorded=None, **more):
    return desired(from_params({"name": "one", "namespace": "shop", "package": "redis", "values_mode": "merge", **more}), ENTRY, recorded)


def recorded(overrides):
    first = wanted(config_overrides=overrides)
    request = from_params({"name": "one", "namespace": "shop", "package": "redis"})
    return {**records.instance(request, first, None)["spec"], "releaseName": "one"}, first


def test_it_is_kept_by_a_change_that_does_not_speak_of_it():
    spec, _first = recorded(ONE)
    assert spec["configOverrides"] == ONE
    changed = wanted(spec, values={"replicas": 2})
    assert changed.config_overrides == ONE
    assert wanted(spec, config_overrides={}).config_overrides == {}
    assert len({wanted(spec).digest, wanted(spec, config_overrides={}).digest, wanted(spec, config_overrides=TWO).digest, changed.digest}) == 4


def test_the_plan_says_what_is_set():
    spec, first = recorded(ONE)
    status = {"phase": "Ready", "readyRevision": 1, "helmRevision": 1, "readyDigest": first.digest, "operation": "x", "revision": 1}
    record = {"metadata": {"name": "one", "namespace": "shop", "resourceVersion": "1"}, "spec": spec, "status": status}
    seen = Observed(record, (Head("one", "shop", 1, "deployed", "s"),))
    request = from_params({"name": "one", "namespace": "shop", "values_mode": "merge", "config_overrides": TWO})
    found = plan(request, desired(request, ENTRY, spec), seen)
    assert (found.verb, found.release, found.actions) == ("change", "upgrade", ("set m/a", "take out m/b"))
    request = from_params({"name": "one", "namespace": "shop", "values_mode": "merge", "config_overrides": {}, "values": {"replicas": 2}})
    assert plan(request, desired(request, ENTRY, spec), seen).actions == ("set values.replicas: 1 → 2", "reset m/a to the package's")
    request = from_params({"name": "one", "namespace": "shop", "values_mode": "merge", "config_overrides": ONE})
    assert plan(request, desired(request, ENTRY, spec), seen).empty


def test_what_somebody_else_set_meanwhile_is_not_lost():
    spec, _first = recorded(ONE)
    assert wanted(spec, config_overrides=TWO, config_base=ONE).config_overrides == TWO
    # The other one did the same.
    assert wanted(spec, config_overrides=ONE, config_base={}).config_overrides == ONE
    with pytest.raises(InstanceError, match="somebody else"):
        wanted(spec, config_overrides=TWO, config_base={})
    with pytest.raises(InstanceError, match="somebody else"):
        wanted({**spec, "configOverrides": {}}, config_overrides=TWO, config_base=ONE)
