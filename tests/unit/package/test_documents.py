# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.package import documents as d
from hypothesis import given
from hypothesis import strategies as st

keys = st.text(st.sampled_from('ab.[]\\" 0中'), max_size=4)
steps = st.lists(keys | st.integers(0, 999), min_size=1, max_size=4).map(tuple)
leaves = st.booleans() | st.integers(-9, 9) | st.text("xy", max_size=2) | st.lists(st.integers(0, 3), max_size=2)


def nested(values):
    def level(inner):
        return st.dictionaries(st.sampled_from("abc"), inner, max_size=3)

    return st.recursive(level(values), lambda inner: level(values | inner))


maps = nested(leaves)
changes = nested(leaves | st.none())

TYPE = {
    "apiVersion": "operators.apusic.com/v1alpha1", "kind": "HelmRelease", "metadata": {"name": "sample", "labels": {"x": "y"}},
    "spec": {"interval": "5m", "values": {"replicas": 1, "ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2}], "image": {"tag": "1"}}},
}
OPERATOR = {"apiVersion": "databases.example.com/v1", "kind": "EtcdCluster", "metadata": {"name": "sample"}, "spec": {"size": 3, "values": 1}}


@pytest.mark.parametrize(("text", "path"), [
    ("a", ("a",)), ("values.a[0].b", ("values", "a", 0, "b")), ("a.b[0]", ("a", "b", 0)), ("a[0][1]", ("a", 0, 1)), (r"a\.b.c", ("a.b", "c")),
    (r"metadata.annotations.example\.com/x", ("metadata", "annotations", "example.com/x")), (r"a\[0\]", ("a[0]",)), (r"a\\.b", ("a\\", "b")),
    (r"a\b", (r"a\b",)),
    ("[0].a", (0, "a")), ('a[""]', ("a", "")), ("a b", ("a b",)), ("values.01", ("values", "01")),
])
def test_paths_are_parsed(text, path):
    assert d.parse_path(text) == path
    assert d.parse_path(d.format_path(path)) == path


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a]", "a[0]b", "a\\", "a[0", "a[99999999999]", "a.[0]x"])
def test_texts_that_are_no_path(text):
    with pytest.raises(InputError):
        d.parse_path(text)


@given(steps)
def test_paths_survive_formatting(path):
    assert d.parse_path(d.format_path(path)) == path


@given(st.text(st.sampled_from('ab.[]\\"01'), max_size=10))
def test_any_text_is_a_path_or_an_input_error(text):
    try:
        path = d.parse_path(text)
    except InputError:
        return
    assert d.parse_path(d.format_path(path)) == path


def test_get():
    assert d.get(TYPE, "spec.values.ports[1].name") == "b"
    assert d.get(TYPE, ("spec", "values", "ports", 1, "port")) == 2
    for path in ("spec.none", "spec.values.ports[2]", "spec.values.ports.name", "spec.values[0]", "kind.x"):
        assert d.get(TYPE, path, "nothing") == "nothing"
    assert d.get({"a": None}, "a", "nothing") is None


def test_set():
    document: dict = {"a": None, "list": [1]}
    d.set_(document, "a.b[0].c", 1)
    d.set_(document, "list[0]", 2)
    d.set_(document, "list[1]", 3)
    d.set_(document, r"x\.y", 4)
    assert document == {"a": {"b": [{"c": 1}]}, "list": [2, 3], "x.y": 4}


@pytest.mark.parametrize(("path", "word"), [
    ("list[3]", "gap"), ("list.a", "is a list"), ("map[0]", "no list"), ("text.a", "single value"), ("new[1]", "gap"), ("list[0].a", "single value"),
])
def test_set_refuses_what_does_not_fit(path, word):
    with pytest.raises(InputError, match=word):
        d.set_({"list": [1], "map": {}, "text": "x"}, path, 1)


@given(maps, st.lists(st.sampled_from("abc") | st.just(0), min_size=1, max_size=4).map(tuple), leaves)
def test_what_was_set_is_got(document, path, value):
    try:
        d.set_(document, path, value)
    except InputError:
        return
    assert d.get(document, path) == value
    assert d.remove(document, path)
    assert d.get(document, path) is None


def test_remove():
    document = {"a": {"b": 1, "l": [1, 2]}}
    assert d.remove(document, "a.b") and not d.remove(document, "a.b") and not d.remove(document, "x.y")
    assert d.remove(document, "a.l[0]")
    assert document == {"a": {"l": [None, 2]}}


@pytest.mark.parametrize(("values", "patch"), [
    (None, {}), ({}, {}),
    ({"values.replicas": 3}, {"values": {"replicas": 3}}),
    ({"replicas": 3}, {"values": {"replicas": 3}}),
    ({"values": {"replicas": 3}}, {"values": {"replicas": 3}}),
    ({"values": None}, {"values": {}}),
    ({"replicas": 3, "values.replicas": 3, "values": {"replicas": 3}}, {"values": {"replicas": 3}}),
    ({"releaseName": "x", "interval": "1m"}, {"releaseName": "x", "interval": "1m"}),
    ({"a.b": 1, "a": {"c.d": 2}}, {"values": {"a": {"b": 1, "c.d": 2}}}),
    ({"a[0].b": 1}, {"values": {"a": {0: {"b": 1}}}}),
    ({"a[0].b": 1, "a[0]": {"c": 2}, "a[1]": 5}, {"values": {"a": {0: {"b": 1, "c": 2}, 1: 5}}}),
    ({r"a\.b": 1}, {"values": {"a.b": 1}}),
    ({"spec.x": 1}, {"values": {"spec": {"x": 1}}}),
    ({"a": None}, {"values": {"a": None}}),
    ({"a": (1, 2)}, {"values": {"a": [1, 2]}}),
    ({"a": {1: 2}}, {"values": {"a": {"1": 2}}}),
    ({8080: "x"}, {"values": {"8080": "x"}}),
    ({"values.interval": 5}, {"values": {"interval": 5}}),
])
def test_values_become_a_change_of_spec(values, patch):
    assert d.normalise_values(values) == patch


def test_values_of_an_operator_are_relative_to_spec():
    assert d.normalise_values({"size": 1, "values": 2, "pod.labels": {"a.b": 1}}, helm=False) == {"size": 1, "values": 2, "pod": {"labels": {"a.b": 1}}}


@pytest.mark.parametrize("values", [
    {"replicas": 3, "values.replicas": 4}, {"a": 1, "a.b": 2}, {"a.b": 2, "a": 1}, {"a": {"b": 1}, "a.b": {"c": 1}}, {"a": [1], "a[0]": 1},
    {"a[0]": 1, "a": [1]},
    {"a[0]": 1, "a.b": 1}, {"a": {"b": 1}, "a[0]": 1}, {"a": 1, "values": {"a": 2}}, {"a": 1, "values": {"a": True}}, {"values[0]": 1},
    {"values": 5}, {"values": [1]},
    {"a..b": 1}, {"a": {1, 2}}, {"a": float("nan")}, {"a": float("inf")}, {"a": object()}, {"interval": 5}, {"releaseName": {"a": 1}}, {"a[0]": None}, [1], "x",
])
def test_values_that_contradict_or_are_none(values):
    with pytest.raises(InputError):
        d.normalise_values(values)


def test_values_of_any_depth_do_not_crash():
    deep: dict = {}
    for _level in range(5000):
        deep = {"a": deep}
    with pytest.raises(InputError, match="deeper"):
        d.normalise_values(deep)
    with pytest.raises(InputError):
        d.build(TYPE, "a", "b", script=deep)
    # How deep json writes depends on the Python; what never ends is refused by all.
    loop: list = []
    loop.append(loop)
    with pytest.raises(InputError):
        d.digest(loop)


@given(maps)
def test_merging_nothing_changes_nothing(base):
    assert d.merge(base, {}) == base


@given(maps, changes)
def test_merging_twice_is_merging_once(base, change):
    before = copy.deepcopy((base, change))
    once = d.merge(base, change)
    assert d.merge(once, change) == once
    assert (base, change) == before


@given(maps, maps)
def test_what_was_merged_is_there_and_the_rest_stays(base, change):
    merged = d.merge(base, change)

    def holds(whole, part):
        return all(holds(whole[key], value) if isinstance(value, dict) else whole[key] == value for key, value in part.items())

    assert holds(merged, change)
    assert all(merged[key] == value for key, value in base.items() if key not in change)
    assert [key for key in merged if key in base] == list(base)


@given(maps, changes)
def test_null_deletes(base, change):
    merged = d.merge(base, change)
    assert all(key not in merged for key, value in change.items() if value is None)
    assert "null" not in json.dumps(merged)


def test_merge_of_single_items():
    base = {"a": [{"n": 1, "p": 1}, 2]}
    assert d.merge(base, {"a": {0: {"p": 5}, 2: "new"}}) == {"a": [{"n": 1, "p": 5}, 2, "new"]}
    assert d.merge({}, {"a": {0: {"p": 5}}}) == {"a": [{"p": 5}]}
    for bad in ({"a": {3: 1}}, {"b": {1: 1}}):
        with pytest.raises(InputError, match="gap"):
            d.merge(base, bad)
    with pytest.raises(InputError, match="no list"):
        d.merge({"a": {"b": 1}}, {"a": {0: 1}})


def test_replace_is_the_types_document_with_the_values():
    before = copy.deepcopy(TYPE)
    document = d.build(TYPE, "orders", "shop", {"replicas": 3, "image.tag": "2", "ports[1].port": 9, "interval": None})
    assert document == {
        "apiVersion": "operators.apusic.com/v1alpha1", "kind": "HelmRelease", "metadata": {"name": "orders", "namespace": "shop", "labels": {"x": "y"}},
        "spec": {"values": {"replicas": 3, "ports": [{"name": "a", "port": 1}, {"name": "b", "port": 9}], "image": {"tag": "2"}}},
    }
    document["spec"]["values"]["ports"].append(1)
    assert before == TYPE


def test_merge_is_the_previous_document_with_the_values():
    previous = d.build(TYPE, "orders", "shop", {"replicas": 3})
    merged = d.build(TYPE, "orders", "shop", {"image": {"tag": "9"}}, mode="merge", previous=previous)
    assert merged["spec"]["values"]["replicas"] == 3 and merged["spec"]["values"]["image"] == {"tag": "9"}
    replaced = d.build(TYPE, "orders", "shop", {"image": {"tag": "9"}}, mode="replace", previous=previous)
    assert replaced["spec"]["values"]["replicas"] == 1
    assert d.build(TYPE, "orders", "shop", {"replicas": 5}, mode="merge") == d.build(TYPE, "orders", "shop", {"replicas": 5})


@given(maps, maps)
def test_replace_forgets_and_merge_remembers(first, second):
    one = d.build(TYPE, "a", "b", {"values": first})
    assert d.build(TYPE, "a", "b", {"values": second}, mode="replace", previous=one) == d.build(TYPE, "a", "b", {"values": second})
    assert d.build(TYPE, "a", "b", {}, mode="merge", previous=one) == one
    merged = d.build(TYPE, "a", "b", {"values": second}, mode="merge", previous=one)
    assert merged["spec"]["values"] == d.merge(one["spec"]["values"], second)
    assert d.build(TYPE, "a", "b", {"values": second}, mode="merge", previous=merged) == merged


@given(maps)
def test_form_and_script_agree(values):
    form = d.build(TYPE, "a", "b", {"values": values})
    assert d.build(TYPE, "a", "b", script=d.dump(form)) == form
    assert d.build(TYPE, "a", "b", script=form) == form


def test_documents_of_operators_and_without_a_type():
    assert d.build(OPERATOR, "a", "b", {"size": 5, "pod.x": 1})["spec"] == {"size": 5, "values": 1, "pod": {"x": 1}}
    assert d.build(None, "a", "b", {"x": 1}) == {
        "apiVersion": d.API_VERSION, "kind": "HelmRelease", "metadata": {"name": "a", "namespace": "b"}, "spec": {"values": {"x": 1}}}
    assert d.build({"apiVersion": d.API_VERSION, "kind": "HelmRelease", "metadata": None, "spec": {"values": None}}, "a", "b")["spec"] == {"values": {}}
    with pytest.raises(InputError, match="no mode"):
        d.build(TYPE, "a", "b", mode="overwrite")


def test_script():
    text = "apiVersion: operators.apusic.com/v1alpha1\nkind: HelmRelease\nspec:\n  values:\n    a: null\n    on: yes\n"
    assert d.build(TYPE, "a", "b", script=text) == {
        "apiVersion": d.API_VERSION, "kind": "HelmRelease", "metadata": {"name": "a", "namespace": "b"}, "spec": {"values": {"a": None, "on": True}}}
    assert d.build(TYPE, "a", "b", values={}, script=text)
    minimal = d.build(TYPE, "a", "b", script={"apiVersion": d.API_VERSION, "kind": "HelmRelease", "metadata": None, "spec": None})
    assert minimal["spec"] == {"values": {}}


@pytest.mark.parametrize(("script", "word"), [
    ({**TYPE, "metadata": {"name": "other"}}, 'name is "other"'), ({**TYPE, "metadata": {"name": "a", "namespace": "c"}}, 'namespace is "c"'),
    ({**TYPE, "metadata": {"name": None}}, "name"), ({**TYPE, "kind": "Pod"}, 'kind is "Pod"'), ({"spec": {}}, "apiVersion is missing"),
    ("", "not a document"),
    ({**TYPE, "metadata": {}, "spec": [1]}, "not a map"),
    ({**TYPE, "metadata": []}, "not a map"), ({**TYPE, "metadata": {}, "spec": {"values": [1]}}, "values are a map"),
    ("a: 1\na: 2", "twice"), ("[", "valid YAML"), ([1], "not a document"), ("a: !!python/name:os.system x", "tag"),
])
def test_scripts_that_do_not_fit(script, word):
    with pytest.raises(InputError, match=word) as caught:
        d.build(TYPE, "a", "b", script=script)
    assert "script" in caught.value.where


def test_values_and_script_exclude_each_other():
    with pytest.raises(InputError, match="exclude"):
        d.build(TYPE, "a", "b", values={"a": 1}, script=TYPE)


def test_digest():
    assert d.digest({"a": 1, "b": [1, "ü"]}) == d.digest({"b": [1, "ü"], "a": 1})
    assert d.digest({"a": 1}) != d.digest({"a": "1"}) != d.digest({"a": True})
    assert d.digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert d.digest("\ud800")
    for value in (float("nan"), {1, 2}):
        with pytest.raises(InputError):
            d.digest(value)


def test_changes_are_described():
    old = d.build(TYPE, "a", "b")
    new = d.build(TYPE, "a", "b", {"replicas": 3, "image": {"tag": None, "pull": {"policy": "x"}}, "ports[0].port": 7, "interval": None, "extra": {}})
    assert d.describe_changes(old, new) == [
        {"path": "interval", "before": "5m", "after": None, "change": "removed"},
        {"path": "values.extra", "before": None, "after": {}, "change": "added"},
        {"path": "values.image.pull.policy", "before": None, "after": "x", "change": "added"},
        {"path": "values.image.tag", "before": "1", "after": None, "change": "removed"},
        {"path": "values.ports[0].port", "before": 1, "after": 7, "change": "changed"},
        {"path": "values.replicas", "before": 1, "after": 3, "change": "changed"},
    ]
    assert d.describe_changes(old, old) == []
    assert d.describe_changes(None, {"spec": {"values": {"a": 1}}}) == [{"path": "values.a", "before": None, "after": 1, "change": "added"}]
    assert d.describe_changes({"a": 1}, {"a": True})[0]["after"] is True


def test_secrets_are_masked_wherever_they_show():
    def secret(path):
        return "password" in path

    old = {"spec": {"values": {"auth": {"password": "one", "user": "u"}, "users": [{"password": "four"}]}}}
    new = {"spec": {"values": {"auth": {"password": "two", "user": "v"}, "users": [{"password": "five"}, {"password": "six"}], "extra": {"password": ["x"]}}}}
    found = d.describe_changes(old, new, secret)
    text = json.dumps(found)
    for word in ("one", "two", "four", "five", "six", '"x"'):
        assert word not in text
    assert {"path": "values.auth.password", "before": d.MASK, "after": d.MASK, "change": "changed"} in found
    assert {"path": "values.auth.user", "before": "u", "after": "v", "change": "changed"} in found


def test_a_secret_may_be_a_whole_map():
    def secret(path):
        return path == ("values", "auth")

    for old, new in (({"a": "one"}, {"a": "two"}), (None, {"a": "two"}), ({"a": "one"}, None), ({"a": 1}, {"a": True})):
        found = d.describe_changes({"spec": {"values": {"auth": old}}}, {"spec": {"values": {"auth": new}}}, secret)
        assert [change["path"] for change in found] == ["values.auth"]
        assert "'one'" not in str(found) and "two" not in str(found)
    added = d.describe_changes({"spec": {"values": {}}}, {"spec": {"values": {"auth": {"a": "two"}}}}, secret)
    assert added == [{"path": "values.auth", "before": None, "after": d.MASK, "change": "added"}]
    assert d.describe_changes({"spec": {"values": {"auth": {"a": 1}}}}, {"spec": {"values": {"auth": {"a": 1}}}}, secret) == []


@given(maps, maps)
def test_changes_are_empty_exactly_when_nothing_differs(old, new):
    found = d.describe_changes({"spec": old}, {"spec": new})
    assert bool(found) == (d.digest(old) != d.digest(new))
    assert all(change["before"] is not change["after"] or change["before"] is None for change in found)
