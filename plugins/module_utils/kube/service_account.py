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
from ..errors import NotFound
from . import kubeconfigs
from ._refusals import Subject

# The API server issues no shorter ones.
LEAST_SECONDS = 600
_LABELS = {"app.kubernetes.io/part-of": "acmp"}


@dataclass(frozen=True)
class Token:
    """value: the token; issued_at and expires_at: texts as the API writes times; bound: name of the Secret whose deletion ends it."""

    value: str = field(repr=False)
    issued_at: str
    expires_at: str
    bound: str


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
    # Applied, not created: a right to create may be given for names only where the request names them.
    secret = kube.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace, "labels": _LABELS}, "type": "Opaque"})
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
    except NotFound as error:
        raise NotFound(
            f"There is no ServiceAccount {namespace}/{account} to make a token of", where=error.where, details=error.details,
            todo="register the cluster, or make the workspace, again") from None
    kube.ctx.secrets.add(status["token"])
    issued = kubeconfigs.token_expiry(status["token"]).issued_at
    return Token(status["token"], issued or moment_now(), status["expirationTimestamp"], name)


def revoke(kube: Any, namespace: str, name: str) -> bool:
    """Ends the token bound to this Secret, within the ten seconds that API servers remember one; False when it was gone already."""
    return kube.delete("v1", "Secret", name, namespace)


def due(issued_at: str | None, expires_at: str | None, now: datetime | None = None) -> bool:
    """Whether a token is to be renewed: less than a third of its life is left, or a time is not known."""
    issued, ends = kubeconfigs.moment(issued_at), kubeconfigs.moment(expires_at)
    left = kubeconfigs.days_left(expires_at, now)
    return issued is None or ends is None or left is None or left < (ends - issued).total_seconds() / 86400 / 3
