# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Under the lease: whether anything was written since the plan was made."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Forbidden
from ansible_collections.acmp.middleware.plugins.module_utils.helm.revisions import Head
from ansible_collections.acmp.middleware.plugins.module_utils.instance._observe import Observed, same
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import Request

REQUEST = Request(name="db", namespace="shop")
HEAD = Head("db", "shop", 2, "deployed", "sh.helm.release.v1.db.v2", resource_version="7")
RECORD = {"metadata": {"name": "db", "resourceVersion": "5"}, "spec": {}}
PLAIN = {"metadata": {"name": "db", "namespace": "shop", "resourceVersion": "5"}, "spec": {"templateType": "kubernetes"}}


class Kube:
    """Resource versions by name; None: may not be read."""

    def __init__(self, **there):
        self.there = {name.replace("__", "."): version for name, version in there.items()}

    def get(self, _api, _kind, name, _namespace, metadata_only=False):
        if name in self.there and self.there[name] is None:
            raise Forbidden("may not")
        return {"metadata": {"resourceVersion": self.there[name]}} if name in self.there else None


def _secret(number):
    return f"sh__helm__release__v1__db__v{number}"


@pytest.mark.parametrize(("seen", "there", "expected"), [
    (Observed(), {}, True),
    (Observed(), {"db": "1"}, False),
    (Observed(), {_secret(1): "1"}, False),
    (Observed(RECORD, (HEAD,)), {"db": "5", _secret(2): "7"}, True),
    (Observed(RECORD, (HEAD,)), {"db": "6", _secret(2): "7"}, False),
    (Observed(RECORD, (HEAD,)), {"db": "5", _secret(2): "8"}, False),
    (Observed(RECORD, (HEAD,)), {"db": "5", _secret(2): "7", _secret(3): "9"}, False),
    (Observed(RECORD, (HEAD,)), {"db": "5"}, False),
    (Observed(RECORD, (HEAD,)), {"db": "5", _secret(2): None}, False),
    (Observed(PLAIN), {"db": "5", _secret(1): "1"}, True),
])
def test_what_was_written_since(seen, there, expected):
    assert same(Kube(**there), REQUEST, seen, "db") is expected
