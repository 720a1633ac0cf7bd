# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of service accounts that can be ended at any moment, because each is bound to a Secret of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..clock import now as moment_now
from ..errors import Conflict, LockError, NotFound
from . import kubeconfigs
from ._refusals import Subject
from .client import MANAGER

# The API server issues no shorter ones.
LEAST_SECONDS = 600
_LABELS = {"app.kubernetes.io/part-of": "acmp"}


@dataclass(frozen=True)
class Token:
    """value: the token; issued_at and expires_at: texts as the API writes times; bound and uid: of the Secret whose deletion ends it."""

    value: str = field(repr=False)
    issued_at: str
    expires_at: str
    bound: str
    uid: str = ""


def mint(kube: Any, namespace: str, account: str, seconds: float, names: Sequence[str], current: str = "") -> Token:
    """A new token of a service account, bound to a new Secret beside it; the one bound to ``current`` goes on.

    names: the two names such a Secret may have. What a run that did not end left under the other name is deleted, with its token. Without current the
    free name is taken, else the older Secret is replaced. The server may give a shorter life than asked for, never below ten minutes.
    Raises NotFound where the account is missing, Forbidden naming the right.
    """
    found = {name: kube.get("v1", "Secret", name, namespace, metadata_only=True) for name in names if name != current}
    name = min(found, key=lambda each: found[each]["metadata"]["creationTimestamp"] if found[each] else "")
    if found[name]:
        kube.delete("v1", "Secret", name, namespace)
    secret = _made(kube, namespace, name)
    request = {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": {
            "expirationSeconds": max(int(seconds), LEAST_SECONDS),
            "boundObjectRef": {"apiVersion": "v1", "kind": "Secret", "name": name, "uid": secret["metadata"]["uid"]},
        },
    }
    path = kube.resource("v1", "ServiceAccount").path(namespace, account, "token")
    try:
        status = kube.raw("POST", path, body=request, subject=Subject("create", "a token of ServiceAccount", namespace, account)).json()["status"]
    except (Conflict, NotFound) as error:
        live = kube.get("v1", "Secret", name, namespace, metadata_only=True)
        if live is None or live["metadata"]["uid"] != secret["metadata"]["uid"]:
            raise _at_once(namespace, name) from None
        if isinstance(error, Conflict):
            raise
        raise NotFound(
            f"There is no ServiceAccount {namespace}/{account} to make a token of", where=error.where, details=error.details,
            todo="register the cluster, or make the workspace, again") from None
    kube.ctx.secrets.add(status["token"])
    issued = kubeconfigs.token_expiry(status["token"]).issued_at
    return Token(status["token"], issued or moment_now(), status["expirationTimestamp"], name, secret["metadata"]["uid"])


def _made(kube: Any, namespace: str, name: str) -> dict[str, Any]:
    """A Secret that is surely new: tokens of two runs on one Secret would end together only, and one of them is known to nobody."""
    path = kube.resource("v1", "Secret").path(namespace, name)
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace, "labels": _LABELS}, "type": "Opaque"}
    for _attempt in range(3):
        # Applied, not created: a right to create may be given for names only where the request names them.
        answer = kube.raw(
            "PATCH", path, query={"fieldManager": MANAGER, "force": "true"}, body=body, content_type="application/apply-patch+yaml",
            subject=Subject("apply", "Secret", namespace, name))
        if answer.status == 201:
            return answer.json()
        kube.delete("v1", "Secret", name, namespace, uid=answer.json()["metadata"]["uid"])
    raise _at_once(namespace, name)


def _at_once(namespace: str, name: str) -> LockError:
    return LockError("Another run makes a credential at the same moment", where=f"Secret {namespace}/{name}", todo="run the same task again")


def revoke(kube: Any, namespace: str, name: str, uid: str | None = None) -> bool:
    """Ends the token bound to this Secret, within the ten seconds that API servers remember one; False when it was gone already.

    uid: of that Secret; one of the same name that somebody made since, for a newer token, stays.
    """
    return kube.delete("v1", "Secret", name, namespace, uid=uid or None)


def due(issued_at: str | None, expires_at: str | None, now: datetime | None = None) -> bool:
    """Whether a token is to be renewed: less than a third of its life is left, or a time is not known."""
    issued, ends = kubeconfigs.moment(issued_at), kubeconfigs.moment(expires_at)
    left = kubeconfigs.days_left(expires_at, now)
    return issued is None or ends is None or left is None or left < (ends - issued).total_seconds() / 86400 / 3
