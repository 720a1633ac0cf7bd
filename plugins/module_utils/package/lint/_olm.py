# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OLM's formats (manual 7.2.5.2): which files of a package are installed, and what OLM makes of a ClusterServiceVersion."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ...errors import PackageError
from .. import yaml_reader
from ..model._fields import shown
from ..model._raw import MANIFESTS
from ..tree import FileTree
from ._layer import Placed
from ._objects import REASON, annotation, get, group, kind, mapping, maps

CSV = "ClusterServiceVersion"
_WEBHOOKS = {"ValidatingAdmissionWebhook": "ValidatingWebhookConfiguration", "MutatingAdmissionWebhook": "MutatingWebhookConfiguration"}
_NAME = re.compile(rb"^ {2}name:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_KIND = re.compile(rb"^kind:\s*[\"']?ClusterServiceVersion\b", re.MULTILINE)


def files(tree: FileTree, root: str) -> list[str]:
    """Paths of the manifests of a bundle, or of the default channel's version of a package; of all versions where that cannot be told."""
    prefix = f"{root}/" if root else ""
    if f"{prefix}metadata/annotations.yaml" in tree:
        return [path for path in tree if path.startswith(f"{prefix}manifests/") and path.endswith(MANIFESTS)]
    inside = [path for path in tree if path.startswith(prefix) and path.endswith(MANIFESTS) and "/" in path[len(prefix):]]
    wanted = _current(tree, root)
    for path in inside:
        if wanted and _KIND.search(tree[path]) and wanted in _NAME.findall(tree[path]):
            folder = posixpath.dirname(path) + "/"
            return [path for path in inside if path.startswith(folder)]
    return inside


def made(placed: Placed) -> Iterator[Placed]:
    """What OLM makes of a ClusterServiceVersion: Deployments, the rights of their accounts, webhooks. Nothing for other objects.

    They stand inside the document (base); a written reason on the ClusterServiceVersion is theirs too.
    """
    csv = placed.object
    if kind(csv) != CSV or not group(csv).startswith("operators."):
        return
    reason = annotation(csv, REASON)
    inside = ("spec", "install", "spec")

    def part(version: str, what: str, name: object, rest: dict, *steps: object) -> Placed:
        metadata = {"name": name, **({"annotations": {REASON: reason}} if reason else {})}
        return Placed({"apiVersion": version, "kind": what, "metadata": metadata, **rest}, placed.path, placed.document, (*placed.base, *steps))

    for index, item in maps(get(csv, *inside, "deployments")):
        yield part("apps/v1", "Deployment", item.get("name"), {"spec": item.get("spec")}, *inside, "deployments", index)
    for key, role in (("permissions", "Role"), ("clusterPermissions", "ClusterRole")):
        for index, item in maps(get(csv, *inside, key)):
            account = item.get("serviceAccountName")
            name = f"of {shown(account)}"
            reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": name}
            subjects = [{"kind": "ServiceAccount", "name": account}]
            yield part("rbac.authorization.k8s.io/v1", role, name, {"rules": item.get("rules")}, *inside, key, index)
            yield part("rbac.authorization.k8s.io/v1", f"{role}Binding", name, {"roleRef": reference, "subjects": subjects}, *inside, key, index)
    for index, item in maps(get(csv, "spec", "webhookdefinitions")):
        what = _WEBHOOKS.get(str(item.get("type")))
        if what:
            webhook = {**item, "name": item.get("generateName")}
            yield part("admissionregistration.k8s.io/v1", what, item.get("generateName"), {"webhooks": [webhook]}, "spec", "webhookdefinitions", index)


def _current(tree: FileTree, root: str) -> bytes:
    """The name of the default channel's ClusterServiceVersion, empty where it is not told."""
    prefix = f"{root}/" if root else ""
    name = next((name for name in tree.children(root)[0] if name.endswith(("package.yaml", "package.yml"))), "")
    try:
        data = mapping(yaml_reader.load(tree[prefix + name], prefix + name)) if name else {}
    except PackageError:
        return b""
    channels = [item for _index, item in maps(data.get("channels"))]
    chosen = [item for item in channels if item.get("name") == data.get("defaultChannel")] or channels[:1]
    current = chosen[0].get("currentCSV") if chosen else None
    return current.encode() if isinstance(current, str) else b""
