# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights are written in an order that works, also where the API server is slow to notice."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import NotFound
from ansible_collections.acmp.middleware.plugins.module_utils.project import _rights


class Home:
    """Refuses the first ``late`` writes of each RoleBinding, as where a Role is not seen yet; missing: what it says is missing."""

    def __init__(self, late, missing="object"):
        self.late, self.missing, self.written, self.tries = late, missing, [], {}

    def apply(self, obj):
        name = obj["metadata"]["name"]
        self.tries[name] = self.tries.get(name, 0) + 1
        if obj["kind"] == "RoleBinding" and self.tries[name] <= self.late:
            raise NotFound("Cannot apply RoleBinding: it does not exist", details={"missing": self.missing})
        self.written.append(obj["kind"])


def objects(*kinds):
    return [{"kind": kind, "metadata": {"name": f"{kind}-{number}"}} for number, kind in enumerate(kinds)]


def test_roles_come_before_what_binds_them():
    home = Home(late=2)
    _rights.write(home, objects("RoleBinding", "Role", "RoleBinding", "Namespace", "Role"))
    assert home.written == ["Namespace", "Role", "Role", "RoleBinding", "RoleBinding"]
    assert home.tries["RoleBinding-0"] == 3


def test_a_missing_namespace_is_not_waited_for():
    home = Home(late=1, missing="namespace")
    with pytest.raises(NotFound):
        _rights.write(home, objects("RoleBinding"))
    assert home.tries == {"RoleBinding-0": 1}
