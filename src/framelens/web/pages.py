"""The pages themselves: templates with what they show; all that moves on them is in the static scripts."""

from collections.abc import Iterable
from typing import Any, get_args

from fastapi import APIRouter, Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, PackageLoader, StrictUndefined

from framelens.agree import NO_FRAME
from framelens.codebook import Codebook
from framelens.read import READERS
from framelens.web.desk import Desk
from framelens.web.messages import Coder, QueueName
from framelens.web.team import team

PAGES = {"/": "Classify", "/code": "Code", "/adjudicate": "Adjudicate", "/team": "Team"}
MOST_BYTES = 20_000_000
"""Longest body of a request, and so the largest file."""
# escapes whatever is put into a template, as HTML; what a template misspells is an error
TEMPLATES = Jinja2Templates(
    env=Environment(
        loader=PackageLoader("framelens.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
)


def routes(desk: Desk) -> APIRouter:
    """The pages on one labelled set and one model."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/")
    def classify(request: Request) -> Response:
        return _page(request, "classify.html", endings=list(READERS), most_bytes=MOST_BYTES)

    @pages.get("/code")
    def code(request: Request, coder: Coder = desk.coder) -> Response:
        return _page(request, "code.html", codebook=desk.labels().codebook, coder=coder, queues=get_args(QueueName))

    @pages.get("/adjudicate")
    def adjudicate(request: Request, coder: Coder = desk.coder) -> Response:
        return _page(request, "code.html", codebook=desk.labels().codebook, coder=coder, queues=[])

    @pages.get("/team")
    def progress(request: Request) -> Response:
        labels, agreement = desk.labels(), desk.agreement()
        names = {NO_FRAME: NO_FRAME, **{frame.id: frame.name for frame in labels.codebook.frames}}
        return _page(request, "team.html", labels=labels, team=team(labels), agreement=agreement, names=names)

    @pages.get("/frames.css")
    def colours() -> Response:
        return Response(_colours(desk.codebooks()), media_type="text/css")

    return pages


def explained(request: Request, error: str, status: int) -> Response:
    """A page that says what went wrong."""
    return _page(request, "fault.html", status, error=error)


def _page(request: Request, name: str, status: int = 200, **shown: Any) -> Response:
    return TEMPLATES.TemplateResponse(request, name, {"pages": PAGES, **shown}, status)


def _colours(codebooks: Iterable[Codebook]) -> str:
    """Each frame's colour as a style rule; ids and colours are checked where a codebook is read."""
    colours = {frame.id: frame.colour for codebook in codebooks for frame in codebook.frames}
    return "".join(f'[data-frame="{id_}"] {{ --frame: {colour}; }}\n' for id_, colour in colours.items())
