# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gathering the report from what the rooms tell, and the page as a file: written when it says something new, and then whole."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import ConnectionFailed, Forbidden, InputError
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import Project
from ansible_collections.acmp.middleware.plugins.module_utils.report import resources

from . import samples
from .samples import cluster, down, quota, workspace

PROJECTS = {"default": (("local", "a"),), "shop": (("local", "b"), ("away", "c"), ("away", "d"))}


class Rooms:
    """Stand-ins for the rooms the report asks, with what they were asked."""

    def __init__(self) -> None:
        self.clusters = [cluster("local"), down("away")]
        self.spaces = [workspace("a", quota(pods=("9", "10"))), workspace("b", project="shop")]
        self.refused: dict[str, Exception] = {}
        self.asked: list[tuple] = []
        self.at = samples.AT

    def cluster_info(self, _options, _act_as, query, _ctx):
        return [item for item in self.clusters if query.get("name") in (None, item["name"])]

    def find_cluster(self, _home, name):
        if name not in [item["name"] for item in self.clusters]:
            raise InputError(f'There is no cluster "{name}"')

    def workspace_info(self, _options, _act_as, query, _ctx):
        self.asked.append((query["cluster"], query["project"]))
        if query["cluster"] in self.refused:
            raise self.refused[query["cluster"]]
        return [space for space in self.spaces if space["cluster"] == query["cluster"] and query["project"] in (None, space["project"])]

    def project_info(self, *_arguments):
        return [{"name": name, "workspaces": [{"cluster": where, "namespace": space} for where, space in places]} for name, places in PROJECTS.items()]

    def find(self, _home, name):
        if name not in PROJECTS:
            raise InputError(f'There is no project "{name}"')
        return Project(name, (), PROJECTS[name], {}, {})


@pytest.fixture
def rooms(monkeypatch) -> Rooms:
    rooms = Rooms()
    monkeypatch.setattr(resources.clusters, "info", rooms.cluster_info)
    monkeypatch.setattr(resources.reach, "find", rooms.find_cluster)
    monkeypatch.setattr(resources.workspaces, "info", rooms.workspace_info)
    monkeypatch.setattr(resources.projects, "info", rooms.project_info)
    monkeypatch.setattr(resources.projects, "find", rooms.find)
    monkeypatch.setattr(resources, "connect", lambda *_arguments: None)
    monkeypatch.setattr(resources, "now", lambda: rooms.at)
    return rooms


def gather(ctx: Context | None = None, names=(), only=()) -> dict:
    return resources.gather({}, None, names, only, ctx or Context())


def names(report: dict) -> list[str]:
    return [space["name"] for space in report["workspaces"]]


def test_a_cluster_that_is_down_is_not_asked_and_its_workspaces_come_from_the_projects(rooms):
    report = gather()
    assert rooms.asked == [("local", None)]
    assert names(report) == ["a", "b", "c", "d"] and [space["state"] for space in report["workspaces"]] == ["Active", "Active", "Unknown", "Unknown"]
    assert report["made_at"] == samples.AT and report["summary"]["unknown"] == 2


def test_what_another_cluster_answers_ends_no_report(rooms, monkeypatch):
    rooms.clusters = [cluster("local"), cluster("away")]
    rooms.refused["away"] = KeyError("metadata")
    ctx = Context()
    assert names(gather(ctx)) == ["a", "b", "c", "d"]
    assert ctx.warnings == ["The workspaces of cluster away are not shown: its answers are not those of a Kubernetes API server (KeyError)"]
    end = threading.Event()
    monkeypatch.setattr(resources, "_MOST_SECONDS", 0.3)
    monkeypatch.setattr(resources.workspaces, "info", lambda *words: end.wait(30) if words[2]["cluster"] == "away" else rooms.workspace_info(*words))
    ctx = Context()
    assert names(gather(ctx)) == ["a", "b", "c", "d"] and "no answer within" in ctx.warnings[0]
    end.set()


def test_a_fault_at_home_is_told_as_one(rooms):
    rooms.clusters = [cluster("local"), cluster("away")]
    rooms.refused["local"] = KeyError("metadata")
    with pytest.raises(KeyError):
        gather()


def test_without_a_cluster_that_is_down_no_record_is_read(rooms, monkeypatch):
    rooms.clusters.pop()
    monkeypatch.setattr(resources.projects, "info", None)
    assert names(gather()) == ["a", "b"]


def test_some_clusters_and_some_projects(rooms):
    assert names(gather(names=["local"])) == ["a", "b"]
    assert names(gather(only=["shop"])) == ["b", "c", "d"] and rooms.asked[-1] == ("local", "shop")
    assert names(gather(only=["shop", "default"], names=["away", "local"])) == ["a", "b", "c", "d"] and rooms.asked[-1] == ("local", None)
    assert gather(only=["shop"])["projects"] == ["shop"]
    rooms.spaces.append(workspace("e", project="other"))
    assert "e" not in names(gather(only=["shop", "default"]))


