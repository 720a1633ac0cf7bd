# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing who may do what: in the order that Kubernetes asks for, and patient where it has not noticed yet what was written before."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from ..errors import NotFound

THREADS = 16
_ORDER = ("Namespace", "Role", "RoleBinding")
_SECONDS = 5.0


def write(home, objects: Iterable[dict]) -> None:
    """Server-side apply of Namespaces, then Roles, then RoleBindings; one request each, sixteen at a time. Raises the first KubeError."""
    objects = list(objects)
    for kind in _ORDER:
        part = [obj for obj in objects if obj["kind"] == kind]
        if len(part) < 2:
            for obj in part:
                _apply(home, obj)
            continue
        with ThreadPoolExecutor(max_workers=min(THREADS, len(part)), thread_name_prefix="acmp-project") as pool:
            list(pool.map(lambda obj: _apply(home, obj), part))


def _apply(home, obj: dict) -> None:
    end = time.monotonic() + _SECONDS
    while True:
        try:
            home.apply(obj)
            return
        except NotFound as error:
            # Who binds a Role has to have its rights; the API server looks them up, and may not find a Role that was made a moment ago.
            if obj["kind"] != "RoleBinding" or error.details.get("missing") != "object" or time.monotonic() > end:
                raise
        time.sleep(0.05)
