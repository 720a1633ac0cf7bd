# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that imports third-party packages, so that a missing one is reported and never a traceback."""

from __future__ import annotations

import traceback

from .errors import AcmpError

__all__ = ["MISSING", "auth_argument_spec", "semantic_version", "urllib3", "yaml"]

MISSING: dict[str, str] = {}

try:
    import yaml
except ImportError:
    yaml = None
    MISSING["PyYAML"] = traceback.format_exc()

try:
    import urllib3
except ImportError:
    urllib3 = None
    MISSING["urllib3"] = traceback.format_exc()

try:
    import semantic_version
except ImportError:
    semantic_version = None
    MISSING["semantic_version"] = traceback.format_exc()


def _jsonschema():
    import jsonschema
    return jsonschema


def _kubernetes():
    import kubernetes.client
    import kubernetes.config
    import kubernetes.config.exec_provider
    return kubernetes


def _kube_config():
    from kubernetes.config import kube_config
    return kube_config


def _markdown_it():
    import markdown_it
    return markdown_it


def _promql_parser():
    import promql_parser
    return promql_parser


# A third of a second together, and most tasks need none: a plain kubeconfig has no plugin, an unchanged instance no check.
_AT_FIRST_USE = {
    "jsonschema": ("jsonschema", _jsonschema),
    "kubernetes": ("kubernetes", _kubernetes),
    "kube_config": ("kubernetes", _kube_config),
    "markdown_it": ("markdown-it-py", _markdown_it),
    "promql_parser": ("promql-parser", _promql_parser),
}


def __getattr__(name: str):
    """Imports a library at its first use; AcmpError where it is missing."""
    if name not in _AT_FIRST_USE:
        raise AttributeError(name)
    library, load = _AT_FIRST_USE[name]
    try:
        globals()[name] = load()
    except ImportError:
        raise AcmpError(f"The Python library {library} is missing", todo=f"install {library} for the Python that runs the task") from None
    return globals()[name]


def auth_argument_spec() -> dict:
    """kubernetes.core's connection options, so that its documentation, variables and defaults are ours too."""
    try:
        from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
    except ImportError:
        MISSING.setdefault("kubernetes.core (a collection)", traceback.format_exc())
        return {}
    return {name: dict(option) for name, option in AUTH_ARG_SPEC.items()}
