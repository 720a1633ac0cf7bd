# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the texts set for an instance do to the objects its package renders to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..context import Context
from ..helm import post_render
from ..package import settings
from ..package.tree import FileTree
from .overrides import Overrides


def texts(objects: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """ConfigMap -> key -> text of a manifest's objects."""
    return {
        str(item["metadata"]["name"]): {str(key): str(text) for key, text in (item.get("data") or {}).items()}
        for item in objects if item.get("kind") == "ConfigMap"
    }


def restarting(
    before: Mapping[str, Mapping[str, str | None]], after: Overrides, schema: settings.ConfigSchema | None, instance: str, namespace: str,
) -> dict[str, dict[str, str]]:
    """ConfigMap -> key -> what of its text needs a restart, for those keys of ``after`` where that is another than before.

    schema: config.yaml, which may say ``reload``; without it every change needs a restart. ConfigMaps that are not in ``before`` are left out.
    """
    found: dict[str, dict[str, str]] = {}
    for name in after.keys() & before.keys():
        for key, text in after[name].items():
            config = settings.described(schema, name, key, instance, namespace)
            new = settings.lasting(config, text)
            if new != settings.lasting(config, before[name].get(key)):
                found.setdefault(name, {})[key] = new
    return found


def effect(
    objects: list[dict[str, Any]], overrides: Overrides, tree: FileTree, instance: str, namespace: str, ctx: Context,
) -> dict[str, dict[str, str]]:
    """``restart`` for post_render.rules_for, with a warning about each text that reaches nothing.

    objects: what the package of ``tree`` renders to. Pods are restarted where what they read needs that.
    """
    schema = settings.load(tree)
    present = texts(objects)
    for name in sorted(overrides.keys() - present.keys()):
        set_ = ", ".join(f"{name}/{key}" for key in sorted(overrides[name]))
        ctx.warn(f"What is set for {set_} reaches nothing: the package makes no ConfigMap {name} (any more)")
    return restarting(present, overrides, schema, instance, namespace)


def applied(
    objects: list[dict[str, Any]], overrides: Overrides, tree: FileTree, instance: str, namespace: str, ctx: Context,
) -> list[dict[str, Any]]:
    """The same objects with the texts in them, for instances that are applied object by object."""
    if not overrides:
        return objects
    found = post_render.rules_for(objects, config=overrides, restart=effect(objects, overrides, tree, instance, namespace, ctx))
    rules = post_render.Rules(claims=False, config=found.config, digests=found.digests)
    return [post_render.apply(item, rules) for item in objects]
