# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module of the same name, run in-process."""

from __future__ import annotations

from ansible_collections.acmp.middleware.plugins.plugin_utils.action import AcmpAction

# isort: split
from ansible_collections.acmp.middleware.plugins.modules import acmp_instance_config_info


class ActionModule(AcmpAction):
    MODULE = acmp_instance_config_info
