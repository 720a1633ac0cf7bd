# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands beside a stored credential is read with care: an administrator's run acts on it, and managers can write it."""

from __future__ import annotations

import base64
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import _issue
from ansible_collections.acmp.middleware.plugins.module_utils.project import credentials

GROUP = "operators.apusic.com"


@pytest.mark.parametrize(("noted", "bound"), [("acmp-credential-b", "acmp-credential-b"), ("somebodys-secret", ""), ("", ""), ("../acmp-credential-b", "")])
def test_only_secrets_of_ours_are_known_as_what_ends_a_token(noted, bound):
    meta = {"name": "x", "labels": {f"{GROUP}/project": "p", f"{GROUP}/cluster": "c", f"{GROUP}/namespace": "n"}, "annotations": {f"{GROUP}/bound": noted}}
    home = SimpleNamespace(get=lambda *_words, **_more: {"metadata": meta, "data": {"kubeconfig": base64.b64encode(b"a: b").decode()}})
    assert credentials.look(home, "p", "c", "n") == ("p", "c", "n", "", "", bound, "")
    assert _issue.kept(home, "c").bound == bound


def test_rights_without_their_credential_are_found():
    """Of those that look so, one was made after the list, and one stands where no project's rights do."""
    def right(kind, name, project="p", space="acmp-project-p"):
        labels = {f"{GROUP}/project": project, f"{GROUP}/cluster": "c", f"{GROUP}/namespace": name}
        return {"kind": kind, "metadata": {"name": "x", "namespace": space, "labels": labels}}

    there = {
        "Role": [right("Role", "kept"), right("Role", "role-left"), right("Role", "made-since"), right("Role", "foreign", space="somewhere")],
        "RoleBinding": [right("RoleBinding", "kept"), right("RoleBinding", "both-left")],
    }
    secret = right("Secret", "made-since")
    home = SimpleNamespace(
        list=lambda _api, kind, **_more: there[kind], get=lambda _api, _kind, name, *_more, **_options: secret if name == "workspace-c.made-since" else None)
    known = [credentials.Listed("p", "c", "kept", "", "", "")]
    assert [item[:3] for item in credentials.orphans(home, known)] == [("p", "c", "both-left"), ("p", "c", "role-left")]
