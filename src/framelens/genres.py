"""Genres in few groups, so that each holds enough articles for a figure."""

import re

GENRE_GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("interview", frozenset({"interview", "transcript", "podcast", "radio", "q"})),
    (
        "opinion",
        frozenset({"op-ed", "opinion", "essay", "column", "letter", "review", "comment", "first-person", "blog"}),
    ),
    (
        "official",
        frozenset(
            {"release", "ministry", "government", "parliamentary", "hearing", "speech", "circular", "communiqué"}
        ),
    ),
    (
        "research",
        frozenset(
            {"think-tank", "explainer", "brief", "briefing", "ngo", "survey", "academic", "human-rights", "timeline"}
        ),
    ),
    (
        "feature",
        frozenset(
            {
                "feature",
                "reportage",
                "magazine",
                "long-read",
                "longread",
                "long-form",
                "profile",
                "portrait",
                "obituary",
            }
        ),
    ),
    ("social media", frozenset({"social-media", "thread"})),
    (
        "news",
        frozenset({"news", "wire", "report", "agency", "daily", "tabloid", "newspaper", "local", "article", "court"}),
    ),
)
"""Group and the words of a genre that put an article there; the first group that fits wins."""

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def genre_group(genre: str) -> str:
    """The group of a genre in free words; ``other`` where no word is known.

    >>> genre_group("magazine interview-profile"), genre_group("Wire copy"), genre_group("")
    ('feature', 'news', 'other')
    """
    words = set(WORD.findall(genre.lower()))
    return next((group for group, known in GENRE_GROUPS if words & known), "other")
