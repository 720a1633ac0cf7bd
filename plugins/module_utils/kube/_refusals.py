# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server's refusals mean to the person who runs a task; PURE."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..context import Secrets
from ..errors import Conflict, Forbidden, KubeError, NotFound, Unauthorized


@dataclass(frozen=True)
class Subject:
    """What a request is about, for its error text: ``create Deployment shop/web``."""

    verb: str
    kind: str = ""
    namespace: str | None = None
    name: str = ""

    def __str__(self) -> str:
        where = "/".join(part for part in (self.namespace, self.name) if part) if self.name else (f"in namespace {self.namespace}" if self.namespace else "")
        return " ".join(part for part in (self.verb, self.kind, where) if part)


def parse(data: bytes) -> dict[str, Any]:
    """The Status object of an answer; a text answer (a proxy's, "404 page not found") becomes a message of its first line."""
    try:
        status = json.loads(data)
    except ValueError:
        status = None
    if isinstance(status, dict) and (status.get("kind") == "Status" or "message" in status):
        return status
    text = data[:2000].decode("utf-8", "replace").strip().splitlines()
    first = text[0].strip() if text else ""
    return {"message": "" if first.startswith("<") else first[:300]}


def error(code: int, status: Mapping[str, Any], subject: Subject, server: str, secrets: Secrets, body: Any = None) -> KubeError:
    """The exception for an answer of 400 and above; secrets and, for a Secret, the values of body are masked in its text."""
    said = _hide(str(status.get("message") or "").strip(), body, secrets)
    reason = str(status.get("reason") or "")
    raw_details = status.get("details") if isinstance(status.get("details"), Mapping) else {}
    details = {"httpStatus": code, "reason": reason, "message": said}
    causes = [
        {"field": str(cause.get("field", "")), "message": _hide(str(cause.get("message", "")), body, secrets)}
        for cause in raw_details.get("causes") or [] if isinstance(cause, Mapping)
    ]
    if causes:
        details["causes"] = causes
    more: dict[str, Any] = {"where": f"{server}", "details": details}
    if code == 401:
        return Unauthorized(f"The API server does not accept the credentials (tried to {subject})", todo="log in again or get a new kubeconfig", **more)
    if code == 403:
        if "exceeded quota" in said:
            return Forbidden(f"The quota does not allow to {subject}: {said}", todo="ask for less, remove something, or ask a manager for more quota", **more)
        return Forbidden(f"Not allowed to {subject}: {said or 'no right'}", todo="ask a manager for a role with this right", **more)
    if code == 404:
        # What is missing: callers read it. An unknown kind is answered by a text, or by a Status that names no object.
        details["missing"] = "kind" if not raw_details.get("name") else "namespace" if _is_namespace(raw_details, subject) else "object"
        if details["missing"] == "kind":
            return NotFound(
                f"The cluster does not know the kind {subject.kind or 'asked for'} (tried to {subject})",
                todo="install its custom resource definition, or check apiVersion and kind", **more)
        if details["missing"] == "namespace":
            return NotFound(f"The namespace {raw_details.get('name')} does not exist (tried to {subject})", todo="create the namespace first", **more)
        return NotFound(f"Cannot {subject}: it does not exist", todo="check name and namespace", **more)
    if code == 409:
        if causes and any("conflict with" in cause["message"] for cause in causes):
            fields = "; ".join(f"{cause['field']} ({cause['message']})" for cause in causes[:8])
            return Conflict(f"Cannot {subject}: others manage these fields: {fields}", todo="leave the fields out, or take them over with force", **more)
        if reason == "AlreadyExists":
            return Conflict(f"Cannot {subject}: it exists already", todo="choose another name, or change the existing one", **more)
        return Conflict(f"Cannot {subject}: {said or 'it was changed meanwhile'}", todo="run the task again", **more)
    if code == 410:
        return Conflict(f"Cannot {subject}: the list is too old", status=410, todo="list again", **more)
    if code in (400, 405, 406, 415, 422):
        listed = "; ".join(f"{cause['field']}: {cause['message']}".strip(": ") for cause in causes[:12])
        return KubeError(f"The API server refuses to {subject}: {listed or said or f'HTTP {code}'}", status=code, todo="correct the fields it names", **more)
    if code == 429:
        return KubeError(f"The API server is too busy to {subject}: {said or 'too many requests'}", status=429, todo="run the task again later", **more)
    return KubeError(
        f"The API server failed to {subject}: {said or f'HTTP {code}'}", status=code, todo="run the task again; if it stays, look at the API server", **more)


def _is_namespace(details: Mapping[str, Any], subject: Subject) -> bool:
    return details.get("kind") == "namespaces" and subject.kind != "Namespace"


def _hide(text: str, body: Any, secrets: Secrets) -> str:
    text = secrets.mask(text)
    if isinstance(body, Mapping) and body.get("kind") == "Secret":
        for part in ("data", "stringData"):
            values = body.get(part)
            for value in values.values() if isinstance(values, Mapping) else ():
                for form in _forms(value):
                    if len(form) >= 2:
                        text = text.replace(form, Secrets.MASK)
    return text


def _forms(value: Any) -> list[str]:
    forms = [str(value)]
    try:
        forms.append(base64.b64decode(forms[0], validate=True).decode())
    except ValueError:
        pass
    return sorted(forms, key=len, reverse=True)
