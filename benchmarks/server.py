"""How fast ``leadready serve`` answers: one lead with three fields, over HTTP and one connection.

The bar is for the median by the clock, on a machine that does nothing else. The server runs in this
process, so that the time of the processor can be taken as well, which other programs disturb less.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.scoring import AGREED
from benchmarks.sql import card_of_twelve_lines
from pipelines.export.server import ScoringApp
from pipelines.loopback import LOOPBACK, listening_at, server_of

MOST = 15.0  # milliseconds
WARM_UP, REQUESTS = 20, 400
LEAD = {"lead_id": "L-1", "number_0": 3, "category_0": "a"}


def app_of_twelve_lines(port: int) -> ScoringApp:
    """Make the application for a card of twelve lines and a definition."""
    card = card_of_twelve_lines()
    names = {f"number_{place}": "number" for place in range(8)}
    names |= {f"category_{place}": "category" for place in range(6)}
    catalogue = [
        {"name": name, "words": name, "family": "other", "kind": kind}
        for name, kind in names.items()
    ]
    loaded: Any = SimpleNamespace(
        scorecard=card.content, definition=AGREED, catalogue=catalogue, version="1"
    )
    return ScoringApp(loaded, port)


def main() -> int:
    """Print how long requests take; return 1 if the median is too long."""
    with listening_at(0) as listening:
        listening.listen()  # requests wait until the server runs
        port = listening.getsockname()[1]
        server = server_of(app_of_twelve_lines(port))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        connection = http.client.HTTPConnection(LOOPBACK, port)
        taken = [_milliseconds(connection) for _ in range(WARM_UP + REQUESTS)]
        server.should_exit = True
        thread.join()
    of_processor, by_clock = (np.array(part) for part in zip(*taken[WARM_UP:], strict=True))
    median, most = np.percentile(by_clock, (50, 99))
    print(f"one lead, three fields   p50 {median:>6.1f} ms by the clock (bar: under {MOST:g} ms)")
    print(f"                         p99 {most:>6.1f} ms")
    print(f"                         p50 {np.median(of_processor):>6.1f} ms of the processor")
    return 0 if median < MOST else 1


def _milliseconds(connection: http.client.HTTPConnection) -> tuple[float, float]:
    """Return the time that one request takes: of the processor, and by the clock."""
    body = json.dumps({"dataframe_records": [LEAD]})
    begin, clock = time.process_time(), time.perf_counter()
    connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise SystemExit(content.decode())
    return 1e3 * (time.process_time() - begin), 1e3 * (time.perf_counter() - clock)


if __name__ == "__main__":
    sys.exit(main())
