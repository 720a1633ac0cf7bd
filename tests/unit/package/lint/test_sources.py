# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json
import os
import pathlib

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _layers, linter, sources
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint._layer import Options, Placed
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.model._report import Report
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree
from hypothesis import given, settings
from hypothesis import strategies as st

from . import test_exposure, test_rights, test_storage, test_workloads
from .placing import tree

ROOT = pathlib.Path(__file__).resolve().parents[4]
REAL = pathlib.Path(os.environ.get("ACMP_REAL_PACKAGES") or ROOT.parent / "shared" / "real-packages")


def made(files: dict[str, str], root: str = "raw") -> list[tuple[str, str, str, int, tuple]]:
    """(kind, name, path, document, base) of each object found."""
    return [(item.object["kind"], item.object.get("metadata", {}).get("name"), item.path, item.document, item.base)
            for item in sources.placed_manifests(FileTree({path: text.encode() for path, text in files.items()}), root)]


def one(kind: str, name: str, more: str = "") -> str:
    return f"kind: {kind}\nmetadata: {{name: {name}}}\n{more}"


def test_plain_manifests():
    files = {
        "raw/b.yaml": "---\n# nothing\n---\n" + one("Role", "a") + "---\n" + one("Role", "b"), "raw/a/x.yml": one("Pod", "c"),
        "raw/x.json": '{"kind": "Job"}',
        "raw/README.md": "kind: Pod",
        "other/a.yaml": one("Pod", "d"), "raw/text.yaml": "just a text\n", "raw/kindless.yaml": "x: 1\n", "raw/list.yaml": "- 1\n",
    }
    assert made(files) == [
        ("Pod", "c", "raw/a/x.yml", 0, ()), ("Role", "a", "raw/b.yaml", 0, ()), ("Role", "b", "raw/b.yaml", 1, ()), ("Job", None, "raw/x.json", 0, ())]
    assert len(made(files, "")) == 5


def test_lists():
    files = {"raw/a.yaml": "kind: List\nitems:\n- kind: Pod\n- 3\n- kind: RoleList\n  items: [{kind: Role}]\n---\nkind: ListOfOne\n"}
    assert [(item[0], item[3], item[4]) for item in made(files)] == [("Pod", 0, ("items", 0)), ("Role", 0, ("items", 2, "items", 0)), ("ListOfOne", 1, ())]


@pytest.mark.parametrize(("text", "path", "line"), [("a: [\n", "raw/a.yaml", 2), (b"\xff", "raw/a.yaml", 1)])
def test_files_that_cannot_be_read(text, path, line):
    files = FileTree({"raw/a.yaml": text if isinstance(text, bytes) else text.encode(), "raw/b.yaml": one("Pod", "b").encode()})
    rendering = sources.manifests(files, "raw")
    assert (rendering.path, rendering.line, [item.path for item in rendering.objects]) == (path, line, ["raw/b.yaml"]) and rendering.error


def test_kustomization():
    files = {
        "raw/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
                                  "resources: [base, ./a.yaml, 'https://example.com/x', ../out]\npatches: [{path: patch.yaml}]\n"
                                  "images:\n- {name: redis, newTag: 7.0.15}\n- {name: old/x, newName: new/x, digest: 'sha256:1'}\n",
        "raw/a.yaml": one("Pod", "a", "spec: {containers: [{image: old/x:1}, {image: other}, 3, {}]}\n"), "raw/patch.yaml": one("Pod", "patch"),
        "raw/base/Kustomization": "resources: [b.yaml, ../../raw]\nimages: [{name: base, newName: redis}]\n",
        "raw/base/b.yaml": one("Deployment", "b", "spec: {template: {spec: {initContainers: [{image: base}], containers: [{image: 'redis:latest'}]}}}\n"),
    }
    found = sources.placed_manifests(FileTree({path: text.encode() for path, text in files.items()}), "raw")
    assert [(item.object["metadata"]["name"], item.path) for item in found] == [("b", "raw/base/b.yaml"), ("a", "raw/a.yaml")]
    pod = found[0].object["spec"]["template"]["spec"]
    assert (pod["initContainers"][0]["image"], pod["containers"][0]["image"]) == ("redis:7.0.15", "redis:7.0.15")
    assert found[1].object["spec"]["containers"] == [{"image": "new/x@sha256:1"}, {"image": "other"}, 3, {"image": None}]


