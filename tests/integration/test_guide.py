# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The consumer's guide, word by word: every command in an empty folder with the built collection installed, and what it prints as printed there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import CLUSTER, ROOT
from harness import guide
from harness.checks import good
from harness.packages import forget, listed, package_with, unlisted
from harness.stores import EXAMPLES, REDIS, provide

pytestmark = [pytest.mark.once, pytest.mark.timeout(900)]

# What a guide cannot say: these begin with what every reader has of his own.
_OWN = ("export ",)


@pytest.fixture
def catalog(ansible, api, platform, kubeconfig):
    """What the guide begins with: a platform with Redis 1.0.0 and 1.1.0, which follows it."""
    provide(REDIS, kubeconfig)
    forget(api, "redis")
    newer = package_with(ansible.scratch, "redis", version="1.1.0", source=EXAMPLES / "redis", follows="1.0.0")
    good(ansible.play(*listed(str(EXAMPLES / "redis"), newer)))
    yield
    ansible.play(*unlisted("redis", "1.1.0", "1.0.0"))
    forget(api, "redis")


def test_the_consumers_guide(ansible, api, catalog, space, other_space, tmp_path):
    text = (ROOT / "docs" / "consumer-guide.md").read_text()
    # Namespaces of this run instead of the guide's.
    text = re.sub(r"\bshop-test\b", other_space, re.sub(r"\bshop\b(?!-test)", space, text))
    found = [step for step in guide.steps(text) if not step.command.startswith(_OWN)]
    assert len([step for step in found if step.command]) > 15
    folder = tmp_path / "empty"
    folder.mkdir()
    env = ansible.environment(tmp_path, {name: None for name in ("ANSIBLE_CALLBACKS_ENABLED", "ANSIBLE_CONFIG")})
    env["PATH"] = os.pathsep.join([env["PATH"], *_kubectl()])
    for step in found:
        if step.name:
            (folder / step.name).write_text(step.content)
            continue
        done = subprocess.run(
            ["bash", "-c", step.command], cwd=folder, env={**env, "KUBECONFIG": ansible.kubeconfig, "PWD": str(folder)}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        where = f"docs/consumer-guide.md:{step.line}: {step.command}"
        refused = any("FAILED" in line or "ERROR" in line for line in step.printed)
        assert bool(done.returncode) == refused, f"{where}\nended with {done.returncode}:\n{done.stdout[-3000:]}"
        lost = guide.missing(step.printed, done.stdout)
        assert not lost, f"{where}\ndoes not print: {lost}\nbut:\n{done.stdout[-3000:]}"


def _kubectl() -> list[str]:
    done = subprocess.run([CLUSTER, "env"], capture_output=True, text=True, check=False)
    return [str(Path(found)) for found in re.findall(r"^export PATH=([^:]+):", done.stdout, re.M)]


def test_what_is_not_printed_is_missed():
    text = "# A guide\n```yaml\n# one.yml\na: 1\n```\n```console\n$ echo \\\n    hello\nhello  ...\n...\nworld\n```\n"
    file, echo = guide.steps(text)
    assert (file.name, file.content) == ("one.yml", "# one.yml\na: 1\n")
    assert (echo.line, echo.command, echo.printed) == (7, "echo \\\n    hello", ["hello  ...", "...", "world"])
    assert guide.missing(echo.printed, "so:\nhello to all\n\n  world\n") == ""
    assert guide.missing(echo.printed, "world\nhello to all\n") == "world"
