# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a package: what it shows, and that nothing of a package can do anything in it."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils import _deps, markup
from ansible_collections.acmp.middleware.plugins.module_utils.errors import AcmpError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.model._metadata import Logo
from ansible_collections.acmp.middleware.plugins.module_utils.package.page import _images, _readme, _style, _words, page
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree
from hypothesis import given
from hypothesis import strategies as st

from . import pages

# Every element a page may hold, and every attribute it may have there.
EVERYWHERE = {"id", "class"}
ALLOWED = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "name", "content", "http-equiv"}, "title": set(), "style": set(), "body": set(), "header": set(),
    "main": set(), "footer": set(), "nav": {"aria-label"}, "section": set(), "article": set(), "div": {"tabindex"}, "span": {"title", "aria-hidden"},
    "p": set(), "ul": set(), "ol": {"start"}, "li": set(), "dl": set(), "dt": set(), "dd": set(), "h1": set(), "h2": set(), "h3": set(), "h4": set(),
    "h5": set(), "h6": set(), "a": {"href", "rel"}, "img": {"src", "alt"}, "br": set(), "wbr": set(), "hr": set(), "b": set(), "em": set(),
    "strong": set(), "s": set(), "code": set(), "pre": {"tabindex"}, "blockquote": set(), "details": {"open"}, "summary": set(), "table": set(),
    "thead": set(), "tbody": set(), "tr": set(), "th": {"scope"}, "td": set(),
}
IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/]+=*")
ADDRESS = re.compile(r"https?://[^/\s\\@\"]+(/[^\s\\]*)?|mailto:[^?\s]+@[^?\s]+|#[^\s]+")


