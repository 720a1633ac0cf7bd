# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives that nobody should open, made from a seed: every kind of damage and malice that a format with links, sizes and text invites."""

from __future__ import annotations

import gzip
import io
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

TINY = Path(__file__).resolve().parents[1] / "packages" / "tiny"
YAML_FILES = ("metadata.yaml", "application.yaml", "manifests/csv.yaml", "manifests/default-cr.yaml")


def archives(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """count pairs (kind of malice, bytes); the same for the same seed."""
    kinds = (*PACKED, *CONTENT)
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")
        make = kinds[number % len(kinds)]
        yield make.__name__.strip("_"), make(chance)


def _files() -> dict[str, bytes]:
    return {str(path.relative_to(TINY)): path.read_bytes() for path in sorted(TINY.rglob("*")) if path.is_file()}


def _tar(files: dict[str, bytes], *more: tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in more:
            archive.addfile(info, io.BytesIO(b"\0" * info.size) if info.isreg() else None)
    return out.getvalue()


def _zip(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def _packed(files: dict[str, bytes], chance: random.Random) -> bytes:
    return gzip.compress(_tar(files), 6, mtime=0) if chance.random() < 0.7 else _zip(files)


# Of the container --------------------------------------------------------------------------------------------------------------------------

def _noise(chance: random.Random) -> bytes:
    head = chance.choice((b"", b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"PK\x03\x04", b"PK\x05\x06", b"BZh9", b"\xfd7zXZ\0"))
    return head + chance.randbytes(chance.randrange(0, 20_000))


def _flipped(chance: random.Random) -> bytes:
    data = bytearray(_packed(_files(), chance))
    for _each in range(chance.randrange(1, 40)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _flipped_inside(chance: random.Random) -> bytes:
    data = bytearray(_tar(_files()))
    for _each in range(chance.randrange(1, 60)):
        # Headers are where a reader can be led astray.
        data[chance.randrange(len(data) // 512) * 512 + chance.randrange(512)] = chance.randrange(256)
    return gzip.compress(bytes(data), 1, mtime=0)


def _cut(chance: random.Random) -> bytes:
    data = _packed(_files(), chance)
    return data[:chance.randrange(len(data))]


def _doubled(chance: random.Random) -> bytes:
    data = _packed(_files(), chance)
    return data + data[chance.randrange(len(data)):]


def _wild_paths(chance: random.Random) -> bytes:
    names = ("../x", "a/../../x", "/etc/passwd", "C:\\x", "a\\..\\x", "a\0b", "\u202egnp.yaml", "a/" * 400 + "x", "x" * 300, ".", "..", "", "metadata.yaml/x",
             "~/x",
             "\x1b[2J", "raw/../../metadata.yaml", "con", "a//b", "\udcff")
    files = _files() | {chance.choice(names): b"x" for _each in range(chance.randrange(1, 4))}
    try:
        return _packed(files, chance)
    except (ValueError, IndexError):
        return gzip.compress(_tar(files, form=tarfile.GNU_FORMAT), 1, mtime=0)


def _special_members(chance: random.Random) -> bytes:
    info = tarfile.TarInfo(chance.choice(("metadata.yaml", "raw/link", "dev", "a/b/c")))
    info.type = chance.choice((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE, b"Z",
                               tarfile.GNUTYPE_SPARSE))
    info.linkname = chance.choice(("/etc/shadow", "../../../../etc/passwd", "metadata.yaml", "", "x" * 99))
    info.devmajor, info.devminor = chance.randrange(9), chance.randrange(9)
    return gzip.compress(_tar(_files(), info), 1, mtime=0)


def _false_sizes(chance: random.Random) -> bytes:
    data = bytearray(_tar(_files()))
    at = chance.choice([place for place in range(0, len(data), 512) if data[place + 257:place + 262] == b"ustar"])
    size = chance.choice((b"77777777777\0", b"\x80" + b"\0" * 3 + struct.pack(">Q", 1 << chance.randrange(20, 62)), b"-0000000001\0", b"            ",
                          b"\xff" * 12, b"zzzzzzzzzzz\0"))
    data[at + 124:at + 136] = size
    data[at + 148:at + 156] = b"        "
    total = sum(data[at:at + 512])
    data[at + 148:at + 156] = b"%06o\0 " % total
    return gzip.compress(bytes(data), 1, mtime=0)


def _bomb(chance: random.Random) -> bytes:
    size = chance.choice((65, 200, 900)) << 20
    if chance.random() < 0.5:
        return _zip(_files() | {"raw/tiny/zeros": b"\0" * min(size, 70 << 20)})
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as packed:
        info = tarfile.TarInfo("raw/tiny/zeros")
        info.size = size
        packed.write(info.tobuf())
        for _each in range(size >> 20):
            packed.write(b"\0" * (1 << 20))
        packed.write(b"\0" * 1024)
    return out.getvalue()


def _crowd(chance: random.Random) -> bytes:
    deep = chance.random() < 0.5
    return _packed({("d/" * 120 if deep else "") + f"f{number}": b"" for number in range(chance.choice((2001, 5000, 30_000)))}, chance)


def _same_names(chance: random.Random) -> bytes:
    info = tarfile.TarInfo(chance.choice(("metadata.yaml", "./metadata.yaml", "METADATA.YAML", "metadata.yaml/", "raw")))
    info.type = chance.choice((tarfile.REGTYPE, tarfile.DIRTYPE))
    return gzip.compress(_tar(_files(), info), 1, mtime=0)


def _odd_zip(chance: random.Random) -> bytes:
    data = bytearray(_zip(_files(), chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED))))
    place = data.find(b"PK\x01\x02")
    for _each in range(chance.randrange(1, 5)):
        data[place + chance.randrange(46)] = chance.randrange(256)
    return bytes(data)


# Of the content ----------------------------------------------------------------------------------------------------------------------------

def _in_yaml(make: Callable[[random.Random], bytes]) -> Callable[[random.Random], bytes]:
    def made(chance: random.Random) -> bytes:
        files = _files()
        path = chance.choice([name for name in YAML_FILES if name in files] + ["raw/tiny/values.yaml", "raw/tiny/Chart.yaml"])
        new = make(chance)
        files[path] = new if chance.random() < 0.5 else files.get(path, b"") + b"\n" + new
        return _packed(files, chance)

    made.__name__ = make.__name__
    return made


@_in_yaml
def _aliases(chance: random.Random) -> bytes:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 9)}]" for level in range(1, chance.randrange(4, 12))]
    return "\n".join(lines).encode()


@_in_yaml
def _recursion(chance: random.Random) -> bytes:
    return chance.choice((b"&a [*a]", b"&a {x: *a}", b"a: &a\n  b: *a\n", b"<<: &a {<<: *a}"))


@_in_yaml
def _deep(chance: random.Random) -> bytes:
    depth = chance.choice((60, 500, 5_000, 200_000))
    return chance.choice((b"[" * depth, b"{a: " * depth, b"- " * min(depth, 5000) + b"x", b"[" * depth + b"]" * depth))


@_in_yaml
def _tags(chance: random.Random) -> bytes:
    return chance.choice((
        b"name: !!python/object/apply:os.system [touch /tmp/acmp-hostile-was-here]", b"x: !!python/name:os.system ''", b"!!binary |\n  " + b"A" * 9999,
        b"!<tag:yaml.org,2002:python/object/new:subprocess.Popen> [[touch, /tmp/acmp-hostile-was-here]]", b"%TAG ! tag:evil,2000:\n---\n!x y",
        b"!!set {a, b}", b"!!omap [a: 1]"))


@_in_yaml
def _numbers(chance: random.Random) -> bytes:
    return chance.choice((b"version: " + b"9" * 100_000, b"version: 1e999999999", b"version: 0x" + b"f" * 50_000, b"a: 190:20:30:" + b"59:" * 2000 + b"1",
                          b"version: .nan",
                          b"version: 9999-99-99", b"version: 2001-12-14t21:59:43.10-99:99", b"version: " + b"1_" * 5000 + b"1"))


@_in_yaml
def _bytes(chance: random.Random) -> bytes:
    return chance.choice((b"\xff\xfea\0:\0", b"\xef\xbb\xbf\xef\xbb\xbf", b"a: \xc3\x28", b"\0\0\0\0", b"a: \x07\x1b[31m", b"\xed\xa0\x80: x",
                          chance.randbytes(500), b"\r\r\n\r" * 5000,
                          "a: \u2028\u2029\u0085".encode()))


@_in_yaml
def _keys(chance: random.Random) -> bytes:
    return chance.choice((b"a: 1\na: 2", b"? [a, b]\n: c", b"? {a: b}\n: c", b"1: x\n2.5: y\ntrue: z\nnull: n", b"? " + b"k" * 100_000 + b"\n: v",
                          b"{" + b",".join(b"k%d: v" % n for n in range(50_000)) + b"}"))


@_in_yaml
def _wrong_types(chance: random.Random) -> bytes:
    words = ("1", "[]", "{}", "null", "true", "[[[]]]", "{a: {b: [1]}}", "'" + "x" * 2000 + "'", "-0.0", "2020-01-01")
    names = ("name", "version", "spec", "metadata", "apiVersion", "kind", "type", "logo", "links", "maintainers", "provider", "architecture", "upgrade",
             "manifests", "owned",
             "customresourcedefinitions", "specDescriptors", "path", "x-descriptors", "dependencies", "values")
    return "\n".join(f"{name}: {chance.choice(words)}" for name in chance.sample(names, chance.randrange(1, len(names)))).encode()


def _regexes(chance: random.Random) -> bytes:
    schema = chance.choice((
        '{"type": "object", "properties": {"name": {"type": "string", "pattern": "(a+)+$"}}}', '{"$ref": "file:///etc/passwd"}', '{"$ref": "#"}',
        '{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}',
        '{"patternProperties": {"^(([a-z])+.)+[A-Z]([a-z])+$": {}}}', '{"not": ' * 3000, "[" * 100_000, '{"type": 5, "properties": [1]}',
        '{"multipleOf": 1e-300}', "nonsense"))
    return _packed(_files() | {"raw/tiny/values.schema.json": schema.encode()}, chance)


def _templates(chance: random.Random) -> bytes:
    text = chance.choice((
        "{{" * 100_000, "{{/*" * 50_000, "image: " * 50_000, "{{ include \"x\" . }}" * 10_000, "kind: Deployment\n" * 20_000, "#" * 900_000, "a" * 900_000,
        "{{- if }}" * 9999, "\n" * 900_000))
    return _packed(_files() | {f"raw/tiny/templates/{chance.choice(('x.yaml', '_x.tpl', 'NOTES.txt'))}": text.encode()}, chance)


def _readme(chance: random.Random) -> bytes:
    text = chance.choice(("|" * 200_000, "|a" * 50_000 + "\n" + "|-" * 50_000, "[" * 100_000, "*" * 100_000, "`" * 100_001, "#" * 100_000, ">" * 20_000,
                          "<a " * 50_000, "![](" * 50_000, "\u4e2d" * 300_000))
    return _packed(_files() | {"README.md": b"# x\n\n" + text.encode()}, chance)


PACKED = (_noise, _flipped, _flipped_inside, _cut, _doubled, _wild_paths, _special_members, _false_sizes, _bomb, _crowd, _same_names, _odd_zip)
CONTENT = (_aliases, _recursion, _deep, _tags, _numbers, _bytes, _keys, _wrong_types, _regexes, _templates, _readme)
