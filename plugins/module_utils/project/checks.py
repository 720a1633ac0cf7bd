# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what is wrong with a project as it was asked for, before anything is read or written."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from ..errors import InputError
from .records import TEMPLATE, Member

# With acmp-project- before it, it is the name of a namespace.
NAME_LIMIT = 50
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DOMAIN = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*")
_WORD = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
# The platform sets these itself.
_RESERVED = ("operators.apusic.com/", "app.kubernetes.io/part-of", "kubernetes.io/metadata.name")
_POD_SECURITY = "pod-security.kubernetes.io/"
_ACCOUNT = "system:serviceaccount:"


def check_name(name: str) -> None:
    """A DNS label of at most 50 characters."""
    if len(name) > NAME_LIMIT:
        raise InputError(f'The project name "{name}" has {len(name)} characters', where="name", todo=f"use at most {NAME_LIMIT}")
    if not _LABEL.fullmatch(name):
        raise InputError(
            f'The project name "{name}" is not a DNS label', where="name", todo="use small letters, digits and dashes, a letter or digit first and last")


def members(items: list[dict]) -> tuple[Member, ...]:
    """The members of option ``members``; each is checked, and nobody may be in it twice. Raises InputError naming the entry."""
    found = tuple(_member(item, f"members[{number}]") for number, item in enumerate(items))
    count = Counter((member.kind, member.namespace, member.name) for member in found)
    for member in found:
        if count[member.kind, member.namespace, member.name] > 1:
            roles = sorted({other.role for other in found if str(other) == str(member)})
            said = f"has {len(roles)} roles: {', '.join(roles)}" if len(roles) > 1 else f"is named {count[member.kind, member.namespace, member.name]} times"
            raise InputError(f"{member} {said}", where="members", todo="name each member once, with one role")
    return found


def _member(item: dict, where: str) -> Member:
    member = Member(item["kind"], item["name"], item.get("namespace") or None, item.get("role") or "consumer")
    if not member.name.strip() or len(member.name) > 253 or any(ord(letter) < 32 or ord(letter) == 127 for letter in member.name):
        raise InputError(f"The name of a {member.kind} is empty, longer than 253 characters, or holds control characters", where=where, todo="check the name")
    if member.kind == "ServiceAccount":
        if not member.namespace:
            raise InputError(f"{member} has no namespace", where=where, todo="give the namespace of the ServiceAccount on the management cluster")
        if not _DOMAIN.fullmatch(member.name) or not _LABEL.fullmatch(member.namespace) or len(member.namespace) > 63:
            raise InputError(f"{member} cannot be the name of a ServiceAccount", where=where, todo="use small letters, digits and dashes")
        return member
    if member.namespace:
        raise InputError(f"A {member.kind} has no namespace, but {member.name} got {member.namespace}", where=where, todo="leave namespace out")
    if member.kind == "User" and member.name.startswith(_ACCOUNT):
        # Else one and the same could be a member twice.
        raise InputError(f"{member.name} is a ServiceAccount", where=where, todo="write it with kind: ServiceAccount, name and namespace")
    if (member.kind, member.name) in (("User", "system:anonymous"), ("Group", "system:unauthenticated")):
        raise InputError(f"{member} is everybody who did not sign in", where=where, todo="name people or groups who sign in")
    return member


def template(given: dict, where: str = "template") -> dict[str, Any]:
    """Option ``template`` as the record holds it; a workspace's own furniture has the same fields. Raises InputError naming the field.

    given: quota {key: quantity}, limits (LimitRange items), labels, annotations {key: text}, pod_security, network_policy, pull_secret; each may be None.
    """
    # Only a template that has them needs them, and another room brings them.
    from ..quota import shape  # noqa: PLC0415

    found = {key: _texts(given[option]) for option, key in TEMPLATE.items() if given.get(option)}
    if "quota" in found:
        shape.check_hard(found["quota"], f"{where}.quota")
    if "limits" in found:
        shape.check_limits(found["limits"], f"{where}.limits")
    for part in ("labels", "annotations"):
        for key, value in found.get(part, {}).items():
            _check_entry(part, key, value, f"{where}.{part}")
    if "pullSecret" in found and (not _DOMAIN.fullmatch(found["pullSecret"]) or len(found["pullSecret"]) > 253):
        raise InputError(
            f'"{found["pullSecret"]}" cannot be the name of a Secret', where=f"{where}.pull_secret", todo="use small letters, digits, dashes and dots")
    return found


def doubts(found: dict[str, Any], where: str = "template") -> list[str]:
    """What of a template in the record's words looks wrong and is yet possible."""
    from ..quota import shape  # noqa: PLC0415

    return shape.check_hard(found["quota"], f"{where}.quota") if "quota" in found else []


def _texts(value: Any) -> Any:
    """Numbers as text, as Kubernetes keeps quantities; YAML reads ``pods: 20`` as a number."""
    if isinstance(value, dict):
        return {str(key): _texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _check_entry(part: str, key: str, value: Any, where: str) -> None:
    prefix, slash, word = key.rpartition("/")
    if key.startswith(_RESERVED):
        raise InputError(f"The platform sets {key} itself", where=where, todo="leave it out")
    if key.startswith(_POD_SECURITY):
        raise InputError(f"{key} is set through another option", where=where, todo="use pod_security")
    if not _WORD.fullmatch(word) or len(word) > 63 or (slash and (not _DOMAIN.fullmatch(prefix) or len(prefix) > 253)):
        raise InputError(f'"{key}" cannot be a key of {part}', where=where, todo="write it as NAME or DOMAIN/NAME, the name at most 63 letters, digits, - _ .")
    if not isinstance(value, str):
        raise InputError(f"{key} is {value!r} and has to be text", where=where, todo="write the value in quotes")
    if part == "labels" and value and (not _WORD.fullmatch(value) or len(value) > 63):
        raise InputError(f'"{value}" cannot be the value of the label {key}', where=where, todo="use at most 63 letters, digits, - _ .")
