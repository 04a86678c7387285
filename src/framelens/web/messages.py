"""What goes to and from the pages and other programs; the OpenAPI description is made from these."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from framelens.coding import CodingSession
from framelens.explained import Why
from framelens.read import Document
from framelens.score import ClassifiedSentence
from framelens.web.desk import Work
from framelens.web.standing import Seen

Coder = Annotated[str, Field(max_length=100, description="Id of the coder, such as coder-13.")]
QueueName = Literal["article", "random", "uncertain", "disputed", "rare", "audit"]


class Message(BaseModel):
    """What is sent has these fields and no others."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Fault(Message):
    """Why a request was not answered, in one line."""

    error: str


class Text(Message):
    """An article as text."""

    text: str
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")] = "en"


class Sentence(Message):
    """One classified sentence; ``start`` and ``end`` count characters of the text as read."""

    position: int
    start: int
    end: int
    text: str
    quoted: float
    frames: list[str]
    probabilities: dict[str, float]
    why: Annotated[
        dict[str, dict[str, float]],
        Field(description="Of each frame that is present, the words that decided, and what each adds to its log-odds."),
    ]


class Article(Message):
    """One classified article."""

    article: str
    notes: list[str]
    sentences: list[Sentence]

    @classmethod
    def of(cls, document: Document, sentences: tuple[ClassifiedSentence, ...], why: Why) -> "Article":
        """The same as plain values, with the words that decided."""
        found = [
            Sentence.model_validate(
                {**{name: getattr(one, name) for name in ClassifiedSentence.__slots__}, "why": words}
            )
            for one, words in zip(sentences, why(sentences), strict=True)
        ]
        return cls(article=document.article, notes=list(document.notes), sentences=found)


class FrameRule(Message):
    """A frame and its rules."""

    id: str
    name: str
    key: str
    colour: str
    definition: str
    include: list[str]
    exclude: list[str]
    examples: list[str]


class Classified(Message):
    """Every article that was sent, and the frames that the model knows."""

    frames: list[FrameRule]
    articles: list[Article]


class Queue(Message):
    """What is to be coded next, as for ``framelens annotate``."""

    coder: Coder
    queue: QueueName = "article"
    frame: str | None = None
    article: str | None = None
    limit: Annotated[int | None, Field(ge=1)] = None
    seed: Annotated[int, Field(ge=0)] = 2026
    suggest: bool = False

    def work(self) -> Work:
        """Coding, blind."""
        return Work(**{name: getattr(self, name) for name in Queue.model_fields})


class Decider(Message):
    """Who decides what coders differ on."""

    coder: Coder

    def work(self) -> Work:
        """Adjudication."""
        return Work(self.coder, adjudicates=True)


class Answer(Message):
    """What is said of a sentence; ``accept`` records it, and no frames means that the sentence has none."""

    sentence: str
    frames: list[str] = []
    note: Annotated[str, Field(max_length=10_000)] = ""
    action: Literal["accept", "skip", "back", "undo"] = "accept"
    seen: Annotated[
        list[str] | None,
        Field(
            description="What the sentence was shown as recorded with; left out, what this queue last showed counts."
        ),
    ] = None
    replace: Annotated[bool, Field(description="Replace a coding that was recorded since the sentence was shown.")] = (
        False
    )


class CodingAnswer(Queue, Answer):
    """An answer to a sentence of a queue."""


class Decision(Decider, Answer):
    """An answer to a sentence on which coders differ."""


class Said(Message):
    """What one coder said of the sentence."""

    coder: str
    frames: list[str]
    note: str


class Shown(Message):
    """What a coder sees next; ``said`` is empty but for adjudication."""

    sentence_id: str
    selected_by: str
    title: str
    before: list[str]
    sentence: str
    after: list[str]
    chosen: list[str]
    recorded: Annotated[
        list[str] | None,
        Field(description="Frames recorded of it since the program began; null where nothing was, or it was undone."),
    ]
    chances: dict[str, float]
    said: list[Said]
    note: str
    message: str
    done: int
    left: int
    per_hour: float | None
    finished: bool

    @classmethod
    def of(cls, session: CodingSession, recorded: Seen) -> "Shown":
        """What the session shows now, and what is recorded of it."""
        view, task = session.view(), session.task
        return cls(
            sentence_id=task.sentence.id if task else "",
            selected_by=task.selected_by if task else "",
            title=view.title,
            before=list(view.before),
            sentence=view.sentence,
            after=list(view.after),
            chosen=[one.frame.id for one in view.frames if one.chosen],
            recorded=None if recorded is None else sorted(recorded),
            chances={one.frame.id: one.chance for one in view.frames if one.chance is not None},
            said=[
                Said(
                    coder=coder, frames=[id_ for id_ in session.labels.codebook.ids if id_ in one.frames], note=one.note
                )
                for coder, one in view.said.items()
            ],
            note=view.note,
            message=view.message,
            done=view.done,
            left=view.left,
            per_hour=view.per_hour,
            finished=view.finished,
        )
