# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what speaks against the texts that shall be set, found before anything is written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..context import Secrets
from ..errors import InputError, InstanceError, nearest
from ..package import settings
from .overrides import Overrides, Texts

# Of all texts set for an instance together: they are recorded beside a document of as much, and etcd takes 1.5 MiB.
MOST_BYTES = 512 * 1024
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_SECRET = re.compile(
    r"""(?im)^[ \t]*["']?[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|requirepass|masterauth)["']?"""
    r"""[ \t]*[:=\s][ \t]*["']?([^\s"']{6,})""")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# Shorter ones stand in ordinary words, too.
_SECRET_LENGTH = 8


def given(params: Mapping[str, Any]) -> tuple[dict[str, str | None], list[str]]:
    """settings and reset of a task; numbers become text. Raises InputError for what cannot be a key or a text."""
    found: dict[str, str | None] = {}
    for key, value in (params.get("settings") or {}).items():
        if not _KEY.fullmatch(str(key)) or key in (".", ".."):
            raise InputError(f'"{str(key)[:100]}" cannot be a key of a ConfigMap', where="settings", todo="use letters, digits, dots, dashes and underscores")
        if isinstance(value, bool) or not isinstance(value, str | int | None):
            raise InputError(f"The value is {type(value).__name__}, and a ConfigMap holds text", where=f"settings, {key}", todo="put it into quotes")
        text = None if value is None else str(value)
        try:
            (text or "").encode()
        except UnicodeEncodeError:
            raise InputError("The text is not valid Unicode", where=f"settings, {key}") from None
        found[str(key)] = text
    reset = [str(key) for key in params.get("reset") or []]
    both = sorted(found.keys() & set(reset))
    if both:
        raise InputError(f"{', '.join(both)} cannot be set and reset at once", where="settings, reset", todo="name each key in one of them")
    return found, reset


def config_map(wished: str | None, known: Iterable[str], title: str) -> str:
    """The ConfigMap that is meant; raises InputError where it is none of the instance's, or not said which of several."""
    names = sorted(known)
    if not names:
        raise InstanceError(f"{title} has no ConfigMap", todo="change it by its form")
    if not wished:
        if len(names) > 1:
            raise InputError(f"{title} has {len(names)} ConfigMaps", where="config_map", todo=f"name one: {', '.join(names)}")
        return names[0]
    if wished not in names:
        raise InputError(f'{title} has no ConfigMap "{wished}"', where="config_map", todo=nearest(wished, names))
    return wished


def refuse(live: Mapping[str, Any], name: str, wanted: Texts) -> None:
    """Raises InstanceError for a ConfigMap that never changes, InputError for a text where there are bytes."""
    if live.get("immutable"):
        raise InstanceError(f"ConfigMap {name} is immutable", where=name, todo="change what it holds by the form")
    binary = sorted(key for key in wanted if key in (live.get("binaryData") or {}))
    if binary:
        raise InputError(f"{', '.join(binary)} holds bytes, no text", where=name, todo="leave it to the package")


def size(overrides: Overrides, title: str) -> None:
    """Raises InputError for more than a record takes."""
    amount = sum(len(key.encode()) + len((text or "").encode()) for texts in overrides.values() for key, text in texts.items())
    if amount > MOST_BYTES:
        raise InputError(
            f"The texts set for {title} have {-(-amount // 1024)} KiB together, and a record takes {MOST_BYTES // 1024}", where="settings",
            todo="reset what is not needed, or put large files into a volume")


def by_schema(schema: settings.ConfigSchema | None, name: str, wanted: Texts, instance: str, namespace: str) -> None:
    """Raises InputError with every setting that config.yaml does not allow."""
    faults = []
    for key, text in wanted.items():
        config = settings.described(schema, name, key, instance, namespace)
        if config and text is not None:
            faults += [(f"{name}/{key}{f', {setting}' if setting else ''}", f"{setting or key} {said}") for setting, said in settings.check(config, text)]
    if faults:
        where = dict.fromkeys(place for place, _said in faults)
        raise InputError(
            "; ".join(dict.fromkeys(said for _place, said in faults)), where="; ".join(where),
            todo=f"correct what {schema.path} of the package does not allow" if schema else "")


def secrets(name: str, wanted: Texts, present: Texts, own: Iterable[str]) -> tuple[list[str], list[str]]:
    """(warnings about what looks like a secret and was not there before, those values). own: the secret values of the instance.

    Raises InputError for a text that holds one of them, or the mask that is shown instead of one.
    """
    warnings, values = [], []
    for key, text in wanted.items():
        old = present.get(key) or ""
        if not text or text == old:
            continue
        if Secrets.MASK in text and Secrets.MASK not in old:
            raise InputError(
                f"The text holds {Secrets.MASK}, which is shown instead of a secret", where=f"{name}/{key}", todo="take the secret from its Secret, in the pod")
        if any(len(secret) >= _SECRET_LENGTH and secret in text and secret not in old for secret in own):
            raise InputError(
                "The text holds a secret value of the instance, and ConfigMaps and records are read by many", where=f"{name}/{key}",
                todo="leave it in its Secret, which the pods read")
        new = [found[1] for found in _SECRET.finditer(text) if found[0] not in old]
        values += new
        if new or (_PRIVATE_KEY.search(text) and not _PRIVATE_KEY.search(old)):
            warnings.append(f"{name}/{key} seems to hold a secret. Everybody who may look into the namespace can read a ConfigMap: use a Secret")
    return warnings, values


def unknown(name: str, keys: Iterable[str], known: Iterable[str], verb: str) -> list[str]:
    """Warnings about keys that are not there, but nearly."""
    names = sorted(known)
    found = []
    for key in keys:
        near = difflib.get_close_matches(key, names, n=1, cutoff=0.75) if key not in names else []
        if near:
            found.append(f'{name} has no key "{key}" so far{verb}: did you mean "{near[0]}"?')
    return found