def checked(text: str) -> pages.Reader:
    """The page as a reader sees it, once nothing in it was found that could do harm."""
    reader = pages.Reader(text)
    assert not reader.unclosed and not reader.open and not reader.comments
    for name, attributes in reader.elements:
        assert name in ALLOWED, name
        assert set(attributes) <= ALLOWED[name] | EVERYWHERE, (name, attributes)
        assert re.fullmatch(r"[a-z0-9 -]*", attributes.get("class", "").replace("language-", "")) or name == "code", attributes
        if "href" in attributes:
            assert ADDRESS.fullmatch(attributes["href"]), attributes
        if name == "img":
            assert IMAGE.fullmatch(attributes["src"]), attributes
    metas = [attributes for name, attributes in reader.elements if name == "meta"]
    assert metas[:2] == [{"charset": "utf-8"}, {"http-equiv": "Content-Security-Policy", "content": markup.policy(_style.STYLE, pictures=True)}]
    assert [attributes for attributes in metas if "http-equiv" in attributes][1:] == [{"http-equiv": "x-dns-prefetch-control", "content": "off"}]
    assert reader.styles == [_style.STYLE]
    ids = [attributes["id"] for _name, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    inner = {attributes["href"][1:] for _name, attributes in reader.elements if attributes.get("href", "").startswith("#")}
    assert inner <= set(ids)
    return reader


def render(tree: FileTree, language: str = "en", listed: page.Listed | None = None) -> str:
    return page.render(model.load(tree), language, listed)


def redis() -> FileTree:
    return archive.read_folder(str(pages.REDIS))


def shown(reader: pages.Reader) -> str:
    return " ".join(" ".join(reader.texts).split())


def markdown(text: str, files: dict | None = None) -> str:
    return str(_readme.render(text, FileTree(files or {})))


def test_a_page_shows_what_the_manual_asks_for():
    listed = page.Listed("2026-11-20T10:00:00Z", "5f" * 32, 9216, (page.Version("1.1.0", "7.2", "2026-11-20"), page.Version("1.0.0", "7.0.15", "2026-11-01")))
    reader = checked(render(redis(), listed=listed))
    text = shown(reader)
    for word in (
        "Redis", "redis", "Database, Cache", "x86_64, aarch64", "helm", "2026-11-20T10:00:00Z", "1.0.0", "7.0.15", "acmp.middleware contributors",
        "9.0 KiB", "5f" * 32,
        "docker.io/library/redis:7.0.15", "Redis documentation", "In-memory key-value store", "Introduction (中间件简介)", "View the YAML sample", "replicated",
        "kind: HelmRelease", "Read replicas", "values. replicas", "ClusterIP/ NodePort/ LoadBalancer", "0 – 8", "services[0]. spec. ports[0]. port", "7.2",
        "ansible-playbook acmp.middleware.deploy", "-e acmp_type=replicated", "No older version can be upgraded",
    ):
        assert word in text, word
    hrefs = [attributes["href"] for _name, attributes in reader.elements if "href" in attributes]
    assert {"https://redis.io/docs/", "https://github.com/acmp-middleware/acmp.middleware", "mailto:maintainers@example.com", "#types"} <= set(hrefs)
    assert "Copyright" not in text, "a comment of the README is no text of it"


def test_the_words_are_in_the_language_asked_for():
    reader = checked(render(redis(), "zh"))
    assert ("html", {"lang": "zh-CN"}) in reader.elements
    assert "部署配置定义" in shown(reader) and "查看YAML样例" in shown(reader) and "Deployment configurations" not in shown(reader)
    assert all(_words.words("zh")[key] for key in _words.words("en"))


OURS = [*sorted((pages.ROOT / "tests" / "packages").iterdir()), pages.ROOT / "tests" / "unit" / "package" / "samples" / "files"]


@pytest.mark.parametrize("folder", OURS, ids=lambda path: path.name)
def test_every_package_of_ours_has_a_page(folder):
    checked(render(archive.read_folder(str(folder))))


@pytest.mark.parametrize("number", range(len(pages.ATTACKS)))
def test_nothing_of_a_hostile_package_gets_into_the_markup(number):
    attack = pages.ATTACKS[number]
    reader = checked(render(pages.hostile(attack)))
    # Not taken out either: what it says is shown.
    assert " ".join(attack.split())[:40] in shown(reader)
    assert {"settings", "operations", "logs", "metrics", "alarms"} <= {attributes["id"] for name, attributes in reader.elements if name == "section"}


def test_secret_values_are_not_shown():
    tree = redis()
    # The schema says that one of the two is a number.
    csv = tree.text("manifests/csv.yaml")
    for path in ("values.config.maxmemoryPercent", "values.image.registry"):
        csv = re.sub(rf"(path: {path}\n(?:.*\n)*?.*ui:)\w+", r"\1password", csv, count=1)
    documents = tree.text("manifests/default-cr.yaml").replace("appendonly: true", "maxmemoryPercent: 4242").replace("docker.io", "registry-of-mine")
    text = render(tree.with_files({"manifests/csv.yaml": csv, "manifests/default-cr.yaml": documents, "metadata.yaml": "name: x1\nversion: '1.0.0'"}))
    assert "registry-of-mine" not in text and "4242" not in text and text.count("********") == 4
    assert text.count("secret: given or made") > 4


def test_an_undeclared_access_is_no_risk_and_a_declared_one_is_shown():
    tree = redis()
    metadata = tree.text("metadata.yaml") + "security:\n  anonymousAccess: true\n  risk: Everybody in the cluster can read all keys\n"
    assert "without a password : Everybody in the cluster" in shown(checked(render(tree.with_files({"metadata.yaml": metadata}))))
    assert "without a password" not in shown(checked(render(tree)))


def test_names_of_types_are_quoted_for_the_shell():
    tree = redis()
    documents = tree.text("manifests/default-cr.yaml").replace("instance-type: replicated", "instance-type: \"two; rm -rf 'x' $(y)\"")
    assert """-e '{"acmp_type": "two; rm -rf '"'"'x'"'"' $(y)"}'""" in shown(checked(render(tree.with_files({"manifests/default-cr.yaml": documents}))))


def test_the_same_package_gives_the_same_page():
    assert render(redis()) == render(redis())


def test_the_policy_allows_this_style_and_nothing_else():
    digest = base64.b64encode(hashlib.sha256(_style.STYLE.encode()).digest()).decode()
    policy = dict(part.strip().split(" ", 1) for part in markup.policy(_style.STYLE, pictures=True).split(";"))
    assert policy == {"default-src": "'none'", "img-src": "data:", "style-src": f"'sha256-{digest}'", "base-uri": "'none'", "form-action": "'none'"}
    assert "<" not in _style.STYLE and "url(" not in _style.STYLE and "@import" not in _style.STYLE


@pytest.mark.parametrize(("text", "expected"), [
    ("# One\n\n## Two", '<h2 id="readme-one">One</h2>\n<h3 id="readme-two">Two</h3>\n'),
    ("# 背景 (A.b)", '<h2 id="readme-背景-ab">背景 (A.b)</h2>\n'),
    ("# A\n# A\n\n[x](#a-1)", '<h2 id="readme-a">A</h2>\n<h2 id="readme-a-1">A</h2>\n<p><a href="#readme-a-1">x</a></p>\n'),
    ("[x](#nowhere)", "<p>x</p>\n"),
    ("[x](https://a.example/?b=1&c=2 'title')", '<p><a href="https://a.example/?b=1&amp;c=2" rel="noopener noreferrer nofollow">x</a></p>\n'),
    ("<https://a.example/>", '<p><a href="https://a.example/" rel="noopener noreferrer nofollow">https://a.example/</a></p>\n'),
    ("[x](mailto:a@b.example)", '<p><a href="mailto:a@b.example">x</a></p>\n'),
    ("[x](mailto:a@b.example?bcc=c@d.example)", "<p>x</p>\n"),
    ("[x](docs/more.md)", "<p>x</p>\n"),
    ("[x](javascript:alert(1))", "<p>x</p>\n"),
    ("[**x** `y`](&#106;avascript:alert(1))", "<p><strong>x</strong> <code>y</code></p>\n"),
    ("<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"),
    ("![words](https://a.example/x.png)", "<p>[words]</p>\n"),
    ("![words](data:image/png;base64,AAAA)", "<p>[words]</p>\n"),
    ("[![words](x.png)](https://a.example)", '<p><a href="https://a.example" rel="noopener noreferrer nofollow">[words]</a></p>\n'),
    ("a <b>c</b>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n"),
    ("<!-- licence -->\n\na", "<p>a</p>\n"),
    ("a\u202eb\x07c\ud800", "<p>a\ufffdb\ufffdc?</p>\n"),
    ("a\r\nb", "<p>a\nb</p>\n"),
])
def test_markdown(text, expected):
    assert markdown(text) == expected


def test_tables_are_aligned_without_style():
    text = markdown("|a|b|c|\n|:-|:-:|-:|\n|1|2|3|")
    assert "style" not in text and '<td class="middle">2</td>' in text and '<td class="end">3</td>' in text


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def test_pictures_come_from_the_package():
    files = {"docs/a b.png": PNG, "x.svg": b"<svg/>", "big.png": PNG + b"\0" * _images.MOST_BYTES}
    address = "data:image/png;base64," + base64.b64encode(PNG).decode()
    for source in ("docs/a%20b.png", "./docs/a%20b.png", "/docs/a%20b.png", "docs/../docs/a%20b.png", "docs/a%20b.png#x", "<docs/a b.png>"):
        assert markdown(f"![w]({source} 't')", files) == f'<p><img src="{address}" alt="w" /></p>\n', source
    assert "data:image/svg+xml;base64," in markdown("![w](x.svg)", files)
    for source in ("big.png", "missing.png", "../docs/a%20b.png/..", "//x.svg", "file:x.svg"):
        assert markdown(f"![w]({source})", files) == "<p>[w]</p>\n", source


def test_all_pictures_of_a_text_together_are_bounded():
    files = {"x.png": PNG + b"\0" * (_images.MOST_BYTES - 100)}
    assert len(markdown("![w](x.png)\n" * 50, files)) < _readme.MOST_PICTURES + 10_000


@pytest.mark.parametrize(("data", "kind"), [
    (PNG, "png"), (b"\xff\xd8\xff\xe0", "jpeg"), (b"GIF89a", "gif"), (b"RIFF\0\0\0\0WEBP", "webp"), (b"<svg>", "svg+xml"),
    (b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- <x> --><!DOCTYPE svg PUBLIC 'a' 'b'>\n<svg\nx=''/>", "svg+xml"),
    (b"", ""), (b"<svgx>", ""), (b"<html><svg>", ""), (b"<!DOCTYPE html><svg>", ""), (b"<?xml", ""), (b"<!--", ""), (b"%PDF", ""), (b"<script>", ""),
    (b"BM", ""),
])
def test_pictures_are_known_by_their_content(data, kind):
    assert _images.data_uri(data).partition(";")[0] == (f"data:image/{kind}" if kind else "")


def test_the_logo():
    coded = base64.b64encode(PNG).decode()
    assert _images.logo(Logo("image/png", coded[:8] + "\n " + coded[8:], ""), FileTree()) == f"data:image/png;base64,{coded}"
    assert _images.logo(Logo("text/html", "", "logo.png"), FileTree({"logo.png": PNG})) == f"data:image/png;base64,{coded}"
    for given_ in (Logo(), Logo("image/png", "!", ""), Logo("", "", "no.png"), Logo("image/svg+xml", base64.b64encode(b"<html>").decode(), "")):
        assert _images.logo(given_, FileTree()) == ""


@pytest.mark.parametrize("url", pages.URLS)
def test_addresses_that_are_not_of_the_web_are_no_links(url):
    assert "href" not in markup.link(url, "x") or ADDRESS.fullmatch(pages.Reader(markup.link(url, "x")).elements[0][1]["href"])
    assert "href" not in markup.mail_link(url, "x")


def test_a_long_readme_is_shown_as_it_is():
    text = "# <b>\n" * 40_000
    assert markdown(text) == "<pre>" + text.replace("<", "&lt;").replace(">", "&gt;") + "</pre>"


@pytest.mark.parametrize("text", [
    "[", "![", "*a_", "|a|b|\n|-|-|\n" + "x\n" * 20_000, "|a" * 2000 + "\n" + "|-" * 2000 + "\n" + "x\n" * 10_000, "# a\n", "> ", "[a](", "<!--",
    "![a](x.png) ", "\\", "`", "<a ", "[a]: b\n",
], ids=lambda text: text[:8])
def test_the_time_markdown_takes_is_bounded(text):
    # A twelfth of what is allowed: where the time grows with the square, the whole takes 144 times as long.
    length = _readme.MOST_CHARACTERS // 12
    text = (text * (length // len(text) + 1))[:length]
    began = time.process_time()
    markdown(text, {"x.png": PNG})
    assert time.process_time() - began < 2


@given(st.text(st.characters(), max_size=200), st.sampled_from(["", "# ", "- ", "> ", "[a](", "![a](", "|a|\n|-|\n|", "```", "<", "[x]: "]))
def test_no_text_becomes_markup_of_its_own(text, before):
    source = _readme.render(before + text, FileTree())
    reader = pages.Reader(f"<div>{source}</div>")
    for name, attributes in reader.elements:
        assert name in ALLOWED and name not in ("meta", "style", "script")
        assert set(attributes) <= ALLOWED[name] | EVERYWHERE
        assert ADDRESS.fullmatch(attributes.get("href", "#x"))
    source.encode()


@given(st.text(), st.text())
def test_elements_escape_texts_and_attributes(text, other):
    reader = pages.Reader(markup.tag("p", text, title=other))
    assert reader.elements == [("p", {"title": markup.clean(other)})]
    assert "".join(reader.texts) == markup.clean(text)


def test_without_the_library_an_error_says_what_to_install(monkeypatch):
    monkeypatch.delitem(vars(_deps), "markdown_it", raising=False)
    for module in [module for module in sys.modules if module.partition(".")[0] == "markdown_it"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(AcmpError, match="markdown-it-py is missing. To do: install"):
        markdown("a")
