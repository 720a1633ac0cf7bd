# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of forms: converted, refused with label and path, put into documents."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.form import form
from ansible_collections.acmp.middleware.plugins.module_utils.package.form.form import Dependency, FormField
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model

ROOT = pathlib.Path(__file__).resolve().parents[3]
BASE = {"apiVersion": "operators.apusic.com/v1alpha1", "kind": "HelmRelease", "spec": {"values": {"keep": 1}}}
SIZE = FormField("values.size", "Size", type="integer", widget="number", minimum=1, maximum=9)
FIELDS = (
    SIZE,
    FormField("values.name", "Name", min_length=2, max_length=5, pattern="^[a-z]+$"),
    FormField("values.on", "On", type="boolean", widget="boolean"),
    FormField("values.ratio", "Ratio", type="number", widget="number", minimum=0.5),
    FormField("values.mode", "Mode", widget="select", choices=("yes", "no")),
    FormField("values.level", "Level", type="integer", widget="select", choices=(1, 2)),
    FormField("values.tags", "Tags", type="array", widget="list", max_items=2),
    FormField("values.labels", "Labels", type="object", widget="map"),
    FormField("values.any", "Any", type="any"),
    FormField("values.servers[0].host", "Host"),
    FormField(r"values.a\.b", "Dotted"),
    FormField("values.secret", "Hidden", hidden=True),
    FormField("releaseName", "Release"),
)


def fill(answers, base=..., fields=FIELDS, complete=True, **more):
    return form.fill(fields, answers, BASE if base is ... else base, complete=complete, origin="x 1.0.0", **more)


def problems(answers, **more):
    with pytest.raises(InputError) as caught:
        fill(answers, **more)
    found = caught.value.details["problems"]
    assert all(item["path"] in caught.value.what and item["message"] in caught.value.what for item in found)
    return {item["path"]: (item["label"], item["message"]) for item in found}


@pytest.mark.parametrize(("path", "answer", "expected"), [
    ("values.size", 3, 3), ("values.size", "3", 3), ("values.size", " 3 ", 3), ("values.size", 3.0, 3),
    ("values.ratio", "1", 1), ("values.ratio", "1.5", 1.5), ("values.ratio", "1e0", 1.0), ("values.ratio", 2, 2),
    ("values.on", True, True), ("values.on", "yes", True), ("values.on", "False", False), ("values.on", "OFF", False),
    ("values.name", "abc", "abc"), ("values.name", "true", "true"), ("values.name", "yes", "yes"), ("releaseName", "123", "123"),
    ("values.mode", "yes", "yes"), ("values.level", "2", 2),
    ("values.tags", ["a"], ["a"]), ("values.tags", "[a, 1]", ["a", 1]), ("values.tags", "- a\n- b", ["a", "b"]), ("values.labels", "a: 1", {"a": 1}),
    ("values.labels", {}, {}), ("values.any", "3", "3"), ("values.any", {"a": None}, {"a": None}), ("values.any", "", ""), (r"values.a\.b", "x", "x"),
])
def test_answers_become_what_the_field_is(path, answer, expected):
    found = form.take(FIELDS, fill({path: answer}))["answers"]
    assert found == {path: expected} and type(found[path]) is type(expected)


@pytest.mark.parametrize(("path", "label", "answer", "message"), [
    ("values.size", "Size", "x", "must be a whole number"), ("values.size", "Size", 1.5, "a whole number"), ("values.size", "Size", True, "whole number"),
    ("values.size", "Size", [3], "a whole number"), ("values.size", "Size", 10, "must be at most 9"), ("values.size", "Size", "0", "must be at least 1"),
    ("values.size", "Size", "9" * 40, "must be a whole number"),
    ("values.ratio", "Ratio", "nan", "must be a number"), ("values.ratio", "Ratio", float("inf"), "neither text"),
    ("values.ratio", "Ratio", 0.1, "at least 0.5"),
    ("values.on", "On", "maybe", "must be true or false"), ("values.on", "On", 1, "must be true or false"),
    ("values.name", "Name", 5, "must be text, in quotes"), ("values.name", "Name", True, "must be text, in quotes"),
    ("values.name", "Name", ["a"], "must be text"),
    ("values.name", "Name", "a", "must be at least 2 characters long"), ("values.name", "Name", "abcdef", "at most 5 characters"),
    ("values.name", "Name", "AB", r"must be text that matches ^[a-z]+$"), ("values.name", "Name", "", "at least 2 characters"),
    ("values.mode", "Mode", "maybe", 'must be one of "yes", "no"'), ("values.mode", "Mode", True, "in quotes"),
    ("values.level", "Level", 3, "must be one of 1, 2"), ("values.level", "Level", True, "must be one of 1, 2"),
    ("values.tags", "Tags", "a: 1", "must be a list"), ("values.tags", "Tags", ["a"] * 3, "a list of at most 2 items"),
    ("values.tags", "Tags", {}, "must be a list"),
    ("values.labels", "Labels", "a", "must be a map"), ("values.labels", "Labels", "a: [", "must be a map"), ("values.labels", "Labels", [], "must be a map"),
    ("values.any", "Any", {"a": {1, 2}}, "neither text, number"),
    ("values.secret", "Hidden", "x", "is hidden"),
    ("values.sice", "", 1, 'did you mean "values.size"'), ("nowhere.at.all", "", 1, "is no field of the form"), ("interval", "", "5m", "no field of the form"),
    ("values.size.x", "", 1, "is inside Size (values.size), which is a single value"), ("a..b", "", 1, "is no field path"), ("", "", 1, "is no field path"),
])
def test_what_does_not_fit_is_told_with_label_and_path(path, label, answer, message):
    found = problems({path: answer})
    assert list(found) == [path] and found[path][0] == label and message in found[path][1]


