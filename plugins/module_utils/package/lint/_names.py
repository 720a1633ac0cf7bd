# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and sizes: those the parent format asks for, and those Kubernetes and a catalog have room for."""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from .. import archive
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options
from ._objects import mapping
from ._reading import chart_of, load

RULES = {
    "NAME-001": Rule(WARNING, "names of files and folders hold letters, digits, _ - . and do not end in one of these", "Rename the file"),
    "NAME-002": Rule(WARNING, "the archive's name NAME-VERSION holds letters, digits, _ - . only", "Leave the build number (+...) out of the version"),
    "NAME-003": Rule(HINT, "package names have no underscore", "Write - instead: Kubernetes has no _ in names"),
    "NAME-004": Rule(WARNING, "a package has at most 4 MB packed", "Leave out what is not needed: tests, pictures, what other charts bring along"),
    "NAME-005": Rule(HINT, "the description is short", "Move the rest to the README: lists show the description whole"),
    "NAME-006": Rule(WARNING, "the README has at most 512 KiB", "Shorten it, or link to the manual"),
    "NAME-007": Rule(WARNING, "the logo has at most 256 KiB", "Scale it down: lists show it small"),
    "NAME-008": Rule(WARNING, "the logo is of the type it claims", "Correct logo.mediatype, or take another image: PNG, SVG, JPEG, GIF or WebP"),
    "NAME-009": Rule(HINT, "files are smaller than 1 MB", "Leave it out, or let the software load it"),
    "NAME-010": Rule(WARNING, "the package's name leaves room for the names of its objects", "Shorten the name to 53 characters"),
    "NAME-011": Rule(HINT, "package and chart have one name", "Give both the same name: helm list shows the chart's"),
}

# Letters of every script: the rule is about blanks and signs.
_NAME = re.compile(r"[\w.-]*[^\W_]")
_FILES = 10
_LONGEST_NAME = 53
_LONGEST_DESCRIPTION = 1000
_LARGEST_README, _LARGEST_LOGO, _LARGE_FILE = 512 * 1024, 256 * 1024, 1024 * 1024
# First bytes -> media type.
_IMAGES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"))
_SVG = re.compile(rb"<(?:[A-Za-z]\w{0,20}:)?svg[\s>/]")
# What may stand before an SVG's first element, and how each ends.
_SPACE, _HEAD = re.compile(rb"\s*"), 64 * 1024
_BEFORE = ((b"<?", b"?>"), (b"<!--", b"-->"), (b"<!DOCTYPE", b">"))
_ALSO = {"image/jpg": "image/jpeg", "image/svg": "image/svg+xml"}


def check(package: Package, report: Report, options: Options) -> None:
    """Notes names and sizes that somebody will stumble over."""
    _check_files(package, report)
    name = f"{package.name}-{package.version}"
    if not _NAME.fullmatch(name):
        report.add("NAME-002", f"The archive would be {shown(name)}.tgz", "metadata.yaml", ("version",))
    if "_" in package.name:
        report.add("NAME-003", f"The package is named {shown(package.name)}", "metadata.yaml", ("name",))
    if len(package.name) > _LONGEST_NAME:
        message = f"The name has {len(package.name)} characters; releases have at most {_LONGEST_NAME}, labels and services 63"
        report.add("NAME-010", message, "metadata.yaml", ("name",))
    if len(package.description) > _LONGEST_DESCRIPTION:
        report.add("NAME-005", f"The description has {len(package.description)} characters, {_LONGEST_DESCRIPTION} are many", "metadata.yaml", ("description",))
    if len(package.detail.encode("utf-8", "replace")) > _LARGEST_README:
        report.add("NAME-006", f"The README has {len(package.detail) // 1024} KiB", "metadata.yaml", ("detail",))
    _check_logo(package, report)
    root = chart_of(package)
    chart = mapping(load(report, f"{root}/Chart.yaml")).get("name") if root else None
    if isinstance(chart, str) and chart and chart != package.name:
        report.add("NAME-011", f"The chart is named {shown(chart)}, the package {shown(package.name)}", f"{root}/Chart.yaml", ("name",))


def _check_files(package: Package, report: Report) -> None:
    odd: dict[str, str] = {}
    for path, data in package.tree.items():
        for part in path.split("/"):
            if not _NAME.fullmatch(part):
                odd.setdefault(part, path)
        if len(data) > _LARGE_FILE:
            report.add("NAME-009", f"The file has {len(data) / _LARGE_FILE:.1f} MB", path)
    for part, path in list(odd.items())[:_FILES]:
        report.add("NAME-001", f'The name "{shown(part)}" holds other signs, or ends in one', path)
    if len(odd) > _FILES:
        report.add("NAME-001", f"{len(odd) - _FILES} more names hold other signs", list(odd.values())[_FILES])
    limit = archive.LIMITS.packed
    # What fits unpacked fits packed.
    if package.tree.size > limit and _packed(package, 2 * limit) > limit:
        report.add("NAME-004", f"The package has more than {limit // 1048576} MB packed", "metadata.yaml")


def _packed(package: Package, enough: int) -> int:
    """About the bytes of the archive, or so many as are enough to know; packing hard takes seconds, and saves a tenth."""
    packer, size = zlib.compressobj(level=3), 0
    for data in package.tree.values():
        size += len(packer.compress(data))
        if size * 9 // 10 > enough:
            break
    return (size + len(packer.flush())) * 9 // 10


def _check_logo(package: Package, report: Report) -> None:
    logo = package.logo
    place: tuple = ("logo", "path")
    data = package.tree.get(logo.path, b"") if logo.path else b""
    if logo.base64data:
        place = ("logo", "base64data")
        try:
            data = base64.b64decode("".join(logo.base64data.split()), validate=True)
        except (binascii.Error, ValueError):
            return
    if not data:
        return
    if len(data) > _LARGEST_LOGO:
        report.add("NAME-007", f"The logo has {len(data) // 1024} KiB", "metadata.yaml", place)
    found = _media_type(data)
    claimed = logo.mediatype.strip().lower()
    if not found:
        report.add("NAME-008", "The logo is no image that browsers show", "metadata.yaml", place)
    elif claimed and _ALSO.get(claimed, claimed) != found:
        report.add("NAME-008", f"The logo is {found}, and claims to be {shown(logo.mediatype)}", "metadata.yaml", ("logo", "mediatype"))


def _media_type(data: bytes) -> str:
    """The media type an image's bytes tell, "" for none that is known."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    found = next((name for start, name in _IMAGES if data.startswith(start)), "")
    return found or ("image/svg+xml" if _is_svg(data.removeprefix(b"\xef\xbb\xbf")) else "")


def _is_svg(data: bytes) -> bool:
    data, position = data[:_HEAD], 0
    while True:
        position = _SPACE.match(data, position).end()
        end = next((end for start, end in _BEFORE if data.startswith(start, position)), None)
        if end is None:
            return _SVG.match(data, position) is not None
        # An internal subset of a DOCTYPE has its own angle brackets, up to "]>".
        closed = data.find(b"]", position) if end == b">" and b"[" in data[position:max(data.find(b">", position), 0)] else position
        found = data.find(end, max(closed, position))
        if found < 0:
            return False
        position = found + len(end)
