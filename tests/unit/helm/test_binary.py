# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding helm, its version, and its flags."""

from __future__ import annotations

import json
import os
import stat

import pytest

from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import HelmError
from ansible_collections.acmp.middleware.plugins.module_utils.helm import binary


def fake(folder, version="v3.22.0+gabc", code=0):
    path = folder / "helm"
    path.write_text(f"#!/bin/sh\necho '{version}'\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def ctx(tmp_path):
    return Context(env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path / "home")})


@pytest.mark.parametrize(("text", "version"), [("v3.22.0+gabc", (3, 22, 0)), ("v3.22", (3, 22, 0)), ("4.3.1", (4, 3, 1)), ("v4.0.0-rc.1", (4, 0, 0))])
def test_versions(text, version):
    assert binary.parse_version(text) == version


@pytest.mark.parametrize("text", ["", "helm", "v3", "vx.y"])
def test_unreadable_versions(text):
    with pytest.raises(HelmError):
        binary.parse_version(text)


@pytest.mark.parametrize(("version", "wait", "description", "plugin"), [
    ((3, 18, 0), (), False, False), ((3, 22, 0), (), False, False),
    ((4, 0, 0), ("--wait=hookOnly",), False, True), ((4, 3, 1), ("--wait=hookOnly",), True, True),
])
def test_the_table_of_flags(version, wait, description, plugin):
    row = binary.flags(version)
    assert (row.hooks_only, row.rollback_description, row.plugin_renderer) == (wait, description, plugin)
    assert bool(row.apply_server) == bool(row.apply_client) == (version[0] >= 4)
    # Forcing conflicts without server-side apply is an error of Helm 4.
    assert "--force-conflicts" not in row.apply_client


def test_the_version_is_asked_once(ctx, tmp_path):
    fake(tmp_path)
    assert binary.find(ctx) == binary.Helm(str(tmp_path / "helm"), "3.22.0", 3, binary.flags((3, 22, 0)))
    assert len(ctx.processes) == 1
    binary.find(ctx)
    assert len(ctx.processes) == 1
    os.utime(tmp_path / "helm", ns=(1, 1))
    binary.find(ctx)
    assert len(ctx.processes) == 2


def test_the_cache_is_private(ctx, tmp_path):
    fake(tmp_path)
    binary.find(ctx)
    folder = tmp_path / "home/.cache/acmp-middleware/helm-versions"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    binary.find(ctx)
    assert len(ctx.processes) == 2


@pytest.mark.parametrize("text", ["", "[]", "{", json.dumps({"version": "v9.9.9"}), "\x00"])
def test_a_broken_cache_is_asked_over(ctx, tmp_path, text):
    fake(tmp_path)
    binary.find(ctx)
    entry = next((tmp_path / "home/.cache/acmp-middleware/helm-versions").iterdir())
    entry.write_text(text)
    assert binary.find(ctx).version == "3.22.0"
    assert len(ctx.processes) == 2


def test_no_home_and_a_home_that_cannot_be_written(tmp_path):
    fake(tmp_path)
    for home in ({}, {"HOME": "/proc/nowhere"}, {"HOME": "relative"}):
        assert binary.find(Context(env={"PATH": f"{tmp_path}:/usr/bin:/bin", **home})).major == 3


@pytest.mark.parametrize(("version", "code", "words"), [
    ("v3.17.4", 0, "too old"), ("v2.16.0", 0, "too old"), ("", 0, "does not run"), ("v3.22.0", 1, "does not run"), ("hello", 0, "cannot be read")])
def test_what_cannot_be_used_is_said(ctx, tmp_path, version, code, words):
    fake(tmp_path, version, code)
    with pytest.raises(HelmError, match=words) as caught:
        binary.find(ctx)
    assert "3.18" in caught.value.todo


def test_missing_helm(tmp_path):
    with pytest.raises(HelmError, match="not on PATH"):
        binary.find(Context(env={"PATH": str(tmp_path)}))
    with pytest.raises(HelmError, match="not an executable file"):
        binary.find(Context(env={}), str(tmp_path / "other"))


def test_binary_path_wins(ctx, tmp_path):
    fake(tmp_path)
    other = tmp_path / "four"
    other.mkdir()
    fake(other, "v4.3.1")
    assert binary.find(ctx, str(other / "helm")).major == 4
