# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same files give the same tarball, whatever the order and the times on disk."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile

import pack


def _tarball(files: dict, mtime: int, owner: int) -> bytes:
    listed = json.dumps({"files": [{"name": name, "chksum_sha256": hashlib.sha256(text).hexdigest()} for name, text in files.items()]}).encode()
    manifest = json.dumps({"file_manifest_file": {"chksum_sha256": hashlib.sha256(listed).hexdigest()}}).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in {**files, "FILES.json": listed, "MANIFEST.json": manifest}.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.uid, member.gid = len(text), mtime, owner, owner
            archive.addfile(member, io.BytesIO(text))
    return out.getvalue()


def test_order_time_and_owner_leave_no_trace():
    files = {"b.py": b"two", "a.py": b"one"}
    first = pack.normalised(_tarball(files, 1, 0), epoch=100)
    second = pack.normalised(_tarball(dict(reversed(files.items())), 999, 1000), epoch=100)
    assert first == second
    assert first != pack.normalised(_tarball({**files, "a.py": b"uno"}, 1, 0), epoch=100)


def test_what_is_packed_is_whole_and_its_checksums_hold():
    packed = pack.normalised(_tarball({"b.py": b"two", "a.py": b"one"}, 1, 0), epoch=100)
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed))) as archive:
        assert archive.getnames() == ["FILES.json", "MANIFEST.json", "a.py", "b.py"]
        assert archive.extractfile("a.py").read() == b"one"
        listed = archive.extractfile("FILES.json").read()
        manifest = json.load(archive.extractfile("MANIFEST.json"))
    assert [entry["name"] for entry in json.loads(listed)["files"]] == ["a.py", "b.py"]
    assert manifest["file_manifest_file"]["chksum_sha256"] == hashlib.sha256(listed).hexdigest()
