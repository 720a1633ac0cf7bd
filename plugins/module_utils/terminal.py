# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of servers and packages as a terminal may show them."""

from __future__ import annotations


def readable(text: str) -> str:
    """A text in which nothing moves the cursor or hides what follows; such letters are shown as a question mark."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() or letter in "\n\t" else "?" for letter in text)


def line(value: object) -> str:
    """The same on one line, for the cell of a table."""
    return " ".join(readable(str(value)).split())
