# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment reads of a package is what the whole model says of it."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import deployable, model

ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGES = (ROOT / "examples" / "packages" / "redis", ROOT / "examples" / "packages" / "postgresql", ROOT / "tests" / "packages" / "tiny")


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_it_agrees_with_the_model(folder):
    tree = archive.read_folder(str(folder))
    whole, part = model.load(tree), deployable.load(tree)
    assert (part.mode, part.template_type, part.spec_descriptors) == (whole.mode, whole.template_type, whole.spec_descriptors)
    assert dict(part.raw) == dict(whole.raw_tree()) and part.spec_descriptors and "Chart.yaml" in part.raw


@pytest.mark.parametrize(("path", "content", "where"), [
    ("application.yaml", None, "application.yaml"),
    ("application.yaml", "kind: Application\n  spec: 1\n", "application.yaml:2"),
    ("raw/redis/Chart.yaml", None, "raw/redis"),
    ("manifests/csv.yaml", "- 1\n", "manifests/csv.yaml"),
])
def test_what_is_missing_or_wrong_is_named(path, content, where):
    tree = archive.read_folder(str(PACKAGES[0])).with_files({path: content})
    with pytest.raises(PackageError) as caught:
        deployable.load(tree)
    assert caught.value.where.startswith(where)
