# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils import errors
from ansible_collections.acmp.middleware.plugins.module_utils.context import Secrets
from ansible_collections.acmp.middleware.plugins.module_utils.kube._refusals import Subject, error, parse
from hypothesis import given, settings
from hypothesis import strategies as st

SUBJECT = Subject("create", "Pod", "shop", "web")


def refuse(code, body=None, subject=SUBJECT, secrets=None, **status):
    return error(code, {"kind": "Status", **status}, subject, "https://api", secrets or Secrets(), body)


@pytest.mark.parametrize(("code", "status", "kind", "words"), [
    (401, {}, errors.Unauthorized, ["create Pod shop/web"]),
    (403, {"message": 'User "jo" cannot create'}, errors.Forbidden, ["Not allowed to create Pod shop/web", 'User "jo" cannot create']),
    (403, {"message": "exceeded quota: q, requested: cpu=2"}, errors.Forbidden, ["quota", "cpu=2", "ask a manager for more quota"]),
    (404, {}, errors.NotFound, ["does not know the kind Pod"]),
    (404, {"reason": "NotFound", "details": {"name": "shop", "kind": "namespaces"}}, errors.NotFound, ["namespace shop does not exist"]),
    (404, {"reason": "NotFound", "details": {"name": "web", "kind": "pods"}}, errors.NotFound, ["it does not exist"]),
    (409, {"reason": "AlreadyExists"}, errors.Conflict, ["exists already"]),
    (409, {"reason": "Conflict", "details": {"causes": [{"field": ".spec.x", "message": 'conflict with "helm"'}]}}, errors.Conflict,
     ["others manage", '.spec.x (conflict with "helm")']),
    (409, {"reason": "Conflict", "message": "the object has been modified"}, errors.Conflict, ["has been modified"]),
    (422, {"details": {"causes": [{"field": "spec.a", "message": "Required value"}]}}, errors.KubeError, ["spec.a: Required value"]),
    (429, {}, errors.KubeError, ["too busy"]),
    (500, {"message": "webhook failed"}, errors.KubeError, ["webhook failed"]),
])
def test_each_refusal_in_words(code, status, kind, words):
    found = refuse(code, **status)
    assert found.__class__ is kind and found.status == code and found.todo
    assert all(word in found.message for word in words), found.message


def test_what_is_missing_is_told_apart():
    assert refuse(404).details["missing"] == "kind"
    assert refuse(404, details={"name": "web", "kind": "pods"}).details["missing"] == "object"
    assert refuse(404, details={"name": "shop", "kind": "namespaces"}).details["missing"] == "namespace"
    assert refuse(404, subject=Subject("get", "Namespace", None, "shop"), details={"name": "shop", "kind": "namespaces"}).details["missing"] == "object"


@settings(deadline=None)
@given(st.text(st.characters(codec="ascii", min_codepoint=33, exclude_characters="*"), min_size=2).map("Zq7~".__add__))
def test_values_of_a_secret_are_in_no_message(value):
    coded = base64.b64encode(value.encode()).decode()
    body = {"kind": "Secret", "stringData": {"a": value}, "data": {"b": coded}}
    found = refuse(422, body, message=f"Invalid value: {value} {coded}", details={"causes": [{"field": "f", "message": f"bad {value}"}]})
    shown = str(found.to_result())
    assert coded not in shown and value not in found.message


def test_registered_secrets_are_in_no_message():
    secrets = Secrets()
    secrets.add("hunter22")
    assert "hunter22" not in str(refuse(500, message="x hunter22", secrets=secrets).to_result())


@settings(deadline=None)
@given(st.binary())
def test_any_answer_parses(data):
    assert isinstance(parse(data), dict)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@settings(deadline=None)
@given(st.integers(400, 599), st.dictionaries(st.sampled_from(["message", "reason", "details", "code"]), json_values))
def test_any_status_becomes_an_error(code, status):
    assert error(code, status, SUBJECT, "https://api", Secrets()).message
