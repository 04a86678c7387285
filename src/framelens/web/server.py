"""The program that answers: pages and API behind the guard, on this machine's loopback address."""

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
from framelens.errors import InputError
from framelens.web import api, pages
from framelens.web.desk import Desk
from framelens.web.guard import Guard
from framelens.web.pages import MOST_BYTES

ADDRESS = "127.0.0.1"
TOLD = {
    404: "there is no such page",
    413: f"more than {MOST_BYTES // 1_000_000} MB at once; from the command line: framelens classify FILE",
}


def application(desk: Desk) -> FastAPI:
    """Pages, API and static files; the usual pages of documentation would fetch from elsewhere and are left out."""
    app = FastAPI(
        title="framelens",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        max_body_size=MOST_BYTES,
        # nothing about texts and codings goes to a service that the environment names
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.add_middleware(Guard)
    app.include_router(api.routes(desk))
    app.include_router(pages.routes(desk))
    app.mount("/static", StaticFiles(directory=str(files("framelens.web") / "static")))
    for kind in (InputError, RequestValidationError, HTTPException, api.NotRecordedError):
        app.add_exception_handler(kind, _explain)
    return app


def _explain(request: Request, error: Exception) -> Response:
    """What a user or program can mend, in one line."""
    told, status = str(error), 422
    if isinstance(error, RequestValidationError):
        told = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg'].lower()}" for one in error.errors())
    elif isinstance(error, HTTPException):
        told, status = TOLD.get(error.status_code, error.detail), error.status_code
    elif isinstance(error, api.NotRecordedError):
        status = 500
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": told}, status)
    return pages.explained(request, told, status)


def run(desk: Desk, port: int, ready: Callable[[str], None]) -> None:
    """Answer until Ctrl-C; raises ``InputError`` where the port is taken."""
    with _listening(port) as listener:
        config = uvicorn.Config(
            application(desk),
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        server = _Announced(config, lambda: ready(f"http://{ADDRESS}:{listener.getsockname()[1]}/"))
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


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    if os.name == "posix":  # elsewhere it would let two programs have one port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        told = (error.strerror or str(error)).lower()
        raise InputError(f"port {port} cannot be used ({told}); give another with --port, or 0 for any") from None
    return listener
