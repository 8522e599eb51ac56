"""``leadready serve``: scores over HTTP, on this machine only, in the form of MLflow's own server.

``POST /invocations`` takes ``{"dataframe_records": [{…}, …]}``, a record for each lead with the
facts that are known, and answers ``{"predictions": [{…}, …]}``. A request that cannot be scored is
answered with 400 and the name of the field. Only data files are read from the registry.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from features.errors import LeadReadyError
from model.registry.registry import LoadedModel, Registry
from model.serving import Definition, Scorecard, ServingError, score_known
from pipelines.export.feature_table import served_features
from pipelines.loopback import LOOPBACK, listening_at, server_of
from pipelines.snapshot import read_snapshot

LARGEST_BODY = 10_000_000  # bytes
RECORDS = "dataframe_records"
JSON = "application/json"
KNOWN = {"number": "a number", "category": "a text", "date": "a day such as 2026-10-01"}
OTHERS = {"lead_id": "category", "as_of": "date", "with_sales": "flag"}


class ScoringApp:
    """Scores what is posted, by one version of a model.

    Parameters
    ----------
    loaded : LoadedModel
        The version.
    port : int
        Where it is served, on this machine.
    """

    def __init__(self, loaded: LoadedModel, port: int) -> None:
        self.card = Scorecard.from_dict(loaded.scorecard)
        self.definition = Definition.from_dict(loaded.definition)
        self.version = loaded.version
        self.kinds = {feature.name: feature.kind for feature in served_features(loaded)} | OTHERS
        self.hosts = (f"{LOOPBACK}:{port}", f"localhost:{port}")
        self.address = f"http://{self.hosts[0]}/invocations"
        self.routes = Starlette(
            routes=[
                Route("/invocations", self.invocations, methods=["POST"]),
                Route("/ping", self.ping),
            ]
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, unless it came here by another host's name."""
        if scope["type"] == "http" and Request(scope).headers.get("host") not in self.hosts:
            await PlainTextResponse("unknown host", 421)(scope, receive, send)
        else:
            await self.routes(scope, receive, send)

    async def ping(self, request: Request) -> Response:
        """Say that the model is loaded."""
        return Response("\n", media_type=JSON)

    async def invocations(self, request: Request) -> Response:
        """Score the leads of a request."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != JSON:
            return _refusal(415, f"send the leads as {JSON}")
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BODY:
                return _refusal(413, f"send at most {LARGEST_BODY:,} bytes at once")
        try:
            return Response(await run_in_threadpool(self.answer, body), media_type=JSON)
        except LeadReadyError as error:
            return _refusal(400, f"{error.what}; {error.hint}" if error.hint else error.what)

    def answer(self, body: bytes) -> str:
        """Score the leads of a request's body.

        Raises
        ------
        LeadReadyError
            When it cannot be read, or a field is unknown or holds something else.
        """
        columns = _columns_of(_records_of(body), self.kinds)
        try:
            scores = score_known(
                pd.DataFrame(columns), self.card, self.definition, model_version=self.version
            )
        except ServingError as error:
            raise LeadReadyError(error.what, hint=error.hint) from error
        records = [
            {name: _plain(value) for name, value in record.items()}
            for record in scores.to_dict("records")
        ]
        return json.dumps({"predictions": records}, ensure_ascii=False)


def serve(
    folder: Path | str,
    *,
    model: str = "champion",
    port: int = 0,
    ready: Callable[[str], None] = print,
) -> None:
    """Serve the scores of a registered version until it is interrupted.

    Parameters
    ----------
    folder : path
        The workspace.
    model : str
        An alias or a version of the registered model.
    port : int
        Where to listen on this machine; 0 takes a free one.
    ready : callable
        Receives the address once it answers.

    Raises
    ------
    LeadReadyError
        When there is no such version.

    Examples
    --------
    >>> serve("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    workspace = read_snapshot(folder).workspace
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    with listening_at(port) as listening:
        app = ScoringApp(loaded, listening.getsockname()[1])
        ready(app.address)
        server_of(app).run(sockets=[listening])


def _records_of(body: bytes) -> list[dict[str, object]]:
    """Read the records of a request."""
    try:
        content = json.loads(body)
    except ValueError:
        raise LeadReadyError("the request is not JSON") from None
    records = content.get(RECORDS) if isinstance(content, dict) else None
    if not isinstance(records, list) or not all(isinstance(lead, dict) for lead in records):
        hint = f'send {{"{RECORDS}": [{{"lead_id": "…", …}}]}}'
        raise LeadReadyError(f"the request has no list of records {RECORDS!r}", hint=hint)
    if not records:
        raise LeadReadyError(f"the list {RECORDS!r} has no leads")
    return records


def _columns_of(
    records: Sequence[Mapping[str, object]], kinds: Mapping[str, str]
) -> dict[str, pd.Series[Any]]:
    """Give the fields that any record has, checked and as columns."""
    names = dict.fromkeys(name for record in records for name in record)
    columns = {}
    for name in names:
        if name not in kinds:
            raise LeadReadyError.unknown(name, kinds, what="field")
        values = [_checked(name, record.get(name), kinds[name]) for record in records]
        columns[name] = pd.Series(values, dtype="float64" if kinds[name] == "number" else object)
    return columns


def _checked(name: str, value: Any, kind: str) -> Any:
    """Return a value if it is of the field's kind."""
    match kind, value:
        case (_, None) | ("flag", bool()):
            return value
        case "number", bool():
            pass
        case ("number", int() | float()) | ("category", str()):
            return value
        case "date", str() if not pd.isna(pd.to_datetime(value, format="ISO8601", errors="coerce")):
            return value
    wanted = KNOWN.get(kind, "true or false")
    raise LeadReadyError(f"field {name!r} must be {wanted} or null, not {json.dumps(value)[:80]}")


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return None if pd.isna(value) else value


def _refusal(status: int, message: str) -> Response:
    answer = {"error_code": "BAD_REQUEST", "message": message}
    return Response(json.dumps(answer, ensure_ascii=False), status, media_type=JSON)
