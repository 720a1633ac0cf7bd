# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment counts when it is whole, and is made again when its lock file changes."""

from __future__ import annotations

import env
import pytest
import pythons
from common import Failed


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Lock files and a cache of our own; building is only noted."""
    locks = tmp_path / "locks"
    locks.mkdir()
    (locks / "tool.txt").write_text("# python: 3.11\nthing==1.0\n")
    monkeypatch.setattr(env, "REQUIREMENTS", locks)
    monkeypatch.setenv("ACMP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(pythons, "find", lambda versions: pythons.Python(versions[0], tmp_path / "python") if versions == ("3.11",) else None)
    built = []

    def build(spec, python, path):
        built.append(path)
        (path / "bin").mkdir(parents=True)
        (path / "bin" / "python").touch()
        (path / env.DONE).touch()

    monkeypatch.setattr(env, "_build", build)
    return locks, built


def test_it_is_made_once(place):
    _locks, built = place
    first = env.ensure("tool")
    assert env.ensure("tool") == first
    assert built == [first]


def test_a_half_built_one_does_not_count(place):
    _locks, built = place
    path = env.ensure("tool")
    (path / env.DONE).unlink()
    (path / "bin" / "python").unlink()
    (path / "bin").rmdir()
    assert env.ensure("tool") == path
    assert len(built) == 2


def test_one_whose_interpreter_is_gone_does_not_count(place):
    path = env.ensure("tool")
    assert env.ready(path)
    (path / "bin" / "python").unlink()
    (path / "bin" / "python").symlink_to("/nowhere/python3")
    assert not env.ready(path)


def test_another_lock_file_is_another_environment(place):
    locks, built = place
    before = env.ensure("tool")
    (locks / "tool.txt").write_text("# python: 3.11\nthing==1.1\n")
    assert env.ensure("tool") != before
    assert len(built) == 2
    env.prune()
    assert not before.exists()
    assert env.ready(env.ensure("tool"))


def test_what_is_missing_is_named(place):
    locks, _built = place
    with pytest.raises(Failed, match="Known names: tool"):
        env.ensure("toll")
    (locks / "new.txt").write_text("# python: 3.99\n")
    with pytest.raises(Failed, match=r"needs Python 3\.99"):
        env.ensure("new")


def test_without_root_a_missing_venv_module_is_explained(monkeypatch, tmp_path):
    monkeypatch.setattr(pythons, "_has_venv", lambda python: False)
    monkeypatch.setattr(pythons.os, "geteuid", lambda: 1000)
    with pytest.raises(Failed, match=r"sudo apt-get install python3\.11-venv"):
        pythons.require_venv(pythons.Python("3.11", tmp_path / "python3.11"))


def test_a_shim_that_only_prints_an_error_is_no_python(monkeypatch, tmp_path):
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\necho 'version 3.99 is not installed' >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pythons.find(("3.99",)) is None
