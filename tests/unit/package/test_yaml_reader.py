# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils import _deps
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError, PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import _scalars, yaml_reader
from hypothesis import given, settings
from hypothesis import strategies as st

scalars = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
data = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12)


@pytest.fixture(params=["libyaml", "python"])
def any_parser(request, monkeypatch):
    """Both parsers PyYAML may have."""
    if request.param == "python":
        monkeypatch.setattr(_deps.yaml, "__with_libyaml__", False)
    elif not _deps.yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")
    yaml_reader._tools.cache_clear()
    yield
    monkeypatch.undo()
    yaml_reader._tools.cache_clear()


def refused(text, word, **more):
    with pytest.raises(PackageError) as caught:
        yaml_reader.load(text, "dir/x.yaml", **more)
    assert word in caught.value.message, caught.value.message
    assert caught.value.where.startswith("dir/x.yaml")
    assert len(caught.value.message) < 700
    return caught.value


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize(("text", "value"), [
    ("a: 1", {"a": 1}), ("", None), ("# c\n", None), ("- a\n- ~\n-", ["a", None, None]), ("a: yes\nb: Off\nc: 'yes'", {"a": True, "b": False, "c": "yes"}),
    ("0x1F", 31), ("017", 15), ("0o17", 15), ("0b11", 3), ("1_000", 1000), ("-5", -5), ("08", 8.0), ("1e3", 1000.0),
    ("1.", 1.0), (".5", 0.5), ("-1.5e-3", -0.0015),
    ("22:22", "22:22"), ("2021-01-02", "2021-01-02"), ("2021-01-01T00:00:00Z", "2021-01-01T00:00:00Z"), ("1.2.3", "1.2.3"), ("v1", "v1"), ("0x", "0x"),
    ("0x_", "0x_"), ("1" * 41, "1" * 41), ("!!str 1", "1"), ("!!int '7'", 7), ("!!float 1", 1.0), ("! 1", "1"), ("!!null ''", None), ("!!bool on", True),
    ("{1: a, yes: b, ~: c}", {"1": "a", "yes": "b", "~": "c"}), ("a: |\n  x\n  y\n", {"a": "x\ny\n"}), ("[a, {b: c}]", ["a", {"b": "c"}]),
    ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}), ("a: &x 5\nb: *x", {"a": 5, "b": 5}), ("!!map {a: 1}", {"a": 1}),
    ("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}", {"a": {"x": 1, "y": 2}, "b": {"y": 3, "x": 1}}),
    ("a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc:\n  <<: [*a, *b]", {"a": {"x": 1}, "b": {"x": 2, "z": 3}, "c": {"x": 1, "z": 3}}), ("'<<': 1", {"<<": 1}),
    ("%YAML 1.1\n---\na: 1", {"a": 1}),
])
def test_values(text, value):
    result = yaml_reader.load(text, "x")
    assert result == value
    assert json.dumps(result) == json.dumps(value)
    assert yaml_reader.load(text.encode(), "x") == value


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize(("text", "word", "line"), [
    ("a: 1\nb: 2\na: 3", '"a" occurs twice', 3), ("x:\n  {a: 1, a: 2}", '"a" occurs twice', 2), ("1: a\n'1': b", "twice", 2),
    ("a: !!python/object/apply:os.system [ls]", "python", 1), ("!foo x", "!foo", 1), ("a: !!set {b}", "!!set", 1), ("a: !!binary aGk=", "!!binary", 1),
    ("!!python/name:os.system k: 1", "python", 1), ("a: !!timestamp 2020-01-01", "!!timestamp", 1), ("a: !!int x", "no int", 1), ("a: !!map [1]", "!!map", 1),
    ("a: &x\n  - *x", "inside", 2), ("a: *nope", "names nothing", 1), ("? [a]\n: 1", "key", 1), ("{{ x }}: 1", "key", 1), ("a: b: c", "not valid", 1),
    ("a: {{ .Values.x }}", "key", 1),
    ("? ? a", "key", 1), ("a:\n\t- b", "not valid", 2), ("---\na\n---\nb", "2 YAML documents", 0), ("a: .inf", "infinite", 1), ("- .NaN", "infinite", 1),
    ("a: 1e999", "too large", 1), ("<<: 5", "<<", 1), ("a: &a {}\n<<: *a\n<<: *a", "twice", 3), ("a: 'x", "not valid", 1), ("a: \x07", "not valid", 0),
    ("'a': 1\n\"a\": 1", "twice", 2),
])
def test_refusals_name_the_line(text, word, line):
    error = refused(text, word)
    if line:
        assert error.where in (f"dir/x.yaml:{line}", f"dir/x.yaml:{line + 1}")


