"""Explained articles as a reader sees them: words by how much they add, the strongest reasons, JSON, a page of HTML."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from framelens.codebook import Codebook
from framelens.explain import Explainer, Explanation
from framelens.score import ClassifiedSentence

STRONGEST = 6
LEAST = 0.1
"""Log-odds from which a word is said to have decided."""
FULL = 1.5
"""Log-odds from which a word is shown in full colour."""
FOR, AGAINST = "#e69f00", "#56b4e9"
"""For and against a frame; safe for colour-blind readers (Okabe & Ito 2008)."""

STYLE = """body{font:16px/1.6 Georgia,serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
h1{font-size:1.3rem}h2{font-size:1rem;margin:2rem 0 .3rem}p{margin:.3rem 0}
.why{font:.85rem/1.5 sans-serif;color:#333}mark{color:#111;border-radius:.15rem;padding:0 .05rem}"""

Why = Callable[[Sequence[ClassifiedSentence]], list[dict[str, dict[str, float]]]]
"""Tells of the sentences of an article which words decided, by frame, and what each adds."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What a thing adds to the log-odds of one frame."""

    name: str
    log_odds: float

    def __str__(self) -> str:
        """Such as ``returning +0.82``."""
        return f"{self.name} {self.log_odds:+.2f}"


@dataclass(frozen=True)
class Explained:
    """One classified sentence and why it has its scores."""

    sentence: ClassifiedSentence
    explanation: Explanation

    def frames(self, chosen: Sequence[str]) -> list[str]:
        """The chosen frames; without any, those present, else the likeliest one."""
        chances = self.sentence.probabilities
        return list(chosen) or list(self.sentence.frames) or [max(chances, key=lambda frame: chances[frame])]

    def words(self, frame: str) -> list[tuple[str, float]]:
        """The text in pieces, each with what it adds: words, and what stands between them."""
        text, column = self.sentence.text, self.explanation.frames.index(frame)
        pieces, at = [], 0
        for (start, end), value in zip(self.explanation.spans, self.explanation.by_word[:, column], strict=False):
            pieces += [(text[at:start], 0.0), (text[start:end], float(value))]
            at = end
        return [*pieces, (text[at:], 0.0)]

    def deciding(self, frame: str) -> list[Reason]:
        """The words that add most to a frame, with all that is about them; those that take are left out."""
        sums: dict[str, float] = {}
        for text, value in self.words(frame):
            word = text.lower()
            sums[word] = sums.get(word, 0.0) + value
        found = (Reason(*one) for one in sums.items() if one[1] >= LEAST)
        return sorted(found, key=lambda reason: -reason.log_odds)[:STRONGEST]

    def reasons(self, frame: str) -> list[Reason]:
        """What adds or takes most: words with all that is about them, pairs, sentences around, and the rest."""
        column = self.explanation.frames.index(frame)
        sums: dict[str, float] = {}
        for one in self.explanation.contributions:
            name = _name(one.kind, one.text)
            sums[name] = sums.get(name, 0.0) + float(one.log_odds[column])
        return sorted((Reason(*one) for one in sums.items()), key=lambda reason: -abs(reason.log_odds))

    def as_dict(self, chosen: Sequence[str]) -> dict[str, Any]:
        """Plain values, for JSON: every contribution, and their sums."""
        kept = [place for place, frame in enumerate(self.explanation.frames) if not chosen or frame in chosen]
        frames = [self.explanation.frames[place] for place in kept]

        def by_frame(values: np.ndarray[Any, Any]) -> dict[str, float]:
            return {frame: float(values[place]) for frame, place in zip(frames, kept, strict=True)}

        return {
            "position": self.sentence.position,
            "text": self.sentence.text,
            "frames": list(self.sentence.frames),
            "probabilities": {frame: self.sentence.probabilities[frame] for frame in frames},
            "log_odds": by_frame(self.explanation.log_odds),
            "contributions": [
                {"kind": one.kind, "text": one.text, "words": list(one.words), **by_frame(one.log_odds)}
                for one in self.explanation.contributions
            ],
        }


def explained(sentences: Sequence[ClassifiedSentence], explainer: Explainer) -> list[Explained]:
    """The sentences of one article, explained."""
    explanations = explainer.explain([sentence.text for sentence in sentences])
    return [Explained(*pair) for pair in zip(sentences, explanations, strict=True)]


def decided(sentences: Sequence[ClassifiedSentence], explainer: Explainer) -> list[dict[str, dict[str, float]]]:
    """Of each sentence of one article: the words that decided, by frame that is present, and what each adds to it."""
    carrying = [at for at, sentence in enumerate(sentences) if sentence.frames]
    explanations = explainer.by_words([sentence.text for sentence in sentences], carrying)
    why: list[dict[str, dict[str, float]]] = [{} for _ in sentences]
    for at, explanation in zip(carrying, explanations, strict=True):
        one = Explained(sentences[at], explanation)
        why[at] = {
            frame: {reason.name: round(reason.log_odds, 4) for reason in one.deciding(frame)}
            for frame in sentences[at].frames
        }
    return why


def page(articles: Iterable[tuple[str, Sequence[Explained]]], codebook: Codebook, chosen: Sequence[str]) -> str:
    """One page of HTML that needs nothing else; all text is escaped."""
    names = {frame.id: frame.name for frame in codebook.frames}
    body = []
    for article, sentences in articles:
        body.append(f"<h1>{escape(article)}</h1>")
        for one in sentences:
            body += [
                f"<h2>{one.sentence.position}. {escape(names[frame])}: {one.sentence.probabilities[frame]:.2f}</h2>"
                f"<p>{''.join(map(marked, one.words(frame)))}</p><p class='why'>{escape(told(one, frame))}</p>"
                for frame in one.frames(chosen)
            ]
    legend = (
        f"<p class='why'>{marked(('for', FULL))} and {marked(('against', -FULL))} the frame, in log-odds; all that a"
        " sentence's words, its neighbours and its form add makes its score.</p>"
    )
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>Why these frames</title><style>{STYLE}</style></head><body>{legend}{''.join(body)}</body></html>\n"
    )


def told(one: Explained, frame: str) -> str:
    """The strongest reasons, and what all others add."""
    reasons = one.reasons(frame)
    rest = sum(reason.log_odds for reason in reasons[STRONGEST:])
    total = sum(reason.log_odds for reason in reasons)
    return f"{'; '.join(map(str, reasons[:STRONGEST]))}; all else {rest:+.2f}; together {total:+.2f}"


def _name(kind: str, text: str) -> str:
    if kind in ("stem", "vector", "subwords"):
        return f"“{text.partition(':')[0]}”"
    names = {"pair": f"“{text}”", "start": "starting point", "subject": "subject of the article", "around": text}
    return names.get(kind, text)


def marked(piece: tuple[str, float]) -> str:
    """A word as HTML, the deeper its colour the more it adds or takes."""
    text, value = piece
    depth = min(abs(value) / FULL, 1.0)
    if depth < 0.1:
        return escape(text)
    colour = FOR if value > 0 else AGAINST
    return f"<mark style='background:{colour}{round(depth * 255):02x}' title='{value:+.2f}'>{escape(text)}</mark>"
