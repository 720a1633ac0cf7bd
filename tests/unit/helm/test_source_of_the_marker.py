# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The post-renderer is a program in its own right, whichever loader its source came from."""

from __future__ import annotations

import subprocess
import sys

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.helm import _marker, post_render, render

CLAIM = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\n"


class AnsiblesLoader:
    """Ansible's loader of collections returns the source as bytes."""

    def __init__(self, loader):
        self._loader = loader

    def get_source(self, name):
        return self._loader.get_source(name).encode()


@pytest.mark.parametrize("as_bytes", [False, True])
def test_the_script_runs_and_marks_claims(monkeypatch, tmp_path, as_bytes):
    if as_bytes:
        monkeypatch.setattr(_marker, "__loader__", AnsiblesLoader(_marker.__loader__))
    script = tmp_path / "mark.py"
    script.write_text(post_render._script(post_render.Rules()), encoding="utf-8")
    done = subprocess.run([sys.executable, "-IS", str(script)], input=CLAIM, capture_output=True, text=True, check=True)
    assert "helm.sh/resource-policy: keep" in done.stdout


@pytest.mark.parametrize(("text", "expected"), [
    ('{{- if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}', True), ('{{ lookup "v1" "Secret" "a" "b" }}', True), ("kind: ConfigMap", False),
])
def test_charts_that_ask_the_cluster_are_known(tmp_path, text, expected):
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    assert render.asks_cluster(str(tmp_path)) is expected
