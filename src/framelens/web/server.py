"""The program that answers: pages and API behind the guard, on a loopback address if not told otherwise."""

import os
import socket
from collections.abc import Callable
from importlib.resources import files

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from framelens import __version__
from framelens.errors import InputError, reason_of
from framelens.web import api, pages
from framelens.web.desk import Desk
from framelens.web.guard import TOKEN, Guard
from framelens.web.pages import MOST_BYTES

MOST_CONNECTIONS = 512
STATUS = {api.CodedSinceError: 409, api.NotRecordedError: 500, api.BusyError: 503}
TOLD = {
    404: "there is no such page",
    413: f"more than {MOST_BYTES // 1_000_000} MB at once; from the command line: framelens classify FILE",
}


def application(desk: Desk, token: str = "") -> FastAPI:
    """Pages, API and static files, for those who hold the token if there is one.

    The usual pages of documentation would fetch from elsewhere and are left out.
    """
    app = FastAPI(
        title="framelens",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        max_body_size=MOST_BYTES,
        # nothing about texts and codings goes to a service that the environment names
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.add_middleware(Guard, token=token)
    app.include_router(api.routes(desk))
    app.include_router(pages.routes(desk))
    app.mount("/static", StaticFiles(directory=str(files("framelens.web") / "static")))
    for kind in (InputError, RequestValidationError, HTTPException, *STATUS):
        app.add_exception_handler(kind, _explain)
    return app


def _explain(request: Request, error: Exception) -> Response:
    """What a user or program can mend, in one line."""
    told, status = str(error), 422
    if isinstance(error, RequestValidationError):
        told = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg'].lower()}" for one in error.errors())
    elif isinstance(error, HTTPException):
        told, status = TOLD.get(error.status_code, error.detail), error.status_code
    else:
        status = STATUS.get(type(error), status)
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": told}, status)
    return pages.explained(request, told, status)


def run(desk: Desk, host: str, port: int, token: str, ready: Callable[[str], None]) -> None:
    """Answer until Ctrl-C; raises ``InputError`` where the address cannot be had or the port is taken."""
    with _listening(host, port) as listener:
        config = uvicorn.Config(
            application(desk, token),
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=1,
            server_header=False,
        )
        query = f"?{TOKEN}={token}" if token else ""
        shown = f"[{host}]" if ":" in host else host
        server = _Announced(config, lambda: ready(f"http://{shown}:{listener.getsockname()[1]}/{query}"))
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return


class _Announced(uvicorn.Server):
    """A server that says so once it answers, and can be interrupted from then on without a word."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer, then say so."""
        await super().startup(sockets=sockets)
        self.ready()


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if os.name == "posix":  # elsewhere it would let two programs have one port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        told = reason_of(error)
        raise InputError(
            f"{host}, port {port} cannot be used ({told}); give another with --port (0 for any) or --host"
        ) from None
    return listener
