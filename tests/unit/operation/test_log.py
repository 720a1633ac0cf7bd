# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations of runs that died."""

from __future__ import annotations

from ansible_collections.acmp.middleware.plugins.module_utils.operation.log import close_stale


def test_operations_of_dead_runs_are_closed_and_the_running_one_is_not():
    closed = []

    class Records:
        def list(self, *_words, **_options):
            return [{"metadata": {"name": name}, "status": {"phase": phase}} for name, phase in (("dead", "Running"), ("done", "Failed"), ("own", "Running"))]

        def patch_status(self, _api, _kind, name, _namespace, _status):
            closed.append(name)

    close_stale(Records(), "shop", "x=y", "own")
    assert closed == ["dead"]
