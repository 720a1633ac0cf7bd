# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the linter takes, for one package and for a hundred, with and without rendering, and what memory it needs."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import page
import trial
from ansible_collections.acmp.middleware.plugins.module_utils.catalog import renderings
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.helm import binary
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model

PACKAGES = {"tiny": page.ROOT / "tests" / "packages" / "tiny", "redis": page.ROOT / "examples" / "packages" / "redis"}
MANY, ROUNDS = 100, 10
LEAST_A_SECOND = 50


def main() -> int:
    helm = binary.find(Context(env={"PATH": "/nonexistent"}), _helm())
    trees = {name: archive.read_folder(str(folder)) for name, folder in PACKAGES.items()}
    rows, slow = [], []
    for name, tree in trees.items():
        linter.lint(tree)
        one = [_seconds(lambda tree=tree: linter.lint(tree)) for _round in range(ROUNDS)]
        many = _seconds(lambda tree=tree: [linter.lint(tree) for _each in range(MANY)])
        memory = trial.attempt(lambda tree=tree: str([linter.lint(tree) for _each in range(MANY)] and "done"), wall=120)
        rendered = [_seconds(lambda tree=tree: _whole(tree, helm)) for _round in range(ROUNDS)]
        all_rendered = _seconds(lambda tree=tree: [_whole(tree, helm) for _each in range(MANY)])
        rows.append((name, len(tree), f"{statistics.median(one) * 1000:.1f} ms", f"{many:.2f} s", f"{MANY / many:.0f}", f"{memory.megabytes:.0f} MB",
                     f"{statistics.median(rendered) * 1000:.0f} ms", f"{all_rendered:.1f} s"))
        if MANY / many < LEAST_A_SECOND:
            slow.append(name)
    page.write(
        "lint", "Time of the linter",
        f"Without rendering: reading and the rules about files, on one core. With rendering: helm {helm.version} as well, once for each instance type "
        f"and once for its own lint. "
        f"Medians of {ROUNDS} runs; {MANY} packages in one run.",
        page.table(("package", "files", "one", f"{MANY}", "a second", "most memory", "one, rendered", f"{MANY}, rendered"), rows),
        f"Required: at least {LEAST_A_SECOND} packages a second without rendering. Below it: {', '.join(slow) or 'none'}.")
    return 1 if slow else 0


def _whole(tree, helm):
    return linter.lint(tree, renderings=renderings.make(model.check(tree)[0], helm, Context(env={})))


def _seconds(function) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def _helm() -> str:
    return subprocess.run([str(page.ROOT / "tests" / "cluster" / "cluster"), "helm-path", "4"], check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
