# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The platform's credential of a registered cluster: made, tried, kept in acmp-system, exchanged, ended."""

from __future__ import annotations

import base64
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..api import GROUP
from ..context import Context
from ..errors import Forbidden, InputError, Unauthorized
from ..kube import kubeconfigs, service_account
from ..kube.client import Kube
from ..kube.lease import Lease
from ..package import yaml_reader
from ..platform import roles
from . import reach

_ISSUED, _EXPIRES, _BOUND = f"{GROUP}/issued-at", f"{GROUP}/expires-at", f"{GROUP}/bound"
# New rights reach the API server's authorizer a moment after they were written.
_TRY_SECONDS = 10.0


@dataclass(frozen=True)
class Kept:
    """What acmp-system holds for a cluster. bound: the Secret there that ends the token, empty for a given credential."""

    config: Mapping[str, Any]
    bound: str


def kept(home: Kube, cluster: str) -> Kept | None:
    """The stored credential; None where there is none."""
    secret = home.get("v1", "Secret", reach.secret_name(cluster), roles.SYSTEM)
    if secret is None or reach.KEY not in (secret.get("data") or {}):
        return None
    bound = (secret["metadata"].get("annotations") or {}).get(_BOUND, "")
    # It will be deleted, perhaps with more rights than those of who wrote this.
    return Kept(reach.read(secret), bound if bound in roles.CREDENTIALS else "")


def held(home: Kube, cluster: str, ctx: Context) -> Lease:
    """One exchange of a cluster's credential at a time; a context manager."""
    return Lease(home, f"acmp-cluster-{cluster}", roles.SYSTEM, f"{socket.gethostname()}/{os.getpid()}", ctx)


def of_account(kube: Kube, cluster: str, seconds: int, current: str, ctx: Context) -> tuple[dict[str, Any], service_account.Token]:
    """A kubeconfig with a new token of the platform's service account there, tried; kube may make it. The token bound to ``current`` goes on."""
    token = service_account.mint(kube, roles.SYSTEM, roles.CLUSTER_ACCOUNT, seconds, roles.CREDENTIALS, current)
    config = kube.kubeconfig(token.value, roles.SYSTEM, proxy_login=True)
    end = time.monotonic() + _TRY_SECONDS
    while True:
        try:
            reach.to_cluster(config, ctx).identity()
            break
        except (Unauthorized, Forbidden):
            if time.monotonic() > end:
                raise
            time.sleep(0.3)
    asked, got = seconds, (kubeconfigs.days_left(token.expires_at, kubeconfigs.moment(token.issued_at)) or 0) * 86400
    if got < 0.9 * asked:
        ctx.warn(f"The API server of cluster {cluster} gives tokens for {got / 3600:.1f} hours instead of {asked / 3600:.1f}: let acmp_tick run often enough.")
    return config, token


def store(home: Kube, cluster: str, config: Mapping[str, Any], bound: str = "") -> dict[str, Any]:
    """Writes the credential into acmp-system; returns what Cluster.status says of it."""
    ends = kubeconfigs.expiry(config)
    notes = {_ISSUED: ends.issued_at, _EXPIRES: ends.expires_at, _BOUND: bound}
    home.apply({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": reach.secret_name(cluster), "namespace": roles.SYSTEM, "labels": {"app.kubernetes.io/part-of": "acmp"},
            "annotations": {key: text for key, text in notes.items() if text},
        },
        "data": {reach.KEY: base64.b64encode(yaml_reader.dump(dict(config)).encode()).decode()},
    })
    return {"kind": ends.kind, "issuedAt": ends.issued_at, "expiresAt": ends.expires_at}


def exchange(home: Kube, kube: Kube, cluster: str, seconds: int, ctx: Context) -> dict[str, Any]:
    """A new token of the service account in the place of the stored credential; returns what Cluster.status says of it.

    The new one is tried before it is stored, and the old one ended when the new one is in its place: whenever this is interrupted, the stored one works.
    """
    with held(home, cluster, ctx) as lease:
        old = kept(home, cluster)
        bound = old.bound if old else ""
        config, token = of_account(kube, cluster, seconds, bound, ctx)
        lease.check()
        status = store(home, cluster, config, token.bound)
        if bound and bound != token.bound:
            service_account.revoke(reach.to_cluster(config, ctx), roles.SYSTEM, bound)
    return status


def keep_given(home: Kube, kube: Kube, cluster: str, config: Mapping[str, Any], ctx: Context) -> dict[str, Any]:
    """A given kubeconfig in the place of the stored credential, whose token is ended; returns what Cluster.status says of it."""
    with held(home, cluster, ctx) as lease:
        old = kept(home, cluster)
        lease.check()
        status = store(home, cluster, config)
        if old and old.bound:
            service_account.revoke(kube, roles.SYSTEM, old.bound)
    return status


def works(config: Mapping[str, Any], ctx: Context) -> bool:
    """Whether a stored token of the platform's account still opens its cluster, which answers; what somebody else put into its place does not."""
    left = kubeconfigs.days_left(kubeconfigs.expiry(config).expires_at)
    if left is not None and left <= 0:
        return False
    try:
        reach.to_cluster(config, ctx).version()
    except (Unauthorized, InputError):
        return False
    return True
