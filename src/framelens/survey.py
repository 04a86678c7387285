"""A corpus to all that its report tells, in one pass."""

from framelens.corpus_report import Reported
from framelens.errors import InputError
from framelens.report_method import method
from framelens.score import Classifier
from framelens.shares import Shares
from framelens.streamed import Corpus
from framelens.tally import Tally
from framelens.telling import Surest, Told, explained

ANOTHER = (
    "Another model than the one at hand classified this corpus: words are not marked and figures of the model are not"
    " shown. Name the right one with --model."
)


def survey(corpus: Corpus, classifier: Classifier, sha256: str, prevalence: Shares | None = None) -> Reported:
    """Count and explain a corpus; ``sha256`` is that of the classifier's file.

    Whether the classifier made the scores is seen by its giving the same ones, else by the file that is named.
    """
    tally, surest = Tally(len(corpus.frames)), Surest(corpus.frames)
    for article in corpus.articles:
        tally.add(article)
        surest.add(article)
    tallied = tally.result
    if not tallied.whole.sentences:
        raise InputError(f"{corpus.name}: holds no sentences")
    known = corpus.frames == classifier.frames
    telling = [Told(frame, one, None) for frame, kept in surest.kept.items() for one in kept]
    if known:
        telling = explained(surest.kept, classifier)
    fits = known and (all(one.why for one in telling) if telling else corpus.card.get("model", sha256) == sha256)
    return Reported(
        corpus.name,
        corpus.frames,
        tallied,
        telling,
        classifier.model.codebook if known else None,
        prevalence,
        classifier.model.card if fits else {},
        method(classifier.model, corpus.card, corrected=prevalence is not None, fits=fits),
        (*corpus.notes, *(() if fits else (ANOTHER,))),
    )
