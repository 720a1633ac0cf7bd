# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import io
import os
import random
import socket
import stat
import struct
import tarfile
import zipfile

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SMALL = archive.Limits(packed=20_000, unpacked=50_000, entries=20)

names = st.text(st.sampled_from("ab.-_ 中é"), min_size=1, max_size=6).filter(lambda name: name not in (".", "..") and not name.startswith("._"))
paths = st.lists(names, min_size=1, max_size=3).map("/".join)


@st.composite
def trees(draw):
    files: dict[str, bytes] = {}
    for path, data in draw(st.dictionaries(paths, st.binary(max_size=50), max_size=6)).items():
        if not any(path.startswith(other + "/") or other.startswith(path + "/") for other in files):
            files[path] = data
    return FileTree(files)


def tgz(*members: tuple, wrap=gzip.compress) -> bytes:
    """A .tgz of (name, content) or (name, content, type, linkname) members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:", encoding="utf-8", errors="surrogateescape", format=tarfile.GNU_FORMAT) as tar:
        for name, content, *more in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            if more:
                info.type = more[0]
                info.linkname = more[1] if len(more) > 1 else ""
            tar.addfile(info, io.BytesIO(content))
    return wrap(buffer.getvalue())


def zipped(*members: tuple, method=zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as out:
        for name, content, *more in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            if more:
                info.external_attr = more[0] << 16
            out.writestr(info, content)
    return buffer.getvalue()


def refused(data: bytes, word: str, limits: archive.Limits = archive.LIMITS) -> PackageError:
    with pytest.raises(PackageError) as caught:
        archive.read(data, "some.tgz", limits)
    assert word in caught.value.message, caught.value.message
    assert "some.tgz" in caught.value.where
    return caught.value


@given(trees(), st.sampled_from(["", "redis-1.0.0"]), st.sampled_from(["tgz", "zip"]))
def test_what_was_written_is_read(tree, top, kind):
    packed = archive.write(tree, top, kind=kind)
    expected = dict(tree)
    if top:
        tree = tree.with_files({"metadata.yaml": b"name: x"})
        expected = dict(tree)
        packed = archive.write(tree, top, kind=kind)
    elif "metadata.yaml" not in expected and {path.partition("/")[0] for path in expected} and all("/" in path for path in expected):
        assert "metadata.yaml" not in packed.decode("latin-1")
    assert dict(archive.read(packed, "x.tgz")) == expected


@given(trees(), st.sampled_from(["tgz", "zip"]))
def test_same_files_same_bytes(tree, kind):
    shuffled = list(tree.items())
    random.Random(1).shuffle(shuffled)
    assert archive.write(FileTree(dict(shuffled)), "a", kind=kind) == archive.write(tree, "a", kind=kind)


def test_written_archives_are_plain():
    packed = archive.write(FileTree({"metadata.yaml": b"1", "raw/x/y.yaml": b"2"}), "redis-1.0.0")
    assert packed[4:8] == b"\0\0\0\0"
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        members = tar.getmembers()
    assert [member.name for member in members] == [
        "redis-1.0.0", "redis-1.0.0/metadata.yaml", "redis-1.0.0/raw", "redis-1.0.0/raw/x", "redis-1.0.0/raw/x/y.yaml"]
    assert {(member.uid, member.gid, member.mtime, member.uname) for member in members} == {(0, 0, 0, "")}
    assert {member.mode for member in members if member.isfile()} == {0o644}
    assert {member.mode for member in members if member.isdir()} == {0o755}


def test_written_zips_are_plain():
    packed = archive.write(FileTree({"metadata.yaml": b"1", "raw/x/y.yaml": b"2" * 1000}), "redis-1.0.0", kind="zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        members = opened.infolist()
    assert [member.filename for member in members] == ["redis-1.0.0/metadata.yaml", "redis-1.0.0/raw/x/y.yaml"]
    assert {(member.date_time, member.external_attr >> 16, member.create_system) for member in members} == {((1980, 1, 1, 0, 0, 0), 0o100644, 3)}
    assert members[1].compress_size < 100


def test_long_and_foreign_names_survive():
    tree = FileTree({"metadata.yaml": b"", "raw/" + "x" * 120 + "/" + "长" * 80: b"1"})
    for kind in ("tgz", "zip"):
        assert dict(archive.read(archive.write(tree, "p-1", kind=kind), "x")) == dict(tree)


@pytest.mark.parametrize("pack", [tgz, zipped])
def test_one_top_folder_is_taken_away_only_around_metadata(pack):
    inside = pack(("p-1/metadata.yaml", b"1"), ("p-1/raw/a", b"2"))
    assert list(archive.read(inside, "x")) == ["metadata.yaml", "raw/a"]
    at_root = pack(("metadata.yaml", b"1"), ("raw/metadata.yaml", b"2"))
    assert list(archive.read(at_root, "x")) == ["metadata.yaml", "raw/metadata.yaml"]
    elsewhere = pack(("p-1/other.yaml", b"1"))
    assert list(archive.read(elsewhere, "x")) == ["p-1/other.yaml"]
    two = pack(("a/metadata.yaml", b"1"), ("b/metadata.yaml", b"1"))
    assert len(archive.read(two, "x")) == 2


@pytest.mark.parametrize("pack", [tgz, zipped])
def test_litter_of_desktops_is_left_out(pack):
    data = pack(("p/metadata.yaml", b"1"), ("__MACOSX/p/._metadata.yaml", b"x"), ("p/.DS_Store", b"x"), ("p/raw/._a", b"x"))
    assert list(archive.read(data, "x")) == ["metadata.yaml"]


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/passwd", "a\\..\\b", "C:/x", "a/\x07b"])
@pytest.mark.parametrize("pack", [tgz, zipped])
def test_paths_that_lead_elsewhere(pack, name):
    refused(pack(("metadata.yaml", b""), (name, b"x")), "path")


def test_nul_in_a_zip_name():
    data = zipped(("metadata.yaml", b""), ("aXb", b"x")).replace(b"aXb", b"a\0b")
    refused(data, "a")


@pytest.mark.parametrize(("kind", "word"), [
    (tarfile.SYMTYPE, "symbolic link"), (tarfile.LNKTYPE, "hard link"), (tarfile.CHRTYPE, "device"), (tarfile.BLKTYPE, "device"),
    (tarfile.FIFOTYPE, "pipe"), (tarfile.CONTTYPE, "not a plain file"), (b"Z", "not a plain file"),
])
def test_tar_entries_that_are_no_files(kind, word):
    error = refused(tgz(("metadata.yaml", b""), ("evil", b"", kind, "/etc/passwd")), word)
    assert "evil" in error.where


@pytest.mark.parametrize(("mode", "word"), [(stat.S_IFLNK | 0o777, "symbolic link"), (stat.S_IFCHR, "not a plain file"), (stat.S_IFIFO, "not a plain file")])
def test_zip_entries_that_are_no_files(mode, word):
    refused(zipped(("metadata.yaml", b""), ("evil", b"/etc/passwd", mode)), word)


def test_sparse_tar_that_claims_a_terabyte():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("GNUSparseFile.0/big")
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "big", "GNU.sparse.realsize": str(10**12)}
        info.size = 512
        tar.addfile(info, io.BytesIO(b"0\n".ljust(512, b"\0")))
    refused(gzip.compress(buffer.getvalue()), "damaged")
    old = tgz(("a", b"", tarfile.GNUTYPE_SPARSE))
    with pytest.raises(PackageError):
        archive.read(old, "x")


def test_extended_header_of_megabytes():
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 10 * archive.MIB
    data = gzip.compress(header.tobuf() + b" " * header.size)
    refused(data, "damaged")


@pytest.mark.parametrize("pack", [tgz, zipped])
def test_bombs_stop_at_the_bound(pack):
    refused(pack(("metadata.yaml", b""), ("zeros", b"\0" * 10_000_000)), "", SMALL)
    refused(pack(*[(f"f{number}", b"\0" * 9_000) for number in range(10)]), "", SMALL)


def test_bomb_of_many_gzip_members():
    member = gzip.compress(b"\0" * 40_000)
    refused(member * 100, "more than", SMALL)


def test_bomb_with_overlapping_zip_entries():
    data = bytearray(zipped(("a", b"\0" * 30_000)))
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = bytes(data[start:end])
    entries = b"".join(entry.replace(b"a", bytes([letter]), 1) for letter in b"abcdefgh")
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 8, 8, len(entries), start, 0)
    refused(bytes(data[:start]) + entries + tail, "", SMALL)


def test_zip_that_lies_about_its_size():
    data = zipped(("a", b"x" * 1000))
    with pytest.raises(PackageError):
        archive.read(data.replace(struct.pack("<L", 1000), struct.pack("<L", 10)), "x")
    with pytest.raises(PackageError):
        archive.read(data.replace(struct.pack("<L", 1000), struct.pack("<L", 4_000_000_000)), "x")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_zip_compression(method):
    refused(zipped(("a", b"x"), method=method), "unusual compression")


def test_encrypted_zip():
    data = bytearray(zipped(("a", b"x")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    refused(bytes(data), "encrypted")


@pytest.mark.parametrize("pack", [tgz, zipped])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_repeated_names(pack):
    refused(pack(("a", b"1"), ("a", b"2")), "twice")
    refused(pack(("a", b"1"), ("./a", b"2")), "twice")
    refused(pack(("a", b"1"), ("a/b", b"2")), "at once")
    refused(pack(("a/b", b"1"), ("a", b"2")), "at once")


def test_folder_entries_may_repeat_but_not_hide_a_file():
    folder = ("a", b"", tarfile.DIRTYPE)
    assert list(archive.read(tgz(folder, folder, ("a/b", b"1"), ("./", b"", tarfile.DIRTYPE)), "x")) == ["a/b"]
    refused(tgz(("a", b"1"), folder), "twice")
    refused(tgz(folder, ("a", b"1")), "twice")
    refused(tgz(("a/b", b"1"), ("a/b/c", b"", tarfile.DIRTYPE)), "at once")


def test_names_that_are_not_utf8():
    refused(tgz(("caf\udce9", b"x")), "UTF-8")
    refused(zipped(("cafe9", b"x")).replace(b"cafe9", b"caf\xe9\xe9"), "UTF-8")
    # Written without the flag that says so, as many tools do.
    assert list(archive.read(zipped(("cafe9", b"x")).replace(b"cafe9", "cafö".encode()), "x")) == ["cafö"]


@pytest.mark.parametrize("pack", [tgz, zipped])
def test_too_many_entries(pack):
    refused(pack(*[(f"f{number}", b"") for number in range(21)]), "more than 20", SMALL)
    assert len(archive.read(pack(*[(f"f{number}", b"") for number in range(20)]), "x", SMALL)) == 20


def test_too_large_packed():
    assert refused(b"\x1f\x8b" + b"x" * 20_000, "larger than", SMALL).details == {"bytes": 20_002, "limit": 20_000}


@pytest.mark.parametrize(("data", "word"), [
    (b"", "empty"), (b"BZh91AY", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"<html>", "web page"), (b"hello", "unknown format"),
    (gzip.decompress(archive.write(FileTree({"a": b"1"}))), "plain tar"), (b"\x1f\x8b", "damaged"), (gzip.compress(b""), "damaged"),
    (gzip.compress(b"hello"), "damaged"), (b"PK\x03\x04", "damaged"), (archive.write(FileTree({"a": b"1"})) + b"more", "follows"),
])
def test_what_is_no_archive_is_named(data, word):
    if word == "damaged" and data == b"\x1f\x8b":
        word = "cut off"
    refused(data, word)


def test_padding_after_the_archive_is_fine():
    assert list(archive.read(archive.write(FileTree({"a": b"1"})) + b"\0" * 512, "x")) == ["a"]


def test_damage_in_the_middle_of_a_tar_does_not_end_it_quietly():
    plain = bytearray(gzip.decompress(tgz(("a", b"1"), ("b", b"2"))))
    plain[1024 + 148] ^= 0xFF
    refused(gzip.compress(bytes(plain)), "damaged")


@given(st.integers(min_value=0), st.sampled_from([0, 1]))
def test_truncated(where, kind):
    data = (tgz, zipped)[kind](("metadata.yaml", b"name: redis\n" * 20), ("raw/a", bytes(range(256))))
    with pytest.raises(PackageError):
        archive.read(data[:where % len(data)], "x")


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(min_value=0), st.integers(0, 255)), min_size=1, max_size=4), st.sampled_from([0, 1, 2]))
def test_flipped_bytes_give_files_or_a_package_error(changes, kind):
    members = (("p/metadata.yaml", b"name: redis\n"), ("p/raw/a", b"x" * 600))
    data = bytearray(gzip.decompress(tgz(*members)) if kind == 2 else (tgz, zipped)[kind](*members))
    for where, value in changes:
        data[where % len(data)] = value
    try:
        tree = archive.read(gzip.compress(bytes(data)) if kind == 2 else bytes(data), "x", SMALL)
    except PackageError:
        return
    assert all(not path.startswith("/") and ".." not in path.split("/") for path in tree)


@given(st.binary(max_size=2000), st.sampled_from([b"", b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"PK\x03\x04", b"PK\x05\x06"]))
def test_any_bytes_give_files_or_a_package_error(data, start):
    try:
        archive.read(start + data, "x", SMALL)
    except PackageError as error:
        assert error.what


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(tree=trees())
def test_folder_and_archive_agree(tree, tmp_path_factory):
    root = tmp_path_factory.mktemp("package")
    for path, data in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    assert dict(archive.read_folder(str(root))) == dict(tree)


def test_folder_refuses_links_pipes_and_odd_names(tmp_path):
    def fails(word):
        with pytest.raises(PackageError) as caught:
            archive.read_folder(str(tmp_path))
        assert word in caught.value.message

    (tmp_path / "metadata.yaml").write_text("a: b")
    (tmp_path / "link").symlink_to("/etc/passwd")
    fails("links")
    (tmp_path / "link").unlink()
    (tmp_path / "folder").symlink_to("/etc")
    fails("links")
    (tmp_path / "folder").unlink()
    os.mkfifo(tmp_path / "pipe")
    fails("only files")
    (tmp_path / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        fails("")
    (tmp_path / "s").unlink()
    with open(os.fsencode(str(tmp_path)) + b"/caf\xe9", "wb"):
        pass
    fails("UTF-8")


def test_folder_limits_and_litter(tmp_path):
    (tmp_path / ".git" / "objects").mkdir(parents=True)
    (tmp_path / ".git" / "objects" / "x").write_text("x")
    (tmp_path / ".DS_Store").write_text("x")
    (tmp_path / "a").write_bytes(b"x" * 100)
    assert list(archive.read_folder(str(tmp_path))) == ["a"]
    with pytest.raises(PackageError, match="larger"):
        archive.read_folder(str(tmp_path), archive.Limits(unpacked=99))
    with pytest.raises(PackageError, match="more than 2 files"):
        archive.read_folder(str(tmp_path), archive.Limits(entries=2))
    with pytest.raises(PackageError, match="no such folder"):
        archive.read_folder(str(tmp_path / "none"))


def test_sha256():
    assert archive.sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
