# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built collection, installed as users install it, run by FQCN from an empty folder with nothing but -e."""

from __future__ import annotations

import os

import pytest
from harness.checks import good
from harness.packages import forget, package_with


@pytest.mark.parametrize("place", ["home", pytest.param("ansible.cfg", marks=pytest.mark.once)])
def test_life_of_an_instance_by_playbooks(ansible, api, space, tarball, tmp_path, place):
    """Install, then setup, publish, deploy, deploy again, status, remove: from the user's own collections, or by a two-line ansible.cfg."""
    home, folder = tmp_path / "home", tmp_path / "empty"
    home.mkdir()
    folder.mkdir()
    env = {"HOME": str(home), "ANSIBLE_HOME": str(home / ".ansible")}
    env |= dict.fromkeys(("ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_CONFIG", "ANSIBLE_CALLBACKS_ENABLED"))
    install = ["ansible-galaxy", "collection", "install", "--offline", tarball]
    if place == "ansible.cfg":
        (folder / "ansible.cfg").write_text("[defaults]\ncollections_path = ./collections\n")
        env["ANSIBLE_CONFIG"] = str(folder / "ansible.cfg")
        install += ["-p", "./collections"]
    _command(ansible, env, folder, *install)
    installed = (folder / "collections" if place == "ansible.cfg" else home / ".ansible" / "collections") / "ansible_collections" / "acmp" / "middleware"
    assert (installed / "playbooks" / "deploy.yml").exists()
    package = package_with(tmp_path, f"fqcn-{place.partition('.')[0]}")
    name = os.path.basename(package).removeprefix("package-").removesuffix("-1.0.0")
    try:
        _play(ansible, env, folder, "setup")
        _play(ansible, env, folder, "publish", acmp_package_src=package)
        words = {"acmp_instance": "cache", "acmp_namespace": space}
        run = _play(ansible, env, folder, "deploy", acmp_package=name, **words)
        assert f"cache.{space}.svc.cluster.local:80" in run.output
        assert api.deployment(space, "cache")["status"]["readyReplicas"] == 1
        again = _play(ansible, env, folder, "deploy", acmp_package=name, **words)
        assert "changed=0" in again.output, again.output[-800:]
        status = _play(ansible, env, folder, "status", acmp_namespace=space)
        assert "cache" in status.output and "Ready" in status.output
        missing = _command(ansible, env, folder, "ansible-playbook", "acmp.middleware.deploy", "-e", "acmp_instance=cache", code=2)
        assert "acmp_namespace" in missing.output
        _play(ansible, env, folder, "remove", acmp_delete_policy="wipe", acmp_confirm="cache", **words)
        assert api.own("instances", space) == [] and api.helm(space) == {}
        assert sorted(os.listdir(folder)) == (["ansible.cfg", "collections"] if place == "ansible.cfg" else [])
    finally:
        ansible.play(*[{"acmp_package": {"name": name, "version": "1.0.0", "state": state}} for state in ("unlisted", "absent")])
        forget(api, name)


def _play(ansible, env, folder, name, **variables):
    words = [word for key, value in variables.items() for word in ("-e", f"{key}={value}")]
    return _command(ansible, env, folder, "ansible-playbook", f"acmp.middleware.{name}", *words)


def _command(ansible, env, folder, *words, code=0):
    playing = ansible.command(list(words), env, cwd=str(folder))
    run = playing.wait(300)
    ansible.checked(run, playing)
    assert run.code == code, f"{' '.join(words)} ended with {run.code}:\n{run.output[-1500:]}"
    return run if code else good(run)
