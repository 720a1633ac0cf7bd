# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file may import which: the arrows of the design, as a table and a function over sources."""

from __future__ import annotations

import ast
import graphlib
import sys

from . import source

NOUNS = ("platform", "catalog", "quota", "project", "cluster", "workspace", "instance", "operation", "look", "report", "tick", "config")
TOOLS = ("kube", "helm", "package", "manifests")
DEPS = "plugins/module_utils/_deps.py"
PROCESS = "plugins/module_utils/helm/_process.py"

# What a file of a room may import, by room; every room may import its own files.
MAY = {
    "base": (),
    "interface": ("base",),
    "package": ("base",),
    "kube": ("base",),
    "helm": ("base", "kube"),
    "manifests": ("base", "kube", "helm", "package"),
    **dict.fromkeys(NOUNS, ("base", *TOOLS, *NOUNS)),
    "modules": ("base", "interface", *NOUNS),
    "plugin_utils": ("base", "interface", *NOUNS),
    "action": ("modules", "plugin_utils"),
    "filter": ("base", "package", "plugin_utils", *NOUNS),
    "inventory": ("base", "plugin_utils", *NOUNS),
    "lookup": ("base", "plugin_utils", *NOUNS),
    "doc_fragments": (),
}
# What runs as a program of its own cannot reach the collection's files.
ALONE = {
    "plugins/module_utils/helm/_marker.py": ("yaml",),  # started by helm as a post-renderer, does without PyYAML where it is missing
}
UNSAFE_LOADERS = ("Loader", "FullLoader", "UnsafeLoader", "CLoader", "CFullLoader", "CUnsafeLoader")
# Starting a program by other means than subprocess.
STARTERS = ("system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile")


def room(path: str) -> str:
    parts = path.split("/")
    if parts[:2] != ["plugins", "module_utils"]:
        return parts[1]
    if len(parts) == 3:
        return "interface" if parts[2] == "interface.py" else "base"
    return parts[2]


def problems(files: dict) -> list:
    """All faults of {path: source}, as lines for a reader."""
    names = set(files)
    found = []
    for path, text in files.items():
        for item in source.imports(path, text):
            target = source.own_path(item.target, names)
            fault = _inside(path, target, item) if target else _outside(path, item.target)
            if fault:
                found.append(f"{item}: {fault}")
        found += _dynamic(path, text)
    return found + _cycles(files)


def _inside(path: str, target: str, item: source.Import) -> str:
    here, there = room(path), room(target)
    if here not in MAY:
        return f"the folder {here} has no place in the design; give it one in tests/unit/architecture/directions.py"
    if here != there:
        if there not in MAY[here]:
            return f"arrows point down, and {here} may import only {', '.join(MAY[here]) or 'nothing of ours'}"
        if there != "base" and _private(target.rsplit("/", 1)[-1]):
            return f"a file beginning with _ belongs to {there} alone"
    if path != target and here != there:
        # What follows the file's own name is something inside it.
        inner = item.target.removeprefix(source.OURS).replace(".", "/").removeprefix(target.removesuffix(".py").removesuffix("/__init__"))
        if any(_private(part) for part in inner.split("/")):
            return f"a name beginning with _ belongs to {target} alone"
    return ""


def _private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _outside(path: str, target: str) -> str:
    top = target.split(".")[0]
    if target.startswith(source.OURS):
        return "there is no such file (or it is not tracked by git yet)"
    if target.startswith("ansible_collections.") and path != DEPS:
        return "other collections are reached through module_utils/_deps.py only"
    if top == "ansible":
        if path.startswith("plugins/module_utils/") and not target.startswith("ansible.module_utils"):
            return "module_utils run on the target, where only ansible.module_utils exists"
        if path.startswith("plugins/modules/") and not target.startswith("ansible.module_utils"):
            return "modules run on the target, where only ansible.module_utils exists"
    elif top == "subprocess" and path != PROCESS:
        return f"programs are started in {PROCESS} only"
    elif top not in sys.stdlib_module_names and top != "ansible_collections" and path != DEPS and top not in ALONE.get(path, ()):
        return "third-party packages are imported in module_utils/_deps.py only, where a missing one is reported"
    return ""


def _dynamic(path: str, text: str) -> list:
    """Calls that import or start something where no import statement shows it."""
    found = []
    for node in ast.walk(ast.parse(text, path)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in ("__import__", "import_module", "importlib.import_module"):
            found.append(f"{path}:{node.lineno}: calls {name}: what it imports is not packed with a module")
        owner, _dot, verb = name.rpartition(".")
        if owner == "os" and (verb in STARTERS or verb.startswith(("exec", "spawn"))):
            found.append(f"{path}:{node.lineno}: calls {name}: programs are started in {PROCESS} only")
        bare_load = verb == "load" and owner.endswith("yaml") and not any(keyword.arg == "Loader" for keyword in node.keywords)
        if bare_load or name in ("eval", "exec", "pickle.loads", "pickle.load") or verb in ("unsafe_load", "full_load"):
            found.append(f"{path}:{node.lineno}: calls {name}: content of packages is data, never code")
    unsafe = [node for node in ast.walk(ast.parse(text, path)) if isinstance(node, ast.Attribute) and node.attr in UNSAFE_LOADERS]
    return found + [f"{path}:{node.lineno}: uses {node.attr}: content of packages is read with safe loaders only" for node in unsafe]


def _cycles(files: dict) -> list:
    """Files that need each other to be loaded; imports inside functions do not count."""
    names = set(files)
    graph = {}
    for path, text in files.items():
        targets = {source.own_path(item.target, names) for item in source.imports(path, text) if item.top}
        graph[path] = targets - {None, path}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return [f"files import each other in a circle: {' -> '.join(reversed(error.args[1]))}"]
    return []
