# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server's refusals mean to the person who runs a task; PURE."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..context import Secrets
from ..errors import Conflict, Forbidden, KubeError, NotFound, Refused, Unauthorized
from ..rights import GRANTS, RBAC, granted_by

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
# secrets "db" is forbidden: User "jo" cannot get resource "secrets" in API group "" in the namespace "shop"
_MISSING = re.compile(
    rf'(?:[^" ]*(?: {_QUOTED})? is )?(?:forbidden: )?User {_QUOTED} cannot (\S+) (?:resource|path) {_QUOTED}'
    rf'(?: in API group {_QUOTED})?(?: in the namespace {_QUOTED})?')
_GRANTING = "is attempting to grant RBAC permissions not currently held"
_GRANTER = re.compile(rf'user {_QUOTED} ')
# What else says no: the text that tells it, its name for details, the sentence, what to do. {1} is what the text names, {said} the whole reason.
_RULES = tuple((re.compile(pattern, re.S), *texts) for pattern, *texts in (
    (r'admission webhook "([^"]+)" denied the request(?: without explanation|: )?', "webhook",
     "The admission webhook {1} does not allow to {subject}: {said}", "correct what it names, or ask a cluster administrator about the webhook"),
    (r"ValidatingAdmissionPolicy '([^']+)' with binding '[^']*' denied request: ", "policy",
     "The policy {1} of the cluster does not allow to {subject}: {said}", "do what it says, or ask a cluster administrator about the policy"),
    (r'violates PodSecurity "([^"]+)": ', "pod security",
     "The namespace's Pod Security level {1} does not allow to {subject}: {said}",
     "make the pods fit the level; who makes the namespace (acmp_workspace) decides about it"),
    (r"(exceeded quota: |insufficient quota to consume: |status unknown for quota: )", "quota",
     "The quota does not allow to {subject}: {1}{said}", "ask for less, remove something, or ask a manager for more quota"),
    (r"(failed quota: )", "quota", "The quota does not allow to {subject}: {1}{said}",
     "give the requests and limits it names, or ask a manager for a LimitRange with defaults (acmp_quota)"),
    (r"((?:maximum|minimum) \S+ \S+ per |\S+ max limit to request ratio per )", "limits",
     "The limits of the namespace (LimitRange) do not allow to {subject}: {1}{said}", "ask for something inside these limits, or ask a manager for other ones"),
    (r"unable to create new content in namespace (\S+) because it is being terminated", "terminating namespace",
     "The namespace {1} is being deleted (tried to {subject})", "wait until it is gone, or choose another namespace"),
    (r" is forbidden: ", "rule", "The rules of the cluster do not allow to {subject}: {said}",
     "correct what it names, or ask a cluster administrator about the rule"),
))


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


@dataclass(frozen=True)
class Right:
    """A right in RBAC's words: ``create deployments.apps in namespace shop``. resource is the plural, with /subresource, or a path."""

    verb: str
    group: str
    resource: str
    namespace: str | None = None
    name: str = ""
    user: str = ""

    def __str__(self) -> str:
        plural, slash, subresource = self.resource.partition("/")
        group = f".{self.group}" if self.group else ""
        where = f"namespace {self.namespace}" if self.namespace else "the whole cluster"
        return f"{self.verb} {plural}{group}{slash}{subresource} in {where}"


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
    if code in (400, 403, 422):
        refused = _ruled(code, said, subject, more)
        if refused:
            return refused
    if code == 403:
        return _denied(said, subject, more)
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


def denied(right: Right, subject: Subject, server: str, details: Mapping[str, Any] | None = None) -> Forbidden:
    """The exception for a right that is missing: the sentence names verb, resource and place, ``todo`` who grants it, details all of them."""
    grant = granted_by(right.verb, right.group, right.resource, right.namespace, right.name)
    facts = {"verb": right.verb, "resource": right.resource, "group": right.group, "namespace": right.namespace or "", "grant": grant}
    return Forbidden(
        f"Not allowed to {subject}: {right.user or 'the caller'} lacks the right to {right}", where=server, todo=GRANTS[grant],
        details={"httpStatus": 403, "reason": "Forbidden", **(details or {}), **facts})


def _denied(said: str, subject: Subject, more: Mapping[str, Any]) -> Forbidden:
    found = _MISSING.match(said)
    if found:
        name, user, verb, resource, group, namespace = (part or "" for part in found.groups())
        right = Right(verb, group, resource, namespace or None, name, user)
    elif _GRANTING in said:
        # A binding needs "bind" on its role, or every right of the role; a role needs every right it gives.
        role, user = subject.kind in ("Role", "ClusterRole"), _GRANTER.search(said)
        right = Right("escalate" if role else "bind", RBAC, "roles" if role else "clusterroles", subject.namespace, "", user.group(1) if user else "")
    else:
        todo = "ask a cluster administrator what is in the way: this answer is not the one of Kubernetes' own rights"
        return Forbidden(f"Not allowed to {subject}: {said or 'no reason is given'}", todo=todo, where=more["where"], details={
            **more["details"], "verb": subject.verb, "resource": subject.kind, "group": "", "namespace": subject.namespace or "", "grant": "administrator"})
    return denied(right, subject, more["where"], more["details"])


def _ruled(code: int, said: str, subject: Subject, more: Mapping[str, Any]) -> Refused | None:
    """The exception for an object that the caller may write, and a rule does not take; None where no such rule is told."""
    if _MISSING.match(said) or _GRANTING in said:
        return None
    for pattern, by, sentence, todo in _RULES:
        found = pattern.search(said)
        # Faults of a single field are told as such; only an admission says "is forbidden" of the whole object.
        if found and (code == 403 or by in ("webhook", "policy")):
            name = found.group(1) if found.groups() else ""
            text = sentence.replace("{1}", name).replace("{subject}", str(subject)).replace("{said}", said[found.end():].rstrip("]") or "no reason is given")
            return Refused(text, status=code, todo=todo, where=more["where"], details={**more["details"], "refusedBy": by})
    return None


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
