# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user sees while it works: a line per long step with the time it took, and a table at the end."""

import contextlib
import sys
import threading
import time


class Report:
    """Collects seconds per step; thread-safe, since steps run side by side."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.steps = []
        self.started = time.monotonic()
        self._lock = threading.Lock()

    def say(self, text):
        with self._lock:
            print(text, file=self.stream, flush=True)

    @contextlib.contextmanager
    def step(self, name):
        """A step of the table, not announced: most take well below a second."""
        begin = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self.steps.append((name, begin - self.started, time.monotonic() - begin))

    @contextlib.contextmanager
    def long(self, text):
        """A step somebody waits for: announced before, with the elapsed time counting where the stream is a terminal."""
        begin = time.monotonic()
        done = threading.Event()
        live = self.stream.isatty()

        def count():
            while not done.wait(1 if live else 60):
                mark = f"\r{text} ... {elapsed(time.monotonic() - begin)}" if live else f"{text} ... still at it, {elapsed(time.monotonic() - begin)}\n"
                with self._lock:
                    self.stream.write(mark)
                    self.stream.flush()

        if live:
            self.stream.write(f"{text} ...")
            self.stream.flush()
        else:
            self.say(f"{text} ...")
        counter = threading.Thread(target=count, daemon=True)
        counter.start()
        outcome = "failed after "
        try:
            with self.step(text.split(" (", maxsplit=1)[0]):
                yield
            outcome = ""
        finally:
            done.set()
            counter.join()
            self.say(f"{chr(13) if live else ''}{text} ... {outcome}{elapsed(time.monotonic() - begin)}")

    def table(self):
        """Seconds per step, in the order of their start, with when each began: what ran side by side is seen at once."""
        width = max((len(name) for name, _begin, _seconds in self.steps), default=10)
        lines = [f"{'step':<{width}}   began   took"]
        lines += [f"{name:<{width}}  {begin:5.1f}s {seconds:5.1f}s" for name, begin, seconds in sorted(self.steps, key=lambda item: item[1])]
        lines.append(f"{'total':<{width}}         {time.monotonic() - self.started:5.1f}s")
        return "\n".join(lines)


def elapsed(seconds):
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{seconds:.1f}s" if seconds < 10 else f"{rest}s"
