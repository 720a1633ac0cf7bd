# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module acmp_instance_info answers."""

from __future__ import annotations

from typing import Any

from ..context import Context
from . import instances, table


def give(options: dict, act_as: dict | None, query: dict, ctx: Context) -> dict[str, Any]:
    """changed (never), instances, table, hint where there is none; with query.watch also watched and settled. Raises as instances.info()."""
    known = instances.Known()
    if query.get("watch") is not None:
        from . import watch

        found = watch.watch(options, act_as, query, ctx, known)
    else:
        found = {"instances": instances.info(options, act_as, query, ctx, known)}
    hint = {} if found["instances"] else {"hint": instances.hint(query, known)}
    parts = instances.PARTS if query.get("watch") is not None else instances.wanted_parts(query)
    return {"changed": False, **found, "table": table.render(found["instances"], bool(query.get("name")), parts), **hint}
