# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that imports third-party packages, so that a missing one is reported and never a traceback."""

from __future__ import annotations

import traceback

MISSING: dict[str, str] = {}

try:
    import yaml
except ImportError:
    yaml = None
    MISSING["PyYAML"] = traceback.format_exc()

try:
    import kubernetes
    import kubernetes.client
    import kubernetes.config
    from kubernetes.config import kube_config
except ImportError:
    kubernetes = None
    kube_config = None
    MISSING["kubernetes"] = traceback.format_exc()

try:
    import urllib3
except ImportError:
    urllib3 = None
    MISSING["urllib3"] = traceback.format_exc()

try:
    import jsonschema
except ImportError:
    jsonschema = None
    MISSING["jsonschema"] = traceback.format_exc()

try:
    import semantic_version
except ImportError:
    semantic_version = None
    MISSING["semantic_version"] = traceback.format_exc()


def auth_argument_spec() -> dict:
    """kubernetes.core's connection options, so that its documentation, variables and defaults are ours too."""
    try:
        from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
    except ImportError:
        MISSING.setdefault("kubernetes.core (a collection)", traceback.format_exc())
        return {}
    return {name: dict(option) for name, option in AUTH_ARG_SPEC.items()}
