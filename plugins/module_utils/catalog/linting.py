# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages checked before anybody relies on them (§7.2, §7.3): read, rendered for each instance type, judged by every rule."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from .. import files
from ..context import Context
from ..errors import InputError, PackageError
from ..helm import binary
from ..helm.binary import Helm
from ..package import archive
from ..package.lint import linter, output, selection
from ..package.model import model
from ..package.tree import FileTree
from . import packages, renderings, sources


def lint(options: dict, act_as: dict | None, wanted: dict, ctx: Context) -> dict[str, Any]:
    """Checks packages and tells what is wrong with them.

    wanted: src (folders or archives), render, helm_binary, registries, select, skip, baseline (file), write_baseline, severity (from which
    on the run fails, or none), format and dest (of a report file), catalog (compare with the versions listed there).
    Returns changed (a file was written), actions, diff, packages, findings, counts of each severity, report (text), and failed with msg.
    Raises InputError for an option that fits nothing, HelmError where helm is missing.
    """
    known = _baseline(wanted)
    helm = binary.find(ctx, wanted.get("helm_binary")) if wanted.get("render") else None
    trees = [(src, *_read(src)) for src in wanted["src"]]
    versions = _versions(trees, options, act_as, wanted, ctx)
    checked, everything = [], []
    for src, tree, faults in trees:
        began = time.monotonic()
        title, findings = _check(tree, versions, helm, wanted, ctx) if tree is not None else ("", faults)
        findings = selection.chosen(findings, wanted.get("select") or (), wanted.get("skip") or ())
        everything += findings
        item = output.Checked(src, title, selection.new(findings, known), time.monotonic() - began)
        ctx.progress(output.line(item))
        checked.append(item)
    return {**_written(checked, everything, wanted, ctx), **_result(checked, wanted)}


def _check(tree: FileTree, versions: dict, helm: Helm | None, wanted: dict, ctx: Context) -> tuple[str, tuple[linter.Finding, ...]]:
    package, _findings = model.check(tree)
    made = renderings.make(package, helm, ctx) if package is not None else []
    others = {version: upgrade for version, upgrade in versions.get(package.name, {}).items() if version != package.version} if package else None
    result = linter.lint(tree, linter.Options(registries=tuple(wanted.get("registries") or ()), versions=others or None), made)
    return (f"{result.package.name} {result.package.version}" if result.package else ""), result.findings


def _read(src: str) -> tuple[FileTree | None, tuple[linter.Finding, ...]]:
    """The package's files, or the finding that says why they cannot be read."""
    try:
        return sources.read(src), ()
    except InputError:
        raise
    except PackageError as error:
        return None, (linter.unreadable(error, os.path.basename(src)),)


def _versions(trees: Iterable[tuple], options: dict, act_as: dict | None, wanted: dict, ctx: Context) -> dict[str, dict]:
    """{name: {version: upgrade}} of the packages that are checked together and, with catalog, of those listed."""
    found: dict[str, dict] = {}
    for _src, tree, _faults in trees:
        package = model.check(tree)[0] if tree is not None and len(wanted["src"]) > 1 else None
        if package is not None:
            found.setdefault(package.name, {})[package.version] = package.upgrade_record()
    if wanted.get("catalog"):
        for item in packages.info(options, act_as, {"phase": "listed"}, ctx):
            found.setdefault(item["name"], {}).setdefault(item["version"], item["upgrade"])
    return found


def _baseline(wanted: dict) -> Counter:
    path = wanted.get("baseline")
    if not path or wanted.get("write_baseline"):
        return Counter()
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            return selection.read_baseline(file.read(archive.LIMITS.unpacked), path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"The baseline cannot be read: {reason}", where=path, todo="write it first (write_baseline: true)") from None


def _written(checked: list[output.Checked], everything: list[linter.Finding], wanted: dict, ctx: Context) -> dict[str, Any]:
    """The files asked for, brought up to date; changed, actions and diff."""
    parts = []
    if wanted.get("dest"):
        name = {"text": "lint.txt", "json": "lint.json", "junit": "lint.xml"}[wanted["format"]]
        parts.append(files.settle(files.target(wanted["dest"], name), output.write(checked, wanted["format"], wanted["severity"]).encode(), ctx))
    if wanted.get("write_baseline"):
        parts.append(files.settle(files.target(wanted["baseline"], "lint-baseline.json"), selection.write_baseline(everything).encode(), ctx))
    return {
        "changed": any(part["changed"] for part in parts), "actions": [action for part in parts for action in part["actions"]],
        "diff": [item for part in parts for item in part["diff"]],
    }


def _result(checked: list[output.Checked], wanted: dict) -> dict[str, Any]:
    findings = [{**asdict(finding), "src": item.src, "package": item.title} for item in checked for finding in item.findings]
    result = {
        "packages": [{"src": item.src, "package": item.title, **output.counts(item.findings)} for item in checked], "findings": findings,
        "counts": output.counts(finding for item in checked for finding in item.findings),
        "report": output.write(checked, wanted["format"], wanted["severity"]),
    }
    bad = [] if wanted.get("write_baseline") else [
        (item, finding) for item in checked for finding in selection.worse(item.findings, wanted["severity"])]
    if bad:
        item, first = bad[0]
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        result |= {
            "failed": True, "msg": f"{item.title or item.src}: {first.rule} {first.message}{more}. Where: {first.where}. To do: {first.todo}.",
        }
    return result
