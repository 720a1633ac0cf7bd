# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The platform's own objects on a cluster: custom resources, namespaces, roles, and the record of their version."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from ..api import API_VERSION, GROUP
from ..context import Context
from ..errors import AcmpError, CatalogError, InputError, NotFound
from ..kube import waves
from ..kube.connect import connect
from ..kube.objects import label
from ..version import COLLECTION
from . import _guard, _tick_job, custom_resources, roles

LOCAL = "local"
DEFAULT_PROJECT = "default"
_RECORD = "acmp-platform"
_TOUCH_SECONDS = 3.0


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Installs, upgrades or removes the platform's objects on the management cluster.

    params: state, confirm, single_cluster (None keeps what is recorded), tick ({state, image, schedule}; None keeps the CronJob as it is).
    Refuses a cluster that a newer collection set up, one cluster where more are registered, and removal while instances exist, clusters are registered,
    or nothing is confirmed.
    Returns changed, actions, diff and ``platform``.
    """
    tick = _tick_objects(params.get("tick"))
    kube = connect(options, ctx, act_as)
    absent = params["state"] == "absent"
    # Managers may look at all of it, and would be stopped somewhere on the way.
    kube.require(
        "delete" if absent else "patch", "apiextensions.k8s.io", "customresourcedefinitions", to=f"{'remove' if absent else 'set up'} the platform")
    before = _recorded(kube)
    if absent:
        return _remove(kube, before, params.get("confirm"), ctx)
    _check_single(kube, params.get("single_cluster"))
    record = _record(before, params.get("single_cluster"))
    unwanted = _present(kube, _tick_job.cron_job("none")) if tick == [] else []
    planned = _plan(kube, [*_objects(record), *_guards(kube, ctx), *(tick or [])], ctx)
    seeds = _missing_seeds(kube)
    changed = bool(planned or seeds or unwanted)
    if changed and not ctx.check_mode:
        ctx.progress(f"setting up {len(planned) + len(seeds) + len(unwanted)} objects of the platform {COLLECTION} on {kube.server}")
        _execute(kube, planned)
        for obj in seeds:
            kube.apply(obj)
        for obj in reversed(unwanted):
            kube.delete(obj["apiVersion"], obj["kind"], obj["metadata"]["name"], obj["metadata"].get("namespace"))
    return {
        "changed": changed,
        "actions": [*_actions(planned), *(f"create {label(obj)}" for obj in seeds), *(f"remove {label(obj)}" for obj in reversed(unwanted))],
        "diff": _diff(planned) if ctx.diff else [],
        "platform": {
            "version": COLLECTION, "schema": custom_resources.SCHEMA, "server": kube.server, "single_cluster": record["data"].get("single_cluster") == "true",
        },
    }


def install_workload(kube, ctx: Context) -> list[str]:
    """Installs or upgrades on a registered cluster what instances need there; returns the actions, in check mode without doing them.

    kube needs an administrator's rights. Refuses a cluster that a newer collection set up.
    """
    record = _record(_recorded(kube))
    planned = _plan(kube, [*custom_resources.definitions(custom_resources.WORKLOAD_KINDS), *roles.workload_objects(), *_guards(kube, ctx), record], ctx)
    if not ctx.check_mode:
        _execute(kube, planned)
    return _actions(planned)


def recorded_schema(kube) -> int | None:
    """The schema number a cluster was set up with, None where it was not. Raises AcmpError for a newer one than ours."""
    data = _recorded(kube)
    return None if data is None else int(data["schema"])


def single_cluster(kube) -> bool:
    """Whether the platform is kept to one cluster (§6.1.2)."""
    return (_recorded(kube) or {}).get("single_cluster") == "true"


def missing(kube) -> CatalogError:
    """What a task says where the platform's kinds are unknown."""
    return CatalogError("This cluster is not a middleware platform yet", where=kube.server, todo="run ansible-playbook acmp.middleware.setup, or acmp_setup")


def _is_leaving(live) -> bool:
    return bool(live and live["metadata"].get("deletionTimestamp"))


def _verb(outcome: waves.Outcome) -> str:
    return "change" if outcome.action == "changed" and not _is_leaving(outcome.live) else "create"


