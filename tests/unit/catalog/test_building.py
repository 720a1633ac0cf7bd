# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages packed into archives, and their pages: the bytes, where they go, and that nothing else is touched."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.catalog import building, pages
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import AcmpError, InputError, PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive

TINY = Path(__file__).resolve().parents[3] / "tests" / "packages" / "tiny"


@pytest.fixture
def src(tmp_path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "work" / "tiny"))


def build(src, ctx: Context | None = None, **more):
    return building.build({"src": str(src), "dest": None, "format": "tgz", **more}, ctx or Context())


def files(folder: Path) -> set:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_folder_becomes_an_archive_beside_it(src):
    result = build(src)
    path = src.parent / "tiny-1.0.0.tgz"
    data = path.read_bytes()
    assert result["changed"] and result["archive"] == str(path)
    assert (result["name"], result["version"], result["size"]) == ("tiny", "1.0.0", len(data))
    assert result["sha256"] == hashlib.sha256(data).hexdigest()
    assert result["actions"] == [f"write {path} ({len(data) / 1024:.0f} KiB, sha256 {result['sha256'][:12]})"]
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        names = {member.name for member in tar.getmembers() if member.isfile()}
    assert names == {f"tiny-1.0.0/{name}" for name in result["files"]} == {f"tiny-1.0.0/{name}" for name in files(src) if (src / name).is_file()}
    assert {path.name for path in src.parent.iterdir()} == {"tiny", "tiny-1.0.0.tgz"}, "no part of a file may stay"


def test_the_second_time_nothing_is_written(src):
    first = build(src)
    before = os.stat(first["archive"])
    again = build(src)
    after = os.stat(first["archive"])
    assert not again["changed"] and again["actions"] == [] and again["diff"] == []
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert {key: again[key] for key in ("archive", "sha256", "size", "files")} == {key: first[key] for key in ("archive", "sha256", "size", "files")}


def test_the_bytes_depend_on_the_files_alone(src, tmp_path):
    other = Path(shutil.copytree(src, tmp_path / "elsewhere" / "renamed"))
    for number, path in enumerate(sorted(other.rglob("*"), reverse=True)):
        os.utime(path, (number, number))
        path.chmod(0o700)
    (other / ".git").mkdir()
    (other / ".git" / "config").write_text("x")
    (other / ".DS_Store").write_text("x")
    assert build(src)["sha256"] == build(other)["sha256"]


def test_check_mode_predicts_and_writes_nothing(src):
    ctx = Context(check_mode=True, diff=True)
    said = build(src, ctx)
    assert files(src.parent) == {"tiny"} | {f"tiny/{name}" for name in files(src)}
    done = build(src, Context(diff=True))
    assert said == done
    after = {"sha256": said["sha256"], "size": said["size"]}
    assert said["diff"] == [{"before_header": said["archive"], "after_header": said["archive"], "before": "", "after": after}]
    assert not build(src, ctx)["changed"]


def test_a_changed_package_is_packed_again(src):
    first = build(src)
    (src / "README.md").write_text("# Tiny\n\nchanged\n")
    os.chmod(first["archive"], 0o640)
    second = build(src, Context(diff=True))
    assert second["changed"] and second["sha256"] != first["sha256"] and second["diff"][0]["before"] == {"sha256": first["sha256"], "size": first["size"]}
    assert stat.S_IMODE(os.stat(first["archive"]).st_mode) == 0o640, "the mode of a file that is there is its owner's"


def test_a_zip_holds_the_same_files(src):
    result = build(src, format="zip")
    assert result["archive"] == str(src.parent / "tiny-1.0.0.zip")
    with zipfile.ZipFile(result["archive"]) as opened:
        assert {name.removeprefix("tiny-1.0.0/") for name in opened.namelist()} == set(result["files"])
        assert opened.testzip() is None
    assert dict(archive.read(Path(result["archive"]).read_bytes(), "x")) == dict(archive.read_folder(str(src)))
    assert not build(src, format="zip")["changed"]


@pytest.mark.parametrize(("dest", "expected"), [
    ("out", "out/tiny-1.0.0.tgz"), ("out/", "out/tiny-1.0.0.tgz"), ("out/my.tgz", "out/my.tgz"), ("my.tgz", "my.tgz"), ("to-out/x.tgz", "out/x.tgz"),
    ("to-file", "out/real.tgz"),
])
def test_where_it_goes(src, tmp_path, dest, expected):
    (tmp_path / "out").mkdir()
    (tmp_path / "to-out").symlink_to("out")
    (tmp_path / "out" / "real.tgz").write_bytes(b"old")
    (tmp_path / "to-file").symlink_to("out/real.tgz")
    result = build(src, dest=f"{tmp_path}/{dest}")
    assert os.path.realpath(result["archive"]) == str(tmp_path / expected)
    assert (tmp_path / expected).stat().st_size == result["size"]
    assert (tmp_path / "to-file").is_symlink()


