"""The web application of a live session: one page, a few buttons, and nobody else's requests.

It listens on this machine only. A request must name this machine as its host, so that no other
site's name can lead here (DNS rebinding); it needs the key that only the printed address holds;
and whatever changes something needs a second secret that only the page itself can read (CSRF).
Nothing is loaded from elsewhere, and every text is escaped by the templates.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from features.errors import LeadReadyError
from features.locale import figures_in
from pipelines.pages.shell import environment
from pipelines.workshop.live.content import minutes_content, page_content, room_content
from pipelines.workshop.live.forms import Fields
from pipelines.workshop.live.minutes import minutes_markdown
from pipelines.workshop.live.room import Room

LARGEST_BODY = 100_000  # bytes of a form
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_ENTRY = "Open the address that leadready workshop --live printed."


class LiveApp:
    """The page of a room, as an application that a server runs.

    Parameters
    ----------
    room : Room
    port : int
        Where it is served, on this machine.
    locale : str
        ``en`` or ``de``: how figures and days are written.
    """

    def __init__(self, room: Room, port: int, locale: str = "en") -> None:
        self.room, self.locale = room, locale
        self.key, self.token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self.cookie = f"leadready-{port}"
        self.address = f"http://{self.hosts[0]}/?key={self.key}"
        self.routes = Starlette(
            routes=[
                Route("/", self.page),
                Route("/room", self.fragment),
                Route("/live.js", self.script),
                Route("/minutes.html", self.minutes_page),
                Route("/minutes.md", self.minutes_text),
                Route("/act/{action}", self.act, methods=["POST"]),
            ]
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, if it comes from the page."""
        if scope["type"] != "http":
            await self.routes(scope, receive, send)
            return
        request = Request(scope, receive)
        refused = self._refused(request)
        if refused is not None:
            await refused(scope, receive, send)
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(k.lower().encode(), v.encode()) for k, v in HEADERS.items()]
            await send(message)

        await self.routes(scope, receive, send_with_headers)

    def _refused(self, request: Request) -> Response | None:
        """Refuse what does not come from the page; a first visit with the key gets its cookie."""
        if request.headers.get("host") not in self.hosts:
            return PlainTextResponse("unknown host", 421)
        if _same(request.query_params.get("key"), self.key):
            entered = RedirectResponse("/", 303, headers={"Cache-Control": "no-store"})
            entered.set_cookie(self.cookie, self.key, httponly=True, samesite="strict")
            return entered
        if not _same(request.cookies.get(self.cookie), self.key):
            return PlainTextResponse(NO_ENTRY, 403)
        if request.method in ("GET", "HEAD"):
            return None
        origin = request.headers.get("origin")
        from_here = origin is None or origin in [f"http://{host}" for host in self.hosts]
        if not from_here or not _same(request.headers.get("x-leadready"), self.token):
            return PlainTextResponse("not from the page", 403)
        return None

    async def page(self, request: Request) -> Response:
        """The whole page."""
        return await self._rendered("live.html", lambda: page_content(self.room, self.token))

    async def fragment(self, request: Request) -> Response:
        """What changes on the page."""
        return await self._rendered("live_room.html", lambda: room_content(self.room, ""))

    async def act(self, request: Request) -> Response:
        """Do what a button or a field asks for, and answer with what changes on the page."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BODY:
                return PlainTextResponse("the form is too long", 413)
        try:
            fields = Fields(parse_qs(body.decode(), keep_blank_values=True, max_num_fields=2_000))
        except ValueError:
            return PlainTextResponse("the form cannot be read", 400)
        action = request.path_params["action"]
        return await self._rendered("live_room.html", lambda: self._after(action, fields))

    def _after(self, action: str, fields: Fields) -> dict[str, object]:
        try:
            self.room.act(action, fields)
        except LeadReadyError as error:
            return room_content(self.room, _error_text(error))
        return room_content(self.room, "")

    async def script(self, request: Request) -> Response:
        """The script of the page."""
        templates = environment()
        assert templates.loader is not None
        source = templates.loader.get_source(templates, "live.js")[0]
        return Response(source, media_type="text/javascript")

    async def minutes_page(self, request: Request) -> Response:
        """The minutes as a page that loads nothing."""
        answer = await self._rendered("minutes.html", lambda: minutes_content(self.room.minutes()))
        answer.headers["Content-Disposition"] = 'attachment; filename="minutes.html"'
        return answer

    async def minutes_text(self, request: Request) -> Response:
        """The minutes as Markdown."""
        with figures_in(self.locale):
            written = minutes_markdown(self.room.minutes())
        headers = {"Content-Disposition": 'attachment; filename="minutes.md"'}
        return PlainTextResponse(written, media_type="text/markdown", headers=headers)

    async def _rendered(self, template: str, content: Callable[[], dict[str, object]]) -> Response:
        def render() -> str:
            with figures_in(self.locale):
                return environment().get_template(template).render(content())

        return HTMLResponse(await run_in_threadpool(render))


def _same(given: str | None, expected: str) -> bool:
    return given is not None and hmac.compare_digest(given.encode(), expected.encode())


def _error_text(error: LeadReadyError) -> str:
    hint = f" {error.hint[:1].upper()}{error.hint[1:]}." if error.hint else ""
    what = str(error)
    return f"{what[:1].upper()}{what[1:]}.{hint}"
