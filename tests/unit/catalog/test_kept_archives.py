# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An archive goes with its record only where nobody can need it any more."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.catalog import _store
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Forbidden

RECORD = {"metadata": {"name": "redis-1"}, "spec": {"name": "redis", "version": "1.0.0", "sha256": "a" * 64}}
RUNS = {"metadata": {"namespace": "shop", "name": "db"}, "spec": {"package": "redis", "version": "1.0.0"}}
OTHER = {"metadata": {"namespace": "shop", "name": "db"}, "spec": {"package": "redis", "version": "2.0.0"}}
RAN = {"metadata": {"namespace": "shop", "name": "db-r1"}, "spec": {"instance": "db", "package": "redis", "version": "1.0.0"}}
LOCAL, EAST = {"metadata": {"name": "local"}}, {"metadata": {"name": "east"}}


class Kube:
    def __init__(self, **kinds):
        self.kinds, self.deleted = kinds, []

    def list(self, _api, kind, **_options):
        found = self.kinds.get(kind, [])
        if found is None:
            raise Forbidden("may not")
        return found

    def delete(self, _api, kind, _name, _namespace):
        self.deleted.append(kind)


@pytest.mark.parametrize(("kinds", "goes"), [
    ({"Cluster": [LOCAL]}, True),
    ({"Cluster": [LOCAL], "Instance": [OTHER]}, True),
    ({"Cluster": [LOCAL], "Instance": [RUNS]}, False),
    ({"Cluster": [LOCAL], "Instance": [OTHER], "InstanceRevision": [RAN]}, False),
    ({"Cluster": [LOCAL, EAST]}, False),
    ({"Cluster": [LOCAL], "Instance": None}, False),
    ({"Cluster": None}, False),
])
def test_of_the_catalog(kinds, goes):
    kube = Kube(**kinds)
    _store.delete_record(kube, RECORD, _store.CATALOG)
    assert kube.deleted == (["Package", "ConfigMap"] if goes else ["Package"])


def test_of_what_was_never_listed():
    kube = Kube(Cluster=[LOCAL, EAST], Instance=[RUNS])
    _store.delete_record(kube, RECORD, _store.INCOMING)
    assert kube.deleted == ["Package", "ConfigMap"]
