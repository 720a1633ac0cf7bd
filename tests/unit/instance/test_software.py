# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The version of the software in a package that offers several."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError, InstanceError
from ansible_collections.acmp.middleware.plugins.module_utils.instance import _software

TAGS = {"tags": ["7.2.4", "7.0.15"], "tagsPath": "values.image.tag", "tagsMode": "tag"}
URLS = {"tags": ["7.2.4", "7.0.15"], "tagsPath": "values.image", "tagsMode": "url"}


def document(image):
    return {"spec": {"values": {"image": image}}}


def test_a_tag_is_written():
    found = document({"tag": "7.0.15", "repository": "redis"})
    _software.choose(found, TAGS, "7.2.4", "redis 1.0.0")
    assert found == document({"tag": "7.2.4", "repository": "redis"})


@pytest.mark.parametrize(("before", "after"), [
    ("registry.local:5000/acmp/redis:7.0.15", "registry.local:5000/acmp/redis:7.2.4"),
    ("registry.local:5000/acmp/redis", "registry.local:5000/acmp/redis:7.2.4"),
    ("redis@sha256:" + "0" * 64, "redis:7.2.4"),
    ("redis", "redis:7.2.4"),
])
def test_an_image_keeps_its_registry_and_name(before, after):
    found = document(before)
    _software.choose(found, URLS, "7.2.4", "redis 1.0.0")
    assert found == document(after)
    assert _software.runs(found, URLS) == "7.2.4"


def test_what_is_not_offered_is_refused():
    with pytest.raises(InputError, match="7.2.4, 7.0.15"):
        _software.choose(document({}), TAGS, "8.0", "redis 1.0.0")
    with pytest.raises(InputError, match="does not let choose"):
        _software.choose(document({}), {}, "8.0", "redis 1.0.0")


def test_an_upgrade_keeps_no_version_that_the_new_package_does_not_run():
    with pytest.raises(InstanceError, match="runs version 6.2.0.*app_version: 7.2.4, 7.0.15"):
        _software.guard(document({"tag": "6.2.0"}), TAGS, "shop/orders", "redis 2.0.0")
    _software.guard(document({"tag": "7.0.15"}), TAGS, "shop/orders", "redis 2.0.0")
    # A document that names none leaves it to the chart.
    _software.guard(document({}), TAGS, "shop/orders", "redis 2.0.0")
