# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server says to objects before any is written."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Conflict
from ansible_collections.acmp.middleware.plugins.module_utils.instance import _preflight
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import Request
from ansible_collections.acmp.middleware.plugins.module_utils.instance.volumes._immutable import Replacement
from ansible_collections.acmp.middleware.plugins.module_utils.instance.volumes._measures import Measures

SET = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "one"}}


class Taken:
    """A cluster where every name is taken. notes: annotations of what has it."""

    def __init__(self, notes):
        self.notes = notes

    def resource(self, _api, _kind):
        return SimpleNamespace(namespaced=True)

    def create(self, _obj, dry_run=False):
        raise Conflict("exists already", status=409)

    def get(self, _api, _kind, _name, _namespace):
        return {"metadata": {"annotations": self.notes}}


@pytest.mark.parametrize(("notes", "replaced", "installed", "outcome"), [
    ({}, False, False, "failed"),
    ({"meta.helm.sh/release-name": "one", "meta.helm.sh/release-namespace": "shop"}, False, False, "passed"),
    # A kustomization's StatefulSet has no annotation of Helm's, and is there because it is to be replaced.
    ({}, True, True, "passed"),
])
def test_a_name_that_is_taken(notes, replaced, installed, outcome):
    measures = Measures(replacements=(Replacement("apps/v1", "StatefulSet", "one", "shop", "uid", orphan=True),) if replaced else ())
    wanted = SimpleNamespace(release="one")
    [check] = _preflight._accepted(Taken(notes), SET, Request(name="one", namespace="shop"), wanted, installed, measures, [])
    assert check.outcome == outcome
