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
    assert credentials.look(home, "p", "c", "n") == ("p", "c", "n", "", "", bound)
    assert _issue.kept(home, "c").bound == bound
