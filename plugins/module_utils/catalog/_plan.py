# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: which steps bring one package version from what is there to what was asked."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import CatalogError


@dataclass(frozen=True)
class Wanted:
    """sha256 is None where no src was given."""

    name: str
    version: str
    state: str
    sha256: str | None = None


@dataclass(frozen=True)
class Observed:
    """sha256 of the record in each place, None where there is none; pin: of the version once listed; users: instances that run it."""

    incoming: str | None = None
    catalog: str | None = None
    pin: str | None = None
    users: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """steps: upload, list, unlist, withdraw (the record left behind by an interrupted move), delete; notes: what to tell."""

    steps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def plan(wanted: Wanted, seen: Observed) -> Plan:
    """The steps in order; raises CatalogError where the rules of the catalog forbid them (§6.3)."""
    title = f"{wanted.name} {wanted.version}"
    if wanted.state == "absent":
        return _absent(title, seen)
    _check_bytes(title, wanted, seen)
    steps: list[str] = []
    listed = seen.catalog is not None
    known = listed or seen.incoming is not None
    if not known:
        if wanted.sha256 is None:
            raise CatalogError(f"Package {title} was never uploaded", todo="give src, the folder or archive of the package")
        steps.append("upload")
    elif not listed and wanted.sha256 is not None and wanted.sha256 != seen.incoming:
        # A hidden version may be replaced until it is listed for the first time.
        steps += ["delete", "upload"]
    if wanted.state == "listed" and not listed:
        steps.append("list")
    if listed and seen.incoming is not None:
        steps.append("withdraw")
    if wanted.state == "unlisted" and listed:
        steps = ["unlist"]
    return Plan(tuple(steps))


def _absent(title: str, seen: Observed) -> Plan:
    if seen.catalog is not None:
        raise CatalogError(f"Package {title} is listed", todo="unlist it first (state: unlisted), as §6.3.3 asks")
    if seen.incoming is None:
        return Plan()
    notes = ()
    if seen.users:
        notes = (f"{len(seen.users)} instances run it, or may go back to it, and keep its archive: {', '.join(seen.users[:5])}",)
    return Plan(("delete",), notes)


def _check_bytes(title: str, wanted: Wanted, seen: Observed) -> None:
    if wanted.sha256 is None:
        return
    fixed = seen.catalog or seen.pin
    if fixed is not None and fixed != wanted.sha256:
        was = "is listed" if seen.catalog else "was listed before"
        raise CatalogError(
            f"Package {title} {was} with other content (sha256 {fixed[:12]}…, not {wanted.sha256[:12]}…), and a listed version never changes",
            todo="raise the version in metadata.yaml",
        )
