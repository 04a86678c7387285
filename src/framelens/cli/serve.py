"""``serve``: the pages and the REST API, on this machine alone."""

from pathlib import Path
from typing import Annotated

import typer

from framelens.cli.app import app
from framelens.cli.options import ModelOption, tell_faults
from framelens.errors import InputError

ADDRESS = "127.0.0.1"
LOOPBACK = (ADDRESS, "::1", "localhost")
"""Addresses that only this machine reaches."""
PORT = 8765


@app.command(epilog="Example: framelens serve --coder coder-13 --open")
def serve(
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FOLDER", help="The labelled set. Default: data.", show_default=False),
    ] = None,
    coder: Annotated[
        str, typer.Option(metavar="ID", help="Your id as a coder; without it, the pages ask.", show_default=False)
    ] = "",
    host: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Another address of this machine, for others who are given the token."),
    ] = ADDRESS,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = PORT,
    model: ModelOption = None,
    opens: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
) -> None:
    """Classify, code, adjudicate and follow the team in a browser; a REST API beside it, described in /openapi.json.

    Answers only to this machine, and fetches nothing from elsewhere. A coding is on disk before the page says so.
    Whoever can start programs on this machine can use the pages under any coder's id. With --host, other machines may
    ask too, with the token that is printed and changes at each start; the connection is not encrypted, so cross a
    network that you do not trust by an SSH tunnel instead. Ctrl-C ends it.
    """
    import secrets

    from framelens.queues import require_coder
    from framelens.terminal import note

    if coder:
        require_coder(coder)
    try:
        from framelens.web.desk import Desk
        from framelens.web.server import run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("framelens"):
            raise
        raise InputError("the pages need an extra; run: pip install 'framelens[web]'") from None
    desk = Desk(data or Path("data"), model, coder)
    if model:
        desk.classifier  # noqa: B018  # loaded now, so that a file that cannot be used is told at once
    if data or desk.data.is_dir():
        tell_faults(desk.data, desk.labels())
    else:
        note("no labelled set in data: only Classify works; name one with --data FOLDER")

    def ready(address: str) -> None:
        note(f"framelens is at {address} (Ctrl-C ends it)")
        if opens:
            import webbrowser

            webbrowser.open(address)

    token = "" if host in LOOPBACK else secrets.token_urlsafe(32)
    run(desk, host, port, token, ready)
