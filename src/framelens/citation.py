"""How framelens wants to be cited: read from ``CITATION.cff``."""

import re
from pathlib import Path

FIELD = re.compile(r"^(?:\s+- )?([a-z-]+): *\"?(.*?)\"?$", re.MULTILINE)


def citation() -> str:
    """Authors, year, title and version in a line.

    >>> citation()
    'The framelens authors (...). framelens: frames in news sentences. Version ...'
    """
    inside = Path(__file__).parent / "CITATION.cff"
    path = inside if inside.exists() else Path(__file__).parents[2] / "CITATION.cff"
    found = FIELD.findall(path.read_text(encoding="utf-8"))
    fields = dict(found)
    authors = "; ".join(value for name, value in found if name == "name")
    return f"{authors} ({fields['date-released'][:4]}). {fields['title']}. Version {fields['version']}"
