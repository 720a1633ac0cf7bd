# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree, clean_path
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(("path", "clean"), [
    ("a", "a"), ("./a", "a"), ("a//b", "a/b"), ("a/./b/", "a/b"), ("数据/说明.md", "数据/说明.md"), ("...", "..."), ("a..b", "a..b"),
])
def test_paths_are_cleaned(path, clean):
    assert clean_path(path) == clean


@pytest.mark.parametrize("path", [
    "/etc/passwd", "../a", "a/../../b", "a/..", "C:/x", "C:\\x", "a\\b", "a\0b", "a\nb", "", ".", "./", "\udcff", "x" * 256, "/".join(["x" * 200] * 6),
])
def test_paths_that_lead_elsewhere_are_refused(path):
    with pytest.raises(PackageError) as caught:
        clean_path(path, "some.tgz")
    caught.value.message.encode()
    assert len(caught.value.message) < 600


@given(st.text())
def test_a_clean_path_is_clean_or_refused(path):
    try:
        clean = clean_path(path)
    except PackageError:
        return
    assert clean_path(clean) == clean
    assert not clean.startswith("/") and ".." not in clean.split("/")


def test_tree_is_a_sorted_read_only_mapping():
    tree = FileTree({"b/c": b"2", "a": b"1", "b/a/x": b"3"}, "here")
    assert list(tree) == ["a", "b/a/x", "b/c"]
    assert (len(tree), tree.size, tree["a"], tree.get("z"), "b/c" in tree) == (3, 3, b"1", None, True)
    assert dict(tree.subtree("b")) == {"a/x": b"3", "c": b"2"}
    assert dict(tree.subtree("/b/")) == dict(tree.subtree("b"))
    assert tree.subtree("") is tree and len(tree.subtree("none")) == 0
    assert tree.children() == (["a"], ["b"])
    assert tree.children("b") == (["c"], ["a"])
    with pytest.raises(TypeError):
        tree["a"] = b"2"


def test_with_files_leaves_the_tree_as_it_was():
    tree = FileTree({"a": b"1", "b": b"2"})
    other = tree.with_files({"a": None, "c": "ü"})
    assert dict(other) == {"b": b"2", "c": "ü".encode()}
    assert dict(tree) == {"a": b"1", "b": b"2"}


@pytest.mark.parametrize("files", [{"a": b"", "a/b": b""}, {"a/b": b"", "a/b/c/d": b""}, {"a": b"", "./a": b""}])
def test_contradicting_paths_are_refused(files):
    with pytest.raises(PackageError):
        FileTree(files)


def test_text_drops_the_mark_and_names_the_line_that_is_not_utf8():
    tree = FileTree({"a.md": b"\xef\xbb\xbf\xe4\xb8\xad", "b.md": b"one\ntwo\nthr\xffee"})
    assert tree.text("a.md") == "中"
    with pytest.raises(PackageError) as caught:
        tree.text("b.md")
    assert caught.value.where == "b.md:3"
    with pytest.raises(PackageError) as caught:
        tree.text("c.md")
    assert caught.value.where == "c.md"