@pytest.mark.parametrize("raw", [b"\xff\xfea\0", b"\xfe\xff\0a", b"a: \xff", "a: ü".encode("latin-1"), b"a: b\0", "a: \ud800"])
def test_not_utf8(raw):
    refused(raw, "")


def test_byte_order_mark():
    assert yaml_reader.load(b"\xef\xbb\xbfa: 1", "x") == {"a": 1}
    assert yaml_reader.load("\ufeffa: 1", "x") == {"a": 1}


def test_not_utf8_names_the_line():
    assert refused(b"a: b\nc: \xff", "UTF-8").where == "dir/x.yaml:2"


@pytest.mark.usefixtures("any_parser")
def test_billion_laughs():
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    start = time.process_time()
    refused("\n".join(lines), "aliases")
    assert time.process_time() - start < 5


def test_alias_bombs_of_text_and_depth_and_count():
    refused("a: &a " + "x" * 100_000 + "\n" + "\n".join(f"b{n}: *a" for n in range(60)), "aliases")
    refused("a: &a 1\n" + "\n".join(f"b{n}: *a" for n in range(300)), "more than 200 aliases")
    deep = "[" * 60 + "{}" + "]" * 60
    refused(f"a: &a {deep}\nb: &b {'[' * 60}*a{']' * 60}", "aliases")
    assert yaml_reader.load("a: &a [1]\n" + "\n".join(f"b{n}: *a" for n in range(200)), "x")["b7"] == [1]


def test_aliases_share_nothing():
    result = yaml_reader.load("a: &a {x: [1]}\nb: *a", "x")
    result["a"]["x"].append(2)
    assert result["b"] == {"x": [1]}


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize("text", ["[" * 300_000, "[" * 5000 + "]" * 5000, "{a: " * 5000, "- " * 5000 + "a", "\n".join(" " * n + "a:" for n in range(500)),
                                  "a: &a " + "[" * 101 + "]" * 101])
def test_deep_nesting_is_an_error_not_a_crash(text):
    start = time.process_time()
    refused(text, "deeper than 100")
    assert time.process_time() - start < 5


@pytest.mark.usefixtures("any_parser")
def test_keys_within_keys():
    refused("? " * 3000, "key")


def test_depth_at_the_bound():
    assert yaml_reader.load("[" * 100 + "]" * 100, "x")
    refused("[" * 101 + "]" * 101, "deeper")


def test_size_and_number_of_values():
    refused("a: " + "x" * 100, "larger", limits=yaml_reader.Limits(size=50))
    refused("[" + "1," * 100 + "]", "more than 50", limits=yaml_reader.Limits(values=50))
    refused("[" + "[]," * 100 + "]", "more than 50", limits=yaml_reader.Limits(values=50))
    assert len(yaml_reader.load("[" + "1," * 49 + "]", "x", limits=yaml_reader.Limits(values=50))) == 49


def test_numbers_of_named_keys_stay_as_written():
    text = "version: 1.10\nappVersion: 7\nskips: [1.20, 2.0]\nother: 1.10\nnested: {version: 1.30, list: [1.0]}\nnone:\nquoted: '1.0'\n"
    keys = ("version", "appVersion", "skips", "none")
    assert yaml_reader.load(text, "x", keys) == {
        "version": "1.10", "appVersion": "7", "skips": ["1.20", "2.0"], "other": 1.1,
        "nested": {"version": "1.30", "list": [1.0]}, "none": None, "quoted": "1.0"}


def test_as_text_leaves_null_and_bool():
    assert yaml_reader.load("version: null\nb: {version: yes}\nc: {version: {x: 1.10}}", "x", {"version"}) == {
        "version": None, "b": {"version": True}, "c": {"version": {"x": 1.1}}}


