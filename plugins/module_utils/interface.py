# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one base of all modules: common options, and how a run becomes a result, in a module as well as in-process."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from . import _deps
from .context import Context
from .errors import AcmpError, Interrupted
from .terminal import readable

_FORMS = ("cluster_kubeconfig", "document", "pull_secret", "secret_values", "settings", "values")

Run = Callable[[dict, Context], dict]


def argument_spec(**own: Any) -> dict[str, Any]:
    """A module's own options beside those of the connection (kubernetes.core's names) and ``act_as``."""
    auth = _deps.auth_argument_spec()
    if "kubeconfig" in auth:
        # A path is no secret and an error has to show it; secrets inside a mapping are masked by structure.
        auth["kubeconfig"]["no_log"] = False
    act_as = {"type": "dict", "options": {"user": {"type": "str", "required": True}, "groups": {"type": "list", "elements": "str"}}}
    return {**auth, "act_as": act_as, **own}


def connection_options(params: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a run that say how to reach the management cluster."""
    return {name: params.get(name) for name in _deps.auth_argument_spec()}


def plain(value: Any) -> Any:
    """Arguments as plain JSON data: without tags, vault wrappers and dates, which YAML dumpers refuse."""
    return json.loads(json.dumps(value, default=str))


@contextmanager
def _interruptible(ctx: Context):
    """Turns the first SIGINT or SIGTERM into Interrupted, so that helm, lease and scratch files are cleaned up.

    Without it no ``finally`` runs in-process on Ctrl-C. A second signal during the clean-up is ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number, _frame):
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        ctx.stopping.set()
        raise Interrupted(signal.Signals(number).name)

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def masked(value: Any, ctx: Context) -> Any:
    """The same data with every registered secret replaced, in keys and texts; other types stay as they are."""
    if isinstance(value, str):
        return ctx.secrets.mask(value)
    if isinstance(value, Mapping):
        return {masked(key, ctx): masked(item, ctx) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item, ctx) for item in value]
    return value


def execute(run: Run, params: dict, ctx: Context) -> dict:
    """Runs one noun function; every failure, a defect included, comes back as a failed result without a traceback."""
    if _deps.MISSING:
        name, trace = next(iter(_deps.MISSING.items()))
        return {"failed": True, "msg": missing_required_lib(name), "exception": trace}
    params = plain(params)
    speak = ctx.progress
    ctx.progress = lambda line: speak(readable(ctx.secrets.mask(line)))
    ctx.secrets.add_kubeconfig(params.get("kubeconfig"))
    for name in ("api_key", "password"):
        ctx.secrets.add(params.get(name))
    try:
        with _interruptible(ctx):
            result = run(params, ctx)
    except AcmpError as error:
        result = error.to_result()
    except Interrupted as signal_name:
        result = {
            "failed": True,
            "msg": f"Stopped by {signal_name}. To do: run the same task again, it continues where this one ended.",
            "error": {"reason": "Interrupted", "what": f"Stopped by {signal_name}", "where": "", "todo": "run the same task again"},
        }
    except Exception as error:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place else ""
        result = AcmpError(
            f"A defect of acmp.middleware: {type(error).__name__}: {error}", where=where, todo="please report it with this message and the task",
        ).to_result()
    result.setdefault("changed", False)
    if ctx.warnings:
        result["warnings"] = [*result.get("warnings", []), *ctx.warnings]
    # Masked first: a secret may hold such letters, too.
    result = masked(result, ctx)
    shown = {"warnings": [readable(str(text)) for text in result.get("warnings", [])], "msg": readable(str(result.get("msg")))}
    return {**result, **{name: value for name, value in shown.items() if name in result}}


def _without_forms(params: Mapping[str, Any]) -> dict[str, Any]:
    """The options without those that may hold passwords anywhere, also in the entries of a list."""
    return {
        name: [_without_forms(item) if isinstance(item, Mapping) else item for item in value] if isinstance(value, list) else value
        for name, value in params.items() if name not in _FORMS
    }


def run_module(spec: dict, run: Run) -> None:
    """main() of every module: ``spec`` holds AnsibleModule's own arguments."""
    # no_log here keeps arguments out of the target's syslog; options that carry secrets are marked one by one.
    module = AnsibleModule(no_log=True, **spec)
    ctx = Context(env=dict(os.environ), check_mode=module.check_mode, diff=module._diff)
    result = execute(run, module.params, ctx)
    module.no_log_values.update(ctx.secrets.values())
    # What Ansible shows at -vvv: a form may hold passwords, and which of its fields do is known only once the package was read.
    result["invocation"] = {"module_args": _without_forms(module.params)}
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
