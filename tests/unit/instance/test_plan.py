# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run does to an instance, for what is recorded and what Helm has."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.catalog.entries import Entry
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError, InstanceError
from ansible_collections.acmp.middleware.plugins.module_utils.helm.revisions import DIGEST_LABEL, Head, digest_label
from ansible_collections.acmp.middleware.plugins.module_utils.instance._desired import desired
from ansible_collections.acmp.middleware.plugins.module_utils.instance._observe import Observed
from ansible_collections.acmp.middleware.plugins.module_utils.instance._plan import plan
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import from_params
from ansible_collections.acmp.middleware.plugins.module_utils.package import yaml_reader

DEFAULT = {
    "apiVersion": "operators.apusic.com/v1alpha1", "kind": "HelmRelease",
    "spec": {"values": {"replicas": 1, "auth": {"existingSecret": "", "adminPassword": ""}}},
}
LARGE = {**DEFAULT, "spec": {"values": {**DEFAULT["spec"]["values"], "replicas": 3}}}


def entry(version="1.0.0", sha256="a" * 64, **more):
    types = [{"name": "default", "document": yaml_reader.dump(DEFAULT)}, {"name": "large", "document": yaml_reader.dump(LARGE)}]
    generated = [{"path": "values.auth.existingSecret", "suffix": "auth", "key": "password", "length": 24}]
    return Entry({"name": "redis", "version": version, "sha256": sha256, "mode": "helm", "types": types, "generatedSecrets": generated, **more}, "acmp-catalog")


def ask(**more):
    return from_params({"name": "orders", "namespace": "shop", "package": "redis", **more})


def head(status="deployed", revision=1, digest=""):
    return Head(name="orders", namespace="shop", revision=revision, status=status, secret="s", labels={DIGEST_LABEL: digest_label(digest)} if digest else {})


def recorded(wanted, phase="Ready", ready=True, helm_revision=1, **spec):
    status = {"phase": phase, "helmRevision": helm_revision, "revision": 1, "operation": "op"}
    status |= {"readyRevision": 1, "readyHelmRevision": helm_revision, "readyDigest": wanted.digest} if ready else {}
    document = yaml_reader.dump(wanted.document)
    spec = {
        "package": "redis", "version": wanted.entry.spec["version"], "type": wanted.type, "sha256": wanted.entry.spec["sha256"], "document": document,
        "digest": wanted.digest, "releaseName": "orders", **spec,
    }
    return {"metadata": {"name": "orders", "namespace": "shop", "resourceVersion": "1"}, "spec": spec, "status": status}


def settled(wanted, **more):
    return Observed(recorded(wanted, **more), (head(digest=wanted.digest),))


def test_a_new_instance_is_installed_and_its_secret_generated():
    wanted = desired(ask(), entry(), None)
    found = plan(ask(), wanted, Observed())
    assert (found.verb, found.release, found.healing) == ("deploy", "install", "")
    assert found.actions == ("create Secret orders-auth", "deploy redis 1.0.0 (default) as shop/orders")
    assert wanted.document["spec"]["values"]["auth"]["existingSecret"] == "orders-auth"


def test_the_same_again_is_nothing():
    wanted = desired(ask(), entry(), None)
    assert plan(ask(), wanted, settled(wanted)).empty


def test_the_same_said_in_another_way_is_nothing():
    first = desired(ask(values={"replicas": 2}), entry(), None)
    request = ask(values={"values": {"replicas": 2}})
    assert plan(request, desired(request, entry(), recorded(first)["spec"]), settled(first)).empty


def test_a_secret_of_ones_own_is_left_alone():
    wanted = desired(ask(values={"auth.existingSecret": "mine"}), entry(), None)
    assert wanted.generated == ()


def test_a_change_shows_what_changes():
    before = desired(ask(), entry(), None)
    request = ask(values={"replicas": 3})
    found = plan(request, desired(request, entry(), recorded(before)["spec"]), settled(before))
    assert (found.verb, found.release) == ("change", "upgrade")
    assert found.actions == ("set values.replicas: 1 → 3",)


def test_merge_keeps_what_was_recorded_and_replace_does_not():
    before = desired(ask(values={"replicas": 5}), entry(), None)
    spec = recorded(before)["spec"]
    merged = desired(ask(values={"extra": 1}, values_mode="merge"), entry(), spec)
    replaced = desired(ask(values={"extra": 1}), entry(), spec)
    assert merged.document["spec"]["values"]["replicas"] == 5
    assert replaced.document["spec"]["values"]["replicas"] == 1


def test_the_recorded_type_stays_until_another_is_asked():
    before = desired(ask(type="large"), entry(), None)
    assert desired(ask(), entry(), recorded(before)["spec"]).type == "large"
    assert desired(ask(type="default"), entry(), recorded(before)["spec"]).type == "default"


