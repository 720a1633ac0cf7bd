# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception users see: what went wrong, where, and what to do."""


class ClusterError(Exception):
    """One sentence that says what, where and what to do; `detail` is shown below it (a log tail, a command's output)."""

    def __init__(self, message, detail=""):
        super().__init__(message)
        self.detail = detail.strip()


def tail(path, lines=15):
    """The last lines of a log, for an error's detail; empty when there is no such file."""
    try:
        with open(path, "rb") as handle:
            handle.seek(0, 2)
            handle.seek(max(0, handle.tell() - 20000))
            return "\n".join(handle.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
