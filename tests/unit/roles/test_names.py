# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A misspelt variable of a playbook is named, and nothing else: no cluster is asked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.lookup import unknown_variables

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_every_playbook_begins_with_it(path):
    assert re.search(r"^  tasks:\n    - name: Check the names of the variables\n      ansible.builtin.import_tasks: tasks/names.yml\n", path.read_text(), re.M)


def test_only_misspelt_ones_are_told():
    given = {"acmp_namespce": "shop", "acmp_namespace": "shop", "acmp_in_process": False, "other": 1, "acmp_zzz": 1}
    first, second = unknown_variables.unknown(given)
    assert first.startswith('acmp_namespce (did you mean "acmp_namespace"') and second.startswith("acmp_zzz (")


def test_the_guides_name_no_unknown_ones():
    """Where a guide says -e acmp_x=..., a playbook knows it."""
    names = {name for path in (ROOT / "docs").glob("*.md") for name in re.findall(r"-e (acmp_[a-z0-9_]+)=", path.read_text())}
    assert len(names) > 20 and unknown_variables.unknown(dict.fromkeys(names)) == []


@pytest.mark.parametrize(("given", "said"), [
    ("acmp_namespce=shop", 'did you mean "acmp_namespace"'),
    # It goes on, and ends with its own words: there is no cluster.
    ("acmp_namespace=shop", ""),
])
def test_a_playbook_stops_at_it(tmp_path, given, said):
    roots = [path for path in sys.path if (Path(path) / "ansible_collections").is_dir()]
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {hosts: {localhost: {acmp_of_my_own: 1}}}\n")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(roots), "KUBECONFIG": str(tmp_path / "none")}
    command = [sys.executable, "-m", "ansible", "playbook", "-i", inventory, "acmp.middleware.status", "-e", given]
    done = subprocess.run(command, env=env, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    # ansible-core 2.18 shows quotes as JSON has them.
    told = done.stdout.replace("\\", "")
    assert done.returncode != 0 and (said in told if said else "No playbook of this collection" not in told), done.stdout + done.stderr
    assert said or "Look at instances" in told
