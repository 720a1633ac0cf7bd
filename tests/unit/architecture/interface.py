# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module owes: a place in the action group, an action plugin, an integration target, documentation."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

import yaml

from . import source

MODULES = "plugins/modules/"
ACTIONS = "plugins/action/"
TARGETS = "tests/integration/targets/"
GROUP = "acmp"
MOST_LINES = 40
APART = ("DOCUMENTATION", "EXAMPLES", "RETURN", "SPEC", "ARGUMENT_SPEC")


@dataclass
class Tree:
    """The files a module is judged with, as {path: text}, and the names in the action group."""

    files: dict
    group: list = field(default_factory=list)

    @property
    def modules(self) -> list:
        return sorted(_stem(path) for path in self.files if path.startswith(MODULES) and not path.endswith("__init__.py"))

    @property
    def actions(self) -> list:
        return sorted(_stem(path) for path in self.files if path.startswith(ACTIONS) and not path.endswith("__init__.py"))


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".py")


def read_tree() -> Tree:
    names = [name for name in source.tracked() if name.startswith((MODULES, ACTIONS, TARGETS)) and name.endswith((".py", ".yml"))]
    groups = yaml.safe_load(source.read("meta/runtime.yml"))["action_groups"]
    return Tree({name: source.read(name) for name in names}, [entry for entry in groups[GROUP] if isinstance(entry, str)])


def problems(tree: Tree) -> list:
    return [*in_the_group(tree), *action_plugins(tree), *targets(tree), *documented(tree), *thin(tree)]


def in_the_group(tree: Tree) -> list:
    found = [f"meta/runtime.yml: the action group {GROUP} lacks {name}" for name in tree.modules if name not in tree.group]
    found += [f"meta/runtime.yml: the action group {GROUP} names {name}, which is no module" for name in tree.group if name not in tree.modules]
    if tree.group != sorted(tree.group):
        found.append(f"meta/runtime.yml: the action group {GROUP} is not in the order of names")
    return found


def action_plugins(tree: Tree) -> list:
    found = [f"{MODULES}{name}.py: there is no action plugin {ACTIONS}{name}.py" for name in tree.modules if name not in tree.actions]
    for name in tree.actions:
        if name not in tree.modules:
            found.append(f"{ACTIONS}{name}.py: there is no module of this name")
        elif f"MODULE = {name}" not in tree.files[f"{ACTIONS}{name}.py"]:
            found.append(f"{ACTIONS}{name}.py: does not run the module of its name (MODULE = {name})")
    return found


def targets(tree: Tree) -> list:
    return [
        f"{MODULES}{name}.py: there is no integration target {TARGETS}{name}/"
        for name in tree.modules
        if not any(path.startswith(f"{TARGETS}{name}/") for path in tree.files)
    ]


def documented(tree: Tree) -> list:
    found = []
    for name in tree.modules:
        path = f"{MODULES}{name}.py"
        text = tree.files[path]
        docs = yaml.safe_load(source.constant(text, "DOCUMENTATION") or "{}")
        if docs.get("module") != name:
            found.append(f"{path}: DOCUMENTATION does not describe {name}")
        if "version_added" not in docs:
            found.append(f"{path}: DOCUMENTATION has no version_added")
        if "timeout" in docs.get("options", {}):
            found.append(f"{path}: an option is called timeout; everywhere else it is wait_timeout")
        examples = yaml.safe_load(source.constant(text, "EXAMPLES") or "[]")
        if not any(f"acmp.middleware.{name}" in task for task in examples):
            found.append(f"{path}: EXAMPLES has no task that calls acmp.middleware.{name}")
        returned = yaml.safe_load(source.constant(text, "RETURN") or "{}")
        if not returned:
            found.append(f"{path}: RETURN is missing or empty")
        for key, value in (returned or {}).items():
            if key in dir(dict):
                found.append(f"{path}: the result key {key} is a dictionary's method, and a template would print that")
            if "sample" not in value and "contains" not in value:
                found.append(f"{path}: the result key {key} has no sample")
        if name.endswith("_info") and "'supports_check_mode': True" not in _spec(text):
            found.append(f"{path}: an info module supports check mode (SPEC)")
        if name.endswith("_info") and "state" in docs.get("options", {}):
            found.append(f"{path}: an info module changes nothing, so it has no state")
    return found


def _spec(text: str) -> str:
    node = source.assigned(text, "SPEC")
    return ast.unparse(node) if node is not None else ""


def thin(tree: Tree) -> list:
    """Modules hold no logic; the base and the nouns do."""
    found = []
    for name in tree.modules:
        path = f"{MODULES}{name}.py"
        lines = code_lines(tree.files[path])
        if lines >= MOST_LINES:
            found.append(f"{path}: {lines} lines of code apart from documentation and SPEC, {MOST_LINES - 1} are the most: move logic to a noun")
        for wanted in ("def run(", "def main(", "SPEC = "):
            if wanted not in tree.files[path]:
                found.append(f"{path}: has no {wanted.strip(' (=')}")
    return found


def code_lines(text: str) -> int:
    apart = set()
    for node in ast.parse(text).body:
        names = [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
        if any(name in APART for name in names):
            apart.update(range(node.lineno, node.end_lineno + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(1 for number, line in lines if number not in apart and line.strip() and not line.lstrip().startswith("#"))
