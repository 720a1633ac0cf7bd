# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: which way Helm has to go from the newest revision it left."""

from __future__ import annotations

from collections.abc import Sequence

from ...helm import revisions
from ...helm.revisions import Head

_DEAD = ("pending-upgrade", "pending-rollback", "pending-install")


def way(heads: Sequence[Head]) -> tuple[str, str]:
    """Pure: (healing, release) for what Helm has; the caller holds the lease, so a pending revision is a dead one.

    healing: forget (a first install that died or failed: installed again, it adopts its objects and runs its hooks), close (mark the
    dead revision failed), purge (an uninstall that died), or empty. release: install or upgrade.
    """
    head = revisions.latest(heads)
    if head is None:
        return "", "install"
    if head.status in ("uninstalling", "uninstalled"):
        return "purge", "install"
    if len(heads) == 1 and head.status in ("pending-install", "failed"):
        return "forget", "install"
    if head.status in _DEAD:
        return "close", "upgrade"
    return "", "upgrade"


def sentence(healing: str, head: Head) -> str:
    """What healing does, for the list of actions."""
    return {
        "forget": f"take up the first installation that Helm left {head.status}",
        "close": f"close the interrupted Helm revision {head.revision} ({head.status})",
        "purge": f"finish the interrupted uninstall of Helm release {head.name}",
    }[healing]
