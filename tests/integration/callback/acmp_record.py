# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes every task result as a line of JSON into the file $ACMP_RECORD, so that tests read data and not a terminal."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: acmp_record
type: notification
short_description: every task result as a line of JSON
description: [For tests only.]
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "acmp_record"
    CALLBACK_NEEDS_ENABLED = True

    def _note(self, result, outcome, item):
        task = getattr(result, "task", None) or result._task
        data = dict(getattr(result, "result", None) or result._result)
        if not item and "results" in data and task.loop:
            return
        line = {"task": task.get_name().rpartition(" : ")[2], "outcome": outcome, "item": item, "data": data}
        with open(os.environ["ACMP_RECORD"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result):
        self._note(result, "ok", False)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._note(result, "failed", False)

    def v2_runner_on_unreachable(self, result):
        self._note(result, "unreachable", False)

    def v2_runner_on_skipped(self, result):
        self._note(result, "skipped", False)

    def v2_runner_item_on_ok(self, result):
        self._note(result, "ok", True)

    def v2_runner_item_on_failed(self, result):
        self._note(result, "failed", True)
