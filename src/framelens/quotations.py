"""Where quotations stand in a text: marks of all styles, nested, unclosed, over several sentences and paragraphs."""

import re
from bisect import bisect_right
from collections.abc import Iterator

Span = tuple[int, int]

MOSTLY = 0.5
"""Share inside quotation marks from which a sentence counts as quoted."""
LINE = re.compile(r"[^\n]+")
DOUBLE = re.compile(r"""["“”„«»‹›「」『』]|``|''""")
SINGLE = re.compile(r"(?<!\w)['‘‚]|['‘’](?!\w)")
CLOSES = {
    '"': ('"', "”"),
    "“": ("”", '"', "“"),
    "„": ("“", "”", '"'),
    "”": ("”",),
    "«": ("»",),
    "»": ("«", "»"),
    "‹": ("›",),
    "›": ("‹", "›"),
    "「": ("」",),
    "『": ("』",),
    "``": ("''",),
    "'": ("'", "’"),
    "‘": ("’", "'"),
    "‚": ("‘", "’", "'"),
}
"""Marks that may close what each mark opens: English, German, Polish, French, Danish, Swedish, Japanese, TeX."""
ONLY_OPEN = ("“", "„", "«", "‹", "「", "『", "``")
DEEPEST = 8
"""Quotations in one another that are looked at, so that a line of nothing but marks takes no longer than others."""
BEFORE_OPENING = frozenset("([{—–-/…¡¿\"“”„«»‹›'‘‚’「『`")
NOT_FIRST = frozenset(",.;:!?)]}")
# letters left out at the beginning of a word, and the decade that is told by two digits
APOSTROPHE = re.compile(r"['‘’](?:[0-9]{2}s?|tis|twas|em|til|cause|cos|n|bout|round|neath)(?!\w)", re.IGNORECASE)
# the workers' flat, goin' home
LEFT_OUT = re.compile(r"(?:(?<=[sS])|(?<=in))['’](?=\s+[^\W\d_A-Z])")
OPENS_AGAIN = re.compile(r"\s+'(?=\w)")
FINISHED = re.compile(r"(?<=[.,!?…;:—])['‘’]")


def quotations(text: str) -> list[Span]:
    """Spans of the outermost quotations with their marks, in order.

    A line is a paragraph. A quotation without its closing mark runs to the end of its paragraph, so that one which
    opens anew in the next paragraph is read whole; one without its opening mark runs from the beginning of its
    paragraph. Two single marks make a quotation where they cannot be apostrophes.

    >>> text = "“It's ‘home’,” she said of the workers' flat."
    >>> [text[start:end] for start, end in quotations(text)]
    ["“It's ‘home’,”"]
    """
    spans: list[Span] = []
    for line in LINE.finditer(text):
        start, end = line.span()
        double = _doubles(text, start, end)
        spans += _joined([*double, *_singles(text, start, end, double)])
    return spans


def _doubles(text: str, start: int, end: int) -> list[Span]:
    """Outermost quotations in one line, of all but single marks."""
    marks = [match.span() for match in DOUBLE.finditer(text, start, end)]
    if not marks:
        return []
    spans, closed = _matched(text, marks, start, end, nest=True)
    # what is left open had no closing mark, if marks of its own style open inside it: those are no nested quotations
    return spans if closed else _matched(text, marks, start, end, nest=False)[0]


