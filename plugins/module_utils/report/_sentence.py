# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sentences that the table and the page of a report share."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from ..kube import quantities
from . import _names
from ._shape import FULL, NEAR

_PARTS = re.compile(r"(-?[0-9.]+)(.*)")


def number(count: int, noun: str) -> str:
    """``1 cluster``, ``1,204 instances``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def amount(text: str | None, resource: str) -> str:
    """A quantity of a resource, as exact as people read it: 545 Gi, 62.1 Gi, 1.25, 250m."""
    if text is None:
        return "–"
    if _names.family(resource) in ("memory", "storage"):
        # Sums of bytes would show in powers of ten where one of them was no whole number of Ki.
        text = quantities.text(math.ceil(quantities.stored(text) / 1024) * 1024, binary=True)
    value, unit = _PARTS.fullmatch(quantities.human(text)).groups()
    if "." in value:
        # %g would write thousands with a power of ten.
        digits = max(0, 3 - len(value.lstrip("-").partition(".")[0]))
        value = f"{float(value):.{digits}f}"
        value = value.rstrip("0").rstrip(".") if digits else value
    return value + unit


def part(used: str | None, whole: str, resource: str) -> str:
    """``1.5 of 4 Gi``, ``900 Mi of 4 Gi``."""
    first, second = amount(used, resource), amount(whole, resource)
    unit = second.lstrip("0123456789.")
    return f"{first.removesuffix(unit) if unit.startswith(' ') else first} of {second}"


def percent(value: float) -> str:
    """Rounded down, so that 100 % is all of it, and what is called full shows as such."""
    return f"{math.floor(value)} %"


def summary(report: Mapping) -> str:
    """The report in a line."""
    found = report["summary"]
    lost = f" ({found['clusters_not_ready']} not ready)" if found["clusters_not_ready"] else ""
    parts = [number(found["clusters"], "cluster") + lost, *(number(found[noun + "s"], noun) for noun in ("project", "workspace", "instance"))]
    counts = (
        (found["full"], f"full ({FULL} % of a quota or more)"), (found["nearly_full"], f"nearly full ({NEAR} %)"), (found["without_quota"], "without a quota"),
        (found["unknown"], "not known"),
    )
    told = [f"{count} {word}" for count, word in counts if count]
    texts = [", ".join(parts) + ".", ", ".join(told) + "." if told else "No workspace is nearly full.", ended(report)]
    return " ".join(text for text in texts if text)


def phase(name: str) -> str:
    """A cluster's phase as words: NotReady is not ready."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower()


def current(cluster: Mapping) -> bool:
    """Whether its figures can be gone by: they are of now, or recorded where the caller may not look and it was ready."""
    return cluster["live"] or cluster["phase"] == "Ready"


def notes(cluster: Mapping) -> list[str]:
    """What is to be known of a cluster: why it is not ready, how old its figures are, that its credential ends."""
    found = [cluster["message"]] if cluster["message"] else []
    if not current(cluster):
        found = [f"{phase(cluster['phase'])}{', last seen ' + cluster['observed_at'] if cluster['observed_at'] else ''}", *found]
    elif not cluster["live"]:
        found = [f"figures of {cluster['observed_at']}", *found]
    return [": ".join(found), f"its credential {cluster['credential_warning']}" if cluster["credential_warning"] else ""]


def ended(report: Mapping) -> str:
    """That credentials of workspaces were not renewed, empty where none ended."""
    count = report["summary"]["credentials_ended"]
    return f"{number(count, 'credential')} of workspaces ended: ansible-playbook acmp.middleware.tick renews them." if count else ""
