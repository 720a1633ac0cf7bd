# shellcheck shell=bash
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The interpreter of the tools themselves. They use the standard library only, so the system's own one comes first:
# it starts ten times faster than a version manager's shim.
tool_python() {
    local candidate
    for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
        if "${candidate}" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "${candidate}"
            return 0
        fi
    done
    echo "tests/tools: no Python 3.11 or newer was found. Install one (Debian: apt-get install python3 python3-venv)." >&2
    return 1
}
