"""framelens reads news sentence by sentence and says which frames each sentence carries.

>>> import framelens
>>> model = framelens.load()
>>> for sentence in model.classify("They are traitors, the deputy said of those who fled. Rain is expected on Monday."):
...     print(sentence.start, sentence.end, sentence.frames)
0 53 ('vilification',)
54 81 ()
"""

from framelens.errors import InputError
from framelens.gold import LabelledSet
from framelens.labels import read_labels
from framelens.read import Document, read
from framelens.score import ClassifiedSentence, Classifier, load
from framelens.segment import Sentence, segment

__all__ = [
    "ClassifiedSentence",
    "Classifier",
    "Document",
    "InputError",
    "LabelledSet",
    "Sentence",
    "load",
    "read",
    "read_labels",
    "segment",
]
__version__ = "0.1.0"
