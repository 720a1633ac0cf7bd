# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of plugins that are no task and only read: connection options checked as a module's, failures as one sentence."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.acmp.middleware.plugins.module_utils import interface
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError

Work = Callable[[dict, dict | None, Context], dict]


def names() -> list[str]:
    """The options that say how to connect and as whom."""
    return sorted(interface.argument_spec())


def checked(spec: dict, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of options as a module would get them; raises InputError naming the wrong ones."""
    result = ArgumentSpecValidator(spec).validate(interface.plain(dict(given)))
    if result.error_messages:
        raise InputError(f"Invalid options: {'; '.join(remove_values(result.error_messages, result._no_log_values))}", todo="correct them")
    return result.validated_parameters


def outcome(work: Work, given: Mapping[str, Any], failure: type[Exception]) -> dict[str, Any]:
    """What work(connection options, act_as, ctx) returns, secrets masked; its ``warnings`` are those of the run.

    given: values of the options in names(). Raises InputError for those, else ``failure`` with what, where and what to do; Ctrl-C stays Ctrl-C.
    """
    params = checked(interface.argument_spec(), given)

    def run(params, ctx):
        return work(interface.connection_options(params), params["act_as"], ctx)

    result = interface.execute(run, params, Context(env=dict(os.environ)))
    if not result.get("failed"):
        return result
    if result.get("error", {}).get("reason") == "Interrupted":
        raise KeyboardInterrupt
    raise failure(result["msg"])
