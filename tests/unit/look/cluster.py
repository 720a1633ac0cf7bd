# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster of one namespace that counts what it is asked."""

from __future__ import annotations

from types import SimpleNamespace

from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Forbidden, NotFound
from ansible_collections.acmp.middleware.plugins.module_utils.look import instances
from ansible_collections.acmp.middleware.plugins.module_utils.instance.places import Local

from . import samples


class Kube:
    """A cluster of one namespace that counts what it is asked."""

    server = "https://x"

    def __init__(self, *objects: dict, text: str = "a line\n") -> None:
        self.objects, self.asked, self.closed, self.text, self.use = list(objects), [], set(), text, None

    def list(self, _api, kind, namespace=None, **_options):
        self.asked.append(("list", kind))
        if kind in self.closed:
            raise Forbidden("You may not")
        return [item for item in self.objects if item["kind"] == kind and namespace in (None, item["metadata"].get("namespace"))]

    def get(self, _api, kind, name, namespace=None, **_options):
        self.asked.append(("get", kind))
        if kind in self.closed:
            raise Forbidden("You may not")
        return next((item for item in self.objects if item["kind"] == kind and item["metadata"]["name"] == name), None)

    def raw(self, _verb, path, **_options):
        self.asked.append(("raw", path))
        if self.use is None:
            raise NotFound("There is no metrics-server")
        return SimpleNamespace(json=lambda: self.use)

    def logs(self, pod, _namespace, container, tail, previous):
        self.asked.append(("logs", pod, container, tail, previous))
        return self.text if isinstance(self.text, str) else self.text(tail, previous)


def kind(what: str, item: dict) -> dict:
    return {**item, "kind": what}


def owned(name: str = "one") -> list[dict]:
    """An instance of a Deployment with its pod and Service."""
    return [
        kind("Instance", samples.record(name, (("Deployment", name), ("Service", name)))), samples.controller(name=name),
        kind("ReplicaSet", {"metadata": samples.meta(f"{name}-5c", ("Deployment", name))}), samples.pod(f"{name}-5c-x", ("ReplicaSet", f"{name}-5c")),
        samples.service(name),
    ]


def look(kube, ctx=None, **query) -> list[dict]:
    return instances.at(Local(kube, kube), {"namespace": "shop", **query}, ctx or Context())
