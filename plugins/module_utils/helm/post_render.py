# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What we change in a chart's manifest between rendering and applying, and how Helm 3 and 4 are told to do it.

``helm.sh/resource-policy: keep`` goes to claims and to Secrets with generated content, because the manifest stored with the
release (not the live object) decides what an uninstall leaves; replicas of a workload that an autoscaler owns are set to
what it chose; a claim that has more storage than the chart asks for keeps it; texts of ConfigMaps are replaced by what was
set for the instance, so that they are part of the release, and of every rollback to it.
Helm 3 starts an executable, Helm 4 a plugin of type postrenderer/v1 (and sends hooks through it, too);
where no rule applies, needed() says so and no process is started at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import _deps
from ..api import GROUP
from ..errors import HelmError
from . import manifest
from .binary import Helm

PLUGIN = "acmp-mark"
# On a pod template: another value restarts the pods.
CONFIG_DIGEST = f"{GROUP}/config-digest"
# Kinds that replace their pods when the template changes. A Job's never may, and the next pod of a CronJob reads the new text anyway.
RESTARTED = ("Deployment", "StatefulSet", "DaemonSet")
# Functions of Helm's templates that give another value each time (lookup reads what an earlier time gave).
_RANDOM = re.compile(rb"\b(?:rand(?:Alpha|Numeric|AlphaNum|Ascii|Bytes|Int)|shuffle|uuidv4|gen(?:PrivateKey|CA|CAWithKey|SelfSignedCert\w*|SignedCert\w*)"
                     rb"|htpasswd|bcrypt|encryptAES|derivePassword|now|lookup)\b")
_SCAN_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True)
class Rules:
    """claims: keep every PersistentVolumeClaim. secrets: names of Secrets to keep. replicas: (kind, name) -> the number to write, None for none.

    config: ConfigMap -> key -> its text, None for a key that is taken out. digests: (kind, name) -> CONFIG_DIGEST of its pods.
    sizes: claim -> the storage it asks for.
    """

    claims: bool = True
    secrets: frozenset[str] = frozenset()
    replicas: Mapping[tuple[str, str], int | None] = field(default_factory=dict)
    config: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    digests: Mapping[tuple[str, str], str] = field(default_factory=dict)
    sizes: Mapping[str, str] = field(default_factory=dict)

    def needed(self, objects: Iterable[dict[str, Any]]) -> bool:
        """Whether they would change any of these objects (of a rendering, whose names are those of the real one)."""
        return any(apply(item, self) != item for item in objects)


def rules_for(objects: list[dict[str, Any]], again: list[dict[str, Any]] | None = None, before: Iterable[dict[str, Any]] = (),
              replicas: Mapping[tuple[str, str], int | None] | None = None, config: Mapping[str, Mapping[str, str | None]] | None = None,
              restart: Mapping[str, Mapping[str, str]] | None = None, sizes: Mapping[str, str] | None = None) -> Rules:
    """Rules for a rendering: claims; Secrets that differ in a second rendering; Secrets the last release kept; texts set for ConfigMaps. Pure.

    again: the same chart and values rendered a second time, where uses_random() says that it is worth it. before: objects
    of the release that runs, whose ``lookup`` hides the random origin from now on. restart: ConfigMap -> key -> anything that is
    another for another text, for those keys of ``config`` which pods read at their start only.
    """
    names = random_secrets(objects, again) if again is not None else set()
    names |= {str(manifest._meta(item).get("name")) for item in before if item.get("kind") == "Secret" and manifest.kept(item)}
    digests = {
        (str(item.get("kind")), str(manifest._meta(item).get("name"))): digest for item in objects if (digest := _digest(item, restart or {}))
    }
    return Rules(claims=True, secrets=frozenset(names), replicas=dict(replicas or {}), config=dict(config or {}), digests=digests, sizes=dict(sizes or {}))


def _digest(item: dict[str, Any], restart: Mapping[str, Mapping[str, str]]) -> str:
    read = [
        (name, key, mark) for name, keys in sorted(reads(item).items()) for key, mark in sorted(restart.get(name, {}).items())
        if keys is None or key in keys
    ] if restart and item.get("kind") in RESTARTED else []
    return hashlib.sha256(json.dumps(read).encode()).hexdigest() if read else ""


def reads(item: dict[str, Any]) -> dict[str, set[str] | None]:
    """The ConfigMaps that an object's pods read as volume or environment, with the keys, None for all of them. Pure."""
    pod = _dict(_dict(_dict(item.get("spec")).get("template")).get("spec"))
    found: dict[str, set[str] | None] = {}

    def add(reference: Any, keys: Iterable[Any] | None) -> None:
        name = str(_dict(reference).get("name") or "")
        known = found.get(name, set())
        if name:
            found[name] = None if keys is None or known is None else {*known, *map(str, keys)}

    def files(source: dict[str, Any]) -> None:
        chosen = source.get("configMap")
        listed = _list(_dict(chosen).get("items"))
        add(chosen, [_dict(one).get("key") for one in listed] if listed else None)

    for volume in map(_dict, _list(pod.get("volumes"))):
        files(volume)
        for source in map(_dict, _list(_dict(volume.get("projected")).get("sources"))):
            files(source)
    for container in map(_dict, [*_list(pod.get("containers")), *_list(pod.get("initContainers"))]):
        for one in map(_dict, _list(container.get("envFrom"))):
            add(one.get("configMapRef"), None)
        for one in map(_dict, _list(container.get("env"))):
            reference = _dict(_dict(one.get("valueFrom")).get("configMapKeyRef"))
            add(reference, [reference.get("key")])
    return found


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


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
    if kind == "PersistentVolumeClaim" and name in rules.sizes:
        spec, resources = _dict(item.get("spec")), _dict(_dict(item.get("spec")).get("resources"))
        new = {**new, "spec": {**spec, "resources": {**resources, "requests": {**_dict(resources.get("requests")), "storage": rules.sizes[name]}}}}
    if kind == "ConfigMap" and rules.config.get(name):
        new = _configured(new, rules.config[name])
    template = _dict(new.get("spec")).get("template")
    if (kind, name) in rules.digests and isinstance(template, dict):
        notes = {**manifest._annotations(template), CONFIG_DIGEST: rules.digests[(kind, name)]}
        new = {**new, "spec": {**new["spec"], "template": {**template, "metadata": {**manifest._meta(template), "annotations": notes}}}}
    return new


def _configured(item: dict[str, Any], texts: Mapping[str, str | None]) -> dict[str, Any]:
    rest = {key: value for key, value in _dict(item.get("data")).items() if str(key) not in texts}
    new = {**item, "data": {**rest, **{key: text for key, text in texts.items() if text is not None}}}
    if isinstance(item.get("binaryData"), dict):
        new["binaryData"] = {key: value for key, value in item["binaryData"].items() if str(key) not in texts}
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
        "config": {name: dict(texts) for name, texts in rules.config.items() if texts},
        "digests": [[kind, name, digest] for (kind, name), digest in sorted(rules.digests.items())],
        "digest_key": CONFIG_DIGEST,
        "sizes": dict(rules.sizes),
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
