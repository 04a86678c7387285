"""The REST API; the pages use it too."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from framelens.coding import CodingSession
from framelens.read import Document, read_content
from framelens.web.desk import Desk, Work
from framelens.web.messages import (
    Answer,
    Article,
    Classified,
    CodingAnswer,
    Decider,
    Decision,
    Fault,
    FrameRule,
    Queue,
    Shown,
    Text,
)
from framelens.web.team import Team, team
from framelens.write import json_text

ACTIONS: Mapping[str, Callable[[CodingSession], None]] = {
    "accept": CodingSession.accept,
    "skip": CodingSession.skip,
    "back": CodingSession.back,
    "undo": CodingSession.undo,
}
FAULTS: Mapping[int, str] = {
    401: "The token that framelens serve printed is missing.",
    403: "Another site asks.",
    409: "The sentence has been coded since it was shown; the same with replace replaces that.",
    413: "More than is taken at once.",
    422: "What was sent cannot be used.",
    429: "Too many requests at once.",
    500: "The coding could not be written.",
    503: "As many texts are being classified as this machine can.",
}
BINARY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class NotRecordedError(Exception):
    """A coding is not on disk, and why."""


class CodedSinceError(Exception):
    """What would be replaced has not been seen."""


class BusyError(Exception):
    """As many texts are being classified as this machine can."""


def routes(desk: Desk) -> APIRouter:
    """The API on one labelled set and one model."""
    faults: dict[int | str, dict[str, Any]] = {
        status: {"model": Fault, "description": told} for status, told in FAULTS.items()
    }
    api = APIRouter(prefix="/api", tags=["framelens"], responses=faults)
    _add_classifying(api, desk)
    _add_coding(api, desk)

    @api.get("/agreement")
    def agreement() -> Response:
        """How far coders agree, as ``framelens agree --json``; tells what coders said of the most disputed."""
        return Response(json_text(desk.agreement().as_dict()), media_type="application/json")

    @api.get("/team")
    def progress() -> Team:
        """How far the labelled set and each coder are."""
        return team(desk.labels())

    return api


def _add_classifying(api: APIRouter, desk: Desk) -> None:
    @api.post("/classify")
    def classify(sent: Text) -> Classified:
        """Frames of each sentence of a text, read as ``framelens classify`` reads a file of plain text."""
        return _classified(desk, read_content("pasted.txt", sent.text.encode("utf-8", "replace")), sent.language)

    @api.post("/classify/file", openapi_extra=BINARY)
    async def classify_file(
        request: Request,
        name: Annotated[str, Query(max_length=255, description="The file's name; its ending says what kind it is.")],
        language: Annotated[str, Query(pattern="^[a-z]{2,3}$")] = "en",
    ) -> Classified:
        """Frames of each sentence of a file, whose content is the body of the request."""
        body = await request.body()
        return await run_in_threadpool(lambda: _classified(desk, read_content(name, body), language))


def _add_coding(api: APIRouter, desk: Desk) -> None:
    @api.get("/next")
    def to_code(sent: Annotated[Queue, Query()]) -> Shown:
        """The sentence that the coder codes next; never tells what others said of it."""
        return _next(desk, sent.work())

    @api.post("/code")
    def code(sent: CodingAnswer) -> Shown:
        """Record frames of a sentence (or skip it, go back, undo), and the next one; answered once it is on disk."""
        return _acted(desk, sent.work(), sent)

    @api.get("/disputed")
    def to_decide(sent: Annotated[Decider, Query()]) -> Shown:
        """The next sentence on which coders differ, and what each said."""
        return _next(desk, sent.work())

    @api.post("/adjudicate")
    def adjudicate(sent: Decision) -> Shown:
        """Record what overrules the coders, and the next one; answered once it is on disk."""
        return _acted(desk, sent.work(), sent)


def _classified(desk: Desk, documents: Iterable[Document], language: str) -> Classified:
    # who waits would hold a place that a coder needs
    if not desk.classifying.acquire(blocking=False):
        raise BusyError("other texts are being classified; try again in some seconds")
    try:
        read = list(documents)
        return Classified(
            frames=[FrameRule.model_validate(one) for one in desk.classifier.model.codebook.frames],
            articles=[Article.of(*one, desk.why) for one in desk.classifier.classify_documents(read, language)],
        )
    finally:
        desk.classifying.release()


def _next(desk: Desk, work: Work) -> Shown:
    with desk.at(work, anew=True) as session:
        return _shown(desk, work, session)


def _shown(desk: Desk, work: Work, session: CodingSession) -> Shown:
    """What there is to see, kept as seen."""
    if session.task is None:
        return Shown.of(session, None)
    id_ = session.task.sentence.id
    seen = desk.seen[work, id_] = desk.standing.seen(work.file, id_)
    return Shown.of(session, seen)


def _require_seen(desk: Desk, work: Work, sent: Answer) -> None:
    """Raise ``CodedSinceError`` where a coding would be replaced that was recorded since the sentence was shown."""
    told = None if sent.seen is None else frozenset(sent.seen)
    seen = told if "seen" in sent.model_fields_set else desk.seen.get((work, sent.sentence))
    unseen = desk.standing.unseen(work.file, sent.sentence, seen, sent.frames)
    if unseen is not None and not sent.replace:
        frames = ", ".join(id_ for id_ in desk.labels().codebook.ids if id_ in unseen) or "no frame"
        done = "decided" if work.adjudicates else "coded"
        raise CodedSinceError(f"{sent.sentence} has been {done} since, as {frames}; Enter again replaces it")


def _acted(desk: Desk, work: Work, sent: Answer) -> Shown:
    """Do as told about just the sentence that was shown, whatever another window has done since."""
    with desk.at(work) as session:
        if sent.action == "accept":
            _require_seen(desk, work, sent)
        if sent.sentence or sent.action in ("accept", "skip"):
            session.show(sent.sentence)
        if sent.action == "accept":
            session.choose(sent.frames, sent.note)
        ACTIONS[sent.action](session)
        shown = _shown(desk, work, session)
    if shown.message.startswith("NOT"):
        raise NotRecordedError(shown.message)
    return shown
