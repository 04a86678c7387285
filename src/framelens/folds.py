"""Folds that never part a group and that hold much the same share of each frame."""

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Fold = tuple[Ints, Ints]


def stratified_folds(groups: NDArray[np.str_], Y: Bools, folds: int, *, rng: np.random.Generator) -> list[Fold]:
    """Row numbers to train on and to test on; each group is tested once.

    Groups go, the most uneven first, to the fold where the spread of frames over folds becomes least, as in
    scikit-learn's StratifiedGroupKFold but for several frames at once. ``Y`` has shape (sentences, frames).
    """
    names, number = np.unique(groups, return_inverse=True)
    if not 2 <= folds <= len(names):
        raise ValueError(f"{folds=}: give 2 to {len(names)}, the number of groups")
    # sentences count as one more column, so that folds are of one size
    counted = np.column_stack([Y, np.ones(len(Y), dtype=bool)]).astype(np.int64)
    per_group = np.zeros((len(names), counted.shape[1]), dtype=np.int64)
    np.add.at(per_group, number, counted)
    share = per_group / np.maximum(per_group.sum(axis=0), 1)
    shuffled = rng.permutation(len(names))
    order = shuffled[np.argsort(-share[shuffled].max(axis=1), kind="stable")]
    held, fold_of = np.zeros((folds, share.shape[1])), np.zeros(len(names), dtype=np.int64)
    members = np.zeros(folds)
    for group in order:
        tried = held[None] + np.eye(folds)[:, :, None] * share[group]
        spread = tried.std(axis=1).mean(axis=1)
        # ties go to the fold with fewest groups, so that none stays empty
        fold_of[group] = np.lexsort((members, spread.round(12)))[0]
        held[fold_of[group]] += share[group]
        members[fold_of[group]] += 1
    return [(np.flatnonzero(fold_of[number] != fold), np.flatnonzero(fold_of[number] == fold)) for fold in range(folds)]


def thinned(fold: Fold, groups: NDArray[np.str_], share: float, *, rng: np.random.Generator) -> Fold:
    """The same test rows, and the training rows of only a share of the training groups, drawn whole."""
    train, test = fold
    names = np.unique(groups[train])
    kept = rng.permutation(names)[: max(1, round(share * len(names)))]
    return train[np.isin(groups[train], kept)], test
