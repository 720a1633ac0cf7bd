# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages for tests: the tiny one under another name with other files, and archives that nobody should open."""

from __future__ import annotations

import io
import shutil
import tarfile
import zipfile
from pathlib import Path

TINY = Path(__file__).resolve().parents[2] / "packages" / "tiny"


def package_with(
    scratch: Path, name: str, files: dict[str, str | bytes | None] | None = None, version: str = "1.0.0", source: Path = TINY, follows: str = "",
) -> str:
    """A folder with the tiny package (source: or another one of ours) as NAME; files: path -> new content (raw/NAME/... is the chart), None takes the
    file away. follows: the version that this one replaces.
    """
    was = source.name
    folder = scratch / f"package-{name}-{version}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    chart = {}
    if (folder / "raw" / was).is_dir():
        (folder / "raw" / was).rename(folder / "raw" / name)
        chart = {f"raw/{name}/Chart.yaml": ((f"name: {was}\n", f"name: {name}\n"),)}
    for path, pairs in {
        "metadata.yaml": (
            (f"name: {was}\n", f"name: {name}\n"), ('version: "1.0.0"', f'version: "{version}"'), (f"alias: {was}.v1.0.0", f"alias: {name}.v{version}"),
        ),
        "application.yaml": ((f"  name: {was}\n", f"  name: {name}\n"), *([("spec:\n", f"spec:\n  upgrade:\n    replaces: {follows}\n")] if follows else [])),
        "manifests/csv.yaml": ((f"  name: {was}.v1.0.0", f"  name: {name}.v{version}"), ('  version: "1.0.0"', f'  version: "{version}"')),
        **chart,
    }.items():
        text = (folder / path).read_text()
        for old, new in pairs:
            assert old in text, f"{path} of the package {was} holds no {old!r} any more"
            text = text.replace(old, new, 1)
        (folder / path).write_text(text)
    for path, content in (files or {}).items():
        target = folder / path
        if content is None:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(folder)


def edited(path: str, *pairs: tuple[str, str]) -> str:
    """A file of the tiny package with texts replaced."""
    text = (TINY / path).read_text()
    for old, new in pairs:
        assert old in text, f"{path} of the tiny package holds no {old!r} any more"
        text = text.replace(old, new)
    return text


def tar(folder: str, target: Path, *extra: tarfile.TarInfo | tuple[tarfile.TarInfo, bytes]) -> str:
    """The folder as .tgz, with members that tar would not make by itself."""
    with tarfile.open(target, "w:gz") as archive:
        archive.add(folder, arcname="top")
        for item in extra:
            member, data = item if isinstance(item, tuple) else (item, b"")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return str(target)


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def zipped(folder: str, target: Path, extra: dict[str, bytes]) -> str:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                archive.write(path, "top/" + str(path.relative_to(folder)))
        for name, data in extra.items():
            archive.writestr(name, data)
    return str(target)


def listed(*folders: str) -> list[dict]:
    """Tasks that list packages."""
    return [{"acmp_package": {"src": folder, "state": "listed"}} for folder in folders]


def unlisted(name: str, *versions: str) -> list[dict]:
    """Tasks that take versions away again."""
    return [{"acmp_package": {"name": name, "version": version, "state": state}} for version in versions for state in ("unlisted", "absent")]


def forget(api, *names: str) -> None:
    """Versions once listed stay taken; tests take the same ones each time, with other bytes after each change of the tiny package."""
    for pin in api.core("configmaps", "acmp-catalog"):
        if pin["metadata"]["name"].startswith("listed-") and pin.get("data", {}).get("name") in names:
            api.delete(f"/api/v1/namespaces/acmp-catalog/configmaps/{pin['metadata']['name']}")
