"""Texts that would be more than text where they are shown, and what other tools might export."""

import os
import re

from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FRAMELENS_EXAMPLES", "40"))
"""How many inputs each law is tried on; ``make trust`` raises it."""

MARKS = (
    *(
        "<script>alert(1)</script>",
        "<style>*{display:none}</style>",
        "{{ 7*7 }}",
        "{% raw %}",
        "</p><b>",
        "<!--",
        "]]>",
    ),
    *("&lt;", "\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\r", "\x08", "\x00", "\u202e", "\u2066", "\u2069"),
    *("\ufeff", "\ud800", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "'=1", "\n", '"', "'", ",", ";", "$x$"),
    *("[bold]", "[/x]", ":smile:", "\\"),
)
steered = st.lists(st.one_of(st.sampled_from(MARKS), st.text(max_size=8)), max_size=8).map("".join)
STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
STYLE = re.compile(r"\x1b\[[\d;]*m")
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), steered),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(st.text(max_size=5), inside, max_size=3)),
    max_leaves=8,
)


KEYS = (
    *(
        "sentence_id",
        "text",
        "label",
        "answer",
        "accept",
        "options",
        "meta",
        "metadata",
        "data",
        "annotations",
        "result",
    ),
    *(
        "responses",
        "frame",
        "frame.responses",
        "frame.responses.users",
        "frame.responses.status",
        "_timestamp",
        "value",
    ),
    *("created_at", "annotation_id", "annotator", "Comments", "fingerprint", "codebook", "coded_at", "id"),
)
exported = st.recursive(
    st.one_of(values, st.sampled_from(["w1-01:01", "vilification", "accept", "1.1", 1e300, -(10**18)])),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(st.sampled_from(KEYS), inside, max_size=6)),
    max_leaves=12,
)