def test_relative_paths_begin_where_the_task_runs(src, monkeypatch):
    monkeypatch.chdir(src)
    assert build(".")["archive"] == str(src.parent / "tiny-1.0.0.tgz")
    assert build("../tiny/", dest="../x.tgz")["archive"] == str(src.parent / "x.tgz")


def test_a_new_file_has_the_mode_of_the_umask(src, tmp_path):
    before = os.umask(0o027)
    try:
        path = build(src)["archive"]
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640


def refused(src, word, **more) -> AcmpError:
    before = files(Path(src).parent) if Path(src).parent.is_dir() else set()
    with pytest.raises(AcmpError) as caught:
        build(src, **more)
    assert word in caught.value.message
    assert caught.value.where and (Path(src).parent.is_dir() is False or files(Path(src).parent) == before)
    return caught.value


def test_a_dest_inside_of_the_package_is_refused(src):
    assert isinstance(refused(src, "inside the package", dest=str(src)), InputError)
    refused(src, "inside the package", dest=str(src / "raw" / "x.tgz"))
    (src.parent / "link").symlink_to("tiny/raw")
    refused(src, "inside the package", dest=str(src.parent / "link"))


def test_what_cannot_be_written_to_is_told(src, tmp_path):
    refused(src, "no such folder", dest=f"{tmp_path}/missing/x.tgz")
    refused(src, "no such folder", dest=f"{tmp_path}/missing/")
    refused(src, "no such folder", dest=f"{src}/metadata.yaml/x.tgz")
    os.mkfifo(tmp_path / "pipe")
    refused(src, "something else than a file", dest=f"{tmp_path}/pipe")
    refused(src, "NUL", dest=f"{tmp_path}/a\0b")
    refused(src, "cannot be", dest=f"{tmp_path}/{'x' * 300}")
    refused(src, "cannot be", dest="/proc/version")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(src, monkeypatch):
    path = Path(build(src)["archive"])
    (src / "README.md").write_text("# Tiny\n")
    old = path.read_bytes()

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match="No space left on device"):
        build(src)
    assert path.read_bytes() == old and {item.name for item in src.parent.iterdir()} == {"tiny", "tiny-1.0.0.tgz"}


@pytest.mark.parametrize(("name", "text", "word", "where"), [
    ("metadata.yaml", "name: Tiny!\nversion: 1.0.0\n", "name", "metadata.yaml:1"),
    ("metadata.yaml", "name: tiny\nversion: x\n", "version", "metadata.yaml:2"),
    ("metadata.yaml", "[", "YAML", "metadata.yaml"),
])
def test_a_package_with_errors_is_not_packed(src, name, text, word, where):
    (src / name).write_text(text)
    error = refused(src, word)
    assert isinstance(error, PackageError) and error.where.startswith(where)


def test_what_is_no_package_is_not_packed(src, tmp_path):
    refused(tmp_path / "missing", "no such folder")
    refused(src / "metadata.yaml", "This is a file")
    (src / "metadata.yaml").unlink()
    refused(src, "metadata.yaml")


def test_a_package_above_the_limit_is_not_packed(src):
    (src / "noise").write_bytes(os.urandom(archive.LIMITS.packed + 1))
    refused(src, "the limit is 4 MiB")


def test_what_the_linter_refuses_is_not_packed(src):
    """Not only what cannot be read: the catalog would refuse it all the same."""
    chart = src / "raw" / "tiny" / "Chart.yaml"
    chart.write_text(chart.read_text() + "kubeVersion: no range\n")
    refused(src, "kubeVersion")


def test_warnings_are_handed_on(src):
    text = (src / "metadata.yaml").read_text()
    (src / "metadata.yaml").write_text(text + "colour: red\n")
    ctx = Context()
    build(src, ctx)
    assert len(ctx.warnings) == 1 and ctx.warnings[0].startswith("metadata.yaml:") and "colour" in ctx.warnings[0]


def write(src, dest, ctx: Context | None = None, **more):
    return pages.write({}, None, {"src": str(src), "dest": str(dest), "language": "en", **more}, ctx or Context())


def test_a_page_is_written_once(src, tmp_path):
    said = write(src, tmp_path, Context(check_mode=True))
    path = tmp_path / "tiny-1.0.0.html"
    assert said["changed"] and not path.exists()
    done = write(src, tmp_path)
    assert done == said and done["page"] == str(path) and done["size"] == path.stat().st_size
    assert path.read_text().startswith("<!DOCTYPE html>") and "Tiny" in path.read_text()
    assert not write(src, tmp_path)["changed"]
    assert write(src, path, language="zh")["changed"] and 'lang="zh-CN"' in path.read_text()


def test_a_folder_and_its_archive_have_the_same_page(src, tmp_path):
    packed = build(src)["archive"]
    assert write(src, tmp_path / "a.html")["size"] and write(packed, tmp_path / "b.html")["size"]
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_page_of_nothing_is_refused(src, tmp_path):
    with pytest.raises(InputError, match="no such folder or archive"):
        write(tmp_path / "missing", tmp_path)
    (src / "metadata.yaml").write_text("name: 1")
    with pytest.raises(PackageError):
        write(src, tmp_path)
    assert not list(tmp_path.glob("*.html"))
