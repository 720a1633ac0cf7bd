# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container images without a container engine: from Debian packages, or from one program of ours.

A definition is a folder of tests/cluster/images with an image.toml, and optionally rootfs/ (copied over) and setup.sh (run
with the image's root folder as its argument). README.md lists the keys. Built images are kept in the cache.
"""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from . import build
from .errors import ClusterError
from .paths import SOURCE, cache, locked, write
from .process import run

FORMAT = "3"
KEYS = {"names", "tags", "tag_from", "tag_env", "suite", "variant", "packages", "users",
        "binary", "entrypoint", "cmd", "env", "user", "workdir", "volumes", "ports", "stop_signal"}
DEFAULTS = ("pause", "coredns", "tiny", "busybox", "redis")
NO_DOCS = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


@dataclass(frozen=True)
class Image:
    """A built image: blobs in `folder`, and under which names and tags it goes by."""

    folder: Path
    names: tuple
    tags: tuple
    layer: dict
    config: dict
    tag_env: str = ""

    def manifest(self, tag):
        """(manifest bytes, config bytes) for a tag; the tag may be part of the environment."""
        config = json.loads(json.dumps(self.config))
        if self.tag_env:
            config["config"]["Env"] = [*config["config"]["Env"], f"{self.tag_env}={tag}"]
        data = json.dumps(config, sort_keys=True).encode()
        kind = "application/vnd.docker."
        manifest = {"schemaVersion": 2, "mediaType": kind + "distribution.manifest.v2+json",
                    "config": {"mediaType": kind + "container.image.v1+json", "size": len(data), "digest": digest_of(data)},
                    "layers": [{"mediaType": kind + "image.rootfs.diff.tar.gzip", "size": self.layer["size"], "digest": self.layer["digest"]}]}
        return json.dumps(manifest, sort_keys=True).encode(), data


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def names():
    """Names of all definitions."""
    return sorted(path.parent.name for path in (SOURCE / "images").glob("*/image.toml"))


def definition(name):
    """The parsed definition of that folder name."""
    path = SOURCE / "images" / name / "image.toml"
    if not re.fullmatch(r"[a-z0-9][-a-z0-9_.]*", name) or not path.exists():
        raise ClusterError(f"there is no image {name!r}; there are {', '.join(names())}, and {SOURCE}/README.md says how to add one")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as exc:
        raise ClusterError(f"{path} is not valid TOML: {exc}; correct it") from exc
    unknown = set(data) - KEYS
    if unknown or not data.get("names") or not (data.get("tags") or data.get("tag_from")):
        raise ClusterError(f"{path} needs `names` and `tags` or `tag_from`, and knows only {', '.join(sorted(KEYS))}"
                           + (f"; remove {', '.join(sorted(unknown))}" if unknown else ""))
    return data


def _key(name, data):
    digest = hashlib.sha256(FORMAT.encode())
    folder = SOURCE / "images" / name
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        digest.update(f"{path.relative_to(folder)} {path.stat().st_mode & 0o111}\0".encode() + path.read_bytes() + b"\0")
    if "binary" in data:
        digest.update(build.PROGRAMS[data["binary"]["program"]].key.encode())
    return f"{name}-{digest.hexdigest()[:12]}"


def ensure(report, name):
    """Build the image unless the cache has it."""
    data = definition(name)
    final = cache() / "images" / _key(name, data)
    if not (final / "image.json").exists():
        with locked(cache() / f".image-{name}.lock", lambda: report.say(f"waiting for another build of image {name} to end")):
            if not (final / "image.json").exists():
                _build(report, name, data, final)
    saved = json.loads((final / "image.json").read_text(encoding="utf-8"))
    return Image(final, tuple(saved["names"]), tuple(saved["tags"]), saved["layer"], saved["config"], saved["tag_env"])


def _build(report, name, data, final):
    scratch = final.with_name(f".partial-{final.name}-{os.getpid()}")
    scratch.mkdir(parents=True)
    try:
        if "binary" in data:
            build.ensure(report, [data["binary"]["program"]])
            versions = {}
            layer = _pack(scratch, lambda out: _tar_of_program(out, name, data["binary"]))
        else:
            with report.long(f"building image {name} from Debian packages (first time only, about 30 s)"):
                versions = _debootstrap(scratch, name, data)
                with open(scratch / "root.tar", "rb") as source:
                    layer = _pack(scratch, lambda out: shutil.copyfileobj(source, out, 1 << 20))
                (scratch / "root.tar").unlink()
        tags = list(data.get("tags", []))
        if "tag_from" in data:
            tags.insert(0, _upstream(versions[data["tag_from"]]))
        saved = {
            "names": data["names"], "tags": list(dict.fromkeys(tags)), "layer": layer, "config": _config(data, layer), "tag_env": data.get("tag_env", ""),
            "packages": versions,
        }
        write(scratch / "image.json", json.dumps(saved, indent=1) + "\n")
        shutil.rmtree(final, ignore_errors=True)
        os.rename(scratch, final)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _upstream(version):
    """5:7.0.15-1~deb12u5 -> 7.0.15: what the official image of the same software is tagged with."""
    return re.sub(r"[+~].*", "", re.sub(r"^\d+:|-[^-]*$", "", version))


def _debootstrap(scratch, name, data):
    folder = SOURCE / "images" / name
    suite = data.get("suite", "bookworm")
    # Packages that are only unpacked get no further than this hook.
    hook = "--extract-hook" if data.get("variant") == "extract" else "--customize-hook"
    argv = ["mmdebstrap", "--quiet", "--mode=root", f"--variant={data.get('variant', 'essential')}", "--skip=output/dev"]
    argv += ["--include=" + ",".join(data["packages"])]
    argv += [f"--dpkgopt=path-exclude={pattern}" for pattern in NO_DOCS]
    for user in data.get("users", []):
        # Before the packages: their scripts then find the user and keep the number the official image has.
        login, uid, gid, home = user.split(":")
        argv.append(f"--essential-hook=echo {login}:x:{uid}:{gid}::{home}:/usr/sbin/nologin >>\"$1/etc/passwd\" && "
                    f"echo {login}:x:{gid}: >>\"$1/etc/group\"")
    if (folder / "rootfs").is_dir():
        argv.append(f"{hook}=cp -a --no-preserve=ownership,timestamps '{folder}/rootfs/.' \"$1\"")
    if (folder / "setup.sh").exists():
        argv.append(f"{hook}=sh -e '{folder}/setup.sh' \"$1\"")
    argv.append(f"{hook}=dpkg-query --admindir=\"$1/var/lib/dpkg\" -W -f '${{Package}} ${{Version}}\\n' >'{scratch}/versions'")
    argv += [suite, str(scratch / "root.tar"), *_sources(suite)]
    run(argv, f"building image {name}", env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}, timeout=1800)
    lines = (scratch / "versions").read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


def _sources(suite):
    """The machine's own list of mirrors when it is of that suite; mmdebstrap knows the public one."""
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    if f"VERSION_CODENAME={suite}\n" not in release:
        return []
    for path in (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list")):
        if path.exists() and re.search(r"(?m)^(deb |Types:)", path.read_text(encoding="utf-8")):
            return [str(path)]
    return []


def _tar_of_program(out, name, binary):
    rootfs = SOURCE / "images" / name / "rootfs"
    with tarfile.open(fileobj=out, mode="w|") as archive:
        def add(path, content, mode):
            member = tarfile.TarInfo(path.lstrip("/"))
            member.mode = mode
            if content is None:
                member.type = tarfile.DIRTYPE
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        for folder in ("etc", "tmp"):
            add(folder, None, 0o1777 if folder == "tmp" else 0o755)
        add("etc/passwd", b"root:x:0:0:root:/:/\nnobody:x:65534:65534:nobody:/:/\n", 0o644)
        add("etc/group", b"root:x:0:\nnogroup:x:65534:\n", 0o644)
        for path in sorted(each for each in rootfs.rglob("*") if each.is_file()) if rootfs.is_dir() else []:
            add(str(path.relative_to(rootfs)), path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644)
        add(binary["path"], build.PROGRAMS[binary["program"]].path.read_bytes(), 0o755)


def _pack(scratch, produce):
    """Compress a layer while taking both of its digests: registries name it by the packed one, the config by the other."""
    plain = hashlib.sha256()

    class Tee(io.RawIOBase):
        def __init__(self, below):
            super().__init__()
            self.below = below

        def writable(self):
            return True

        def write(self, data):
            plain.update(data)
            return self.below.write(data)

    path = scratch / "layer.tar.gz"
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed:
        produce(Tee(packed))
    with open(path, "rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return {"size": path.stat().st_size, "digest": f"sha256:{digest}", "diff_id": "sha256:" + plain.hexdigest()}


def _config(data, layer):
    env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **data.get("env", {})}
    return {"architecture": "amd64" if os.uname().machine == "x86_64" else "arm64", "os": "linux", "config": {
        "Env": [f"{key}={value}" for key, value in env.items()], "Entrypoint": data.get("entrypoint"), "Cmd": data.get("cmd"),
        "User": str(data.get("user", "")), "WorkingDir": data.get("workdir", "/"),
        "Volumes": {path: {} for path in data.get("volumes", [])}, "ExposedPorts": {port: {} for port in data.get("ports", [])},
        **({"StopSignal": data["stop_signal"]} if "stop_signal" in data else {}),
    }, "rootfs": {"type": "layers", "diff_ids": [layer["diff_id"]]}, "history": [{"created_by": "tests/cluster"}]}
