# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Document → form → document is equal as data, for every document: generated ones (ACMP_FORM_EXAMPLES of them) and those of real packages."""

from __future__ import annotations

import copy
import json
import os
import pathlib

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive, documents, yaml_reader
from ansible_collections.acmp.middleware.plugins.module_utils.package.form import form
from ansible_collections.acmp.middleware.plugins.module_utils.package.form.form import FormField
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import _csv, model
from ansible_collections.acmp.middleware.plugins.module_utils.package.model._report import Report
from ansible_collections.acmp.middleware.plugins.module_utils.package.model.model import InstanceType, Package
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = pathlib.Path(__file__).resolve().parents[3]
REAL = pathlib.Path(os.environ.get("ACMP_REAL_PACKAGES") or ROOT.parent / "shared" / "real-packages")
EXAMPLES = int(os.environ.get("ACMP_FORM_EXAMPLES") or 100)
LONG = pytest.mark.timeout(60 + EXAMPLES)
MANY = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], database=None)

# Few names, so that fields and documents meet; among them all that a path has to quote.
KEYS = ("a", "b", "values", "c.d", "e[0]", "", "\\", "a.b", "[", "名", "0", "spec")
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, 10**20, "", "a", "yes", "true", "3", "null", "1.0", "[]", "{}", "~"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4), max_leaves=12)
DOCUMENTS = st.fixed_dictionaries({"spec": VALUES}, optional={
    "metadata": VALUES, "kind": st.sampled_from(["HelmRelease", "X", 5]), "apiVersion": st.just(documents.API_VERSION), "x": VALUES})
STEPS = st.builds(lambda first, more: (first, *more), st.sampled_from(KEYS), st.lists(st.sampled_from(KEYS) | st.integers(0, 2), max_size=3))
RARELY = st.integers(0, 7).map(lambda number: number == 3)
FIELDS = st.lists(st.builds(
    FormField, path=STEPS.map(documents.format_path), label=st.just("L"), type=st.sampled_from(form.TYPES), hidden=RARELY, required=st.booleans(),
    choices=RARELY.flatmap(lambda narrow: st.sampled_from([("a", "yes"), (1, True), ("",)]) if narrow else st.just(())),
    minimum=RARELY.map(lambda narrow: 0 if narrow else None), max_length=RARELY.map(lambda narrow: 1 if narrow else None),
    pattern=RARELY.map(lambda narrow: "^a" if narrow else ""), max_items=RARELY.map(lambda narrow: 1 if narrow else None),
), min_size=1, max_size=7, unique_by=lambda field: field.path)
FITTING = {
    "string": st.sampled_from(["a", "", "yes", "3"]), "integer": st.integers(-1, 3), "number": st.sampled_from([0, 1, 0.5, 2.0]), "boolean": st.booleans(),
    "array": st.lists(VALUES, max_size=2), "object": st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3), "any": VALUES,
}


@st.composite
def _cases(draw):
    """Fields, and a document in which most of them have a value, mostly one that fits."""
    fields, document = draw(FIELDS), draw(DOCUMENTS)
    spec = document["spec"] if isinstance(document["spec"], dict) else {}
    for field in draw(st.permutations(fields)):
        chance = draw(st.integers(0, 9))
        if chance:
            document["spec"] = spec
            try:
                documents.set_(spec, field.steps, draw(VALUES if chance == 1 else FITTING[field.type]))
            except documents.InputError:
                continue
    return fields, document