def _plan(kube, objects: list[dict], ctx: Context) -> list[waves.Outcome]:
    """What a dry run says has to be written, once what is being deleted from before is gone."""
    outcomes = waves.apply_all(kube, objects, dry_run=True)
    leaving = [outcome for outcome in outcomes if _is_leaving(outcome.live)]
    if leaving and not ctx.check_mode:
        ctx.progress(f"waiting for {len(leaving)} objects of an earlier platform that are being deleted")
        _wait_gone(kube, [outcome.object for outcome in leaving], ctx)
        outcomes, leaving = waves.apply_all(kube, objects, dry_run=True), []
    # What is going away is made again; what lives in it cannot even be tried before.
    planned = [outcome for outcome in outcomes if outcome.action != "unchanged" or outcome in leaving]
    for outcome in [] if leaving else planned:
        if outcome.error:
            raise outcome.error
    return planned


def _execute(kube, planned: list[waves.Outcome]) -> None:
    for outcome in waves.apply_all(kube, [outcome.object for outcome in planned]):
        if outcome.error:
            raise outcome.error


def _actions(planned: list[waves.Outcome]) -> list[str]:
    return [f"{_verb(outcome)} {label(outcome.object)}" for outcome in planned]


def _objects(record: dict) -> list[dict]:
    return [*custom_resources.definitions(), *roles.objects(), *roles.project_objects(DEFAULT_PROJECT), record]


def _record(before: dict | None, single: bool | None = None) -> dict:
    data = {"version": COLLECTION, "schema": str(custom_resources.SCHEMA)}
    kept = (before or {}).get("single_cluster") if single is None else str(single).lower()
    return {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": _RECORD, "namespace": roles.SYSTEM},
        "data": {**data, "single_cluster": kept} if kept else data,
    }


def _guards(kube, ctx: Context) -> list[dict]:
    """The policies that keep managers to their namespaces; none, and a warning, where the cluster serves no such thing."""
    try:
        kube.list(_guard.API, _guard.KIND, label_selector="app.kubernetes.io/part-of=acmp", metadata_only=True)
    except NotFound:
        ctx.warn(_guard.warning(kube.server))
        return []
    return _guard.objects()


def _tick_objects(tick: dict | None) -> list[dict] | None:
    """None: nothing was said; empty: there shall be none."""
    if tick is None:
        return None
    return _tick_job.cron_job(tick.get("image") or "", tick.get("schedule") or _tick_job.SCHEDULE) if tick.get("state") != "absent" else []


def _present(kube, objects: list[dict]) -> list[dict]:
    return [obj for obj in objects if _known(kube, obj)]


def _missing_seeds(kube) -> list[dict]:
    """Records that exist from the beginning; made once, and from then on their owners' to change."""
    seeds = [
        {"apiVersion": API_VERSION, "kind": "Cluster", "metadata": {"name": LOCAL},
         "spec": {"description": "The cluster the platform lives in", "source": "imported"}},
        {"apiVersion": API_VERSION, "kind": "Project", "metadata": {"name": DEFAULT_PROJECT},
         "spec": {"description": "What belongs to no other project"}},
    ]
    return [obj for obj in seeds if not _known(kube, obj)]


def _known(kube, obj: dict) -> bool:
    try:
        return _exists(kube, obj)
    except NotFound:
        return False


def _recorded(kube) -> dict | None:
    record = kube.get("v1", "ConfigMap", _RECORD, roles.SYSTEM)
    if record is None:
        return None
    data = record.get("data", {})
    schema = int(data.get("schema", 0)) if str(data.get("schema", "0")).isdigit() else 0
    if schema > custom_resources.SCHEMA:
        raise AcmpError(
            f"This cluster was set up by acmp.middleware {data.get('version')}, whose records are newer than {COLLECTION} can read",
            where=f"{kube.server}, ConfigMap {roles.SYSTEM}/{_RECORD}", todo="install that version of the collection or a newer one",
        )
    return data


def _diff(planned: list[waves.Outcome]) -> list[dict]:
    return [
        {
            "before_header": label(outcome.object), "after_header": label(outcome.object),
            "before": "" if outcome.action == "created" else {}, "after": outcome.object,
        }
        for outcome in planned
    ]


