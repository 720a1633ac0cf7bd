# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quantities as Kubernetes reads and writes them; the table is what k8s.io/apimachinery 0.35.4 answers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.kube import quantities
from hypothesis import given
from hypothesis import strategies as st

# Written, stored, value.
TABLE = [
    ("0", "0", "0"), ("1", "1", "1"), ("5", "5", "5"), ("1.5", "1500m", "1.5"), ("1500m", "1500m", "1.5"), ("1e3", "1e3", "1000"),
    ("1E3", "1E3", "1000"), ("1e2", "100", "100"), ("1e4", "10e3", "10000"), ("15e2", "1500", "1500"), ("1e-3", "1e-3", "0.001"),
    ("1e-10", "1e-9", "0.000000001"), ("1Ki", "1Ki", "1024"), ("8Ki", "8Ki", "8192"), ("1000Ki", "1000Ki", "1024000"), ("1024Ki", "1Mi", "1048576"),
    ("1025Ki", "1025Ki", "1049600"), ("1536Ki", "1536Ki", "1572864"), ("0.1Gi", "107374182400m", "107374182.4"), ("1.5Gi", "1536Mi", "1610612736"),
    ("1.50Gi", "1536Mi", "1610612736"), ("0.5Ki", "512", "512"), ("0.1Ki", "102400m", "102.4"), ("1.0001Ki", "1024102400u", "1024.1024"),
    ("+1", "+1", "1"), ("+0", "0", "0"), ("-0", "0", "0"), (".5", "500m", "0.5"), ("5.", "5.", "5"), ("5.Gi", "5.Gi", "5368709120"),
    (".5Gi", "512Mi", "536870912"), ("05", "05", "5"), ("005Gi", "005Gi", "5368709120"), ("1.500", "1.500", "1.5"), ("1.50", "1500m", "1.5"),
    ("0.001", "1m", "0.001"), ("0.0001", "100u", "0.0001"), ("0.9n", "1n", "0.000000001"), ("1.1n", "2n", "0.000000002"),
    ("0.5u", "500n", "0.0000005"), ("100n", "100n", "0.0000001"), ("1000m", "1", "1"), ("999m", "999m", "0.999"), ("1000n", "1u", "0.000001"),
    ("1000000u", "1", "1"), ("1000", "1k", "1000"), ("10000", "10k", "10000"), ("1000k", "1M", "1000000"), ("1000M", "1G", "1000000000"),
    ("123456", "123456", "123456"), ("128974848", "128974848", "128974848"), ("129e6", "129e6", "129000000"), ("129M", "129M", "129000000"),
    ("123Mi", "123Mi", "128974848"), ("1E", "1E", "1000000000000000000"), ("1Ei", "1Ei", "1152921504606846976"),
    ("7Ei", "7Ei", "8070450532247928832"), ("8Ei", "9223372036854775807", "9223372036854775807"),
    ("9Ei", "9223372036854775807", "9223372036854775807"), ("0.5Ei", "512Pi", "576460752303423488"), ("10E", "10E", "10000000000000000000"),
    ("100E", "100E", "100000000000000000000"), ("9223372036854775807", "9223372036854775807", "9223372036854775807"),
    ("9223372036854775808", "9223372036854775808", "9223372036854775808"), ("18446744073709551616", "18446744073709551616", "18446744073709551616"),
    ("123456789012345678", "123456789012345678", "123456789012345678"), ("1234567890123456789", "1234567890123456789", "1234567890123456789"),
    ("0.123456789", "123456789n", "0.123456789"), ("0.1234567891", "123456790n", "0.12345679"),
    ("12345678.123456789", "12345678.123456789", "12345678.123456789"),
    ("123456789012.123456789", "123456789012123456789n", "123456789012.123456789"), ("1000000000000Ki", "976562500Mi", "1024000000000000"),
    ("99999999999Ki", "99999999999Ki", "102399999998976"), ("1e18", "1e18", "1000000000000000000"), ("1e19", "10e18", "10000000000000000000"),
    ("1e21", "1e21", "1000000000000000000000"), ("12e20", "1200e18", "1200000000000000000000"), ("1.2e3", "1200", "1200"),
    ("1.234e3", "1.234e3", "1234"), ("-1", "-1", "-1"), ("-1.5", "-1500m", "-1.5"), ("-1.5Gi", "-1536Mi", "-1610612736"),
    ("-0.9n", "-1n", "-0.000000001"), ("-1Ki", "-1Ki", "-1024"), ("-8Ki", "-8Ki", "-8192"), ("-1e3", "-1e3", "-1000"),
    ("-9Ei", "-9223372036854775807", "-9223372036854775807"), ("00", "0", "0"), ("000.000", "0", "0"), ("0.0", "0", "0"), ("0e5", "0", "0"),
    ("0Ki", "0", "0"), (" 1Gi ", "1Gi", "1073741824"),
]
UNITS = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
FACTORS = {unit: Fraction(1024) ** (number + 1) for number, unit in enumerate(UNITS[10:])} | {
    unit: Fraction(1000) ** (number - 3) for number, unit in enumerate(UNITS[:10])}
NUMBERS = st.from_regex(r"[+-]?([0-9]{1,20}(\.[0-9]{0,12})?|\.[0-9]{1,12})", fullmatch=True)
WRITTEN = st.tuples(NUMBERS, st.sampled_from(UNITS) | st.integers(-20, 20).map(lambda power: f"e{power}")).map("".join)
VALUES = st.fractions(max_denominator=10**9).map(lambda value: Fraction(int(value * 10**9), 10**9))