def test_all_of_them_at_once_and_never_the_answer():
    with pytest.raises(InputError) as caught:
        fill({"values.size": "hunter2", "values.on": "hunter2", "values.mode": "hunter2", "values.x": "hunter2"})
    error = caught.value
    assert len(error.details["problems"]) == 4 and "4 answers do not fit the form of x 1.0.0" in error.what
    assert "Size (values.size) must be a whole number" in error.what
    assert "hunter2" not in str(error.to_result())
    assert error.details["problems"][2]["allowed"] == ["yes", "no"]


def test_places_in_lists_and_maps():
    assert fill({"values.servers[0].host": "a", "values.servers[1].host": "b"})["spec"]["values"]["servers"] == [{"host": "a"}, {"host": "b"}]
    assert fill({"values.servers[1].host": "b", "values.servers[0].host": "a"})["spec"]["values"]["servers"] == [{"host": "a"}, {"host": "b"}]
    assert fill({"values.labels.x": 1, "values.labels": {"y": 2}})["spec"]["values"]["labels"] == {"y": 2, "x": 1}
    assert fill({"values.any[0]": 1})["spec"]["values"]["any"] == [1]
    found = problems({"values.servers[2].host": "x"})
    assert found["values.servers[2].host"][0] == "Host" and "would leave a gap" in found["values.servers[2].host"][1]
    assert "must be text" in problems({"values.servers[1].host": 5})["values.servers[1].host"][1]


@pytest.mark.parametrize(("base", "path", "message"), [
    ({"spec": {"values": {"servers": "x"}}}, "values.servers[0].host", "is no list"),
    ({"spec": {"values": {"servers": {"a": 1}}}}, "values.servers[0].host", "is no list"),
    ({"spec": {"values": "x"}}, "values.size", "is a single value"),
    ({"spec": {"values": [1]}}, "values.size", "is a list"),
    ({"spec": "x"}, "values.size", "spec of the document is no map"),
])
def test_a_path_that_leads_through_something_else(base, path, message):
    found = problems({path: "1" if path.endswith("size") else "a"}, base=base)
    assert message in found[path][1] and found[path][0]


def test_short_paths_of_charts():
    assert fill({"size": 3})["spec"]["values"] == {"keep": 1, "size": 3}
    assert problems({"size": 3, "values.size": 4}) == {"values.size": ("Size", "is answered twice")}
    with pytest.raises(InputError, match="no field of the form"):
        fill({"size": 3}, base={"kind": "Etcd", "apiVersion": "a/v1"})


def test_null_and_empty_answers_are_none():
    assert fill({"values.size": None, "values.on": "", "values.mode": "", "values.tags": ""}) == BASE
    assert fill({}, base={"kind": "x"}) == {"kind": "x"}, "no answer, no spec"


def test_name_and_namespace():
    assert fill({}, name="a", namespace="b")["metadata"] == {"name": "a", "namespace": "b"}
    assert fill({}, base={"metadata": {"labels": {}}}, name="a")["metadata"] == {"labels": {}, "name": "a"}
    assert fill({}, base={"metadata": None}, name="a")["metadata"] == {"name": "a"}


def test_nothing_that_was_given_is_changed():
    base = {"spec": {"values": {"labels": {}}}}
    answer = {"x": []}
    document = fill({"values.labels": answer}, base=base)
    document["spec"]["values"]["labels"]["x"].append(1)
    assert base == {"spec": {"values": {"labels": {}}}} and answer == {"x": []}


NEEDED = FormField("values.host", "Host", required=True)


def test_required_fields():
    assert problems({}, fields=(NEEDED,)) == {"values.host": ("Host", "is required")}
    assert problems({"values.host": ""}, fields=(NEEDED,)) == {"values.host": ("Host", "is required")}
    assert fill({"values.host": "a"}, fields=(NEEDED,))
    assert fill({}, fields=(NEEDED,), base={"spec": {"values": {"host": "a"}}})
    assert fill({}, fields=(NEEDED,), complete=False) == BASE
    assert problems({"values.host": None}, fields=(NEEDED,), complete=False), "emptied by somebody"
    assert fill({}, fields=(FormField("values.host", required=True, hidden=True),)) == BASE


