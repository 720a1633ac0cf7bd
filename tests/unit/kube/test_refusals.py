# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils import errors, rights
from ansible_collections.acmp.middleware.plugins.module_utils.context import Secrets
from ansible_collections.acmp.middleware.plugins.module_utils.kube._refusals import Subject, error, parse
from ansible_collections.acmp.middleware.plugins.module_utils.kube.client import Kube
from ansible_collections.acmp.middleware.plugins.module_utils.rights import GRANTS, granted_by
from hypothesis import given, settings
from hypothesis import strategies as st

SUBJECT = Subject("create", "Pod", "shop", "web")


def refuse(code, body=None, subject=SUBJECT, secrets=None, **status):
    return error(code, {"kind": "Status", **status}, subject, "https://api", secrets or Secrets(), body)


@pytest.mark.parametrize(("code", "status", "kind", "words"), [
    (401, {}, errors.Unauthorized, ["create Pod shop/web"]),
    (403, {}, errors.Forbidden, ["Not allowed to create Pod shop/web", "no reason is given"]),
    (403, {"message": "the proxy says no"}, errors.Forbidden, ["Not allowed to create Pod shop/web: the proxy says no"]),
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


# Texts as the API server of Kubernetes 1.28 to 1.35 writes them.
RIGHT = 'User "jo" cannot {} resource "{}" in API group "{}" {}'


@pytest.mark.parametrize(("text", "facts", "words"), [
    ('pods "web" is forbidden: ' + RIGHT.format("create", "pods", "", 'in the namespace "shop"'), ("create", "pods", "", "shop", "administrator"),
     "Not allowed to create Pod shop/web: jo lacks the right to create pods in namespace shop"),
    ("deployments.apps is forbidden: " + RIGHT.format("list", "deployments", "apps", 'in the namespace "shop"'),
     ("list", "deployments", "apps", "shop", "consumer"), "jo lacks the right to list deployments.apps in namespace shop"),
    ("instances.operators.apusic.com is forbidden: " + RIGHT.format("list", "instances", "operators.apusic.com", "at the cluster scope"),
     ("list", "instances", "operators.apusic.com", "", "manager"), "jo lacks the right to list instances.operators.apusic.com in the whole cluster"),
    ('namespaces "shop" is forbidden: ' + RIGHT.format("patch", "namespaces", "", 'in the namespace "shop"'), ("patch", "namespaces", "", "shop", "manager"),
     "patch namespaces in namespace shop"),
    ('serviceaccounts "acmp-workspace" is forbidden: ' + RIGHT.format("create", "serviceaccounts/token", "", 'in the namespace "shop"') + ": RBAC: x not found",
     ("create", "serviceaccounts/token", "", "shop", "manager"), "create serviceaccounts/token in namespace shop"),
    ('packages.operators.apusic.com "p" is forbidden: ' + RIGHT.format("patch", "packages/status", "operators.apusic.com", 'in the namespace "acmp-incoming"'),
     ("patch", "packages/status", "operators.apusic.com", "acmp-incoming", "developer"),
     "patch packages.operators.apusic.com/status in namespace acmp-incoming"),
    ('users "dave" is forbidden: ' + RIGHT.format("impersonate", "users", "", "at the cluster scope"), ("impersonate", "users", "", "", "administrator"),
     "impersonate users in the whole cluster"),
    ('users "da\\"ve" is forbidden: ' + RIGHT.format("impersonate", "users", "", "at the cluster scope"), ("impersonate", "users", "", "", "administrator"),
     "impersonate users in the whole cluster"),
    ('forbidden: User "jo" cannot get path "/version"', ("get", "/version", "", "", "administrator"), "get /version in the whole cluster"),
    ('secrets "web-db" is forbidden: User "system:serviceaccount:shop:web" cannot get resource "secrets" in API group "" in the namespace "acmp-project-p"',
     ("get", "secrets", "", "acmp-project-p", "consumer"), "system:serviceaccount:shop:web lacks the right to get secrets in namespace acmp-project-p"),
    ('rolebindings.rbac.authorization.k8s.io "x" is forbidden: user "jo" (groups=["a"]) is attempting to grant RBAC permissions not currently held:\n'
     '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}', ("bind", "clusterroles", "rbac.authorization.k8s.io", "shop", "administrator"),
     "jo lacks the right to bind clusterroles.rbac.authorization.k8s.io in namespace shop"),
])
def test_a_missing_right_is_named_with_who_grants_it(text, facts, words):
    found = refuse(403, message=text, reason="Forbidden")
    assert found.__class__ is errors.Forbidden and words in found.what, found.what
    assert tuple(found.details[key] for key in ("verb", "resource", "group", "namespace", "grant")) == facts
    assert found.todo == GRANTS[facts[-1]] and found.details["message"] == text and len(found.what) < 250


@pytest.mark.parametrize(("code", "text", "by", "words"), [
    (403, 'pods "web" is forbidden: exceeded quota: acmp, requested: requests.cpu=2, used: requests.cpu=1, limited: requests.cpu=2', "quota",
     "The quota does not allow to create Pod shop/web: exceeded quota: acmp, requested: requests.cpu=2"),
    (403, 'pods "web" is forbidden: failed quota: acmp: must specify limits.cpu for: c; requests.memory for: c', "quota", "must specify limits.cpu for: c"),
    (403, 'pods "web" is forbidden: [maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Pod is 1Gi, but limit is 2Gi]', "limits",
     "maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Pod is 1Gi, but limit is 2Gi"),
    (403, 'pods "web" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000', "limits", "ratio per Container is 2"),
    (403, 'pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set ...)', "pod security",
     "Pod Security level restricted:latest does not allow to create Pod shop/web: allowPrivilegeEscalation != false"),
    (403, 'admission webhook "validation.gatekeeper.sh" denied the request: [team-label] you must provide a label: User "x" cannot be empty', "webhook",
     "The admission webhook validation.gatekeeper.sh does not allow to create Pod shop/web: [team-label] you must provide a label"),
    (400, 'admission webhook "a.b" denied the request without explanation', "webhook", "a.b does not allow to create Pod shop/web: no reason is given"),
    (422, "pods \"web\" is forbidden: ValidatingAdmissionPolicy 'acmp-guard' with binding 'acmp-guard' denied request: shop belongs to no project", "policy",
     "The policy acmp-guard of the cluster does not allow to create Pod shop/web: shop belongs to no project"),
    (403, 'pods "web" is forbidden: unable to create new content in namespace shop because it is being terminated', "terminating namespace",
     "The namespace shop is being deleted (tried to create Pod shop/web)"),
    (403, 'namespaces "kube-system" is forbidden: this namespace may not be deleted', "rule", "this namespace may not be deleted"),
    (403, 'pods "web" is forbidden: error looking up service account shop/x: serviceaccount "x" not found', "rule", 'serviceaccount "x" not found'),
])
def test_a_rule_of_the_cluster_is_no_missing_right(code, text, by, words):
    found = refuse(code, message=text, reason="Forbidden")
    assert found.__class__ is errors.Refused and found.status == code and found.todo and found.details["refusedBy"] == by
    assert words in found.what and "grant" not in found.details and "lacks the right" not in found.what, found.what


def test_faults_of_fields_stay_faults_of_fields():
    assert refuse(422, message="Pod is invalid: exceeded quota: x", details={"causes": [{"field": "spec", "message": "bad"}]}).__class__ is errors.KubeError


def _each(rules):
    for rule in rules:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    for name in rule.get("resourceNames", ["x"]):
                        yield verb, group, resource, name


@pytest.mark.parametrize(("rules", "namespace", "grants"), [
    (rights.CONSUMER, "shop", {"consumer"}), (rights.MANAGER, None, {"manager", "administrator"}),
    (rights.MANAGER, "shop", {"manager", "consumer", "administrator"}), (rights.EVERYONE, None, {"administrator"}),
    (rights.LIBRARIAN, rights.CATALOG, {"manager", "administrator"}), (rights.DEVELOPER, rights.INCOMING, {"developer"}),
    (rights.KEEPER, rights.SYSTEM, {"manager"}), (rights.KEEPER, rights.PROJECT_SPACES + "p", {"manager", "consumer"}),
])
def test_who_grants_follows_from_the_roles(rules, namespace, grants):
    found = {granted_by(verb, group, resource, namespace, name) for verb, group, resource, name in _each(rules)}
    assert found == grants


@pytest.mark.parametrize(("verb", "group", "resource", "namespace"), [
    ("create", "", "pods/exec", "shop"), ("create", "rbac.authorization.k8s.io", "clusterroles", None), ("patch", "", "nodes", None),
    ("create", "apiextensions.k8s.io", "customresourcedefinitions", None), ("get", "", "secrets", "kube-system"), ("list", "", "secrets", None),
    ("create", "", "serviceaccounts/token", "kube-system"),
])
def test_what_no_role_holds_an_administrator_grants(verb, group, resource, namespace):
    assert granted_by(verb, group, resource, namespace, "x") == "administrator"


def test_no_role_holds_a_star():
    for rules in (rights.CONSUMER, rights.EVERYONE, rights.MANAGER, rights.KEEPER, rights.RENEWER, rights.LIBRARIAN, rights.DEVELOPER, rights.READER):
        for rule in rules:
            assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
            assert not {"escalate", "impersonate", "deletecollection"} & set(rule["verbs"])
            assert "bind" not in rule["verbs"] or rule["resourceNames"]


class Denying:
    """A Kube of which only the words of require() are wanted."""

    server = "https://api"
    require = Kube.require

    def can_i(self, *_asked):
        return False

    def whoami(self):
        return {"username": "jo"}


def test_a_right_asked_for_beforehand_is_told_in_the_same_words():
    with pytest.raises(errors.Forbidden) as found:
        Denying().require("create", "operators.apusic.com", "packages", rights.CATALOG, to="publish a package with errors")
    assert found.value.what == (
        "Not allowed to publish a package with errors: jo lacks the right to create packages.operators.apusic.com in namespace acmp-catalog")
    assert found.value.details["grant"] == "manager" and found.value.todo == GRANTS["manager"]
