# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tracked files as data. Nothing of the collection is imported: what is checked here must not run here."""

from __future__ import annotations

import ast
import functools
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
OURS = "ansible_collections.acmp.middleware."


@functools.cache
def tracked() -> tuple:
    """Paths relative to the checkout; in an unpacked tarball, which has no git, every file."""
    listed = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
    return tuple(sorted(name for name in names if (ROOT / name).is_file() and not (ROOT / name).is_symlink()))


@functools.cache
def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def python_files(*folders: str) -> dict:
    """{path: source} of the tracked Python files below the folders."""
    return {name: read(name) for name in tracked() if name.endswith(".py") and name.startswith(tuple(f"{folder}/" for folder in folders))}


@dataclass(frozen=True)
class Import:
    """One imported thing: `target` is the absolute dotted name, `top` whether it happens when the file is loaded."""

    path: str
    line: int
    target: str
    top: bool

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: imports {self.target}"


def imports(path: str, text: str) -> list:
    """Every import of a file, `from x import y` as x.y, since y may be a module."""
    tree = ast.parse(text, path)
    late = _late_nodes(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(path, node)
            names = [f"{base}.{alias.name}" if alias.name != "*" else base for alias in node.names]
        else:
            continue
        found += [Import(path, node.lineno, name, node not in late) for name in names]
    return found


def _absolute(path: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    # The folder of the file is level 1, whether the file is __init__.py or not.
    folder = path.split("/")[:-1]
    kept = folder[: len(folder) - (node.level - 1)]
    return OURS + ".".join([*kept, *([node.module] if node.module else [])])


def _late_nodes(tree: ast.Module) -> set:
    """Nodes that do not run when the file is loaded: inside functions, or for type checkers only."""
    late = set()
    for node in ast.walk(tree):
        inside = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        typing_only = isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        if inside or typing_only:
            late.update(child for child in ast.walk(node) if child is not node)
    return late


def own_path(target: str, files: set) -> str | None:
    """The file of ours an import leads to: the longest dotted prefix that is one, else None."""
    if not target.startswith(OURS):
        return None
    parts = target.removeprefix(OURS).split(".")
    while parts:
        stem = "/".join(parts)
        for candidate in (f"{stem}.py", f"{stem}/__init__.py"):
            if candidate in files:
                return candidate
        parts.pop()
    return None


def assigned(text: str, name: str):
    """The node assigned to a name at the top of a file, or None."""
    for node in ast.parse(text).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return node
    return None


def constant(text: str, name: str) -> str:
    """The text assigned to a name at the top of a file, empty where there is none."""
    node = assigned(text, name)
    return node.value.value if node is not None and isinstance(node.value, ast.Constant) else ""


def expect_none(faults: list) -> None:
    """Fail with one fault a line, and without a traceback: the place that matters is named in the line."""
    if faults:
        pytest.fail("\n".join([f"{len(faults)} faults:", *faults]), pytrace=False)
