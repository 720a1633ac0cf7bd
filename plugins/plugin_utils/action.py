# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one base of the action plugins: the module's own run(), inside the worker that Ansible forked already."""

from __future__ import annotations

import os

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.acmp.middleware.plugins.plugin_utils import bytecode

bytecode.use_cache()

from ansible_collections.acmp.middleware.plugins.module_utils import interface  # noqa: E402
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context  # noqa: E402

# Options that take a path or, in its place, the content itself: several lines, or JSON.
_PLACES = ("kubeconfig", "cluster_kubeconfig", "cluster_ca")
_VALIDATOR_KEYS = ("mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by")


class AcmpAction(ActionBase):
    """Runs MODULE.run() in-process where that gives the same result, else MODULE as a module."""

    MODULE = None

    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True
    _supports_async = True

    def run(self, tmp=None, task_vars=None):
        task_vars = task_vars or {}
        result = super().run(tmp, task_vars)
        if not self._in_process(task_vars):
            result.update(self._execute_module(module_args=self._with_places(), task_vars=task_vars, wrap_async=self._task.async_val))
            return result
        display = Display()
        params, no_log_values = self._validated(display)
        ctx = Context(
            env=self._environment(),
            check_mode=bool(self._task.check_mode),
            diff=bool(self._task.diff),
            progress=self._printer(display),
        )
        outcome = interface.execute(self.MODULE.run, params, ctx)
        result.update(remove_values(outcome, no_log_values))
        return result

    def _in_process(self, task_vars) -> bool:
        if self._task.async_val or self._play_context.become:
            return False
        if getattr(self._connection, "transport", "local") != "local":
            return False
        wish = task_vars.get("acmp_in_process", True)
        return boolean(self._templar.template(wish), strict=False)

    def _with_places(self) -> dict:
        """The arguments, relative paths as seen from where ansible-playbook was started: a module on this machine starts in the playbook's folder."""
        given = dict(self._task.args)
        if getattr(self._connection, "transport", "local") != "local":
            return given
        spec = self.MODULE.SPEC["argument_spec"]
        for name, value in given.items():
            option = spec.get(name, {})
            if option.get("type") == "path" or name in _PLACES:
                given[name] = _absolute(value, command=name == "helm_binary")
            elif option.get("elements") == "path" and value is not None:
                given[name] = [_absolute(item) for item in (value if isinstance(value, list) else str(value).split(","))]
        return given

    def _validated(self, display):
        spec = self.MODULE.SPEC
        validator = ArgumentSpecValidator(spec["argument_spec"], **{key: spec[key] for key in _VALIDATOR_KEYS if key in spec})
        checked = validator.validate(interface.plain(self._task.args))
        if checked.error_messages:
            text = "; ".join(remove_values(checked.error_messages, checked._no_log_values))
            raise AnsibleActionFail(f"Invalid options for {self._fqcn()}: {text}")
        for item in checked._deprecations:
            display.deprecated(item["msg"], version=item.get("version"), date=item.get("date"), collection_name=item.get("collection_name"))
        for item in checked._warnings:
            display.warning(f"Both option {item['option']} and its alias {item['alias']} are set.")
        return checked.validated_parameters, checked._no_log_values

    def _fqcn(self) -> str:
        return "acmp.middleware." + self.MODULE.__name__.rsplit(".", 1)[-1]

    def _environment(self) -> dict[str, str]:
        # The task's environment: keyword is not in os.environ, and without it a task would work on the wrong cluster.
        own: dict = {}
        self._compute_environment_string(own)
        return {**os.environ, **{key: str(value) for key, value in own.items()}}

    def _printer(self, display):
        if self._task.no_log:
            return lambda line: None
        return lambda line: display.display(f"    {line}")


def _absolute(value, command: bool = False):
    # A command without a slash is searched on PATH; ~ and $HOME are the module's to expand.
    if not isinstance(value, str) or not value or value.startswith(("/", "~", "$", "{")) or "\n" in value or command and "/" not in value:
        return value
    return os.path.join(os.getcwd(), value)
