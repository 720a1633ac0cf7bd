# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""x-descriptors, as the manual, OLM's console and published packages write them."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.form import _widgets
from hypothesis import given
from hypothesis import strategies as st

UI = "urn:alm:descriptor:com.tectonic.ui:"
K8S = "urn:alm:descriptor:io.kubernetes:"


@pytest.mark.parametrize(("widgets", "expected"), [
    (["text"], {"name": "text"}),
    ([UI + "text", UI + "advanced"], {"name": "text", "advanced": True}),
    ([UI + "booleanSwitch"], {"name": "boolean"}),
    ([UI + "ui:booleanSwitch"], {"name": "boolean"}),
    ([UI + "booleanCheck"], {"name": "boolean"}),
    ([UI + "selector:booleanSwitch"], {"name": "boolean"}),
    (["urn:alm:descriptor:tectonic.ui:checkbox"], {"name": "checkbox"}),
    (["{" + UI + "booleanSwitch}"], {"name": "boolean"}),
    ([UI + "int"], {"name": "number"}),
    ([UI + "slider", UI + "sliderStart:1"], {"name": "number", "minimum": 1}),
    (["urn:alm:descriptor:com.banzaicloud.vault:podCount"], {"name": "podCount"}),
    ([UI + "podCount", K8S + "custom"], {"name": "podCount"}),
    ([K8S + "custom"], {"name": ""}),
    ([K8S + "text"], {"name": "text"}),
    ([K8S + "imagePullPolicy"], {"name": "imagePullPolicy"}),
    ([K8S + "mongodb"], {"name": ""}),
    ([K8S + "Secret"], {"name": "selector", "kind": "Secret", "api_version": "v1"}),
    ([UI + "Secret"], {"name": "selector", "kind": "Secret", "api_version": "v1"}),
    (["binding:env:object:secret"], {"name": "selector", "kind": "Secret", "api_version": "v1"}),
    ([K8S + "core:v1:ConfigMap"], {"name": "selector", "kind": "ConfigMap", "api_version": "v1"}),
    ([K8S + "core:v1:StorageClass"], {"name": "selector", "kind": "StorageClass", "api_version": "storage.k8s.io/v1"}),
    ([K8S + "storage.k8s.io:v1beta1:StorageClass"], {"name": "selector", "kind": "StorageClass", "api_version": "storage.k8s.io/v1beta1"}),
    ([K8S + "ServiceAccount"], {"name": "selector", "kind": "ServiceAccount", "api_version": "v1"}),
    ([K8S + "EtcdCluster", "urn:alm:descriptor:text"], {"name": "selector", "kind": "EtcdCluster", "api_version": "etcd/v1"}),
    ([K8S + "SecretKeySelector"], {"name": "map", "kind": "Secret", "api_version": "v1"}),
    ([UI + "selector:core:v1:Pod"], {"name": "labelSelector", "kind": "Pod", "api_version": "v1"}),
    ([UI + "selector:"], {"name": "labelSelector"}),
    (["urn:alm:descriptor:label:selector"], {"name": "labelSelector"}),
    (["urn:alm:descriptor:etcd:endpoint"], {"name": ""}),
    ([UI + "select:a:b", UI + "select:", UI + "select:a:b"], {"name": "select", "choices": ("a:b", "")}),
    ([UI + "select"], {"name": "select"}),
    ([UI + "fieldGroup:Argo CD", UI + "arrayFieldGroup:x"], {"group": "Argo CD"}),
    ([UI + "fieldDependency:spec.a.b:v:1:true"], {"depends_on": (("spec.a.b:v:1", "true"),)}),
    ([UI + "fieldDependency:x"], {"depends_on": ()}),
    ([UI + "hidden"], {"hidden": True}),
    ([UI + "resourceRequirement"], {"name": "resourceRequirements"}),
    ([UI + "nodeAffinity"], {"name": "nodeAffinity"}),
    ([UI + "updateStrategy"], {"name": "updateStrategy"}),
    ([UI + "endpointList"], {"name": "endpointList"}),
    (["", "x:", ":", UI, K8S, UI + "sliderStart:inf", UI + "sliderStart:x"], {"name": ""}),
])
def test_descriptors(widgets, expected):
    assert _widgets.read(widgets, {"EtcdCluster": "etcd/v1"}) == _widgets.Widget(**expected)


def test_every_widget_shows_its_own_type():
    for name, kind in _widgets.ASKS.items():
        assert _widgets.fits(name, kind) and _widgets.fits(name, "any")
    for kind, name in _widgets.PLAIN.items():
        assert _widgets.fits(name, kind)
    assert not _widgets.fits("number", "string") and not _widgets.fits("", "string")


@given(st.lists(st.text(max_size=20) | st.sampled_from([UI, K8S]).flatmap(lambda start: st.text(max_size=20).map(lambda rest: start + rest))))
def test_no_text_breaks_them(widgets):
    found = _widgets.read(widgets, {})
    assert found.name == "" or found.name in _widgets.ASKS
