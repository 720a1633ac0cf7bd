# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helm 3 and 4 on a real cluster: what is applied, kept, left to others, and healed."""

from __future__ import annotations

import pytest

from ansible_collections.acmp.middleware.plugins.module_utils.errors import HelmError
from ansible_collections.acmp.middleware.plugins.module_utils.helm import actions, manifest, post_render, releases, render

from .conftest import find_helm, write_chart


def head(kube, space):
    return releases.latest(releases.heads(kube, space, "db"))


def test_the_life_of_a_release(helm, kube, space, chart, ctx, uids):
    values = {"text": "päss: 'x' \u2028 😀"}
    first = render.render(helm, chart, "db", space, values, None, ctx)
    again = render.render(helm, chart, "db", space, values, None, ctx)
    assert post_render.uses_random(chart)
    rules = post_render.rules_for(first.objects, again.objects)
    assert rules.secrets == {"db-password"} and rules.needed(first.objects)

    done = actions.install(helm, chart, "db", space, values, kube, ctx, labels={"acmp-digest": "a" * 40}, description="first", rules=rules)
    assert done.revision == 1 and len(ctx.processes) == 3
    newest = head(kube, space)
    assert (newest.status, newest.labels) == ("deployed", {"acmp-digest": "a" * 40})
    release = releases.read(kube, space, "db", 1)
    assert (release.status, release.config, release.description, release.chart["name"]) == ("deployed", values, "first", "small")
    assert release.apply_method == ("ssa" if helm.major == 4 else "")
    assert {item["kind"] for item in release.objects() if manifest.kept(item)} == {"PersistentVolumeClaim", "Secret"}
    assert kube.get("v1", "ConfigMap", "db-0", space)["data"] == {"a": values["text"]}
    before = uids()

    # Helm 3 and 4 must hand the same names on, or the next step would prune.
    rendered = render.render(helm, chart, "db", space, {}, kube, ctx, installed=True)
    assert manifest.lost(release.objects(), rendered.objects, space) == []
    rules = post_render.rules_for(rendered.objects, before=release.objects())
    assert actions.upgrade(helm, chart, "db", space, {}, kube, ctx, rules=rules, previous=release, labels={"acmp-digest": "b" * 40}).revision == 2
    assert uids() == before
    # An empty mapping is meant: helm alone would go on with the last release's values.
    assert releases.read(kube, space, "db", 2).config == {}
    assert kube.get("v1", "ConfigMap", "db-0", space)["data"] == {"a": "one"}

    assert actions.rollback(helm, "db", space, 1, kube, ctx, previous=release).revision == 3
    assert head(kube, space).labels == {"acmp-digest": "a" * 40}
    assert kube.get("v1", "ConfigMap", "db-0", space)["data"] == {"a": values["text"]}
    assert uids() == before

    done = actions.uninstall(helm, "db", space, kube, ctx)
    assert sorted(done.kept) == [("PersistentVolumeClaim", "db-data"), ("Secret", "db-password")]
    assert releases.heads(kube, space, "db") == []
    assert actions.uninstall(helm, "db", space, kube, ctx).kept == ()
    # What was kept is taken over by the next installation of that name.
    actions.install(helm, chart, "db", space, {}, kube, ctx, rules=rules)
    after = uids()
    for key in (("PersistentVolumeClaim", "db-data"), ("Secret", "db-password")):
        assert after[key] == before[key]
    assert ctx.warnings == []


def test_values_reach_no_argument_list(helm, kube, space, chart, ctx):
    actions.install(helm, chart, "db", space, {"text": "planted-4711"}, kube, ctx)
    assert "planted-4711" not in repr(ctx.processes)


