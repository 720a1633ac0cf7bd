# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quantities of every form against what a real API server makes of them."""

from __future__ import annotations

import random

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError, KubeError
from ansible_collections.acmp.middleware.plugins.module_utils.kube import quantities

SEED, MANY, AT_ONCE = 20260101, 2000, 100
UNITS = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
SPECIAL = [
    "0", "1", "1.5", "1500m", "1e3", "1E3", "1e2", "1Ki", "8Ki", "0.1Gi", "1.5Gi", "+1", "+0", "-0", ".5", "5.", ".5Gi", "05", "1.500", "1000", "1024Ki",
    "0.9n", "1.1n", "8Ei", "9Ei", "9223372036854775807", "9223372036854775808", "1e21", "1e-10", "100E", "999.999E", "0e5", " 1Gi ", 2, 1000, 0.25, 1e16,
]


def written(chance: random.Random) -> str:
    def digits(most: int) -> str:
        return "".join(chance.choices("00012345678995", k=chance.randint(1, most)))

    whole, part = digits(chance.choice([1, 2, 4, 12, 20])), digits(chance.choice([1, 3, 6, 12]))
    number = chance.choice([whole, whole, f"{whole}.{part}", f"{whole}.", f".{part}"])
    ending = chance.choice([*UNITS, *UNITS, f"e{chance.randint(-20, 20)}", f"E{chance.randint(-9, 9)}", f"e+{chance.randint(0, 9)}"])
    # From a thousand exa on, released API servers forget the power of ten.
    return chance.choice(["", "", "+"]) + ("1E" if ending == "E" and len(whole) > 3 else f"{number}{ending}")


def stored(kube, namespace: str, values: list) -> list[str]:
    """The quantities as the API server returns them, by a dry run of a pod whose volumes are of these sizes."""
    names = [f"v{number}" for number in range(len(values))]
    pod = kube.create({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "sizes", "namespace": namespace},
        "spec": {
            "containers": [{"name": "main", "image": "none"}],
            "volumes": [{"name": name, "emptyDir": {"sizeLimit": value}} for name, value in zip(names, values, strict=True)],
        },
    }, dry_run=True)
    found = {volume["name"]: volume["emptyDir"]["sizeLimit"] for volume in pod["spec"]["volumes"] if "emptyDir" in volume}
    return [found[name] for name in names]


def test_as_the_api_server_stores_them(kube, namespace):
    chance = random.Random(SEED)
    values = [*SPECIAL, *(written(chance) for _number in range(MANY - len(SPECIAL)))]
    wrong = []
    for start in range(0, MANY, AT_ONCE):
        part = values[start:start + AT_ONCE]
        for value, there in zip(part, stored(kube, namespace, part), strict=True):
            if quantities.canonical(value) != there or not quantities.same(value, there):
                wrong.append((value, quantities.canonical(value), there))
    assert wrong == []


@pytest.mark.parametrize("bad", ["1GB", "1gi", "1K", "1 Gi", "1,5", "1..5", "--1", "1e", "1e+", "1ee3", "1m5", "0x10", "1_000", "NaN", "abc", ""])
def test_refused_by_both(kube, namespace, bad):
    with pytest.raises(InputError):
        quantities.parse(bad)
    with pytest.raises(KubeError):
        stored(kube, namespace, [bad])
