# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration files of instances: looked at, set and reset (§5.3.6).

What is set is kept on the Instance and put into its ConfigMaps whenever it is deployed (effects.py), so a change, an upgrade and a
rollback keep it. The change itself is an ordinary change of the instance, with lease, revision, operation and undo.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..context import Context
from ..helm import post_render
from ..instance import instances
from ..package import settings
from . import _checks, _fields, _read, effects, overrides

_PASSED = ("name", "namespace", "cluster", "wait", "wait_timeout", "requester", "helm_binary")


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Sets and resets texts of one ConfigMap of an instance; an unchanged one costs four requests and no process.

    params: name, namespace, cluster, project, config_map, settings (key -> text or None), reset (keys), mode (merge, replace), and those of a
    change. Returns what instances.ensure returns, with config_map and ``restarts``. Raises InputError for what the package does not allow.
    """
    given, reset = _checks.given(params)
    place = _read.reach(options, act_as, params, ctx)
    record = _read.record(place.kube, params["name"], params["namespace"])
    title = f"{params['namespace']}/{params['name']}"
    name = _checks.config_map(params.get("config_map"), _read.names(record), title)
    recorded = record["spec"].get("configOverrides") or {}
    wanted = overrides.combined(recorded, name, given, reset, params["mode"] == "replace")
    seen = None
    if wanted != recorded:
        seen = _read.look(place, record, [name], ctx)
        wanted = overrides.without_present(wanted, recorded, seen.texts)
    if wanted != recorded:
        _check(place, seen, name, wanted, recorded, title, ctx)
    _tell_near(name, given, reset, recorded, seen, ctx)
    change = {key: params[key] for key in _PASSED} | {
        "project": record["spec"].get("project", "default"), "values_mode": "merge", "config_overrides": wanted, "config_base": recorded,
    }
    result = instances.ensure(options, act_as, change, ctx)
    return _told(result, name, wanted, recorded, seen, ctx)


def info(options: dict, act_as: dict | None, params: dict, ctx: Context) -> list[dict[str, Any]]:
    """The ConfigMaps of one instance, or the one named: name, created_at, settings.

    A setting: key, text (as pods read it now), source (package, override, or hand for what somebody changed in the cluster), apply, and what config.yaml
    and the form say of it. Raises InputError for a ConfigMap that is none of the instance's.
    """
    place = _read.reach(options, act_as, params, ctx)
    record = _read.record(place.kube, params["name"], params["namespace"])
    chosen = _read.names(record)
    if params.get("config_map"):
        chosen = [_checks.config_map(params["config_map"], chosen, f"{params['namespace']}/{params['name']}")]
    seen = _read.look(place, record, chosen, ctx)
    fields = _fields.form(seen)
    return [_map(seen, name, fields) for name in chosen]


def _check(place, seen: _read.Seen, name: str, wanted: overrides.Overrides, recorded: overrides.Overrides, title: str, ctx: Context) -> None:
    texts = {key: wanted[name][key] for other, key in overrides.changed(recorded, wanted) if other == name and key in wanted.get(name, {})}
    _checks.refuse(seen.live[name] or {}, name, {key: None for _other, key in overrides.changed(recorded, wanted)})
    _checks.size(wanted, title)
    _checks.by_schema(seen.schema, name, texts, seen.release, seen.record["metadata"]["namespace"])
    warnings, values = _checks.secrets(name, texts, seen.texts[name], _read.secret_values(place.kube, seen.record, ctx))
    for value in values:
        ctx.secrets.add(value)
    fields = _fields.form(seen)
    for key, text in texts.items():
        before = seen.texts[name].get(key)
        own = key not in recorded.get(name, {})
        if text and before:
            lines = set(before.splitlines())
            new = "\n".join(line for line in text.splitlines() if line not in lines)
            offered = _fields.proposed(before, fields, own)
            for setting in dict.fromkeys(word for word, _value in settings.words(new)):
                if setting in offered:
                    warnings.append(f"{name}/{key}: {setting} seems to be the form field {offered[setting]}, which has no effect as long as it is set here")
    for text in warnings:
        ctx.warn(text)


def _tell_near(name: str, given: Mapping[str, Any], reset: list[str], recorded: overrides.Overrides, seen: _read.Seen | None, ctx: Context) -> None:
    known = {*recorded.get(name, {}), *(seen.texts[name] if seen else ())}
    if seen:
        for text in _checks.unknown(name, [key for key, text in given.items() if text is not None], known, ", and gets one"):
            ctx.warn(text)
    for text in _checks.unknown(name, [*reset, *(key for key, text in given.items() if text is None)], known, ""):
        ctx.warn(text)


def _told(
    result: dict[str, Any], name: str, wanted: overrides.Overrides, recorded: overrides.Overrides, seen: _read.Seen | None, ctx: Context,
) -> dict[str, Any]:
    """The result of the change in the words of who knows what ran before."""
    present = seen.texts if seen else {}
    words = dict(zip(overrides.actions(recorded, wanted), overrides.actions(recorded, wanted, present), strict=True))
    told = {**result, "actions": [words.get(action, action) for action in result["actions"]], "config_map": name, "restarts": []}
    if seen and result["changed"]:
        told["restarts"] = _restarts(seen, name, wanted, recorded)
    if ctx.diff and seen:
        pairs = overrides.changed(recorded, wanted)
        own = [_difference(name, key, wanted, present) for name, key in pairs if key in wanted.get(name, {})]
        # What a reset brings back is known to the rendering alone, and told by it.
        told["diff"] = own if len(own) == len(pairs) else [*own, *result.get("diff", [])]
    return told


def _restarts(seen: _read.Seen, name: str, wanted: overrides.Overrides, recorded: overrides.Overrides) -> list[str]:
    changed = {key for other, key in overrides.changed(recorded, wanted) if other == name}
    texts = {key: text for key, text in wanted.get(name, {}).items() if key in changed}
    marks = effects.restarting({name: seen.texts[name]}, {name: texts}, seen.schema, seen.release, seen.record["metadata"]["namespace"]).get(name, {})
    # What the package's own text says is known when it is deployed only.
    needed = {*marks, *(changed - texts.keys())}
    found = []
    for item in seen.objects:
        read = post_render.reads(item).get(name, set()) if item.get("kind") in post_render.RESTARTED else set()
        if needed and (read is None or needed & read):
            found.append(f"{item['kind']} {item['metadata']['name']}")
    return found


def _difference(name: str, key: str, wanted: overrides.Overrides, present: Mapping[str, overrides.Texts]) -> dict[str, str]:
    title = f"{name}/{key}"
    return {"before_header": title, "after_header": title, "before": present.get(name, {}).get(key) or "", "after": wanted[name][key] or ""}


def _map(seen: _read.Seen, name: str, fields: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    live, record = seen.live[name] or {}, seen.record
    given = (record["spec"].get("configOverrides") or {}).get(name, {})
    now, binary = live.get("data") or {}, live.get("binaryData") or {}
    found = [
        _setting(seen, name, key, now.get(key), given, key in binary, fields) for key in sorted({*now, *binary, *given, *seen.texts[name]})
    ]
    return {"name": name, "created_at": live.get("metadata", {}).get("creationTimestamp", ""), "settings": found}


def _setting(
    seen: _read.Seen, name: str, key: str, text: str | None, given: overrides.Texts, binary: bool, fields: Mapping[str, tuple[str, Any]],
) -> dict[str, Any]:
    config = settings.described(seen.schema, name, key, seen.release, seen.record["metadata"]["namespace"])
    source = "override" if key in given else "package"
    if text != seen.texts[name].get(key) and not binary:
        source = "hand"
    found: dict[str, Any] = {"key": key, "text": text, "source": source, "binary": binary, "apply": "restart"}
    if text is not None:
        found["form_fields"] = _fields.proposed(text, fields, source == "package")
    if config is None:
        return found
    reloaded = bool(config.parameters) and all(parameter.apply == "reload" for parameter in config.parameters)
    return {
        **found, "apply": "reload" if reloaded else "restart", "format": config.format, "description": config.description,
        "parameters": [
            {
                "name": one.name, "path": one.path, "type": one.kind, "minimum": one.minimum, "maximum": one.maximum, "choices": list(one.choices),
                "default": one.default, "pattern": one.pattern, "description": one.description, "apply": one.apply,
                "value": None if text is None else settings.value(config, one, text),
            }
            for one in config.parameters
        ],
    }
