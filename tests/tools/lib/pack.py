# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball: built by ansible-galaxy from the tracked files, then made reproducible."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import env
import tree
from common import BUILD, NAME, NAMESPACE, VERSION, Failed, git, locked, main, run_logged

TARBALL = BUILD / f"{NAMESPACE}-{NAME}-{VERSION}.tar.gz"


def build() -> Path:
    with locked(BUILD / ".build.lock", "the tarball"):
        with locked(BUILD / ".tree.lock", "the tree of collections"):
            source = tree.export("build", "lint")
        scratch = BUILD / "pack"
        shutil.rmtree(scratch, ignore_errors=True)
        log = BUILD / "logs" / "build.log"
        log.unlink(missing_ok=True)
        command = [env.ensure("lint") / "bin" / "ansible-galaxy", "collection", "build", source, "--output-path", scratch]
        run_logged(command, log, "building the collection")
        built = scratch / TARBALL.name
        if not built.exists():
            raise Failed(f"ansible-galaxy built something else than {TARBALL.name}: the version in galaxy.yml and in tests/tools/lib/common.py differ.")
        fresh = normalised(built.read_bytes(), _epoch())
        # An unchanged tarball keeps its modification time, for whoever compares.
        if not TARBALL.exists() or TARBALL.read_bytes() != fresh:
            scratch_file = TARBALL.with_suffix(".new")
            scratch_file.write_bytes(fresh)
            scratch_file.replace(TARBALL)
        shutil.rmtree(scratch)
    return TARBALL


def _epoch() -> int:
    """The time of the last commit, so that a tarball of one commit is the same everywhere."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    found = subprocess.run(git("log", "-1", "--format=%ct"), capture_output=True, text=True, check=False).stdout.strip()
    return int(found or 0)


def normalised(packed: bytes, epoch: int) -> bytes:
    """Sorted members, one time, no owner: what is left depends on the files alone."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as old, tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as new:
        lists = _sorted_lists(old)
        # The manifest leads, since readers of tarballs look for it first.
        for member in sorted(old.getmembers(), key=lambda item: (item.name not in lists, item.name)):
            member.mtime = epoch
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            member.pax_headers = {}
            content = lists.get(member.name)
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
            else:
                new.addfile(member, old.extractfile(member) if member.isfile() else None)
    out = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=epoch, compresslevel=9) as packer:
        packer.write(plain.getvalue())
    return out.getvalue()


def _sorted_lists(archive: tarfile.TarFile) -> dict:
    """FILES.json comes in the order of the file system it was built on; its checksum stands in MANIFEST.json."""
    files = json.load(archive.extractfile("FILES.json"))
    manifest = json.load(archive.extractfile("MANIFEST.json"))
    files["files"].sort(key=lambda entry: entry["name"])
    listed = json.dumps(files, indent=1).encode()
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(listed).hexdigest()
    return {"MANIFEST.json": json.dumps(manifest, indent=1).encode(), "FILES.json": listed}


def run(arguments: list) -> int:
    if arguments != ["build"]:
        raise Failed("usage: tests/tools/build")
    print(build())
    return 0


if __name__ == "__main__":
    main(run)
