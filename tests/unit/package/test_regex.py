# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RE2's patterns and Kubernetes' formats; what they match was looked up in Go's own libraries."""

from __future__ import annotations

import re
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import _schema
from ansible_collections.acmp.middleware.plugins.module_utils.package._regex import compile_pattern
from ansible_collections.acmp.middleware.plugins.module_utils.package._steps import Steps
from ansible_collections.acmp.middleware.plugins.module_utils.package.crd import _formats
from hypothesis import assume, given
from hypothesis import strategies as st


@pytest.mark.parametrize(("pattern", "fits", "differs"), [
    ("a", ["a", "xay"], ["", "A"]), ("^a$", ["a"], ["a\n", "ba"]), (r"^a\z", ["a"], ["a\n"]), (r"\Aa", ["ab"], ["ba"]), ("a|b", ["b"], ["c"]),
    ("", ["", "x"], []), ("(?-i)a", ["a"], ["A"]), ("(?P<n>a)(?<m>b)", ["ab"], []),
    ("(?i)aB", ["Ab"], ["a"]), ("(?i:a)b", ["Ab"], ["AB"]), ("(?s)a.b", ["a\nb"], []), ("a.b", ["axb"], ["a\nb"]), ("(?m)^b$", ["a\nb\nc"], ["ab"]),
    ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]), ("^a{2}$", ["aa"], ["aaa"]), ("^a{2,}$", ["aaaa"], ["a"]),
    ("a{,2}", ["a{,2}"], ["aa"]), ("a{x}", ["a{x}"], ["a"]), ("^a*?b+?c??$", ["abb", "bc"], ["c"]), ("^[a-c]$", ["b"], ["d"]), ("^[^a-c]$", ["d", "\n"], ["a"]),
    ("[]a]", ["]"], ["b"]), ("[a-]", ["-"], ["b"]), (r"[\d.-]", ["5", "-"], ["a"]), ("[[:alpha:]]", ["x"], ["5"]), ("[[:^alpha:]]", ["5"], ["x"]),
    (r"^\d\s\w\D\S\W$", ["1 aa!."], ["a"]), (r"\d", ["5"], ["\u0665"]), (r"\ba\b", ["x a y"], ["xay"]), (r"\Ba", ["xa"], ["a"]), (r"\pL", ["\u00e9"], ["5"]),
    (r"\PL", ["5"], ["a"]), (r"\p{Lu}", ["A"], ["a"]), (r"\p{^Lu}", ["a"], ["A"]), (r"\p{Any}", ["x"], []), (r"\x41\x{42}\103", ["ABC"], ["x"]),
    (r"\.\-\_\/", [".-_/"], ["a"]), (r"\Qa.b\E+", ["a.bb"], ["axb"]), (r"\Q*", ["*"], []), (r"\t\n", ["\t\n"], []), ("(a*)*b", ["b", "aab"], ["a"]),
    (r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$", ["", "a.b-c"], ["a.", "-"]),
])
def test_patterns(pattern, fits, differs):
    compiled = compile_pattern(pattern)
    assert [compiled.search(text) for text in fits] == [True] * len(fits) and [compiled.search(text) for text in differs] == [False] * len(differs)


@pytest.mark.parametrize("pattern", [
    "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", "(?#a)", r"(a)\1", r"\8", r"\Z", r"\q", r"\C", r"\é", "a**", "a++", "a?+", "*", "(*)", "|*",
    "a{3,1}", "a{1001}", "(?P<>x)",
    "(a{100}){100}", "(", ")", "a)", "[a", "[b-a]", "[[:nope:]]", r"[a-\d]", "\\", r"\xg", r"\x{110000}", r"\p", r"\pQ", r"\p{9}", "(?z)", "(?P<a>x)(?P<a>y)",
])
def test_what_re2_refuses(pattern):
    with pytest.raises(ValueError, match=r"\w+"):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"\p{Greek}", "a" * 20_000, "(" * 200 + ")" * 200, "(.{900}){1}" * 20])
def test_what_is_sound_and_too_much(pattern):
    assert compile_pattern(pattern).search("a" * 100) is None


