from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Small
from framelens.gold import ADJUDICATED, Coding, LabelledSentence, LabelledSet
from framelens.queues import CODER, Chances, Wish, disputes, inclusion_probability, queue
from framelens.suggest import Suggestions


def coded(labels: LabelledSet, sentences: Sequence[LabelledSentence], by: str, **changed: object) -> tuple[Coding, ...]:
    plain = Coding("", "", frozenset(), labels.codebook.version, by, "2026-01-01")
    return tuple(replace(plain, sentence=one.id, fingerprint=one.fingerprint, **changed) for one in sentences)  # type: ignore[arg-type]  # names of fields


def ids(name: str, wish: Wish) -> list[str]:
    return [task.sentence.id for task in queue(name, wish)]


def test_no_queue_shows_what_the_coder_has_coded_or_what_has_no_text(labels: LabelledSet) -> None:
    readable = [one.id for one in labels.sentences if one.text is not None]
    assert ids("article", Wish(labels, "coder-13")) == readable
    done = set(labels.current["coder-01"])
    for name in ("article", "random"):
        assert not set(ids(name, Wish(labels, "coder-01", limit=10**6))) & done


def test_a_stale_coding_is_to_be_made_again(labels: LabelledSet) -> None:
    first = next(one for one in labels.sentences if one.text is not None)
    old = replace(labels, codings={"me": coded(labels, [first], "article", codebook="0.9")})
    assert ids("article", Wish(old, "me"))[0] == first.id
    fresh = replace(labels, codings={"me": coded(labels, [first], "article")})
    assert first.id not in ids("article", Wish(fresh, "me"))


def test_a_random_sample_says_its_probability_and_is_the_same_for_all_coders(labels: LabelledSet) -> None:
    tasks = queue("random", Wish(labels, "coder-13", limit=50))
    population = sum(one.text is not None for one in labels.sentences)
    assert {inclusion_probability(task.selected_by) for task in tasks} == {50 / population}
    assert tasks == queue("random", Wish(labels, "coder-14", limit=50))
    assert tasks != queue("random", Wish(labels, "coder-13", limit=50, seed=1))


@given(done=st.integers(0, 60), limit=st.integers(1, 60))
def test_a_random_sample_goes_on_as_the_same_sample(labels: LabelledSet, done: int, limit: int) -> None:
    whole = queue("random", Wish(labels, "me", limit=60))
    some = tuple(coded(labels, [task.sentence], task.selected_by)[0] for task in whole[:done])
    later = queue("random", Wish(replace(labels, codings={"me": some}), "me", limit=limit))
    assert [task.sentence for task in later] == [task.sentence for task in whole[done:limit]]
    population = sum(one.text is not None for one in labels.sentences)
    assert all(inclusion_probability(task.selected_by) == limit / population for task in later)


def test_every_sentence_is_drawn_about_as_often_as_its_probability_says(labels: LabelledSet) -> None:
    some = replace(labels, sentences=tuple(one for one in labels.sentences if one.text is not None)[:40])
    times = dict.fromkeys((one.id for one in some.sentences), 0)
    for seed in range(400):
        for id_ in ids("random", Wish(some, "me", limit=10, seed=seed)):
            times[id_] += 1
    # 100 expected each; six standard errors of a binomial share of a quarter in 400 draws
    assert max(abs(count - 100) for count in times.values()) < 6 * np.sqrt(400 * 0.25 * 0.75)


def chances(labels: LabelledSet, frame: int) -> "Wish":
    def of(sentences: Sequence[LabelledSentence]) -> Chances:
        proba = np.full((len(sentences), 4), 0.99)
        proba[:, frame] = [int(one.fingerprint[:4], 16) / 0x10000 for one in sentences]
        return Chances(labels.codebook.ids, proba, np.full(4, 0.5))

    return Wish(labels, "coder-13", frame=labels.codebook.ids[frame], chances=of)


def test_rare_shows_the_likeliest_and_uncertain_the_nearest_to_the_threshold_first(labels: LabelledSet) -> None:
    wish = chances(labels, 1)
    assert wish.chances
    likely = wish.chances([task.sentence for task in queue("rare", wish)]).proba[:, 1]
    assert (np.diff(likely) <= 0).all()
    doubtful = wish.chances([task.sentence for task in queue("uncertain", wish)]).proba
    assert (np.diff(np.abs(doubtful - 0.5).min(axis=1)) >= 0).all()
    assert queue("rare", wish)[0].selected_by == "rare return_incentive"


def test_second_coders_get_disputes_first_and_then_what_one_has_coded(labels: LabelledSet) -> None:
    first, second, third = [one for one in labels.sentences if one.text is not None][:3]
    a = coded(labels, [first, second, third], "article")
    b = (*coded(labels, [third], "article", frames=frozenset({"vilification"})), *coded(labels, [first], "article"))
    some = replace(labels, codings={"a": a, "b": b})
    assert ids("disputed", Wish(some, "c")) == [third.id, second.id]
    assert ids("disputed", Wish(some, "a")) == []
    assert all(task.said == {} for task in queue("disputed", Wish(some, "c")))
    (task,) = disputes(some, decided_by="c")
    assert {coder: set(one.frames) for coder, one in task.said.items()} == {"a": set(), "b": {"vilification"}}
    settled = replace(some, codings={**some.codings, ADJUDICATED: coded(labels, [third], "disputed")})
    assert disputes(settled, decided_by="c") == []


def test_what_an_audit_names_is_coded_again_once(labels: LabelledSet) -> None:
    first, second = [one for one in labels.sentences if one.text is not None][:2]
    named = [second.id, first.id, second.id, "no:01"]
    some = replace(labels, codings={"a": coded(labels, [first, second], "article")})
    assert ids("audit", Wish(some, "a", audited=named)) == [second.id, first.id]
    again = replace(labels, codings={"a": coded(labels, [second], "audit")})
    assert ids("audit", Wish(again, "a", audited=named)) == [first.id]


def test_suggestions_are_what_the_model_says_of_the_sentence_in_its_article(labels: LabelledSet, small: Small) -> None:
    article = [one for one in labels.sentences if one.article == "w1-01"]
    proba = small.classifier.probabilities([one.text or "" for one in article])
    suggestions = Suggestions(labels, small.classifier)
    assert list(suggestions.of_one(article[3]).values()) == pytest.approx(proba[3].tolist())
    np.testing.assert_allclose(suggestions.of_many(article[::-1]).proba, proba[::-1])


@pytest.mark.parametrize("id_", ["coder-13", "A_1", "7"])
def test_ids_of_coders_are_letters_digits_and_dashes(id_: str) -> None:
    assert CODER.fullmatch(id_)


@pytest.mark.parametrize("id_", ["", "-a", "a b", "a/b", "..", "me@home.org", ".a"])
def test_what_could_be_a_path_or_a_persons_address_is_no_id(id_: str) -> None:
    assert not CODER.fullmatch(id_)