CSV = """\
apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata:
  name: app.v{}
spec:
  install:
    spec:
      deployments: [{{name: manager, spec: {{replicas: 1}}}}]
      permissions: [{{serviceAccountName: app, rules: []}}]
"""


def test_bundle():
    files = {"raw/metadata/annotations.yaml": "kind: X\n", "raw/manifests/csv.yaml": CSV.format("1.0.0"), "raw/tests/scorecard/x.yaml": one("Pod", "x")}
    base, path = ("spec", "install", "spec"), "raw/manifests/csv.yaml"
    assert made(files) == [
        ("ClusterServiceVersion", "app.v1.0.0", path, 0, ()), ("Deployment", "manager", path, 0, (*base, "deployments", 0)),
        ("Role", "of app", path, 0, (*base, "permissions", 0)), ("RoleBinding", "of app", path, 0, (*base, "permissions", 0))]


@pytest.mark.parametrize(("package", "folders"), [
    ("channels: [{name: a, currentCSV: app.v1.0.0}, {name: b, currentCSV: app.v2.0.0}]\ndefaultChannel: b\n", {"2.0.0"}),
    ("channels: [{name: a, currentCSV: app.v1.0.0}]\n", {"1.0.0"}),
    ("channels: [{name: a, currentCSV: app.v3.0.0}]\n", {"1.0.0", "2.0.0"}),
    ("channels: x\n", {"1.0.0", "2.0.0"}), ("a: [\n", {"1.0.0", "2.0.0"}),
])
def test_versions_of_an_olm_package(package, folders):
    files = {"raw/app/app.package.yaml": package}
    for version in ("1.0.0", "2.0.0"):
        files |= {f"raw/app/{version}/csv.yaml": CSV.format(version), f"raw/app/{version}/crd.yaml": one("CustomResourceDefinition", "x")}
    found = made(files, "raw/app")
    assert {path.split("/")[2] for _kind, _name, path, _number, _base in found} == folders
    assert {path.split("/")[3] for _kind, _name, path, _number, _base in found} == {"csv.yaml", "crd.yaml"}


def test_rendered_objects():
    files = {
        "raw/app/Chart.yaml": "name: redis\ndependencies: [{name: common, alias: shared}]\n", "raw/app/templates/a.yaml": "", "raw/app/crds/b.yaml": "",
        "raw/app/charts/sub/Chart.yaml": "name: sub\n", "raw/app/charts/sub/templates/c.yaml": "", "raw/app/charts/folder/Chart.yaml": "name: common\n",
        "raw/app/charts/folder/templates/d.yaml": "", "raw/app/charts/packed-1.0.0.tgz": "", "raw/app/charts/sub/charts/deep/Chart.yaml": "name: inner\n",
        "raw/app/charts/sub/charts/deep/templates/e.yaml": "",
    }
    given = {
        "redis/templates/a.yaml": "templates/a.yaml", "redis/crds/b.yaml": "crds/b.yaml", "redis/charts/sub/templates/c.yaml": "charts/sub/templates/c.yaml",
        "redis/charts/common/templates/d.yaml": "charts/folder/templates/d.yaml", "redis/charts/shared/templates/d.yaml": "charts/folder/templates/d.yaml",
        "redis/charts/packed/templates/x.yaml": "charts/packed-1.0.0.tgz",
        "redis/charts/sub/charts/inner/templates/e.yaml": "charts/sub/charts/deep/templates/e.yaml",
        "redis/charts/gone/templates/x.yaml": "Chart.yaml", "redis/templates/gone.yaml": "Chart.yaml", "": "Chart.yaml", "redis": "Chart.yaml",
    }
    package = FileTree({path: text.encode() for path, text in files.items()})
    placed = sources.placed_rendered([({"kind": "Pod"}, source) for source in given], "raw/app", package)
    assert [item.path.removeprefix("raw/app/") for item in placed] == list(given.values())
    assert {item.document for item in placed} == {None}
    assert sources.placed_rendered([({"kind": "Pod"}, "redis/templates/a.yaml"), ("text", "x")], "raw/app")[0].path == "raw/app/templates/a.yaml"