@pytest.mark.parametrize(("answers", "asked"), [
    ({}, False), ({"values.kind": "s3"}, True), ({"values.kind": "gcs"}, True), ({"values.kind": "nfs"}, False),
    ({"values.kind": "s3", "values.backup": False}, False),
])
def test_a_dependent_field_is_required_only_while_it_is_asked(answers, asked):
    fields = (
        FormField("values.backup", type="boolean", default=True),
        FormField("values.kind", choices=("s3", "gcs", "nfs"), default="nfs", depends_on=(Dependency("values.backup", ("true",)),)),
        FormField("values.bucket", "Bucket", required=True, depends_on=(Dependency("values.kind", ("s3", "gcs")),)),
    )
    if asked:
        assert list(problems(answers, fields=fields)) == ["values.bucket"]
    assert fill({**answers, "values.bucket": "b"} if asked else answers, fields=fields)


def test_conditions_must_all_hold_and_circles_end():
    both = FormField("c", depends_on=(Dependency("a", ("1",)), Dependency("b", ("",))))
    known = {("c",): both}
    assert form.is_asked(both, known, {"a": 1}) and not form.is_asked(both, known, {"a": 1, "b": 2}) and not form.is_asked(both, known, None)
    one, other = FormField("a", default="x", depends_on=(Dependency("b", ("x",)),)), FormField("b", default="x", depends_on=(Dependency("a", ("x",)),))
    assert not form.is_asked(one, {("a",): one, ("b",): other}, {})


def test_what_is_no_answer_stays_in_the_rest():
    document = {"apiVersion": "a/v1", "kind": "X", "status": {}, "spec": {"values": {
        "size": 99, "on": "yes", "ratio": None, "name": "abc", "secret": "x", "tags": [], "unknown": {"a": None}, "level": True, "servers": [], "a.b": ""}}}
    parts = form.take(FIELDS, document)
    assert parts["answers"] == {"values.name": "abc", "values.tags": [], r"values.a\.b": ""}
    assert parts["rest"]["spec"]["values"] == {
        "size": 99, "on": "yes", "ratio": None, "secret": "x", "unknown": {"a": None}, "level": True, "servers": []}
    assert {item["path"]: item["message"] for item in parts["problems"]} == {
        "values.size": "must be at most 9", "values.on": "must be true or false as it is written", "values.level": "must be one of 1, 2"}
    assert fill(parts["answers"], base=parts["rest"], complete=False) == document


def test_fields_inside_fields_share_nothing():
    fields = (FormField("r", type="object"), FormField("r.l.m"), FormField("list", type="array"), FormField("list[0]"), FormField("list[1].x", type="any"))
    document = {"spec": {"r": {"l": {"m": "1Gi", "c": 1}}, "list": ["a", {"x": None, "y": 1}]}}
    parts = form.take(fields, document)
    assert parts["answers"] == {"r": {"l": {"c": 1}}, "r.l.m": "1Gi", "list": [None, {"x": None, "y": 1}], "list[0]": "a"}
    assert form.fill(fields, parts["answers"], parts["rest"], complete=False) == document
    assert form.fill(fields, {**parts["answers"], "r.l.m": "2Gi"}, parts["rest"], complete=False)["spec"]["r"]["l"]["m"] == "2Gi"


def test_an_answer_taken_back_takes_the_value_away():
    parts = form.take(FIELDS, {"spec": {"values": {"size": 3, "x": 1}}})
    assert fill({}, base=parts["rest"], complete=False) == {"spec": {"values": {"x": 1}}}


@pytest.mark.parametrize("document", [None, [], "kind: X", 5])
def test_what_is_no_document_is_refused(document):
    with pytest.raises(InputError, match="not a map"):
        form.take(FIELDS, document)
    with pytest.raises(InputError, match="not a map"):
        fill({}, base=document)
    with pytest.raises(InputError, match="not a map"):
        fill(document)


def test_a_document_deeper_than_the_limit_is_refused():
    deep: dict = {}
    for _level in range(200):
        deep = {"a": deep}
    with pytest.raises(InputError, match="deeper"):
        form.take(FIELDS, {"spec": deep})
    assert "deeper" in problems({"values.any": deep})["values.any"][1]


def test_the_form_of_a_package_both_ways():
    package = model.load(archive.read_folder(str(ROOT / "examples" / "packages" / "redis")))
    document = form.to_document(package, "replicated", {"values.replicas": "4", "persistence.enabled": "no"}, "cache", "shop")
    assert document["metadata"] == {"name": "cache", "namespace": "shop"}
    assert document["spec"]["values"]["replicas"] == 4 and document["spec"]["values"]["persistence"]["enabled"] is False
    parts = form.from_document(package, "replicated", document)
    assert parts["answers"]["values.replicas"] == 4 and parts["problems"] == []
    assert form.to_document(package, "replicated", parts["answers"], rest=parts["rest"]) == document
    with pytest.raises(InputError, match=r"of redis 1\..*Read replicas \(values.replicas\) must be at most 8"):
        form.to_document(package, None, {"values.replicas": 9})
