# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file fits in a head, and says under which licence it may be used."""

from __future__ import annotations

import warnings

from . import source

NEVER_ABOVE = 500
AIM_BELOW = 300
CODE = (".py", ".go", ".sh", ".yml", ".yaml", ".j2")
# Not ours to size: what packages bring along, inputs that are read byte by byte, what a tool writes.
NOT_CODE = ("examples/packages/", "changelogs/", "tests/packages/")
HEADER = (
    "Copyright: (c) 2026, acmp.middleware contributors",
    "GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "SPDX-License" + "-Identifier: GPL-3.0-or-later",  # in two pieces, or REUSE would read it as this file's own
)


def code_files() -> dict:
    names = [name for name in source.tracked() if name.endswith(CODE) or _script(name)]
    kept = [name for name in names if not name.startswith(NOT_CODE) and not {"fixtures", "files", "testdata"} & set(name.split("/"))]
    return {name: source.read(name) for name in kept}


def _script(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return last == "Makefile" or ("." not in last and (source.ROOT / name).read_bytes()[:2] == b"#!")


def too_long(files: dict, limit: int) -> list:
    counted = {name: text.count("\n") for name, text in files.items()}
    return [f"{name}: {lines} lines, more than {limit}: one room, one reason; split it" for name, lines in counted.items() if lines > limit]


def without_header(files: dict) -> list:
    """Programs carry all three lines; for settings in YAML the licence's identifier is enough."""
    found = []
    for name, text in files.items():
        head = text.splitlines()[:10]
        wanted = HEADER[2:] if name.endswith((".yml", ".yaml", ".j2")) else HEADER
        missing = [line for line in wanted if not any(line in shown for shown in head)]
        # An empty package marker holds nothing to license.
        if text and missing:
            found.append(f"{name}: its first lines do not say: {missing[0]}")
    return found


def test_no_file_is_too_long_for_a_head():
    files = code_files()
    assert len(files) > 10, "hardly a file was found: this test would prove nothing"
    for line in too_long(files, AIM_BELOW):
        warnings.warn(line, stacklevel=1)
    source.expect_none(too_long(files, NEVER_ABOVE))


def test_every_file_names_its_licence():
    source.expect_none(without_header(code_files()))


def test_length_and_header_are_really_looked_at():
    assert too_long({"a.py": "x\n" * 501}, NEVER_ABOVE)
    assert not too_long({"a.py": "x\n" * 500}, NEVER_ABOVE)
    head = "".join(f"# {line}\n" for line in HEADER)
    assert not without_header({"a.py": head, "b.yml": f"# {HEADER[2]}\n", "c/__init__.py": "", "d.go": head.replace("#", "//")})
    assert without_header({"a.py": f"# {HEADER[2]}\n"})
    assert without_header({"b.yml": "key: value\n"})
    assert without_header({"a.py": "\n" * 20 + head})


def test_sanity_has_no_ignore_files():
    named = [name for name in source.tracked() if name.startswith("tests/sanity/") and "ignore" in name]
    source.expect_none([f"{name}: mend what it hides instead" for name in named])