def everything(package: FileTree, objects: tuple[Placed, ...]) -> tuple[linter.Finding, ...]:
    report = Report(package, linter.RULES)
    read = model.read(report)
    for layer in _layers.FILES:
        layer.check(read, report, Options(registries=("x",)))
    for layer in _layers.OBJECTS:
        layer.check(objects, read, report, Options(registries=("x",)))
    return report.findings()


SOUND = "---\n".join((
    test_rights.ROLES, test_rights.BUNDLE, test_storage.SET, test_exposure.OUTSIDE, test_exposure.POD, test_workloads.SOUND, test_workloads.NAMES))
ODD = [None, True, 0, -1, 1.5, "", "x", "*", "a\nb", "\ud7ff", [], {}, [None], [[]], {"name": {}}, {"x": []}, ["*", 3], [{"name": 3}]]


def places(value: object, steps: tuple = ()) -> list[tuple]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(*steps, step) for step, _item in items] + [place for step, item in items for place in places(item, (*steps, step))]


def with_value(value: object, place: tuple, odd: object) -> object:
    value = copy.deepcopy(value)
    holder = value
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = odd
    return value


PACKAGES = [tree({"raw/app/all.yaml": SOUND}, mode) for mode in ("helm", "operator")]
OBJECTS = sources.placed_manifests(PACKAGES[0], "raw/app")
EVERYWHERE = [(number, place) for number, item in enumerate(OBJECTS) for place in places(item.object)]


@settings(max_examples=250)
@given(st.sampled_from(EVERYWHERE), st.sampled_from(ODD), st.sampled_from(PACKAGES), st.booleans())
def test_no_content_of_objects_raises(where, odd, package, rendered):
    number, place = where
    item = OBJECTS[number]
    changed = Placed(with_value(item.object, place, odd), item.path, None if rendered else item.document, () if rendered else item.base)
    for finding in everything(package, (*OBJECTS[:number], changed, *OBJECTS[number + 1:])):
        assert finding.path and finding.message.isprintable()


KEYS = st.sampled_from(["name", "kind", "image", "tag", "auth", "enabled", "password", "dependencies", "version", "apiVersion", "spec", "values", "data"])
HOSTILE = st.recursive(st.sampled_from(ODD), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@settings(max_examples=100)
@given(HOSTILE, st.sampled_from([
    "raw/app/values.yaml", "raw/app/Chart.yaml", "raw/app/values.schema.json", "manifests/default-cr.yaml", "raw/app/requirements.yaml",
    "op-redis-backup.yaml", "manifests/csv.yaml", "raw/app/charts/x/Chart.yaml", "metadata.yaml",
]))
def test_no_content_of_files_raises(data, path):
    text = json.dumps(data)
    package = tree({path: text if path != "metadata.yaml" else f"name: redis\nversion: 1.0.0\nsecurity: {text}\n"}, template="helm")
    everything(package, ())


@pytest.mark.parametrize("name", ["examples/packages/redis", "examples/packages/postgresql", "tests/packages/tiny", "tests/unit/package/samples/files"])
def test_our_own_packages_have_no_errors(name):
    package = archive.read_folder(str(ROOT / name))
    mine = tuple(f"ACMP-{area}-" for area in ("IMG", "RBAC", "STOR", "EXP", "WORK", "CHART", "SEC"))
    report = Report(package, linter.RULES)
    read = model.read(report)
    for layer in _layers.FILES:
        layer.check(read, report, Options())
    found = [(finding.severity, finding.rule, finding.where) for finding in report.findings() if finding.rule.startswith(mine)]
    assert [item for item in found if item[0] != "hint"] == [], found


@pytest.mark.parametrize("folder", ["bundles", "packages"])
def test_real_operators(folder):
    if not (REAL / folder).is_dir():
        pytest.skip(f"no real packages at {REAL}")
    for path in sorted((REAL / folder).iterdir()):
        files = {f"raw/app/{file.relative_to(path)}": file.read_bytes() for file in path.rglob("*") if file.is_file() and file.stat().st_size < 100_000}
        package = tree({}, "operator")
        package = package.with_files(files)
        rendering = sources.manifests(package, "raw/app")
        assert not rendering.error and any(item.base[:1] == ("spec",) and item.object["kind"] == "Deployment" for item in rendering.objects), path.name
        assert all(finding.line for finding in everything(package, rendering.objects) if finding.path.endswith("clusterserviceversion.yaml")), path.name