@pytest.mark.usefixtures("any_parser")
def test_lines():
    text = "# head\na: 1\nb:\n  c: [x,\n    y]\n  d:\n    - e: 1\n    - f\nm: {k: v}\nn: &n {q: 1}\no: *n\n"
    result, lines = yaml_reader.load_marked(text, "x")
    assert result == yaml_reader.load(text, "x")
    assert lines[("a",)] == 2 and lines[("b",)] == 3 and lines[("b", "c")] == 4
    assert lines[("b", "c", 0)] == 4 and lines[("b", "c", 1)] == 5
    assert lines[("b", "d", 0)] == 7 and lines[("b", "d", 0, "e")] == 7 and lines[("b", "d", 1)] == 8
    assert lines[("m", "k")] == 9 and lines[("o",)] == 11 and lines[()] == 2
    assert yaml_reader.load_marked("- 1\n---\n- 2", "x")[1] == {(): 1, (0,): 1}
    assert yaml_reader.load_marked("", "x") == (None, {})
    assert yaml_reader.load_all_marked("---\n---\na: 1\n---\nb:\n- 2\n", "x") == [({"a": 1}, {(): 3, ("a",): 3}), ({"b": [2]}, {(): 5, ("b",): 5, ("b", 0): 6})]


def test_load_all_leaves_out_empty_documents():
    assert yaml_reader.load_all("---\n---\na: 1\n---\n# nothing\n---\n- 2\n", "x") == [{"a": 1}, [2]]
    assert yaml_reader.load_all(yaml_reader.dump_all([{"a": 1}, [2]]), "x") == [{"a": 1}, [2]]


@settings(max_examples=300)
@given(data)
def test_what_was_dumped_is_loaded(value):
    text = yaml_reader.dump(value)
    assert yaml_reader.load(text, "x") == value
    assert yaml_reader.dump(value) == text


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize("value", [
    {"b": 1, "a": [1, {"c": None}]}, {"text": "x\ny\n", "more": "a\n\n b", "中": "文"},
    ["y", "n", "1e3", "0o7", "on", "22:22", "1.10", "2020-01-01", "~", "", "=", "<<"],
    {"a": []}, {"a": {}}, "x" * 300 + " " + "y" * 300, {"k": " lead\ntrail \n"}, {"k": "\n"}, {"k": "a\r\nb"}, {"k": "\x07"}, {"k": "😀"}, {"x" * 2000: 1},
])
def test_dump_of_awkward_values(value):
    assert yaml_reader.load(yaml_reader.dump(value), "x") == value


def test_dump_is_block_style_in_the_given_order():
    assert yaml_reader.dump({"b": {"z": [1, "二"]}, "a": "x\ny\n"}) == "b:\n  z:\n  - 1\n  - 二\na: |\n  x\n  y\n"
    shared = [1]
    assert yaml_reader.dump({"a": shared, "b": shared}) == "a:\n- 1\nb:\n- 1\n"
    # What other readers (YAML 1.1, Go) would not take for text.
    assert yaml_reader.dump(["y", "1e3", "yes", "1.10", "plain"]) == "- 'y'\n- '1e3'\n- 'yes'\n- '1.10'\n- plain\n"


def test_dump_of_strings_of_ansible():
    class Tagged(str):
        pass

    class Named(dict):
        pass

    assert yaml_reader.dump(Named({Tagged("a"): Tagged("yes")})) == "a: 'yes'\n"


def test_dump_of_what_is_no_data():
    loop: list = []
    loop.append(loop)
    for value in (object(), loop):
        with pytest.raises(InputError):
            yaml_reader.dump(value)


@settings(max_examples=300)
@given(st.text(st.sampled_from("[]{}-:?&*!|>'\"#%,ab1. \n\t~<"), max_size=60))
def test_any_text_gives_data_or_a_package_error(text):
    try:
        result = yaml_reader.load(text, "x")
    except PackageError as error:
        assert error.what
        return
    assert yaml_reader.load_marked(text, "x")[0] == result
    json.dumps(result)


@given(st.binary(max_size=60))
def test_any_bytes_give_data_or_a_package_error(raw):
    try:
        yaml_reader.load_all(raw, "x")
    except PackageError as error:
        assert error.what


@given(st.text(st.sampled_from("0123456789abcdefxXoOeE+-._:yYnNtrueTRUE~fals"), max_size=8))
def test_quotes_are_asked_for_whatever_is_no_text(text):
    try:
        plain = _scalars.resolve(text)
    except ValueError:
        plain = None
    assert _scalars.needs_quotes(text) or plain == text
