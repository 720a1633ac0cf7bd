# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What we change in a chart's manifest between rendering and applying, and how Helm 3 and 4 are told to do it.

``helm.sh/resource-policy: keep`` goes to claims and to Secrets with generated content, because the manifest stored with the
release (not the live object) decides what an uninstall leaves; replicas of a workload that an autoscaler owns are set to
what it chose. Helm 3 starts an executable, Helm 4 a plugin of type postrenderer/v1 (and sends hooks through it, too);
where no rule applies, needed() says so and no process is started at all.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import _deps
from ..errors import HelmError
from . import manifest
from .binary import Helm

PLUGIN = "acmp-mark"
# Functions of Helm's templates that give another value each time (lookup reads what an earlier time gave).
_RANDOM = re.compile(rb"\b(?:rand(?:Alpha|Numeric|AlphaNum|Ascii|Bytes|Int)|shuffle|uuidv4|gen(?:PrivateKey|CA|CAWithKey|SelfSignedCert\w*|SignedCert\w*)"
                     rb"|htpasswd|bcrypt|encryptAES|derivePassword|now|lookup)\b")
_SCAN_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True)
class Rules:
    """claims: keep every PersistentVolumeClaim. secrets: names of Secrets to keep. replicas: (kind, name) -> the number to write, None for none."""

    claims: bool = True
    secrets: frozenset[str] = frozenset()
    replicas: Mapping[tuple[str, str], int | None] = field(default_factory=dict)

    def needed(self, objects: Iterable[dict[str, Any]]) -> bool:
        """Whether they would change any of these objects (of a rendering, whose names are those of the real one)."""
        return any(apply(item, self) != item for item in objects)


def rules_for(objects: list[dict[str, Any]], again: list[dict[str, Any]] | None = None, before: Iterable[dict[str, Any]] = (),
              replicas: Mapping[tuple[str, str], int | None] | None = None) -> Rules:
    """Rules for a rendering: claims; Secrets that differ in a second rendering; Secrets the last release kept. Pure.

    again: the same chart and values rendered a second time, where uses_random() says that it is worth it. before: objects
    of the release that runs, whose ``lookup`` hides the random origin from now on.
    """
    names = random_secrets(objects, again) if again is not None else set()
    names |= {str(manifest._meta(item).get("name")) for item in before if item.get("kind") == "Secret" and manifest.kept(item)}
    return Rules(claims=True, secrets=frozenset(names), replicas=dict(replicas or {}))


def random_secrets(first: Iterable[dict[str, Any]], second: Iterable[dict[str, Any]]) -> set[str]:
    """Names of Secrets whose content differs between two renderings of the same input. Pure."""
    def contents(objects):
        return {str(manifest._meta(item).get("name")): (item.get("data"), item.get("stringData")) for item in objects if item.get("kind") == "Secret"}

    one, two = contents(first), contents(second)
    return {name for name, value in one.items() if name in two and two[name] != value}


def uses_random(chart_dir: str) -> bool:
    """Whether any template of the chart calls a function of random, time or lookup: only then a second rendering can differ.

    Reads the templates' text; packed subcharts count as yes.
    """
    return mentions(chart_dir, _RANDOM)


def mentions(chart_dir: str, pattern: re.Pattern[bytes]) -> bool:
    """Whether a pattern occurs in the chart's templates; packed subcharts, and text beyond the bounds, count as yes."""
    size = 0
    for folder, folders, files in os.walk(chart_dir):
        folders.sort()
        for name in files:
            if name.endswith((".tgz", ".tar.gz")) and os.path.basename(folder) == "charts":
                return True
            if f"{os.sep}templates" not in folder and "tpl" not in name:
                continue
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    text = file.read(_SCAN_LIMIT)
            except OSError:
                return True
            size += len(text)
            if size > _SCAN_LIMIT or pattern.search(text):
                return True
    return False


def apply(item: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """An object as the post-renderer would leave it; the same object when no rule is about it. Pure."""
    kind, meta = item.get("kind"), manifest._meta(item)
    name = str(meta.get("name", ""))
    new = item
    if ((kind == "PersistentVolumeClaim" and rules.claims) or (kind == "Secret" and name in rules.secrets)) and not manifest.kept(item):
        new = {**new, "metadata": {**meta, "annotations": {**manifest._annotations(item), manifest.KEEP: "keep"}}}
    if (kind, name) in rules.replicas and isinstance(item.get("spec"), dict):
        count = rules.replicas[(kind, name)]
        spec = {key: value for key, value in item["spec"].items() if key != "replicas"}
        new = {**new, "spec": spec if count is None else {**spec, "replicas": count}}
    return new


def arguments(helm: Helm, rules: Rules, folder: str) -> tuple[list[str], dict[str, str]]:
    """Write the post-renderer into a scratch folder; returns helm's arguments and variables for its environment.

    Python is started by path, never the script itself: scratch space is often mounted noexec.
    """
    python = sys.executable or shutil.which("python3") or ""
    if not python:
        raise HelmError("no Python was found to start the post-renderer with", todo="put python3 on PATH")
    if not helm.flags.plugin_renderer:
        script = os.path.join(folder, "mark.py")
        _write(script, _script(rules))
        return ["--post-renderer", python, "--post-renderer-args=-IS", f"--post-renderer-args={script}"], {}
    home = os.path.join(folder, "plugins", PLUGIN)
    os.makedirs(home, mode=0o700, exist_ok=True)
    _write(os.path.join(home, "mark.py"), _script(rules))
    # Helm splits the command at blanks before it expands variables, so the path must come from one.
    _write(os.path.join(home, "plugin.yaml"), json.dumps({
        "apiVersion": "v1", "name": PLUGIN, "version": "1.0.0", "type": "postrenderer/v1", "runtime": "subprocess",
        "runtimeConfig": {"platformCommand": [{"command": "${ACMP_PYTHON}", "args": ["-IS", "${HELM_PLUGIN_DIR}/mark.py"]}]},
    }))
    return ["--post-renderer", PLUGIN], {"ACMP_PYTHON": python}


def _script(rules: Rules) -> str:
    # Few charts have claims of their own to be marked.
    from . import _marker

    yaml_file = getattr(_deps.yaml, "__file__", None) or ""
    data = {
        "keep_claims": rules.claims,
        "keep": [["Secret", name] for name in sorted(rules.secrets)],
        "replicas": [[kind, name, count] for (kind, name), count in sorted(rules.replicas.items())],
        "yaml": os.path.dirname(os.path.dirname(os.path.abspath(yaml_file))) if yaml_file else "",
    }
    # From the loader, not from a path: in a module's archive there is no file.
    source = _marker.__loader__.get_source(_marker.__name__)
    if not source:
        raise HelmError("the post-renderer's source cannot be read", todo="reinstall the collection")
    if isinstance(source, bytes):
        # Ansible's loader of collections gives bytes, Python's own text.
        source = source.decode()
    return f"{source}\n\nRULES = {data!r}\nmain()\n"


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
