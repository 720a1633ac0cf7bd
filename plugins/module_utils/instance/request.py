# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the options of a task about one instance, checked before anything is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import InputError

# Helm's own limit for release names; Kubernetes appends to them.
NAME_LIMIT = 53
# The cluster that the connection options name.
LOCAL = "local"
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


@dataclass(frozen=True)
class Request:
    """What was asked of one instance (§5.2 steps 1 and 2)."""

    name: str
    namespace: str
    state: str = "present"
    cluster: str = LOCAL
    package: str | None = None
    version: str | None = None
    app_version: str | None = None
    type: str | None = None
    values: dict = field(default_factory=dict)
    secret_values: dict = field(default_factory=dict)
    values_mode: str = "replace"
    document: Any = None
    # ConfigMap -> key -> text, None for a key that shall be gone; None altogether keeps what is recorded.
    config_overrides: dict | None = None
    # What the record held when config_overrides were made from it; None where that does not matter.
    config_base: dict | None = None
    project: str = "default"
    description: str | None = None
    delete_policy: str | None = None
    confirm: str | None = None
    drift: str = "ignore"
    wait: bool = True
    wait_timeout: int = 300
    create_namespace: bool = False
    keep_failed: bool = False
    recover: bool = False
    allow_hidden: bool = False
    adopt: bool = False
    requester: str | None = None
    helm_binary: str | None = None
    # The bytes of a version that is listed no more, which the catalog keeps for an instance that is to be cloned.
    sha256: str | None = None

    def as_recorded(self) -> Request:
        """For an instance that is recorded: where nothing is said of what it shall be, it stays, or comes back, as it was."""
        said = (
            self.package, self.version, self.app_version, self.type, self.values, self.secret_values, self.document, self.config_overrides,
        )
        return self if any(said) else replace(self, values_mode="merge")

    @property
    def title(self) -> str:
        return f"{self.namespace}/{self.name}"


def from_params(params: dict) -> Request:
    """The request a module's parameters mean; raises InputError for names and combinations that cannot be meant."""
    known = {key: params[key] for key in Request.__dataclass_fields__ if params.get(key) is not None}
    request = Request(**known)
    check_name(request.name)
    check_namespace(request.namespace)
    if request.document is not None and (request.values or request.values_mode == "merge"):
        raise InputError("document is the whole script, so values cannot change it", where=request.title, todo="use document alone, or type and values")
    if request.wait_timeout < 1:
        raise InputError(f"wait_timeout is {request.wait_timeout}, and has to be 1 or more seconds", where=request.title)
    return request


def check_name(name: str) -> None:
    """DNS-1035 and at most 53 characters: it becomes a Helm release, and the beginning of Service and pod names."""
    if not _LABEL_1035.fullmatch(name):
        raise InputError(f'The instance name "{name}" is not a DNS label', where="name", todo="begin with a letter, then small letters, digits and dashes")
    if len(name) > NAME_LIMIT:
        raise InputError(f'The instance name "{name}" has {len(name)} characters', where="name", todo=f"use at most {NAME_LIMIT}")


def check_namespace(namespace: str) -> None:
    """DNS-1123 and at most 63 characters."""
    if not _LABEL_1123.fullmatch(namespace) or len(namespace) > 63:
        raise InputError(f'The namespace "{namespace}" is not a DNS label', where="namespace", todo="use small letters, digits and dashes, at most 63")