def canonical(data) -> str:
    """Text that tells 1, 1.0 and true apart; the order of keys is none of the data."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False)


def returns(fields, document) -> bool:
    before = copy.deepcopy(document)
    parts = form.take(fields, document)
    again = form.fill(fields, parts["answers"], parts["rest"], complete=False)
    assert canonical(document) == canonical(before), "the document given was changed"
    assert set(parts["answers"]) <= {field.path for field in fields if not field.hidden}
    # What a module's result and a filter's argument do to it.
    told = json.loads(json.dumps(parts))
    assert canonical(form.fill([form.from_dict(field.as_dict()) for field in fields], told["answers"], told["rest"], complete=False)) == canonical(again)
    return canonical(again) == canonical(document)


@LONG
@MANY
@given(_cases())
def test_generated_forms_and_documents(case):
    assert returns(*case)


def _ours() -> list[Package]:
    folders = ("examples/packages/redis", "examples/packages/postgresql", "tests/packages/tiny")
    places = (*(ROOT / folder for folder in folders), pathlib.Path(__file__).parent / "samples" / "files")
    return [model.load(archive.read_folder(str(place))) for place in places]


def _places(value, steps=()):
    yield steps
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _places(inner, (*steps, key))


@st.composite
def _changed(draw, cases):
    """A package's form and a document of it with some values exchanged for anything, taken away or added."""
    fields, document = draw(st.sampled_from(cases))
    document = copy.deepcopy(document)
    places = [steps for steps in _places(document) if steps]
    fitting = st.sampled_from([field.steps for field in fields]).map(lambda steps: ("spec", *steps)) if fields else st.nothing()
    for steps in draw(st.lists(st.sampled_from(places) | fitting, max_size=5)):
        try:
            if draw(st.integers(0, 4)):
                documents.set_(document, steps, draw(VALUES))
            else:
                documents.remove(document, steps)
        except documents.InputError:
            continue
    return fields, document


OURS = [(form.fields(package, item.name), item.document) for package in _ours() for item in package.types]


@LONG
@MANY
@given(_changed(OURS))
def test_documents_near_those_of_our_packages(case):
    assert returns(*case)


def _charts():
    for folder in sorted((REAL / "charts").iterdir()):
        files = archive.read_folder(str(folder))
        tree = FileTree({f"raw/{folder.name}/{path}": data for path, data in files.items()}, folder.name)
        values = yaml_reader.load(files["values.yaml"], "values.yaml")
        document = {"apiVersion": documents.API_VERSION, "kind": "HelmRelease", "spec": {"values": values}}
        yield Package(folder.name, "1.0.0", "helm", "helm", types=(InstanceType("default", "", document),), raw_root=f"raw/{folder.name}", tree=tree)


def _operators():
    for path in sorted(REAL.rglob("*clusterserviceversion.y*ml")):
        tree = FileTree({f"manifests/{file.name}": file.read_bytes() for file in path.parent.iterdir() if file.is_file()}, path.stem)
        report = Report(tree)
        csv = _csv.load(report, f"manifests/{path.name}", "operator", None)
        crds = tuple(item for name in tree for item in report.load_all(name) if isinstance(item, dict) and item.get("kind") == "CustomResourceDefinition")
        types = tuple(InstanceType(f"{number} {item.get('kind')}", "", item) for number, item in enumerate(csv.examples))
        yield Package(
            path.stem, "1.0.0", "operator", "kubernetes", owned=csv.owned, spec_descriptors=csv.spec_descriptors, crds=crds, types=types, tree=tree)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real packages are not here")
def test_every_default_document_of_real_packages():
    count = asked = 0
    for package in (*_charts(), *_operators()):
        for item in package.types:
            fields = form.fields(package, item.name)
            assert returns(fields, item.document), f"{package.name} {item.name}"
            assert form.from_document(package, item.name, item.document)["problems"] == [], f"{package.name} {item.name}"
            count, asked = count + 1, asked + len(fields)
    assert count > 90 and asked > 1000


@pytest.mark.skipif(not REAL.is_dir(), reason="the real packages are not here")
def test_a_form_with_sections_of_a_real_package():
    package = next(item for item in _operators() if item.name.startswith("apicurio"))
    found = {field.path: field for field in form.fields(package)}
    assert "configuration" not in found and "configuration.sql" not in found
    password = found["configuration.sql.dataSource.password"]
    assert password.secret and password.group == "SQL data source"
    assert password.depends_on == (form.Dependency("configuration.persistence", ("sql",)),)
    assert found["deployment.affinity.podAffinity"].widget == "podAffinity" and found["deployment.replicas"].type == "integer"