def _remove(kube, recorded: dict | None, confirm: str | None, ctx: Context) -> dict[str, Any]:
    definitions = [kube.get(item["apiVersion"], item["kind"], item["metadata"]["name"]) for item in custom_resources.definitions()]
    inside = ("CustomResourceDefinition", "ConfigMap", "Role", "RoleBinding", "ServiceAccount", "CronJob")
    objects = [*_objects(_record(recorded)), *_tick_job.cron_job("none")]
    present = [obj for obj in objects if obj["kind"] not in inside and _exists(kube, obj)]
    present += [*_project_spaces(kube), *_present(kube, _guard.objects())]
    present += [item for item in definitions if item is not None]
    if not present:
        return {"changed": False, "actions": [], "diff": [], "platform": None}
    instances = _instances(kube)
    if instances:
        raise InputError(
            f"{len(instances)} instances still exist, and removing the platform would make the cluster forget them",
            where=", ".join(instances[:10]), todo="remove them first (state: absent, delete_policy: wipe)",
        )
    others = _registered(kube)
    if others:
        raise InputError(
            f"T{_clusters(others)[1:]} still registered, and the platform's service account would keep its rights there", where=kube.server,
            todo=f"remove {'it' if len(others) == 1 else 'each'} first: ansible-playbook acmp.middleware.cluster_remove -e acmp_cluster={others[0]}",
            details={"clusters": others})
    if confirm != "acmp":
        raise InputError(
            "Removing the platform deletes every package of the catalog and forgets projects and clusters", where=kube.server, todo="say confirm: acmp")
    actions = [f"remove {label(obj)}" for obj in present]
    if not ctx.check_mode:
        # A namespace cannot tell what it still holds while kinds disappear, and starts its waiting over.
        for definition in (False, True):
            part = [obj for obj in present if (obj["kind"] == "CustomResourceDefinition") == definition]
            for obj in part:
                kube.delete(obj["apiVersion"], obj["kind"], obj["metadata"]["name"])
            _wait_gone(kube, part, ctx)
    return {"changed": True, "actions": actions, "diff": [], "platform": None}


def _check_single(kube, single: bool | None) -> None:
    """Raises InputError where the platform shall be kept to one cluster and has more."""
    others = _registered(kube) if single else []
    if len(others) > 1:
        raise InputError(
            f"The platform cannot be kept to one cluster: {_clusters(others)} registered", where="single_cluster",
            todo="remove all but one of them first (ansible-playbook acmp.middleware.cluster_remove -e acmp_cluster=NAME)", details={"clusters": others})


def _clusters(names: list[str]) -> str:
    return f"the cluster {names[0]} is" if len(names) == 1 else f"the clusters {', '.join(names)} are"


def _registered(kube) -> list[str]:
    """The registered clusters beside the local one."""
    try:
        found = kube.list(API_VERSION, "Cluster", metadata_only=True)
    except NotFound:
        return []
    return sorted(item["metadata"]["name"] for item in found if item["metadata"]["name"] != LOCAL)


def _project_spaces(kube) -> list[dict]:
    known = {roles.project_space(DEFAULT_PROJECT)}
    found = kube.list("v1", "Namespace", label_selector=f"{roles.PROJECT_LABEL},app.kubernetes.io/part-of=acmp", metadata_only=True)
    return [item for item in found if item["metadata"]["name"].startswith(roles.project_space("")) and item["metadata"]["name"] not in known]


def _exists(kube, obj: dict) -> bool:
    meta = obj["metadata"]
    return kube.get(obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace")) is not None


def _instances(kube) -> list[str]:
    try:
        found = kube.list(API_VERSION, "Instance", metadata_only=True)
    except NotFound:
        return []
    return sorted(f"{item['metadata']['namespace']}/{item['metadata']['name']}" for item in found)


def _wait_gone(kube, objects: list[dict], ctx: Context, timeout: float = 120.0) -> None:
    began = ctx.clock()
    touch = began + _TOUCH_SECONDS
    left = list(objects)
    while left:
        left = [obj for obj in left if _exists(kube, obj)]
        passed = ctx.clock() - began
        if left and passed > timeout:
            raise AcmpError(
                f"{len(left)} objects of the platform are still being deleted after {timeout:.0f} s", where=", ".join(map(label, left)),
                todo=f"look for finalizers: kubectl get namespaces,crd -l app.kubernetes.io/part-of=acmp ({GROUP})",
            )
        if left and ctx.clock() > touch:
            touch += _TOUCH_SECONDS
            _touch_definitions(kube, left, passed)
        if left:
            time.sleep(0.3)


def _touch_definitions(kube, objects: list[dict], passed: float) -> None:
    """Asks the API server to clean up again after definitions that are being deleted.

    Asked within a moment of its first serving a kind it fails ("storage is (re)initializing"), and may then forget the definition until its
    next resync, minutes later; a change of it is looked at at once.
    """
    for obj in objects:
        if obj["kind"] == "CustomResourceDefinition":
            body = {"metadata": {"annotations": {f"{GROUP}/deletion-waits": f"{passed:.0f}s"}}}
            with contextlib.suppress(NotFound):
                kube.patch(obj["apiVersion"], obj["kind"], obj["metadata"]["name"], None, body)
