# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo shows: the first screen, a line for each step with its time, the last screen."""

from __future__ import annotations

import contextlib
import sys
import time


def show(text: str = "") -> None:
    print(text, flush=True)


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"


def headline(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


class Steps:
    """Numbers the steps and keeps what each of them took."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.taken: list = []
        self.began = time.monotonic()

    @contextlib.contextmanager
    def step(self, name: str, text: str):
        show("\n" + headline(f"[{len(self.taken) + 1}/{self.number}] {name}: {text}"))
        began = time.monotonic()
        yield
        self.taken.append((name, time.monotonic() - began))
        show(f"      {name} done, {duration(self.taken[-1][1])}")

    def table(self) -> str:
        width = max(len(name) for name, _seconds in self.taken)
        lines = [f"  {name:{width}}  {duration(seconds):>12}" for name, seconds in self.taken]
        return "\n".join([*lines, f"  {'together':{width}}  {duration(time.monotonic() - self.began):>12}"])


FIRST = """
{title}

From nothing to a Redis that you can use, in {number} steps:
{steps}

{where}
Take everything away again: make demo-clean"""

LAST = """
{title}

  package    {package} {version}, type {type}
  instance   {namespace}/{name}, {phase}, revision {revision}
  address    {addresses}
  password   key {key} of Secret {secret} in namespace {namespace} (made by the platform, never shown)

Time of each step:
{table}
{again}
What next? These lines give your shell the demo's tools and its cluster:
  cd {root}
  . {settings}
Then, from any folder:
  look       ansible-playbook acmp.middleware.status
  change     ansible-playbook acmp.middleware.deploy -e acmp_instance={name} -e acmp_namespace={namespace} \\
               -e acmp_values_mode=merge -e '{{"acmp_values": {{"replicas": 1}}}}'
  remove     ansible-playbook acmp.middleware.remove -e acmp_instance={name} -e acmp_namespace={namespace}
  its pods   kubectl -n {namespace} get pods
  the guides docs/consumer-guide.md (deploy and run), docs/manager-guide.md (publish), docs/developer-guide.md (write a package)
The same again, to see that nothing changes: make demo
Everything away: make demo-clean"""
