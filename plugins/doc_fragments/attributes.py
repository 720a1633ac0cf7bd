# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What all modules of the collection support."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Predicts exactly what the run does, and writes nothing.
    support: full
  diff_mode:
    description: Returns what changes, with secrets masked.
    support: full
  async:
    description: Can be run with the C(async) keyword. It then runs as a module.
    support: full
  action_group:
    description: Use C(group/acmp.middleware.acmp) in C(module_defaults) to set the connection once.
    support: full
    membership:
      - acmp.middleware.acmp
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Changes nothing, in check mode or not.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: N/A
  async:
    description: Can be run with the C(async) keyword. It then runs as a module.
    support: full
  action_group:
    description: Use C(group/acmp.middleware.acmp) in C(module_defaults) to set the connection once.
    support: full
    membership:
      - acmp.middleware.acmp
"""
