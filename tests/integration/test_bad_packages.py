# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input of packages: each gets a sentence that says what is wrong and where, and nothing of it reaches the catalog."""

from __future__ import annotations

import base64
import os
import tarfile
from pathlib import Path

import pytest
from harness.ansible import instance
from harness.api import PLATFORM
from harness.checks import good
from harness.packages import TINY, edited, forget, member, package_with, tar, zipped

ALIASES = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + last] * 10)}]\n" for last, name in zip("abcdefgh", "bcdefghi", strict=True))


def _hostile(scratch: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """name of the case -> (src, words that the message holds)."""
    plain = package_with(scratch, "hostile")
    metadata = (Path(plain) / "metadata.yaml").read_text()

    def with_metadata(letter: str, content: str | bytes) -> str:
        return package_with(scratch, f"hostile-{letter}", {"metadata.yaml": content})

    case = {
        "dot-dot": (tar(plain, scratch / "dotdot.tgz", (member("top/../../evil.yaml"), b"x")), ("..", "evil")),
        "absolute path": (tar(plain, scratch / "absolute.tgz", (member("/etc/evil.yaml"), b"x")), ("/etc/evil.yaml",)),
        "symbolic link": (tar(plain, scratch / "link.tgz", member("top/raw/link.yaml", tarfile.SYMTYPE, "/etc/passwd")), ("link",)),
        "hard link": (tar(plain, scratch / "hard.tgz", member("top/raw/hard.yaml", tarfile.LNKTYPE, "top/metadata.yaml")), ("link",)),
        "device": (tar(plain, scratch / "device.tgz", member("top/raw/null", tarfile.CHRTYPE)), ("raw/null",)),
        "tar bomb": (tar(plain, scratch / "bomb.tgz", (member("top/raw/zeros"), b"\0" * 80 * 1024 * 1024)), ("more than",)),
        "zip bomb": (zipped(plain, scratch / "bomb.zip", {"top/raw/zeros": b"\0" * 80 * 1024 * 1024}), ("64",)),
        "many entries": (zipped(plain, scratch / "many.zip", {f"top/raw/{number}": b"" for number in range(2100)}), ("2000",)),
        "zip dot-dot": (zipped(plain, scratch / "dotdot.zip", {"top/../../evil.yaml": b"x"}), ("..",)),
        "packed too large": (tar(plain, scratch / "large.tgz", (member("top/raw/noise"), os.urandom(5 * 1024 * 1024))), ("4",)),
        "not an archive": (_write(scratch / "text.tgz", b"hello"), ("text.tgz",)),
        "damaged archive": (_write(scratch / "cut.tgz", Path(tar(plain, scratch / "whole.tgz")).read_bytes()[:-200]), ("cut.tgz",)),
        "no such file": (str(scratch / "nowhere.tgz"), ("nowhere.tgz", "no such")),
        "no metadata.yaml": (package_with(scratch, "hostile-a", {"metadata.yaml": None}), ("metadata.yaml",)),
        "no application.yaml": (package_with(scratch, "hostile-b", {"application.yaml": None}), ("application.yaml",)),
        "types disagree": (with_metadata("c", metadata.replace("type: helm", "type: operator")), ("operator", "helm")),
        "duplicate key": (with_metadata("d", metadata + "name: hostile\n"), ("metadata.yaml", "name")),
        "alias bomb": (with_metadata("e", metadata + ALIASES), ("metadata.yaml", "alias")),
        "wrong encoding": (with_metadata("f", metadata.encode() + "displayName: Größe\n".encode("latin-1")), ("metadata.yaml", "UTF-8")),
        "unsafe tag": (with_metadata("g", metadata + "x: !!python/object/apply:os.system [id]\n"), ("metadata.yaml", "tag")),
        "not YAML": (with_metadata("h", "name: [unclosed\n"), ("metadata.yaml",)),
        "number as version": (with_metadata("i", metadata.replace('version: "1.0.0"', "version: 1.0", 1)), ("metadata.yaml", "version")),
        "no chart": (package_with(scratch, "hostile-j", {"raw/hostile-j/Chart.yaml": None}), ("Chart.yaml",)),
        "template in metadata": (with_metadata("k", metadata.replace("name: hostile", "name: \"{{ lookup('pipe', 'id') }}\"")), ("name",)),
    }
    folder = package_with(scratch, "hostile-l")
    os.symlink("/etc/passwd", Path(folder) / "raw" / "passwd")
    case["link in a folder"] = (folder, ("link", "passwd"))
    return case


def _write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


@pytest.mark.once
def test_hostile_packages(ansible, api, platform, tmp_path):
    cases = _hostile(tmp_path)
    run = ansible.play(*[{"name": name, "acmp_package": {"src": src, "state": "listed"}} for name, (src, _words) in cases.items()])
    wrong = []
    for result in run.results:
        words = cases[result.task][1]
        missing = [word for word in words if word.lower() not in result.msg.lower()]
        if not result.failed or missing or not result.error.get("what") or not result.error.get("where"):
            why = "not refused" if not result.failed else f"does not say {missing}" if missing else "no what or where"
            wrong.append(f"{result.task}: {why}: {result.msg[:300]}")
    assert len(run.results) == len(cases)
    assert not wrong, "\n".join(wrong)
    for namespace in ("acmp-incoming", "acmp-catalog"):
        assert not [item for item in api.own("packages", namespace) if "hostile" in item["spec"]["name"]]
        labels = [item["metadata"].get("labels", {}) for item in api.core("configmaps", namespace)]
        assert not [label for label in labels if "hostile" in label.get("operators.apusic.com/package", "")]
    assert not Path("/etc/evil.yaml").exists()


@pytest.fixture
def published(ansible, api, platform, tmp_path):
    """publish(name, files) lists a package for the length of a test; force: although the linter refuses it."""
    names = []

    def publish(name: str, files: dict | None = None, state: str = "listed", version: str = "1.0.0", force: bool = False) -> str:
        names.append((name, version))
        forget(api, name)
        good(ansible.play({"acmp_package": {"src": package_with(tmp_path, name, files, version), "state": state, "force": force}}))
        return name

    yield publish
    ansible.play(*[
        {"acmp_package": {"name": name, "version": version, "state": state}} for name, version in names for state in ("unlisted", "absent")])
    forget(api, *[name for name, _version in names])


@pytest.mark.once
def test_chart_that_does_not_render(ansible, api, space, published):
    """Refused at the upload; a manager who forces it hears so, and a deploy of it says the same."""
    for name, template in (("bad-render", '{{ fail "the chart says no: replicas must be odd" }}\n'), ("bad-syntax", "a: {{ .Values.nothing.here }\n"),
                           ("bad-yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: [\n")):
        files = {f"raw/{name}/templates/broken.yaml": template}
        refused = ansible.play({"acmp_package": {"src": package_with(ansible.scratch, name, files)}})
        assert refused.last.failed and refused.last.error["where"].startswith(f"raw/{name}/templates/broken.yaml"), refused.last.data
        published(name, files, force=True)
    before = api.everything(space)
    run = ansible.play(*[instance(name, space, package=name) for name in ("bad-render", "bad-syntax", "bad-yaml")])
    assert all(result.failed for result in run.results)
    assert "the chart says no" in run[0].msg
    assert "broken.yaml" in run[1].msg and "broken.yaml" in run[2].msg, (run[1].msg, run[2].msg)
    assert all(result.error["what"] and result.error["where"] for result in run.results), [result.error for result in run.results]
    assert api.everything(space) == before


@pytest.mark.once
def test_bytes_changed_after_upload(ansible, api, space, published):
    """Somebody with rights replaces the archive in the cluster: the next use refuses it, whatever the record says."""
    published("tampered")
    record = next(item for item in api.own("packages", "acmp-catalog") if item["spec"]["name"] == "tampered")
    path = "/api/v1/namespaces/acmp-catalog/configmaps"
    chunk = next(item for item in api.core("configmaps", "acmp-catalog") if item["metadata"]["name"].startswith(f"package-{record['spec']['sha256'][:40]}"))
    name = chunk["metadata"]["name"]
    data = bytearray(base64.b64decode(chunk["binaryData"]["archive"]))
    data[len(data) // 2] ^= 1
    other = tar(package_with(ansible.scratch, "tampered", {"raw/tampered/templates/evil.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: evil}\n"}),
                ansible.scratch / "tampered.tgz")
    before = api.everything(space)
    for content in (bytes(data), Path(other).read_bytes(), None):
        api.delete(f"{path}/{name}")
        if content is not None:
            again = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": chunk["metadata"]["labels"]}}
            api.create(path, {**again, "binaryData": {"archive": base64.b64encode(content).decode()}})
        run = ansible.play(instance("one", space, package="tampered"))
        words = "is not the one that was uploaded" if content is not None else "is missing"
        assert run.last.failed and words in run.last.msg and run.last.error["where"] and run.last.error["todo"], run.last.msg
        assert api.everything(space) == before
        if content is None:
            meta = {"name": name, "labels": chunk["metadata"]["labels"]}
            api.create(path, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "binaryData": chunk["binaryData"]})
    # The checksum in the record is no way around it: the server refuses to change it.
    with pytest.raises(Exception, match="never changes"):
        api.patch(f"{PLATFORM}/namespaces/acmp-catalog/packages/{record['metadata']['name']}", {"spec": {"sha256": "0" * 64}})
    good(ansible.play(instance("one", space, package="tampered")))


@pytest.mark.once
def test_not_listed(ansible, api, space, published):
    published("waiting", state="present")
    before = api.everything(space)
    run = ansible.play(instance("one", space, package="waiting"), instance("one", space, package="waiting", version="1.0.0"))
    for result in run.results:
        assert result.failed and "uploaded but not listed" in result.msg and "manager" in result.error["todo"], result.msg
    assert api.everything(space) == before
    trial = good(ansible.play(instance("one", space, package="waiting", allow_hidden=True)))
    assert any("trial" in warning for warning in trial.last.data.get("warnings", []) + [trial.output])


@pytest.mark.once
def test_schema_of_the_chart_and_form(ansible, api, space, published):
    """Values that break the schema are all named at once, by their form path."""
    before = api.everything(space)
    run = ansible.play(
        instance("one", space, package="tiny", values={"replicas": "many", "image.pullPolicy": "Sometimes", "claim.size": "big"}),
        instance("one", space, package="tiny", values={"replicass": 2}),
        instance("one", space, package="tiny", values={"replicas": 1, "values.replicas": 2}),
        instance("one", space, package="tiny", values={"a..b": 1}),
        instance("one", space, package="tiny", document="kind: [unclosed"),
        instance("one", space, package="tiny", document={"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}}),
        instance("one", space, package="tiny", document={
            "apiVersion": "operators.apusic.com/v1alpha1", "kind": "HelmRelease", "metadata": {"name": "other"}, "spec": {"values": {}}}),
        instance("one", space, package="tiny", document="x: y", values={"replicas": 1}),
        instance("one", space, package="tiny", wait_timeout=0),
    )
    words = (
        ("replicas", "pullPolicy", "claim.size"), ("replicass",), ("replicas",), ("a..b",), ("script",), ("script",), ("other",), ("document",),
        ("wait_timeout",),
    )
    wrong = [f"{result.task}: {needed}: {result.msg[:300]}" for result, needed in zip(run.results, words, strict=True)
             if not result.failed or not all(word in str(result.data) for word in needed) or not result.error.get("what")]
    assert not wrong, "\n".join(wrong)
    assert api.everything(space) == before


@pytest.mark.once
def test_edited_is_honest():
    """The texts this file replaces are there: else a hostile package would be an ordinary one."""
    assert "type: operator" in edited("metadata.yaml", ("type: helm", "type: operator"))
    assert (TINY / "raw" / "tiny" / "Chart.yaml").exists()
