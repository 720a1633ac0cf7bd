# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The platform's own kinds as CustomResourceDefinitions."""

from __future__ import annotations

from ..api import GROUP, VERSION
from . import _schemas

# Raised with every change of a schema; a cluster that records a higher one was set up by a newer collection.
SCHEMA = 3

# kind: plural, short name, scope, schema, printer columns (name, JSON path, type)
_KINDS = {
    "Package": ("packages", "acmppkg", "Namespaced", _schemas.PACKAGE, (
        ("Package", ".spec.name", "string"), ("Version", ".spec.version", "string"), ("App", ".spec.appVersion", "string"),
        ("Mode", ".spec.mode", "string"), ("Phase", ".status.phase", "string"), ("Age", ".metadata.creationTimestamp", "date"))),
    "Instance": ("instances", "acmpi", "Namespaced", _schemas.INSTANCE, (
        ("Package", ".spec.package", "string"), ("Version", ".spec.version", "string"), ("Type", ".spec.type", "string"),
        ("Phase", ".status.phase", "string"), ("Revision", ".status.revision", "integer"), ("Age", ".metadata.creationTimestamp", "date"))),
    "InstanceRevision": ("instancerevisions", "acmprev", "Namespaced", _schemas.REVISION, (
        ("Instance", ".spec.instance", "string"), ("Revision", ".spec.revision", "integer"), ("Version", ".spec.version", "string"),
        ("Ready", ".status.ready", "boolean"), ("Age", ".metadata.creationTimestamp", "date"))),
    "Operation": ("operations", "acmpop", "Namespaced", _schemas.OPERATION, (
        ("Instance", ".spec.instance", "string"), ("Verb", ".spec.verb", "string"), ("Phase", ".status.phase", "string"),
        ("Message", ".status.message", "string"), ("Age", ".metadata.creationTimestamp", "date"))),
    "Cluster": ("clusters", "acmpcl", "Cluster", _schemas.CLUSTER, (
        ("Phase", ".status.phase", "string"), ("Version", ".status.version", "string"), ("Ready", ".status.nodes.ready", "integer"),
        ("Nodes", ".status.nodes.total", "integer"), ("Expires", ".status.credential.expiresAt", "string"), ("Server", ".spec.server", "string"),
        ("Observed", ".status.observedAt", "date"))),
    "Project": ("projects", "acmpprj", "Cluster", _schemas.PROJECT, (
        ("Description", ".spec.description", "string"), ("Age", ".metadata.creationTimestamp", "date"))),
}

KINDS = tuple(_KINDS)
# What a registered cluster needs: packages, clusters and projects are recorded on the management cluster alone.
WORKLOAD_KINDS = ("Instance", "InstanceRevision", "Operation")


def definitions(kinds: tuple[str, ...] = KINDS) -> list[dict]:
    """The CustomResourceDefinitions of the platform's kinds."""
    return [_definition(kind) for kind in kinds]


def _definition(kind: str) -> dict:
    plural, short, scope, schema, columns = _KINDS[kind]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}", "labels": {"app.kubernetes.io/part-of": "acmp"}},
        "spec": {
            "group": GROUP,
            "scope": scope,
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower(), "shortNames": [short], "categories": ["acmp"]},
            "versions": [{
                "name": VERSION, "served": True, "storage": True, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": schema},
                "additionalPrinterColumns": [{"name": name, "jsonPath": path, "type": type_} for name, path, type_ in columns],
            }],
        },
    }
