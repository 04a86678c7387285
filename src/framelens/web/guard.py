"""What stands before every page: who may ask, how often, and what a browser may do with the answer."""

import asyncio
import time
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from secrets import compare_digest
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
READS = ("GET", "HEAD")
TOKEN = "token"  # noqa: S105  # what the token is called in an address
COOKIE = "framelens_token"
EACH_SECOND, AT_ONCE = 200.0, 400.0
"""Requests that one address may send: over time, and in one go."""
MOST_ADDRESSES = 1024
BODY_SECONDS = 30.0
"""How long the next part of a request may take to come."""

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
    """Refuses what may not ask, before anything reads it.

    Without a token, only pages and programs on this machine may ask; with one, only those that hold it.
    """

    def __init__(self, app: ASGIApp, token: str = "") -> None:
        self.app, self.token = app, token
        self.allowance = Allowance()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SENT_ALONG)
            await send(message)

        answer = self._instead(scope)
        await (answer or self.app)(scope, receive if answer else in_time(receive), send_safely)

    def _instead(self, scope: Scope) -> Response | None:
        """The answer to a request that goes no further."""
        headers = Headers(scope=scope)
        if not self.allowance.takes((scope.get("client") or ("",))[0], time.monotonic()):
            return _refusal("too many requests at once; wait a second", 429)
        if why := refused(scope["method"], headers, anywhere=bool(self.token)):
            return _refusal(why, 403)
        if not self.token:
            return None
        asked = parse_qsl(scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)
        if scope["method"] == "GET" and self._matches(dict(asked).get(TOKEN, "")):
            # the token does not stay in the address, where others may read it
            rest = [(key, value) for key, value in asked if key != TOKEN]
            address = f"{scope['path']}?{urlencode(rest)}" if rest else scope["path"]
            answer = RedirectResponse(f"/{address.lstrip('/')}", 303)
            answer.set_cookie(COOKIE, self.token, httponly=True, samesite="strict")
            return answer
        given = _cookie(headers), headers.get("authorization", "").removeprefix("Bearer ")
        if any(map(self._matches, given)):
            return None
        return _refusal("open the address that framelens serve has printed: it holds the token", 401)

    def _matches(self, given: str) -> bool:
        return compare_digest(given.encode("utf-8", "replace"), self.token.encode())


class Allowance:
    """How many requests each address may still send; grows back with time."""

    def __init__(self, each_second: float = EACH_SECOND, at_once: float = AT_ONCE) -> None:
        self.each_second, self.at_once = each_second, at_once
        self._left: dict[str, tuple[float, float]] = {}

    def takes(self, address: str, now: float) -> bool:
        """Whether this address may send one more; ``now`` in seconds."""
        left, then = self._left.pop(address, (self.at_once, now))
        left = min(self.at_once, left + (now - then) * self.each_second)
        while len(self._left) >= MOST_ADDRESSES:
            # the one that has been silent longest
            del self._left[next(iter(self._left))]
        self._left[address] = (max(left - 1, 0.0), now)
        return left >= 1


def in_time(receive: Receive, seconds: float = BODY_SECONDS) -> Receive:
    """Receive the parts of a body, each in time; what takes longer counts as gone."""
    whole = False

    async def next_part() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout(seconds):
                message = await receive()
        except TimeoutError:
            message = {"type": "http.disconnect"}
        whole = not message.get("more_body", False)
        return message

    return next_part


def refused(method: str, headers: Headers, *, anywhere: bool = False) -> str:
    """Why this request must not be answered; empty where it may.

    A name that is not this machine's own may be another site's that points here (DNS rebinding), unless a token guards
    it, which such a site lacks (``anywhere``). A browser names the page that asks in ``Origin`` and ``Sec-Fetch-Site``,
    which programs other than browsers leave out.
    """
    host = headers.get("host", "")
    if not anywhere and _without_port(host) not in LOOPBACK:
        return f"this answers only to {', '.join(LOOPBACK)}"
    opens_page = method in READS and headers.get("sec-fetch-mode") == "navigate"
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not opens_page:
        return "only the pages of framelens may ask for this"
    # with a token, what is asked for by https may come through another program that speaks it
    mine = (f"http://{host}", f"https://{host}") if anywhere else (f"http://{host}",)
    if method not in READS and headers.get("origin", mine[0]) not in mine:
        return "only the pages of framelens may send this"
    return ""


def _refusal(why: str, status: int) -> Response:
    # what was not read of a body must not be taken for the next request
    return JSONResponse({"error": why}, status, headers={"Connection": "close"})


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name.lower() if colon and port.isdecimal() else host.lower()