@pytest.mark.parametrize(("written", "stored", "value"), TABLE)
def test_as_the_api_server_does(written, stored, value):
    assert quantities.canonical(written) == stored
    assert quantities.parse(written) == Fraction(value)


@given(WRITTEN)
def test_what_is_stored_means_what_was_written(written):
    stored = quantities.canonical(written)
    assert quantities.same(written, stored)
    assert quantities.canonical(quantities.canonical(stored)) == quantities.canonical(stored)


@given(st.decimals(0, 10**15, allow_nan=False, places=12), st.sampled_from(sorted(FACTORS)))
def test_never_less_than_was_asked_for(number, unit):
    asked = Fraction(number) * FACTORS[unit]
    found = quantities.parse(f"{number:f}{unit}")
    assert asked <= found < asked + Fraction(1, 10**9) or unit.endswith("i") and found == quantities.LARGEST < asked


@given(VALUES, st.booleans())
def test_every_value_can_be_written_and_read(value, binary):
    assert quantities.parse(quantities.text(value, binary)) == value


@given(st.integers(1, 10**6), st.sampled_from(UNITS[-6:-1]))
def test_binary_units_stay(number, unit):
    assert quantities.text(quantities.parse(f"{number}{unit}"), binary=True) == quantities.canonical(f"{number}{unit}")


@given(st.lists(WRITTEN))
def test_a_sum_is_exact(texts):
    assert quantities.parse(quantities.total(texts)) == sum(map(quantities.parse, texts))


def test_a_sum_keeps_the_units_of_the_first():
    assert quantities.total([]) == "0"
    assert quantities.total(["0", "512Mi", "1.5Gi"]) == "2Gi"
    assert quantities.total(["100m", "0.9"]) == "1"
    assert quantities.total(["1G", "1Gi"]) == "2073741824"


@given(
    st.text(alphabet="0123456789.+-eEinumkKMGTP ", max_size=8) | st.text(max_size=80) | st.none() | st.booleans() | st.floats() | st.integers()
    | st.lists(st.integers()))
def test_anything_else_is_refused_by_name(given_):
    try:
        value = quantities.parse(given_, "hard, requests.cpu")
    except InputError as error:
        assert error.where == "hard, requests.cpu"
        assert error.todo
    else:
        assert quantities.same(given_, quantities.canonical(given_))
        assert value.denominator <= 10**9


@pytest.mark.parametrize("bad", [
    "", " ", ".", "+", "-", "Ki", "e3", "1e", "1e+", "1ee3", "1m5", "1Kie3", "1 Gi", "1,5", "1..5", "--1", "0x1", "1_000", "\u0661", "NaN", "inf",
    "1e4294967296", "1e65", "9" * 65, "0" * 5000, True, None, [1], {"a": 1},
])
def test_refused(bad):
    with pytest.raises(InputError):
        quantities.parse(bad)


@pytest.mark.parametrize(("text", "sign"), [
    ("10e99", 1), ("-1e999999", -1), ("1e2000000000", 1), ("1" * 70, 1), ("1" * 6000 + "Gi", 1), ("+1e65", 1)])
def test_what_an_api_server_keeps_hides_nothing_else(text, sign):
    """One claim of 1e100 in one workspace, and no capacity, no report and no removal would be there for anybody."""
    assert quantities.stored(text) == sign * 10**64
    assert abs(quantities.stored(quantities.total([text] * 3 + ["1Gi"]))) >= 10**64
    assert quantities.human(text) == f"{'-' if sign < 0 else ''}10e63"


@given(VALUES, st.booleans())
def test_what_people_mean_is_read_alike(value, binary):
    assert quantities.stored(quantities.text(value, binary)) == value


@pytest.mark.parametrize("bad", ["", "x", "1 Gi", "1Kie3", "e3", "\u0661", True, None, [1], {"a": 1}, "9" * 70 + "x"])
def test_what_is_no_quantity_is_none_when_stored(bad):
    with pytest.raises(InputError):
        quantities.stored(bad)


@pytest.mark.parametrize(("bad", "meant"), [("1GB", "1G or 1Gi"), ("1gi", "1Gi"), ("2K", "2k or 2Ki"), ("512 mb", "512M or 512Mi")])
def test_a_likely_meaning_is_offered(bad, meant):
    with pytest.raises(InputError, match=f"did you mean {meant}"):
        quantities.parse(bad)


@pytest.mark.parametrize(("number", "stored"), [(2, "2"), (1000, "1k"), (0.1, "100m"), (1.0, "1"), (1e16, "10e15"), (1e-05, "10e-6"), (-3, "-3")])
def test_numbers_of_yaml(number, stored):
    assert quantities.canonical(number) == stored


@pytest.mark.parametrize(("text", "shown"), [
    ("250m", "250m"), ("1500m", "1.5"), ("12", "12"), ("1k", "1000"), ("0", "0"), ("1536Mi", "1.5 Gi"), ("1610612736", "1.5 Gi"), ("129M", "129 M"),
    ("-2Gi", "-2 Gi"), ("1023", "1023"), ("107374182400m", "107.37 M"), ("1234567n", "1.23m"), ("1Ei", "1 Ei"), ("9223372036854775807", "9.22 E"),
])
def test_for_people(text, shown):
    assert quantities.human(text) == shown
