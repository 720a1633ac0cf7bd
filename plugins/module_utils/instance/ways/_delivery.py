# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which way an instance is brought about: as a Helm release, or object by object."""

from __future__ import annotations

from collections.abc import Mapping


def of(spec: Mapping):
    """The file that knows the way; spec: of a Package or an Instance. Both have the same functions, _by_helm.py documents them."""
    if spec.get("templateType", "helm") == "helm":
        from . import _by_helm

        return _by_helm
    from . import _by_manifests

    return _by_manifests


def deployed(kube, request, thought, ctx) -> list[dict]:
    """The objects that were deployed last, as they were given to the API; [] where there are none."""
    if thought.wanted.entry.spec.get("templateType", "helm") != "helm":
        return of(thought.wanted.entry.spec).deployed(kube, request, thought, ctx)
    # Read here, because a look at drift alone is better off without all that renders and deploys.
    from ...helm import releases

    heads = thought.seen.heads
    head = releases.latest([head for head in heads if head.status == "deployed"] or [head for head in heads if head.status == "superseded"])
    return releases.read(kube, request.namespace, head.name, head.revision).objects() if head else []