def test_others_fields_are_left_alone(helm, kube, space, chart, ctx):
    """A scale, a restart and a repair by other managers neither stop the next upgrade nor are undone by it, where the chart allows."""
    release_rules = post_render.Rules()
    actions.install(helm, chart, "db", space, {}, kube, ctx, rules=release_rules)
    kube.patch("apps/v1", "Deployment", "db", space, {"spec": {"replicas": 3}}, subresource="scale")
    kube.patch("apps/v1", "Deployment", "db", space, {"spec": {"template": {"metadata": {"annotations": {"restartedAt": "now"}}}}})
    kube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "db-0", "namespace": space}, "data": {"a": "repaired"}}, field_manager="acmp")
    rules = post_render.Rules(replicas={("Deployment", "db"): 3})
    for revision in (2, 3):
        previous = releases.read(kube, space, "db", revision - 1)
        assert actions.upgrade(helm, chart, "db", space, {"text": f"t{revision}"}, kube, ctx, rules=rules, previous=previous).revision == revision
        live = kube.get("apps/v1", "Deployment", "db", space)
        assert live["spec"]["replicas"] == 3
        assert live["spec"]["template"]["metadata"]["annotations"]["restartedAt"] == "now"
        assert kube.get("v1", "ConfigMap", "db-0", space)["data"] == {"a": f"t{revision}"}


@pytest.mark.parametrize("order", [(3, 4, 3, 4), (4, 3, 4, 4)], ids=str)
def test_a_release_changes_hands_between_the_majors(order, kube, space, chart, ctx, uids):
    helms = [find_helm(major, ctx) for major in order]
    actions.install(helms[0], chart, "db", space, {}, kube, ctx, rules=post_render.Rules())
    before = uids()
    for revision, helm in enumerate(helms[1:], start=2):
        previous = releases.read(kube, space, "db", revision - 1)
        values = {"text": f"t{revision}"}
        assert actions.upgrade(helm, chart, "db", space, values, kube, ctx, rules=post_render.Rules(), previous=previous).revision == revision
        assert kube.get("v1", "ConfigMap", "db-0", space)["data"] == {"a": f"t{revision}"}
    assert uids() == before
    previous = releases.read(kube, space, "db", 1)
    actions.rollback(helms[-1], "db", space, 1, kube, ctx, previous=previous)
    assert kube.get("v1", "ConfigMap", "db-0", space)["data"] == {"a": "one"}


def test_a_careless_chart_is_still_deployed(helm, kube, space, ctx, tmp_path):
    chart = write_chart(tmp_path)
    careless = {"env": '{name: A, value: "1"}, {name: A, value: "2"}'}
    actions.install(helm, chart, "db", space, careless, kube, ctx)
    assert head(kube, space).status == "deployed"
    assert any("server-side apply" in line for line in ctx.warnings) == (helm.major == 4)
    previous = releases.read(kube, space, "db", 1)
    assert previous.apply_method == ("csa" if helm.major == 4 else "")
    started = len(ctx.processes)
    actions.upgrade(helm, chart, "db", space, careless, kube, ctx, previous=previous)
    assert len(ctx.processes) == started + 1


def test_an_object_of_somebody_else_is_refused(helm, kube, space, chart, ctx):
    kube.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "namespace": space}, "spec": {"ports": [{"port": 1}]}})
    with pytest.raises(HelmError, match="belongs to something else"):
        actions.install(helm, chart, "db", space, {}, kube, ctx)
    assert releases.heads(kube, space, "db") == []


def test_a_chart_that_does_not_render(helm, space, chart, ctx, tmp_path):
    with pytest.raises(HelmError, match="cannot be rendered with these values.*deployment.yaml"):
        render.render(helm, chart, "db", space, {"env": "{"}, None, ctx)
    demanding = write_chart(tmp_path, **{"a.yaml": '{{ required "give a password" .Values.password }}'})
    with pytest.raises(HelmError, match="give a password"):
        render.render(helm, demanding, "db", space, {}, None, ctx)


def test_a_chart_that_eats_memory_is_bounded(helm, space, ctx, tmp_path, monkeypatch):
    chart = write_chart(tmp_path, **{"bomb.yaml": '{{ $x := "xxxxxxxxxxxxxxxx" }}{{ range until 40 }}{{ $x = printf "%s%s" $x $x }}{{ end }}a: {{ $x }}'})
    monkeypatch.setattr(render, "MEMORY", 1 << 30)
    with pytest.raises(HelmError):
        render.render(helm, chart, "db", space, {}, None, ctx)


def test_impersonation_reaches_helm(helm, kubeconfig, space, chart, ctx):
    from ansible_collections.acmp.middleware.plugins.module_utils.kube import connect
    nobody = connect.connect({"kubeconfig": kubeconfig}, ctx, act_as={"user": "nobody-here", "groups": ["none"]})
    with pytest.raises(HelmError, match="nobody-here"):
        actions.install(helm, chart, "db", space, {}, nobody, ctx)
