# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles and playbooks owe: their variables, once, documented, and named after them."""

from __future__ import annotations

import re

import yaml

from . import source

NEEDED = ("README.md", "meta/main.yml", "meta/argument_specs.yml", "tasks/main.yml")
# Not after a dot: acmp.middleware.acmp_instance is a module, acmp_instance a variable.
VARIABLE = re.compile(r"(?<![\w.])acmp_[a-z][a-z0-9_]*")
HEADER_VARIABLE = re.compile(r"^#\s{2,}(acmp_\w+)\s{2,}\S", re.M)


def read_files(*folders: str) -> dict:
    return {name: source.read(name) for name in source.tracked() if name.startswith(folders) and name.endswith((".yml", ".yaml", ".md"))}


def role_problems(files: dict) -> list:
    found = []
    for role in sorted({path.split("/")[1] for path in files}):
        base = f"roles/{role}/"
        found += [f"{base}: {name} is missing" for name in NEEDED if base + name not in files]
        specs = _load(files, base + "meta/argument_specs.yml").get("argument_specs", {})
        defaults = _load(files, base + "defaults/main.yml")
        found += _variables(role, base, specs.get("main", {}).get("options", {}), defaults)
        readme = files.get(base + "README.md", "")
        for name in specs.get("main", {}).get("options", {}):
            if not re.search(rf"\b{name}\b", readme):
                found.append(f"{base}README.md: does not tell about {name}")
    return found


def _load(files: dict, path: str) -> dict:
    return yaml.safe_load(files.get(path, "")) or {}


def _variables(role: str, base: str, options: dict, defaults: dict) -> list:
    """One truth: what the specification calls a default is the default, and nothing has a default unspecified."""
    found = []
    for name in sorted(set(options) | set(defaults)):
        if not name.startswith(f"{role}_"):
            found.append(f"{base}: the variable {name} does not begin with {role}_")
        if name not in options:
            found.append(f"{base}meta/argument_specs.yml: lacks {name}, which has a default")
            continue
        option = options[name]
        if not option.get("description"):
            found.append(f"{base}meta/argument_specs.yml: {name} has no description")
        if "default" in option and (name not in defaults or defaults[name] != option["default"] or type(defaults[name]) is not type(option["default"])):
            shown = repr(defaults[name]) if name in defaults else "nothing"
            found.append(f"{base}: the default of {name} is {shown} in defaults/main.yml, {option['default']!r} in meta/argument_specs.yml")
        elif "default" not in option and name in defaults:
            found.append(f"{base}meta/argument_specs.yml: {name} has a default in defaults/main.yml, but none here")
        if option.get("required") and "default" in option:
            found.append(f"{base}meta/argument_specs.yml: {name} is required and yet has a default")
    return found


def playbook_problems(files: dict) -> list:
    """The comment at the head of a playbook lists its variables, all of them and no others."""
    found = []
    for path, text in files.items():
        if not path.endswith((".yml", ".yaml")):
            continue
        documented = set(HEADER_VARIABLE.findall(text))
        body = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        inner = set(re.findall(r"^\s*(?:register:\s*)(acmp_\w+)", body, re.M)) | set(re.findall(r"^\s*(acmp_\w+):", body, re.M))
        used = {name for name in VARIABLE.findall(body) if name not in inner and name != "acmp_in_process"}
        found += [f"{path}: {name} is used, but not listed at the head of the file" for name in sorted(used - documented)]
        found += [f"{path}: {name} is listed at the head of the file, but not used" for name in sorted(documented - used)]
    return found
