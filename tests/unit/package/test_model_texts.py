# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The detail page as data, values against what config.yaml asks of them, and placeholders."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import _config, _placeholders, _readme, model
from hypothesis import given, settings
from hypothesis import strategies as st

SAMPLES = pathlib.Path(__file__).parent / "samples" / "files"
README = """\
<!-- licence -->
# Redis #

## Introduction (中间件简介)
```
# not a heading
## Parameters
| `x` | y |
```
Functions (功能)
---

## 中间件参数说明
Words.

| Name | Description | Required | Default | Range | Since |
|:--|---|:-:|---|---|---|
| `values.a` | one \\| two | no | `1` | 1/2 | 1.0 |
| **values.b** | short |

### More
| 参数名称 | 参数描述 | 必选 | 默认值 |
|---|---|---|---|
| values.c | x | 是 | |
## Components

| Name | Description |
|---|---|
| Pod `NAME` | runs |

- Sentinel：watches
# Appendix
| Name | Default |
|---|---|
| values.z | 1 |
"""


def test_the_detail_page():
    readme = _readme.parse(README, "README.md")
    assert (readme.path, readme.title, readme.table) == ("README.md", "Redis", 16)
    assert [(item.title, item.role, item.level, item.line) for item in readme.chapters] == [
        ("Redis", "", 1, 2), ("Introduction (中间件简介)", "introduction", 2, 4), ("Functions (功能)", "functions", 2, 10),
        ("中间件参数说明", "parameters", 2, 13), ("More", "", 3, 21), ("Components", "components", 2, 25), ("Appendix", "", 1, 32),
    ]
    assert readme.parameters == (
        _readme.ReadmeParameter("values.a", "one | two", "no", "`1`", "1/2", 18), _readme.ReadmeParameter("values.b", "short", line=19),
        _readme.ReadmeParameter("values.c", "x", "是", "", line=24))
    assert set(readme.columns) == {"path", "help", "required", "default", "range"}
    assert [(item.name, item.help, item.line) for item in readme.components] == [("Pod `NAME", "runs", 29), ("Sentinel", "watches", 31)]


def test_the_manuals_detail_sample():
    readme = model.load(archive.read_folder(str(SAMPLES))).readme
    assert readme.title == "金蝶Apusic分布式缓存" and [item.role for item in readme.chapters] == ["", "introduction", "parameters", "components", ""]
    assert [item.path for item in readme.parameters] == ["values.cluster.clusterReplicaNoFailover"]
    assert [item.name for item in readme.components] == ["组件1", "组件2"]


def test_our_own_detail_page():
    folder = pathlib.Path(__file__).parents[3] / "examples" / "packages" / "redis"
    readme = model.load(archive.read_folder(str(folder))).readme
    assert readme.title == "Redis" and len(readme.parameters) > 25 and len(readme.components) > 5
    assert {item.role for item in readme.chapters} >= set(_readme.CHAPTERS)


@settings(max_examples=80)
@given(st.text(alphabet="#|-=`~*: \n\t\\ab中", max_size=200))
def test_any_text_is_a_detail_page(text):
    readme = _readme.parse(text, "README.md")
    lines = len(text.splitlines())
    assert all(1 <= item.line <= lines for item in (*readme.chapters, *readme.parameters, *readme.components))


@pytest.mark.parametrize(("changes", "value", "wrong"), [
    ({}, "a", ""), ({}, 5, "is no string"), ({"kind": "integer"}, True, "is no integer"),
    ({"kind": "integer"}, 2.5, "is no integer"), ({"kind": "number"}, 2, ""),
    ({"kind": "boolean"}, True, ""), ({"kind": "integer", "minimum": 3}, 2, "is below 3"), ({"kind": "number", "maximum": 3}, 3.5, "is above 3"),
    ({"kind": "integer", "minimum": 3, "maximum": 3}, 3, ""), ({"choices": ("a", "b")}, "c", "is not one of a, b"),
    ({"kind": "integer", "choices": (1, 2)}, 1, ""), ({"pattern": "^a+$"}, "b", "does not match ^a+$"), ({"pattern": "a"}, "bab", ""),
    ({"kind": "array"}, [], ""), ({"kind": "object"}, [], "is no object"),
])
def test_values_of_parameters(changes, value, wrong):
    assert _config.problem(_config.Parameter("x", "x", **changes), value) == wrong


def test_placeholders():
    values = {"Namespace": "shop", "Instance": "cache"}
    assert _placeholders.fill("{{.Instance}}.{{ .Namespace }}.{{ $value }}{{.Other}}{{", values) == "cache.shop.{{ $value }}{{.Other}}{{"
    assert list(_placeholders.unknown("{{.Instance}} {{ .Other }} {{ $x }}")) == ["{{ .Other }}", "{{ $x }}"]
    assert _placeholders.held("a{{ .Instance }}") and not _placeholders.held("{{Instance}}")
    for text, value, fits in [
        ("a", "a", True), ("a", "b", False), ("a", 5, False), ("{{.Instance}}-config", "x-config", True), ("{{.Instance}}-config", "x-conf", False),
        ("a-{{.Instance}}-{{.Namespace}}-b", "a-x-y-b", True), ("a-{{.Instance}}-{{.Namespace}}-b", "a-xy-b", False), ("{{.Instance}}ab", "b", False),
        ("a" * 2000, "a" * 2000, False),
    ]:
        assert _placeholders.fits(text, value) is fits, (text, value)