def test_an_unknown_type_names_the_nearest():
    with pytest.raises(InputError) as caught:
        desired(ask(type="lagre"), entry(), None)
    assert "large" in caught.value.todo


@pytest.mark.parametrize(("heads", "healing", "release"), [
    ((), "", "install"),
    ((head("failed"),), "forget", "install"),
    ((head("pending-install"),), "forget", "install"),
    ((head("superseded"), head("pending-upgrade", 2)), "close", "upgrade"),
    ((head("uninstalling"),), "purge", "install"),
])
def test_a_run_that_died_is_finished(heads, healing, release):
    wanted = desired(ask(), entry(), None)
    found = plan(ask(), wanted, Observed(recorded(wanted, phase="Deploying", ready=False), heads))
    assert (found.verb, found.healing, found.release) == ("deploy", healing, release)
    assert not found.empty


def test_a_release_that_an_interrupted_run_deployed_is_only_waited_for():
    wanted = desired(ask(), entry(), None)
    seen = Observed(recorded(wanted, phase="Deploying", ready=False, helm_revision=0), (head(digest=wanted.digest),))
    found = plan(ask(), wanted, seen)
    assert (found.verb, found.release) == ("deploy", "keep")


def test_a_release_deleted_by_hand_is_installed_again():
    wanted = desired(ask(), entry(), None)
    found = plan(ask(), wanted, Observed(recorded(wanted), ()))
    assert found.release == "install"
    assert "gone" in found.actions[0]


def test_a_foreign_helm_revision_is_noticed():
    wanted = desired(ask(), entry(), None)
    found = plan(ask(), wanted, Observed(recorded(wanted), (head("superseded"), head(revision=2))))
    assert found.release == "upgrade"


def test_a_name_taken_by_another_release_is_refused():
    with pytest.raises(InstanceError, match="taken"):
        plan(ask(), desired(ask(), entry(), None), Observed(heads=(head(),)))


def test_a_release_of_plain_helm_is_taken_over_only_when_told():
    foreign = Observed(None, (head(revision=4),))
    found = plan(ask(adopt=True), desired(ask(), entry(), None), foreign)
    assert (found.verb, found.release, found.adopts) == ("deploy", "upgrade", True)
    assert found.actions[0] == "take over Helm release orders (revision 4)"
    assert not plan(ask(adopt=True), desired(ask(), entry(), None), Observed()).adopts


def test_another_package_is_refused():
    wanted = desired(ask(), entry(), None)
    with pytest.raises(InstanceError, match='runs package "kafka"'):
        plan(ask(), wanted, settled(wanted, package="kafka"))


def test_an_upgrade_needs_an_edge_and_never_goes_back():
    before = desired(ask(), entry("1.0.0"), None)
    newer = desired(ask(), entry("1.1.0", upgrade={"replaces": "1.0.0"}), recorded(before)["spec"])
    assert plan(ask(), newer, settled(before)).actions == ("upgrade shop/orders from 1.0.0 to 1.1.0",)
    with pytest.raises(InstanceError, match="does not say that it follows"):
        plan(ask(), desired(ask(), entry("1.1.0"), recorded(before)["spec"]), settled(before))
    with pytest.raises(InstanceError, match="is older"):
        plan(ask(), desired(ask(), entry("0.9.0"), recorded(before)["spec"]), settled(before))


def test_secret_values_are_neither_in_the_document_nor_in_the_digest():
    package = entry(secretPaths=["values.auth.adminPassword"])
    one = desired(ask(values={"auth.adminPassword": "hunter22"}), package, None)
    two = desired(ask(secret_values={"auth.adminPassword": "other999"}), package, None)
    assert "hunter22" not in str(one.document) and one.digest == two.digest
    assert list(one.given_secrets.values()) == ["hunter22"] and list(two.given_secrets.values()) == ["other999"]
    assert not plan(ask(), one, settled(one)).empty


def test_only_the_description_changes_the_record():
    wanted = desired(ask(), entry(), None)
    found = plan(ask(description="for orders"), wanted, settled(wanted))
    assert (found.verb, found.release) == ("describe", "keep")


def test_another_project_changes_the_record():
    wanted = desired(ask(), entry(), None)
    found = plan(ask(project="web"), wanted, settled(wanted))
    assert (found.verb, found.release) == ("describe", "keep")
    assert plan(ask(project="web"), wanted, settled(wanted, project="web")).empty


def test_removed_is_deployed_again():
    wanted = desired(ask(), entry(), None)
    found = plan(ask(), wanted, Observed(recorded(wanted, phase="Removed"), ()))
    assert (found.verb, found.release) == ("deploy", "install")