@pytest.mark.parametrize(("wrong", "said"), [
    ({"names": ["locl"]}, 'no cluster "locl"'), ({"names": ["local", "locl"]}, 'no cluster "locl"'), ({"only": ["shp"]}, 'no project "shp"'),
])
def test_unknown_names_are_refused_before_anything_is_read(rooms, wrong, said):
    with pytest.raises(InputError, match=said):
        gather(**wrong)
    assert rooms.asked == []


@pytest.mark.parametrize("refusal", [ConnectionFailed("it went down meanwhile"), Forbidden("Not allowed to list namespaces")])
def test_one_cluster_that_refuses_hides_no_other(rooms, refusal):
    rooms.clusters.append(cluster("third"))
    rooms.refused["local"] = refusal
    rooms.spaces.append(workspace("e", cluster="third"))
    ctx = Context()
    report = gather(ctx)
    assert set(names(report)) == {"e", "a", "b", "c", "d"} and report["summary"]["unknown"] == 4
    assert ctx.warnings == [f"The workspaces of cluster local are not shown: {refusal.what}"]


def test_where_nothing_may_be_read_the_reason_is_told(rooms):
    rooms.refused["local"] = Forbidden("Not allowed to list namespaces")
    with pytest.raises(Forbidden, match="list namespaces"):
        gather()


def make(dest: Path | None = None, check: bool = False, diff: bool = False, **wanted) -> dict:
    return resources.make({}, None, {"dest": str(dest) if dest else None, **wanted}, Context(check_mode=check, diff=diff))


def test_without_dest_nothing_is_written(rooms, tmp_path):
    result = make()
    assert not result["changed"] and result["actions"] == [] and set(result) == {"changed", "actions", "diff", "report", "table"}
    assert result["table"].startswith(samples.AT) and not list(tmp_path.iterdir())


def test_the_page_is_written_once_and_again_when_it_says_something_else(rooms, tmp_path):
    check, done = make(tmp_path, check=True), None
    assert check["changed"] and not list(tmp_path.iterdir())
    done = make(tmp_path, diff=True)
    file = tmp_path / "resources.html"
    first = file.read_bytes()
    assert done["actions"] == check["actions"] and done["page"] == str(file) and done["size"] == len(first) and done["diff"][0]["after"]["size"] == len(first)
    # Only time has passed: figures of now are as old as the page, and of a cluster that is down as old as before.
    rooms.at = "2026-12-01T00:00:00Z"
    rooms.clusters[0]["observed_at"] = rooms.at
    again = make(tmp_path)
    assert not again["changed"] and again["actions"] == [] and again["size"] == len(first) and file.read_bytes() == first
    assert again["report"]["made_at"] == rooms.at
    rooms.spaces[0]["quota"] = quota(pods=("10", "10"))
    other = make(tmp_path)
    assert other["changed"] and b"2026-12-01" in file.read_bytes() and [item.name for item in tmp_path.iterdir()] == ["resources.html"]


@pytest.mark.parametrize("old", [b"", b"\xff\xfe", b"<html><time datetime=\"2026-11-21T09:30:00Z\">", b"x" * 70000])
def test_what_else_is_there_is_replaced(rooms, tmp_path, old):
    file = tmp_path / "page.html"
    file.write_bytes(old)
    assert make(file)["changed"] and not make(file)["changed"] and file.read_bytes().startswith(b"<!DOCTYPE html>")


def test_a_page_that_somebody_changed_is_put_right(rooms, tmp_path):
    file = tmp_path / "page.html"
    make(file)
    file.write_bytes(file.read_bytes().replace(b"9 of 10", b"1 of 10"))
    assert make(file)["changed"] and b"9 of 10" in file.read_bytes()


def test_the_mode(rooms, tmp_path):
    file = tmp_path / "page.html"
    make(file, mode="0600")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    inode = file.stat().st_ino
    assert not make(file, mode="0600")["changed"] and not make(file)["changed"] and file.stat().st_ino == inode
    check, done = make(file, mode="0644", check=True), make(file, mode="0644")
    assert check["actions"] == done["actions"] == [f"set the mode of {file} to 0644"] and stat.S_IMODE(file.stat().st_mode) == 0o644
    file.unlink()
    os.umask(os.umask(0o022))
    make(file)
    assert stat.S_IMODE(file.stat().st_mode) & 0o111 == 0


@pytest.mark.parametrize("mode", ["644", "0999", "u=rw", "00644", "-0644", "416"])
def test_modes_that_cannot_be_meant(rooms, tmp_path, mode):
    with pytest.raises(InputError, match="is no mode"):
        make(tmp_path / "page.html", mode=mode)
    assert not list(tmp_path.iterdir())


def test_dest_that_cannot_be_written(rooms, tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        make(tmp_path / "missing" / "page.html")
