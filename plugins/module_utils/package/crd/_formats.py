# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of text that the API server checks; all others (int32, int64, double ... among them) it does not look at."""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable

from .._regex import compile_pattern

_HOSTNAME = (
    r"^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|"
    r"([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$")
_HEX = "[0-9a-fA-F]"
_UUID = f"{_HEX}{{8}}-?{_HEX}{{4}}-?{{0}}-?{{1}}-?{_HEX}{{12}}"
_DATE_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})")
_DURATION = re.compile(r"[-+]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_LOOSE_DURATION = re.compile(r"[0-9]+\s*([A-Za-zµ]+)")
_UNITS = frozenset({"ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk"})
_UNIT_STARTS = ("nano", "micro", "milli", "sec", "min", "hour", "day", "week")
_ATOMS = r"[^\s.@\\]+(?:\.[^\s.@\\]+)*"
_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_OCTETS = "|".join(rf"{_HEX}{{2}}(?:[:]{_HEX}{{2}}){{{count}}}|{_HEX}{{2}}(?:-{_HEX}{{2}}){{{count}}}" for count in (5, 7, 19))
_DOTTED = "|".join(rf"{_HEX}{{4}}(?:\.{_HEX}{{4}}){{{count}}}" for count in (2, 3, 9))
_AUTHORITY = re.compile(
    r"(?:[-A-Za-z0-9._:~!$&'()*+,;=%@]*@)?"
    r"(?:\[[0-9A-Fa-f:.]*\]|[-A-Za-z0-9._~!$&'()*+,;=<>\"\]\x80-\U0010ffff]|%[89A-Fa-f][0-9A-Fa-f])*(?::[0-9]*)?")


def matches(name: str, text: str) -> bool:
    """Whether a text has a format; True for formats the server does not check."""
    check = _CHECKS.get(name.replace("-", ""))
    return check is None or check(text)


def is_checked(name: object) -> bool:
    """Whether the server looks at a format at all."""
    return isinstance(name, str) and name.replace("-", "") in _CHECKS


def _expression(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _is_hostname(text: str) -> bool:
    return len(text) <= 255 and all(len(part.encode()) <= 63 for part in text.split(".")) and compile_pattern(_HOSTNAME).search(text) is not False


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    # Go's sloppy reading of 010.0.0.1 as 10.0.0.1.
    text = re.sub(r"(?<![0-9A-Fa-f:])0+(?=[0-9])", "", text) if "." in text else text
    try:
        return None if "%" in text else ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_cidr(text: str) -> bool:
    address, slash, length = text.partition("/")
    found = _ip(address)
    return bool(slash and found and re.fullmatch(r"[0-9]{1,3}", length) and int(length) <= found.max_prefixlen)


def _is_date(text: str) -> bool:
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    try:
        # The year 0000 has a leap day, and Python does not have the year.
        return bool(found and datetime.date(int(found[1]) or 4, int(found[2]), int(found[3])))
    except ValueError:
        return False


def _is_date_time(text: str) -> bool:
    parts = text.lower().split("t")
    found = _DATE_TIME.fullmatch(parts[1]) if len(parts) > 1 and _is_date(parts[0]) else None
    return bool(found) and found[1] <= "23" and found[2] <= "59" and found[3] <= "59"


def _is_duration(text: str) -> bool:
    if _DURATION.fullmatch(text):
        return True
    return any(unit in _UNITS or unit.startswith(_UNIT_STARTS) for unit in map(str.lower, _LOOSE_DURATION.findall(text)))


def _is_uri(text: str) -> bool:
    if not text or re.search(r"[\x00-\x1f\x7f]", text):
        return False
    if text == "*":
        return True
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text)
    rest = (text[scheme.end():] if scheme else text).partition("?")[0]
    if not rest.startswith("/"):
        return bool(scheme) and not text.startswith(":")
    if rest.startswith("//") and scheme:
        authority, slash, path = rest[2:].partition("/")
        if not _AUTHORITY.fullmatch(authority):
            return False
        rest = slash + path
    return not re.search(r"%(?![0-9A-Fa-f]{2})", rest)


def _is_email(text: str) -> bool:
    # A name before an address in angle brackets, comments and quotes are allowed too: of those only what is surely wrong is refused.
    if set(text) & set('"<>()[],:; '):
        return "@" in text
    return all(re.fullmatch(_ATOMS, part) for part in text.split("@")) and text.count("@") == 1


_CHECKS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _expression(f"{_HEX}{{24}}"),
    "byte": _expression(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"),
    "cidr": _is_cidr, "date": _is_date, "datetime": _is_date_time, "duration": _is_duration, "email": _is_email, "hostname": _is_hostname,
    "hexcolor": _expression(f"#?(?:{_HEX}{{3}}|{_HEX}{{6}})"),
    "ipv4": lambda text: "." in text and _ip(text) is not None,
    "ipv6": lambda text: ":" in text and _ip(text) is not None,
    "k8sshortname": lambda text: len(text) <= 63 and re.fullmatch(_LABEL, text) is not None,
    "k8slongname": lambda text: len(text) <= 253 and all(re.fullmatch(_LABEL, part) for part in text.split(".")),
    "mac": _expression(f"{_OCTETS}|{_DOTTED}"), "password": lambda _text: True,
    "ssn": lambda text: len(text) == 11 and re.fullmatch(r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}", text) is not None,
    "uri": _is_uri,
    "uuid": _expression(_UUID.replace("{0}", f"{_HEX}{{4}}").replace("{1}", f"{_HEX}{{4}}")),
    "uuid3": _expression(_UUID.replace("{0}", f"3{_HEX}{{3}}").replace("{1}", f"{_HEX}{{4}}")),
    "uuid4": _expression(_UUID.replace("{0}", f"4{_HEX}{{3}}").replace("{1}", f"[89abAB]{_HEX}{{3}}")),
    "uuid5": _expression(_UUID.replace("{0}", f"5{_HEX}{{3}}").replace("{1}", f"[89abAB]{_HEX}{{3}}")),
    # Card, book and colour numbers: nobody configures middleware with them.
    **dict.fromkeys(("creditcard", "isbn", "isbn10", "isbn13", "rgbcolor"), lambda _text: True),
}