def _matched(text: str, marks: list[Span], start: int, end: int, *, nest: bool) -> tuple[list[Span], bool]:
    """Outermost quotations, and whether all were closed; without ``nest``, a mark ends what a same mark opened."""
    spans: list[Span] = []
    open_: list[Span] = []
    for (at, after), next_ in zip(marks, [*marks[1:], None], strict=True):
        mark = text[at:after]
        opens = _may_open(text, at, after, start, end)
        depth = _closed_by(mark, text, open_)
        if depth is not None and next_ and _inches(text, at, next_, start, end):
            continue
        if depth is not None and not (opens and mark in CLOSES):
            if depth == 0:
                spans.append((open_[0][0], after))
            del open_[depth:]
        elif (opens and mark in CLOSES) or mark in ONLY_OPEN or (mark == '"' and _begins(text, at, start, end)):
            if not nest and any(text[one:two] == mark for one, two in open_):
                spans.append((open_[0][0], len(text[:at].rstrip())))
                open_.clear()
            open_.append((at, after))
        elif not spans and not open_ and at > start and not text[at - 1].isspace() and not text[at - 1].isdigit():
            spans.append((start, after))
    if open_:
        spans.append((open_[0][0], end))
    return spans, not open_


def _closed_by(mark: str, text: str, open_: list[Span]) -> int | None:
    """Place of the innermost open mark that this one may close."""
    innermost = range(len(open_) - 1, max(len(open_) - DEEPEST, 0) - 1, -1)
    return next((place for place in innermost if mark in CLOSES[text[slice(*open_[place])]]), None)


def _may_open(text: str, at: int, after: int, start: int, end: int) -> bool:
    """Whether a mark stands as an opening one does: space or a bracket before, the first word after."""
    if after >= end or text[after].isspace() or (text[after] in NOT_FIRST and text[after : after + 2] != ".."):
        return False
    return at == start or text[at - 1].isspace() or text[at - 1] in BEFORE_OPENING


def _begins(text: str, at: int, start: int, end: int) -> bool:
    """Whether a straight mark begins something where nothing is open: alone between spaces, or before a word."""
    before, after = text[at - 1 : at] if at > start else " ", text[at + 1 : at + 2] if at + 1 < end else " "
    return (before.isspace() and after.isspace()) or (after.isalnum() and not before.isalnum())


def _inches(text: str, at: int, next_: Span, start: int, end: int) -> bool:
    """Whether a straight mark after a figure is its unit: the next mark closes as well."""
    return text[at] == '"' and text[at - 1].isdigit() and not _may_open(text, *next_, start, end)


def _singles(text: str, start: int, end: int, double: list[Span]) -> Iterator[Span]:
    """Quotations in single marks that hold no part of another quotation; an apostrophe is no mark."""
    marks = [match.start() for match in SINGLE.finditer(text, start, end)]
    ends = [one for span in double for one in span]
    # an odd place among the ends of the others is inside one of them
    marks = [at for at in marks if bisect_right(ends, at) % 2 == 0]
    reached = start
    for place, at in enumerate(marks):
        if at >= reached and text[at] != "’" and _may_open(text, at, at + 1, start, end):
            closing, finished = _closing(text, marks, place, start, end)
            if APOSTROPHE.match(text, at) and not finished and (text[at] == "'" or closing is None):
                continue
            if closing is None and not _goes_on(text, at, start, end):
                continue
            reached = end if closing is None else closing
            yield at, reached


def _closing(text: str, marks: list[int], place: int, start: int, end: int) -> tuple[int | None, bool]:
    """End of what a single mark opens, and whether punctuation shows it; a likely apostrophe comes last."""
    doubtful: int | None = None
    closers = CLOSES[text[marks[place]]]
    for later in range(place + 1, len(marks)):
        at = marks[later]
        if text[at] != "’" and _may_open(text, at, at + 1, start, end):
            break
        if text[at] in closers and not text[at - 1].isspace():
            if not LEFT_OUT.match(text, at):
                return at + 1, FINISHED.match(text, at) is not None
            doubtful = doubtful or at + 1
    return doubtful, False


def _goes_on(text: str, at: int, start: int, end: int) -> bool:
    """Whether a single mark without its partner opens a quotation: straight ones do if the next line opens with one."""
    return text[at] == "‘" or (at == start and OPENS_AGAIN.match(text, end) is not None)


def _joined(spans: list[Span]) -> list[Span]:
    """Spans in order, those that overlap as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
