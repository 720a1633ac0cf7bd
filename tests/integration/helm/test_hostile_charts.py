# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Charts are programs of strangers: bounded in time and memory, without network, without the machine's files, variables and plugins."""

from __future__ import annotations

import http.server
import json
import os
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.acmp.middleware.plugins.module_utils.catalog import renderings
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import HelmError
from ansible_collections.acmp.middleware.plugins.module_utils.helm import render
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model

from .conftest import write_chart

TINY = Path(__file__).resolve().parents[2] / "packages" / "tiny"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: %s}\n"
# Kind -> template. Each asks for more than there is: time, memory, depth, output.
GREEDY = {
    "a loop without end": "{{ range until 2000000000 }}{{ end }}",
    "loops in loops": "{{ range until 100000 }}{{ range until 100000 }}{{ $x := . }}{{ end }}{{ end }}",
    "a template that includes itself": '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}',
    "tpl that calls itself": '{{ define "y" }}{{ tpl "{{ include \"y\" . }}" . }}{{ end }}{{ include "y" . }}',
    "text that doubles": '{{ $x := "xxxxxxxxxxxxxxxx" }}{{ range until 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}a: {{ $x }}',
    "a repeat": 'a: {{ repeat 2000000000 "x" }}',
    "output without end": "{{ range until 100000000 }}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: b\n{{ end }}",
    "a list that doubles": '{{ $x := list 1 2 3 4 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}a: {{ $x }}',
    "an expensive key": "a: {{ genPrivateKey \"rsa\" }}{{ range until 100000 }}{{ genPrivateKey \"rsa\" }}{{ end }}",
}
# What a template may ask for, and what it has to get: nothing of the machine.
ASKING = {
    "an address": '{{ getHostByName "localhost" | quote }}', "a file above": '{{ .Files.Get "../../../../etc/passwd" | quote }}',
    "a file by its path": '{{ .Files.Get "/etc/passwd" | quote }}', "files above": '{{ (.Files.Glob "../**").AsConfig | quote }}',
    "an object": '{{ lookup "v1" "Secret" "kube-system" "" | toJson | quote }}',
}
FORBIDDEN = {"a variable": '{{ env "HOME" | quote }}', "variables": '{{ expandenv "$HOME" | quote }}'}


@pytest.fixture
def bounded(monkeypatch) -> float:
    """Seconds that a rendering gets here."""
    monkeypatch.setattr(render, "SECONDS", 6.0)
    return 6.0


@pytest.mark.parametrize("kind", GREEDY)
def test_a_greedy_chart_is_stopped(helm, ctx, tmp_path, bounded, kind):
    """Refused with one sentence, in time, and no process or file of it stays."""
    chart = write_chart(tmp_path, **{"x.yaml": GREEDY[kind]})
    began = time.monotonic()
    with pytest.raises(HelmError) as caught:
        render.render(helm, chart, "db", "shop", {}, None, ctx)
    assert time.monotonic() - began < bounded + 8
    assert len(caught.value.what) < 1100 and "goroutine" not in caught.value.what


@pytest.mark.parametrize("kind", ASKING)
def test_a_curious_chart_learns_nothing(helm, ctx, tmp_path, kind):
    chart = write_chart(tmp_path, **{"x.yaml": CONFIG % ASKING[kind]})
    rendered = render.render(helm, chart, "db", "shop", {}, None, ctx)
    (found,) = [item for item in rendered.objects if item["kind"] == "ConfigMap" and item["metadata"]["name"] == "a"]
    assert found["data"]["a"] in ("", "{}", None, "{}\n"), found


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_variables_are_unknown_functions(helm, ctx, tmp_path, kind):
    chart = write_chart(tmp_path, **{"x.yaml": CONFIG % FORBIDDEN[kind]})
    with pytest.raises(HelmError, match="not defined"):
        render.render(helm, chart, "db", "shop", {}, None, ctx)


def test_no_plugin_of_the_user_runs(helm, tmp_path):
    """One that would run before every command of helm, in the folders helm looks into by itself."""
    home = tmp_path / "home"
    marker = tmp_path / "was-here"
    for folder in (home / ".local" / "share" / "helm" / "plugins" / "bad", tmp_path / "plugins" / "bad"):
        folder.mkdir(parents=True)
        (folder / "plugin.yaml").write_text(f"name: template\nversion: 0.1.0\nusage: x\ndescription: x\ncommand: touch {marker}\n")
    chart = write_chart(tmp_path, **{"x.yaml": CONFIG % "b"})
    data = str(home / ".local" / "share")
    ctx = Context(env={"PATH": os.environ["PATH"], "HOME": str(home), "HELM_PLUGINS": str(tmp_path / "plugins"), "XDG_DATA_HOME": data})
    assert render.render(helm, chart, "db", "shop", {}, None, ctx).objects
    assert not marker.exists()


@pytest.fixture
def listener():
    """An address on this machine, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.mark.parametrize("schema", [
    {"$schema": "ADDRESS/meta.json"}, {"properties": {"a": {"$ref": "ADDRESS/x.json"}}}, {"$ref": "ADDRESS/y.json#/a"},
    {"properties": {"a": {"$ref": "file:///etc/passwd"}}}], ids=["meta", "property", "whole", "file"])
def test_a_schema_fetches_nothing(helm, ctx, tmp_path, listener, schema):
    """Helm itself would: from any address, and from any file of the machine, whose first letter its error shows."""
    address, asked = listener
    chart = write_chart(tmp_path, **{"x.yaml": CONFIG % "b"})
    (Path(chart) / "values.schema.json").write_text(json.dumps(schema).replace("ADDRESS", address))
    assert render.render(helm, chart, "db", "shop", {"a": "b"}, None, ctx).objects
    tree = archive.read_folder(str(TINY)).with_files({"raw/tiny/values.schema.json": json.dumps(schema).replace("ADDRESS", address)})
    (made,) = renderings.make(model.load(tree), helm, ctx)
    assert made.objects and not [message for _severity, _path, message in made.linted if "passwd" in message]
    assert asked == []
