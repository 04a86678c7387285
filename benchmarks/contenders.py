"""What is timed side by side: each takes sentences, with the number in each article, and gives scores.

Those that learn here learn from the gold sentences of the labelled set; only their speed counts. Text is normalised
inside the time of each, as it would be in use.
"""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from framelens.assess import gold_of
from framelens.labels import read_labels
from framelens.score import load

Bools = NDArray[np.bool_]
Scorer = Callable[[Sequence[str], Sequence[int]], Any]

TOKEN = re.compile(r"\w+|[^\w\s]")
STEPS = 20
"""Updates of the weights of spaCy: enough for weights that are not zero."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Files of the models that are ours, and gold for the others."""

    model: Path
    estimator: Path
    texts: Sequence[str]
    Y: Bools
    frames: Sequence[str]


def labelled(data: Path, model: Path, estimator: Path) -> Labelled:
    """Gold sentences that have text."""
    labels = read_labels(data, articles=False)
    gold = gold_of(labels, "written")
    return Labelled(model, estimator, gold.table["text"].tolist(), gold.Y, labels.codebook.ids)


def framelens_scores(given: Labelled) -> Scorer:
    """Both stages, as shipped."""
    classifier = load(given.model)
    return lambda texts, lengths: classifier.scores(texts, lengths)[0]


def scikit_learn(given: Labelled) -> Scorer:
    """The same model as a scikit-learn estimator, which ``framelens train`` writes."""
    from framelens import tfidf

    if not given.estimator.is_file():
        raise ModuleNotFoundError(f"{given.estimator.name}, which make train writes,")
    estimator = joblib.load(given.estimator)

    def scores(texts: Sequence[str], lengths: Sequence[int]) -> Any:
        # kept for the folds of a cross-validation; new text is not in there
        for kept in (tfidf.terms, tfidf.all_words, tfidf.stems):
            kept.cache_clear()
        return estimator.predict_proba(
            pd.DataFrame({"text": texts, "article": np.repeat(range(len(lengths)), lengths)})
        )

    return scores


def plain_tfidf(given: Labelled) -> Scorer:
    """Words and pairs of words, TF-IDF, logistic regression: no context, no subwords."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    fitted = make_pipeline(vectorizer, OneVsRestClassifier(LogisticRegression(max_iter=1000))).fit(given.texts, given.Y)
    return lambda texts, _: fitted.predict_proba(texts)


def fast_text(given: Labelled) -> Scorer:
    """fastText: words, pairs, subwords of 2 to 5 letters, as in ours; 100 dimensions."""
    import fasttext

    def normal(text: str) -> str:
        return " ".join(TOKEN.findall(text.lower()))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gold.txt"
        lines = (" ".join([*_marks(row), normal(text)]) for text, row in zip(given.texts, given.Y, strict=True))
        path.write_text("\n".join(lines), encoding="utf-8")
        fitted = fasttext.train_supervised(
            str(path), wordNgrams=2, minn=2, maxn=5, dim=100, bucket=200_000, epoch=3, loss="ova", thread=1, verbose=0
        )
    return lambda texts, _: fitted.predict([normal(text) for text in texts], k=-1)


def _marks(row: Bools) -> list[str]:
    return [f"__label__{place}" for place in np.flatnonzero(row)] or ["__label__none"]


def spacy_textcat(given: Labelled) -> Scorer:
    """spaCy's tokeniser and text categoriser, bag of words and pairs."""
    import spacy
    from spacy.training import Example
    from thinc.api import fix_random_seed

    fix_random_seed(0)
    nlp = spacy.blank("en")
    bow = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": False,
        "ngram_size": 2,
        "no_output_layer": False,
    }
    nlp.add_pipe("textcat_multilabel", config={"model": bow})
    cats = ({frame: float(one) for frame, one in zip(given.frames, row, strict=True)} for row in given.Y)
    pairs = zip(given.texts, cats, strict=True)
    examples = [Example.from_dict(nlp.make_doc(text), {"cats": cat}) for text, cat in pairs]
    optimizer = nlp.initialize(lambda: examples)
    for part in np.array_split(np.arange(len(examples)), max(STEPS, len(examples) // 500))[:STEPS]:
        nlp.update([examples[row] for row in part], sgd=optimizer)
    return lambda texts, _: [doc.cats for doc in nlp.pipe(texts, batch_size=1000)]


def minilm(given: Labelled) -> Scorer:  # noqa: ARG001  # nothing to learn: the encoder takes nearly all the time
    """Sentence vectors of all-MiniLM-L6-v2 in NumPy, without a classifier on top."""
    from minilm import MiniLM, model_folder

    encoder = MiniLM(model_folder())
    return lambda texts, _: encoder.encode(texts)


CONTENDERS: Mapping[str, Callable[[Labelled], Scorer]] = {
    "framelens": framelens_scores,
    "scikit-learn, the same model": scikit_learn,
    "TF-IDF and logistic regression": plain_tfidf,
    "fastText": fast_text,
    "spaCy, bag of words": spacy_textcat,
    "MiniLM": minilm,
}
SLOW = ("MiniLM",)
"""Timed on a hundredth of the sentences."""
