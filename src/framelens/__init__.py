"""framelens reads news sentence by sentence and says which frames each sentence carries.

>>> import framelens
>>> model = framelens.load()
>>> text = "The deputy called those who left traitors. The ministry offers everyone who comes back a flat and a job."
>>> for sentence in model.classify(text):
...     print(sentence.start, sentence.end, sentence.frames)
0 42 ('vilification',)
43 104 ('return_incentive',)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framelens.errors import InputError
    from framelens.gold import Coding, LabelledSet
    from framelens.labels import append_codings, read_labels
    from framelens.read import Document
    from framelens.score import ClassifiedSentence, Classifier, load
    from framelens.segment import Sentence

__all__ = [
    "ClassifiedSentence",
    "Classifier",
    "Coding",
    "Document",
    "InputError",
    "LabelledSet",
    "Sentence",
    "append_codings",
    "load",
    "read_labels",
]
__version__ = "0.1.0"

# imported when asked for, so that the command line starts at once
_HOMES = {
    "InputError": "errors",
    "Coding": "gold",
    "LabelledSet": "gold",
    "append_codings": "labels",
    "read_labels": "labels",
    "Document": "read",
    "ClassifiedSentence": "score",
    "Classifier": "score",
    "load": "score",
    "Sentence": "segment",
}


def __getattr__(name: str) -> Any:
    if home := _HOMES.get(name):
        return getattr(import_module(f"framelens.{home}"), name)
    raise AttributeError(f"module 'framelens' has no attribute {name!r}")
