# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every failure of the collection: what happened, where, and what to do next.

Modules and action plugins catch AcmpError in one place and return ``failed`` with ``to_result()``;
nothing else reaches a user. Messages never hold a secret.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


class AcmpError(Exception):
    """A failure a user can act on.

    what: one sentence, no full stop. where: file, path or object. todo: the next step, one sentence.
    details: extra JSON data for the result (``error.details``), for example all reasons of a preflight.
    """

    reason = "Error"

    def __init__(self, what: str, *, where: str = "", todo: str = "", details: Mapping[str, Any] | None = None) -> None:
        self.what = what.rstrip(". ")
        self.where = where
        self.todo = todo.rstrip(". ")
        self.details = dict(details or {})
        super().__init__(self.message)

    @property
    def message(self) -> str:
        text = f"{self.what}."
        if self.where:
            text += f" Where: {self.where}."
        if self.todo:
            text += f" To do: {self.todo}{'' if self.todo.endswith('?') else '.'}"
        return text

    def to_result(self) -> dict[str, Any]:
        error: dict[str, Any] = {"reason": self.reason, "what": self.what, "where": self.where, "todo": self.todo}
        if self.details:
            error["details"] = self.details
        return {"failed": True, "msg": self.message, "error": error}


class InputError(AcmpError):
    """An option, or a combination of options, that cannot be meant."""

    reason = "InvalidInput"


class PackageError(AcmpError):
    """A package (folder, archive or one of its files) that cannot be read as one."""

    reason = "InvalidPackage"


class CatalogError(AcmpError):
    """A package that is unknown, not listed, changed after upload, or still needed."""

    reason = "Catalog"


class KubeError(AcmpError):
    """A refusal of the Kubernetes API; status is the HTTP status, 0 where there was no answer."""

    reason = "KubernetesApi"
    status = 0

    def __init__(self, what: str, *, status: int = 0, **more: Any) -> None:
        super().__init__(what, **more)
        self.status = status or type(self).status


class ConnectionFailed(KubeError):
    """The API server did not answer, or no usable credentials were given."""

    reason = "Unreachable"


class Unauthorized(KubeError):
    """The API server does not know who is asking (401)."""

    reason = "Unauthorized"
    status = 401


class Forbidden(KubeError):
    """The caller lacks a right; names the verb, resource and namespace (403)."""

    reason = "Forbidden"
    status = 403


class Refused(KubeError):
    """A rule of the cluster does not take the object: a quota, a LimitRange, Pod Security, a policy or a webhook. The caller has the right to write it."""

    reason = "Refused"
    status = 403


class NotFound(KubeError):
    """The object, or its kind, does not exist (404)."""

    reason = "NotFound"
    status = 404


class Conflict(KubeError):
    """The object exists already or was changed meanwhile (409)."""

    reason = "Conflict"
    status = 409


class HelmError(AcmpError):
    """Helm is missing, too old, or refused."""

    reason = "Helm"


class KustomizeError(AcmpError):
    """kustomize is missing or too old, or a kustomization cannot be built."""

    reason = "Kustomize"


class PreflightError(AcmpError):
    """Checks made before anything is created; details.checks lists every one."""

    reason = "Preflight"


class InstanceError(AcmpError):
    """An instance that cannot be changed as asked."""

    reason = "Instance"


class LockError(InstanceError):
    """Somebody else is changing the instance, or took it over."""

    reason = "Locked"


class WaitError(AcmpError):
    """An instance did not become ready; details.problems says what blocks."""

    reason = "NotReady"


class Interrupted(BaseException):
    """A signal asked the run to stop; a BaseException so that no ``except Exception`` swallows it."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint such as ``did you mean "redis"?``, else the first known names; empty when there is none."""
    names = sorted({str(item) for item in known})
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(f'"{item}"' for item in close) + "?"
    if names:
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        return "known: " + ", ".join(names[:8]) + more
    return ""