@pytest.mark.parametrize(("pattern", "text"), [("^(a|a)*$", "a" * 5000 + "!"), ("(.*a){12}b", "a" * 2000), ("(x+x+)+y", "x" * 3000), ("(a*)*b", "a" * 5000)])
def test_no_pattern_takes_for_ever(pattern, text):
    start = time.process_time()
    assert compile_pattern(pattern).search(text) is False
    errors = list(_schema.errors({"properties": {"!": {"pattern": pattern}}, "patternProperties": {pattern: False}}, {"!": text, text: 1}, "x", 5))
    assert [error.validator for error in errors] == ["pattern"]
    assert time.process_time() - start < 5


def test_references_without_end_are_refused():
    names = [f"a{number}" for number in range(40)]
    both = {name: {"anyOf": [{"$ref": f"#/definitions/{other}"}] * 2} for name, other in zip(names, names[1:], strict=False)}
    start = time.process_time()
    with pytest.raises(PackageError, match="too large"):
        list(_schema.errors({"definitions": {**both, names[-1]: {"type": "string"}}, "$ref": "#/definitions/a0"}, {}, "x", 5, Steps()))
    assert time.process_time() - start < 5


PARTS = ["a", "b", "^", "$", "|", "(a|b)", "[ab]", "[^a]", "*", "+", "?", "{2}", ".", r"\d", r"\w", "(?:ab)"]


@given(st.lists(st.sampled_from(PARTS), max_size=8).map("".join), st.text("ab1 \n", max_size=6))
def test_as_python_matches_where_both_mean_the_same(pattern, text):
    assume("$" not in pattern or "\n" not in text)
    try:
        compiled = compile_pattern(pattern)
        expected = re.search(pattern, text, re.ASCII)
    except (ValueError, re.error):
        return
    assert compiled.search(text) is bool(expected)


@pytest.mark.parametrize(("name", "fits", "differs"), [
    ("date", ["2024-02-29", "0000-02-29"], ["2023-02-29", "20240101", "2024-1-1", "2024-13-01"]),
    ("date-time", ["2024-01-01T00:00:00Z", "2024-01-01t23:59:59.5+01:00"], ["2024-01-01T24:00:00Z", "2024-01-01T00:00:00", "2024-01-01"]),
    ("duration", ["1h30m", "1.5s", "0", "-1s", "22 ns", "1 day", "2weeks"], ["", "1", "abc", "5x"]),
    ("byte", ["YQ==", "YWFh"], ["", "a", "a-_="]), ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123"]),
    ("uuid4", ["123e4567-e89b-42d3-a456-426614174000"], ["123e4567-e89b-12d3-a456-426614174000"]),
    ("ipv4", ["1.2.3.4", "01.2.3.4", "::ffff:1.2.3.4"], ["1.2.3", "1.2.3.256", "::1"]), ("ipv6", ["::1"], ["1.2.3.4", "fe80::1%eth0", "g::"]),
    ("cidr", ["1.2.3.0/24", "::/0"], ["1.2.3.4", "1.2.3.4/33", "1.2.3.4/"]), ("mac", ["01:23:45:67:89:ab", "0123.4567.89ab"], ["01:23", "01:23:45:67:89-ab"]),
    ("hostname", ["a", "a.com", "\u00e9.com"], ["a_b", "-a", "", "a."]), ("email", ["a@b", "Name <a@b.c>"], ["a", "@b", "a@", "a@b."]),
    ("uri", ["http://a/b?c=%zz", "/x", "a:b", "*", "http://[::1]:80/"], ["", "x", "http://a b/", "http://a/%zz", ":x"]),
    ("k8s-short-name", ["a-b"], ["A", "a.b", "a-"]), ("k8s-long-name", ["a.b"], ["a..b"]), ("hexcolor", ["#fff"], ["#ffff"]),
    ("ssn", ["123-45-6789"], ["123456789"]),
    ("bsonobjectid", ["507f1f77bcf86cd799439011"], ["507f"]), ("int32", ["x"], []), ("password", [""], []), ("isbn", ["x"], []), ("no-such", ["x"], []),
])
def test_formats(name, fits, differs):
    assert [text for text in fits if not _formats.matches(name, text)] == [] and [text for text in differs if _formats.matches(name, text)] == []
    assert _formats.is_checked(name) is (name not in ("int32", "no-such")) and not _formats.is_checked(None)
