"""What stands before every page: who may ask, and what a browser may do with the answer."""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
READS = ("GET", "HEAD")

SENT_ALONG: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # codings change under the pages, and texts of others stay off the disk
    "Cache-Control": "no-store",
}


class Guard:
    """Refuses what does not come from a page or program on this machine, before anything reads it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SENT_ALONG)
            await send(message)

        if why := refused(scope["method"], Headers(scope=scope)):
            # what was not read of a body must not be taken for the next request
            answer = JSONResponse({"error": why}, 403, headers={"Connection": "close"})
            await answer(scope, receive, send_safely)
            return
        await self.app(scope, receive, send_safely)


def refused(method: str, headers: Headers) -> str:
    """Why this request must not be answered; empty where it may.

    A name that is not this machine's own may be another site's that points here (DNS rebinding); a browser names the
    page that asks in ``Origin`` and ``Sec-Fetch-Site``, which programs other than browsers leave out.
    """
    host = headers.get("host", "")
    if _without_port(host) not in LOOPBACK:
        return f"this answers only to {', '.join(LOOPBACK)}"
    opens_page = method in READS and headers.get("sec-fetch-mode") == "navigate"
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not opens_page:
        return "only the pages of framelens may ask for this"
    if method not in READS and headers.get("origin", f"http://{host}") != f"http://{host}":
        return "only the pages of framelens may send this"
    return ""


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name.lower() if colon and port.isdecimal() else host.lower()
