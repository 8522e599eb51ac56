"""How fast ``leadready serve`` answers: one lead with three fields, over HTTP and one connection.

The server runs in this process, so that the time of the processor can be taken, which other
programs do not disturb; it is the median of many requests.
"""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

from benchmarks.scoring import AGREED
from benchmarks.sql import card_of_twelve_lines
from pipelines.export.server import ScoringApp
from pipelines.loopback import LOOPBACK, server_of

MOST = 15.0  # milliseconds
REQUESTS = 200
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
    """Print the median; return 1 if it is too long."""
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        listening.listen()  # requests wait until the server runs
        port = listening.getsockname()[1]
        server = server_of(app_of_twelve_lines(port))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        connection = http.client.HTTPConnection(LOOPBACK, port)
        taken = [_milliseconds(connection) for _ in range(REQUESTS)]
        server.should_exit = True
        thread.join()
    median, elapsed = (statistics.median(part) for part in zip(*taken, strict=True))
    print(f"one lead, three fields    {median:>8.1f} ms of the processor (limit: {MOST:g})")
    print(f"                          {elapsed:>8.1f} ms by the clock")
    return 0 if median <= MOST else 1


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
