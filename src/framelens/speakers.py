"""Who is said to speak in a sentence, where a plain pattern tells: the words as they stand, never who they mean."""

import re
from collections.abc import Sequence
from typing import Protocol

from framelens.quotations import quotations

MASK = "\ue000"
"""Stands for each quoted character: nothing is read inside quotations, and places stay."""
LONGEST = 14
"""Words that the name of a speaker may have."""
FARTHEST = 400
"""Characters before a verb in which its subject is looked for."""


def _one_of(words: str) -> str:
    return "|".join(words.split())


SAYING = _one_of(
    "said says told tells asked asks wrote writes replied replies explained explains argued argues added recalled"
    " recalls insisted insists warned warns admitted admits complained complains remarked remarks conceded"
    " concedes joked shouted whispered maintained maintains acknowledged acknowledges stressed emphasised"
    " emphasized contended contends alleged alleges claimed denied denies commented boasted informed informs"
    " promised urged advised denounced proposed"
)
PRESENT = _one_of("say tell ask write explain argue recall insist warn admit complain maintain allege claim deny")
BESIDE_A_QUOTATION = _one_of(
    "adds answered answers states stated notes noted claims announces announced declares declared promises"
    " suggests suggested repeats repeated continues continued concludes concluded observes observed finishes"
    " finished begins began urges advises proposes calls call called describes described denounces reads demands"
    " demanded remembers remembered confirms confirmed reports reported predicts predicted quips quipped sighs"
    " sighed laughs laughed muses mused recounts recounted jokes protests protested responds responded agrees"
    " agreed chants chanted cries cried"
)
"""Verbs that tell of much else; they count beside a quotation, or before *that* and the like."""
ADVERB = r"(?!(?:assembly|family|ally|supply|July|Italy|reply|bully|rally|monopoly)\b)[a-z]+ly"
HELPERS = (
    rf"(?:(?:has|have|had|also|then|later|once|since|simply|still|often|always|twice|recently|used to|{ADVERB})\s+)*"
)
VERB = re.compile(
    rf"\b{HELPERS}(?:(?P<inserted>said|says)|{SAYING}|{PRESENT}|(?P<quoted>{BESIDE_A_QUOTATION})"
    rf"|(?P<of>speaks?|spoke|wrote|writes?)(?=\s+of\b))(?!\w)(?!\s+nothing\b)"
)
NOT_FINITE = re.compile(
    r"\b(?:to|not|never|will|would|can|could|may|might|shall|should|must|did|does|do|was|were|is|are|be|been|being|am"
    rf"|\w+n['’]t|\w+['’](?:d|ll))(?:\s+{ADVERB})?\s+$"
)
"""What stands before a verb that is an infinitive, passive, denied or only supposed."""
INSERTED = re.compile(r",\s+$")
"""What stands before a verb whose subject follows it: *The plan, said X, is dead.*"""
THAT = re.compile(r"\s*(?:(?:that|how|why|whether|what)\b|:)")
AFTER_A_QUOTATION = re.compile(rf"{MASK}[\s,—–-]*[^{MASK},;:.]*$")
ACCORDING = re.compile(r"\baccording\s+to\s+", re.IGNORECASE)
BORDER = re.compile(
    rf"[,;:!?()\[\]—–{MASK}]|\s-\s|--|(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bProf)(?<!\bSt)(?<!\b[A-Z])\.|"
    r"\b(?:(?<!more )(?<!less )(?<!ewer )than|"
    + _one_of(
        "but and that which who whom whose because while when if whether until so or as where though although what how"
        " why"
    )
    + r")\b",
    re.IGNORECASE,
)
"""Where a clause may begin."""
ARTICLE = _one_of("a an the my your his its our their every other")
DETERMINER = (
    f"(?:{ARTICLE}|{_one_of('this that these those her one some many most several both another each more fewer')})"
)
PRONOUN = f"(?:{_one_of('I we he she they it you him her them somebody someone everybody everyone many others both')})"
OPENS_NAME = re.compile(rf"(?:(?i:{DETERMINER}|{PRONOUN})\b|[^\W_a-zß-öø-ÿ]|(?:[a-zß-öø-ÿ-]+\s+)?\w+s$)")
"""An article, a pronoun, a capital or a figure, or one or two words that end in a plural."""
TITLED = re.compile(r"(?:[a-zß-öø-ÿ-]+\s+){1,4}(?:[^\W\d_a-zß-öø-ÿ][\w.'’-]*\s*)+")
"""A title and a name, such as *deputy minister Olen Varga*."""
NO_NAME = re.compile(rf"(?:{ARTICLE}|this|that|(?:nobody|none|neither|no)\b.*)", re.IGNORECASE)
LEADS = re.compile(
    r"(?:(?:but|and|so|yet|still|then|later|meanwhile|however|here|there|now|instead|earlier|yesterday|today|once)\s+)*"
    rf"(?:(?:on|in|at|by|after|before|during|since|for|from|within|under)\s+(?:{DETERMINER}\s+)?\w+"
    rf"(?:\s+(?:this|last|next)\s+(?:week|month|year|spring|summer|autumn|winter)|\s+(?!{DETERMINER}\b)[\w'’-]+){{0,4}}?"
    rf"\s+(?!(?:this|last|next)\s+(?:week|month|year))(?=(?:{DETERMINER}|{PRONOUN})\s))?",
    re.IGNORECASE,
)
"""What may stand before a subject: *Then*, *On Monday*, *In the Senate*."""
WORD = re.compile(r"[ \t]*(\w[\w.'’&/-]*)")
ENDS_NAME = re.compile(
    _one_of(
        "who whom which that as when while after before because by through during told if but or than yesterday today"
        " here there again too later us me him to over down up out into until about without against where since"
    )
    + f"|{ADVERB}"
)
DETERMINES = re.compile(DETERMINER)
BINDS = re.compile(_one_of("of and in at from on for near with as many several both all half"))
"""Words after which an article goes on with the same name."""
PLACE = re.compile(_one_of("in at from on for near with"))
CIRCUMSTANCE = re.compile(
    r"\s+(?:(?:a|an|his|her|its|their|the|last|this)\s+)?(?:\w+\s+)?"
    rf"(?:{_one_of('statement message letter speech interview post commentary video hearing broadcast email report')}"
    rf"|{_one_of('condition morning evening week Monday Tuesday Wednesday Thursday Friday Saturday Sunday January')}"
    rf"|{_one_of('February March April May June July August September October November December')}|\d{{4}})\b"
)
"""What tells when or how somebody spoke, not who: *in a statement*, *on Monday*."""


