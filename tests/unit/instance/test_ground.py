# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The namespace of a deployment: there, missing, of another project, being deleted, or nobody's to look at."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import CatalogError, Forbidden, InputError, InstanceError, NotFound
from ansible_collections.acmp.middleware.plugins.module_utils.instance import _ground, _observe
from ansible_collections.acmp.middleware.plugins.module_utils.instance.places import Local
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import from_params
from ansible_collections.acmp.middleware.plugins.module_utils.rights import PROJECT_LABEL


class Cluster:
    """objects: {(kind, name): labels or an exception to raise}; asked: what was read, written: what was applied."""

    server = "https://here"

    def __init__(self, objects):
        self.objects, self.asked, self.written = objects, [], []

    def get(self, _api, kind, name, _namespace=None, metadata_only=False):
        self.asked.append((kind, name))
        found = self.objects.get((kind, name), self.objects.get(kind))
        if isinstance(found, Exception):
            raise found
        return found

    def list(self, _api, kind, *_more, **_options):
        found = self.objects.get(kind)
        if isinstance(found, Exception):
            raise found
        return [{**found, "metadata": {"name": name}} for (each, name), found in self.objects.items() if each == kind and isinstance(found, dict)]

    def apply(self, obj):
        self.written.append(obj)


def namespace(project=None, **meta):
    return {"metadata": {"labels": {PROJECT_LABEL: project} if project else {}, **meta}}


def ask(**more):
    return from_params({"name": "orders", "namespace": "shop", **more})


def look(objects, **more):
    cluster = Cluster(objects)
    return _ground.look(Local(cluster, cluster), ask(**more)), cluster


def test_a_namespace_of_no_project_is_anybodys():
    ground, cluster = look({("Namespace", "shop"): namespace()})
    assert ground.exists and cluster.asked == [("Namespace", "shop")]


def test_a_namespace_of_the_project():
    ground, _cluster = look({("Namespace", "shop"): namespace("web"), ("Project", "web"): {}}, project="web")
    assert ground.exists


@pytest.mark.parametrize("project", ["default", "other"])
def test_a_namespace_of_another_project_is_refused_by_name(project):
    with pytest.raises(InputError, match='belongs to project "web"') as caught:
        look({("Namespace", "shop"): namespace("web"), ("Project", "other"): {}}, project=project)
    assert caught.value.todo == "say project: web"


def test_an_unknown_project_names_the_nearest():
    with pytest.raises(InputError) as caught:
        look({("Namespace", "shop"): namespace(), ("Project", "web"): {}}, project="wbe")
    assert "web" in caught.value.todo


def test_a_platform_from_before_there_were_projects_takes_any():
    ground, _cluster = look({("Namespace", "shop"): namespace(), "Project": NotFound("no such kind")}, project="web")
    assert ground.exists


def test_a_namespace_that_is_going_away():
    with pytest.raises(InstanceError, match="is being deleted"):
        look({("Namespace", "shop"): namespace(deletionTimestamp="2026-01-31T12:00:00Z")})


def test_a_missing_right_to_look_fails_nothing():
    ground, _cluster = look({("Namespace", "shop"): Forbidden("no")}, create_namespace=True)
    assert ground.exists


def test_a_missing_namespace_names_the_nearest():
    with pytest.raises(InputError) as caught:
        look({("Namespace", "shops"): namespace()})
    assert "create_namespace" in caught.value.todo and "shops" in caught.value.todo


@pytest.mark.parametrize(("objects", "templated"), [
    ({("Project", "default"): {}}, True), ({}, False), ({"Project": NotFound("no such kind")}, False), ({"Project": Forbidden("no")}, True),
])
def test_a_new_namespace_is_made_from_the_template_where_projects_are_known(objects, templated):
    ground, _cluster = look(objects, create_namespace=True)
    assert (ground.exists, ground.templated) == (False, templated)


@pytest.mark.parametrize("check_mode", [True, False])
def test_without_projects_it_is_a_plain_namespace(check_mode):
    cluster = Cluster({})
    actions = _ground.furnish(Local(cluster, cluster), ask(), _ground.Ground(exists=False), Context(check_mode=check_mode))
    assert actions == ["create namespace shop"]
    assert [obj["metadata"]["name"] for obj in cluster.written] == ([] if check_mode else ["shop"])


def test_who_makes_workspaces_need_not_read_their_secrets():
    cluster = Cluster({"Secret": Forbidden("no")})
    assert _observe.observe(cluster, ask(create_namespace=True)) == _observe.Observed()
    with pytest.raises(Forbidden):
        _observe.observe(cluster, ask())
    cluster.objects[("Namespace", "shop")] = namespace()
    with pytest.raises(Forbidden):
        _observe.observe(cluster, ask(create_namespace=True))


def test_a_registered_cluster_that_lost_its_kinds_is_told_from_one_without_the_platform():
    cluster = Cluster({"Instance": NotFound("no such kind")})
    with pytest.raises(CatalogError, match="not a middleware platform"):
        _observe.observe(cluster, ask())
    with pytest.raises(CatalogError, match='Cluster "east"'):
        _observe.observe(cluster, ask(cluster="east"))