class Placed(Protocol):
    """A sentence with its place in a text."""

    @property
    def start(self) -> int:
        """First character."""

    @property
    def end(self) -> int:
        """Character after the last."""


def speakers(text: str, sentences: Sequence[Placed]) -> list[str | None]:
    """For each sentence of a text the words that name who speaks in it, ``None`` where no plain pattern tells.

    A speaker stands with a verb of saying ("said X", "X said", "X told Y") or after "according to", outside quotation
    marks; the first of a sentence counts. It is given as it stands, be it a pronoun, without what a comma sets off, and
    is never resolved to a person nor linked to other sentences. English only.

    >>> from framelens.segment import segment
    >>> text = "“We left,” said a teacher from Lothmar, who was told to wait. She said it again."
    >>> speakers(text, segment(text))
    ['a teacher from Lothmar', 'She']
    """
    parts, at = [], 0
    for start, end in quotations(text):
        parts += [text[at:start], MASK * (end - start)]
        at = end
    masked = "".join([*parts, text[at:]])
    return [_speaker(masked[one.start : one.end]) for one in sentences]


def _speaker(sentence: str) -> str | None:
    """The speaker that is named first in a sentence whose quotations are masked."""
    found = [one for one in (_according(sentence), _by_verb(sentence)) if one]
    return min(found)[1] if found else None


def _according(sentence: str) -> tuple[int, str] | None:
    match = ACCORDING.search(sentence)
    name = _name_from(sentence, match.end()) if match else None
    return (match.end(), name) if match and name else None


def _by_verb(sentence: str) -> tuple[int, str] | None:
    """Place and words of the first subject of a verb of saying, before it or, next to a quotation, after it."""
    for verb in VERB.finditer(sentence):
        far = max(verb.start() - FARTHEST, 0)
        before, after = sentence[far : verb.start()], sentence[verb.end() :]
        follows = before.rstrip(" ,—–-").endswith(MASK)
        if NOT_FINITE.search(before) or (verb["of"] and MASK not in after):
            continue
        if verb["quoted"] and not (AFTER_A_QUOTATION.search(before) or MASK in after or THAT.match(after)):
            continue
        if follows and (name := _name_from(sentence, verb.end())):
            return verb.end(), name
        if subject := _subject(before):
            return far + subject[0], subject[1]
        if (
            INSERTED.search(before)
            and verb["inserted"]
            and not THAT.match(after)
            and (name := _name_from(sentence, verb.end()))
        ):
            return verb.end(), name
    return None


def _subject(before: str) -> tuple[int, str] | None:
    """Place and words of the subject that ends where its verb begins."""
    borders = [match.span() for match in BORDER.finditer(before)]
    start, end = borders[-1][1] if borders else 0, len(before)
    if not before[start:].strip():
        # a comma closes what was set off, and the subject stands before that; after "who" there is none
        if len(borders) < 2 or before[start - 1] != "," or before[borders[-2][0]] != ",":
            return None
        end = borders[-2][0]
        start = borders[-3][1] if len(borders) > 2 else 0
    chunk = before[start:end].lstrip()
    name = chunk[match.end() :].strip() if (match := LEADS.match(chunk)) else chunk.strip()
    return (before.index(name, start), name) if _is_name(name) else None


def _is_name(words: str) -> bool:
    return (
        (OPENS_NAME.match(words) or TITLED.fullmatch(words)) is not None
        and NO_NAME.fullmatch(words) is None
        and 0 < len(words.split()) <= LONGEST
    )


def _name_from(sentence: str, start: int) -> str | None:
    """The words from ``start`` on that name somebody; phrases of place belong to a name that has an article."""
    at, words, ends = start, list[str](), list[int]()
    while match := WORD.match(sentence, at):
        word, then = match[1], sentence[match.end() :]
        if words and (ENDS_NAME.fullmatch(word) or (DETERMINES.fullmatch(word) and not BINDS.fullmatch(words[-1]))):
            break
        if word == "and" and not then.lstrip()[:1].isupper():
            break
        if words and PLACE.fullmatch(word) and (words[0][0].isupper() or CIRCUMSTANCE.match(then)):
            break
        at = match.end()
        words.append(word)
        ends.append(at)
    while words and PLACE.fullmatch(words[-1]):
        words.pop()
    name = sentence[start : ends[len(words) - 1]].strip().rstrip(".") if words else ""
    return name if _is_name(name) else None
