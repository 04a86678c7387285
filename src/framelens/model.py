"""The trained model as a file: arrays and a card, no pickle, checked by SHA-256 before use."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from framelens.archive import members, opened, read_array, read_arrays
from framelens.card_schema import check_card
from framelens.codebook import Codebook, parse_codebook
from framelens.context import READ
from framelens.errors import InputError, reason_of
from framelens.words import SURFACE
from framelens.write import whole_file

FORMAT = 4
MOST_CARD = 4 * 2**20
"""Most bytes of a card: as JSON it takes twenty times as much once it is read."""
MOST_TEXT = 32 * 2**20
"""Most bytes of the words of one kind."""
MOST_LINES = 2_000_000
"""Most words, stems and subwords together: each takes some fifty bytes more than it has letters."""
LINE_END = ord("\n")
MOST_VALUE = 1e9
"""Weights beyond would overflow in sums; those of a trained model are below a hundred."""

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Floats16 = NDArray[np.float16]


@dataclass(frozen=True)
class Model:
    """Everything that scoring needs.

    F frames, K first-stage targets (the frames, any frame, article on the subject), S stems, P pairs, W words, G
    character n-grams. First stage, log-odds of a sentence: ``bias + t @ term_weight + w @ subword scores`` and what
    its neighbours add, where ``t`` is the L2-normalised TF-IDF row of its stems and pairs, and ``w`` that of its words.
    The subword score of a word is the sum of ``gram_weight`` over its n-grams, weighted by their L2-normalised idf.
    What a sentence adds to its neighbours is ``s @ near_weight``, with ``s`` the L2-normalised TF-IDF row of its stems.
    Log-odds by word vectors: ``vector_bias + w @ vector_weight``, for the sentence and for those around it.
    A model learned from a table stops at the sentence's own words: its log-odds are calibrated, K is F, and all below
    ``bias`` but ``platt``, ``thresholds`` and ``levels`` is empty or zero, as are the figures of vectors.
    Second stage: the odds of a frame come from features of the sentence in its article (module ``context``), those of
    the article's being on the subject from features of the article; both probabilities are multiplied and calibrated.
    """

    card: Mapping[str, Any]
    stems: tuple[str, ...]
    pairs: NDArray[np.int32]
    """Rows of two stem numbers, sorted; shape (P, 2)."""
    term_idf: Floats
    """Inverse document frequency of stems, then pairs; shape (S + P,)."""
    term_weight: Floats32
    """Shape (S + P, K)."""
    near_weight: Floats32
    """What a stem adds to the next sentence, to the one before, and to the rest of the article; shape (S, 3 * K)."""
    words: tuple[str, ...]
    word_idf: Floats
    """Shape (W + 1,); the last is for words that training did not see."""
    grams: tuple[str, ...]
    gram_idf: Floats
    """Shape (G + 1,); the last is for n-grams that training did not see twice."""
    gram_weight: Floats32
    """Shape (G, K)."""
    vector_words: tuple[str, ...]
    """V words that have a vector."""
    vector_weight: Floats16
    """What a word's vector adds to its sentence, the next one, the one before, the rest; shape (V, 4 * K)."""
    vector_bias: Floats
    """Shape (K,)."""
    bias: Floats
    scales: Floats
    """Centre and spread of own log-odds and of those of the rest of the article; shape (2, 2, K)."""
    frame_weight: Floats
    """Shape (context features, F); the scaling of the features is folded in."""
    frame_bias: Floats
    subject_weight: Floats
    """Shape (3 * K,)."""
    subject_bias: Floats
    """Shape (1,)."""
    platt: Floats
    """Slope and intercept that calibrate each frame; shape (F, 2)."""
    thresholds: Floats
    """Probability from which a frame counts as present; shape (F,)."""
    levels: Floats
    """Probability that the article is on the subject from which a frame may be present; shape (F,)."""

    @cached_property
    def codebook(self) -> Codebook:
        """The codebook that the model was trained under."""
        return parse_codebook(self.card["codebook"])

    @property
    def frames(self) -> tuple[str, ...]:
        """Frame ids in the order of the columns."""
        return self.codebook.ids

    @property
    def stands_alone(self) -> bool:
        """Whether it scores a sentence by its own words alone: learned from a table, it has no second stage."""
        return self.card.get("kind") == "labels"

    @property
    def single_label(self) -> bool:
        """Whether each sentence carries exactly one of the frames, and probabilities add up to one."""
        return self.stands_alone and self.card.get("single_label") is True


TEXTS = ("stems", "words", "grams", "vector_words")
ARRAYS = tuple(field.name for field in fields(Model) if field.name != "card")


def save(model: Model, path: Path) -> str:
    """Write ``path`` (arrays and card) and, beside it, the card as ``.json``; returns the SHA-256 of the content.

    The same model gives the same bytes. Old files stay until the new ones are whole; ``path`` alone is enough to load.
    """
    arrays: dict[str, NDArray[Any]] = {"card": _pack(json.dumps(model.card, ensure_ascii=False, sort_keys=True))}
    for name in ARRAYS:
        value = getattr(model, name)
        arrays[name] = _pack("\n".join(value)) if name in TEXTS else value
    digest = _digest(arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        np.savez_compressed(file, sha256=_pack(digest), **arrays)  # type: ignore[arg-type]  # the stubs lack open files
    with whole_file(path.with_suffix(".json")) as file:
        file.write(f"{json.dumps({**model.card, 'sha256': digest}, ensure_ascii=False, indent=1)}\n".encode())
    return digest


@dataclass(frozen=True, slots=True)
class Checked:
    """A model that is sound, and what its file is."""

    model: Model
    sha256: str
    """Of the content, as ``save`` gives it."""
    size: int
    """Bytes of the file."""


def load(path: Path) -> Model:
    """Read and check a model; raises ``InputError`` in one line for a missing, damaged, altered or foreign file."""
    return checked(path).model


def checked(path: Path) -> Checked:
    """Read and check a model file from anywhere, as ``load`` does; memory stays under a few times ``LARGEST``."""
    try:
        with opened(path) as archive:
            found = members(archive)
            card = _card(archive, found)
            arrays = read_arrays(
                archive, found, {"card": MOST_CARD, "sha256": 2**10, **dict.fromkeys(TEXTS, MOST_TEXT)}
            )
        digest = _text(arrays.pop("sha256"))
        if digest != _digest(arrays):
            raise ValueError("altered or damaged: its SHA-256 is not the one it was saved with")
        if sum(int((arrays[name] == LINE_END).sum()) for name in TEXTS) > MOST_LINES:
            raise ValueError(f"more than {MOST_LINES:,} words")
        model = Model(card=card, **{name: _value(name, arrays) for name in ARRAYS})
        _check(model)
        return Checked(model, digest, path.stat().st_size)
    except OSError as error:
        reason = reason_of(error)
        raise InputError(f"{path}: no model can be read here ({reason}); train one with: framelens train") from None
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise InputError(f"{path}: not a usable framelens model: {reason}; restore the file or retrain") from None


def _card(archive: ZipFile, found: Mapping[str, ZipInfo]) -> Mapping[str, Any]:
    """The card, read first: it says whether the rest is of the format that is read here."""
    _require_names(found, ("sha256", "card"))
    card = json.loads(_text(read_array(archive, found["card"], MOST_CARD)))
    if not isinstance(card, dict):
        raise ValueError("its card is no table")
    if card.get("format") != FORMAT:
        made = f"format {card['format']!r:.20}" if "format" in card else "no format"
        raise ValueError(f"made by another version of framelens ({made}, this one reads {FORMAT})")
    _require_names(found, ARRAYS)
    if strange := found.keys() - {"sha256", "card", *ARRAYS}:
        raise ValueError(f"holds {min(strange)[:60]!r}, which belongs to no model")
    check_card(card)
    return card


def _require_names(found: Mapping[str, ZipInfo], names: Iterable[str]) -> None:
    if missing := next((name for name in names if name not in found), None):
        raise ValueError(f"{missing!r} is missing")


def _value(name: str, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if name in TEXTS:
        text = _text(arrays[name])
        return tuple(text.split("\n")) if text else ()
    kind = Model.__annotations__[name]
    wanted = {Floats: np.float64, Floats32: np.float32, Floats16: np.float16}.get(kind, np.int32)
    if arrays[name].dtype != wanted:
        raise ValueError(f"{name} is {arrays[name].dtype}, not {np.dtype(wanted)}")
    return arrays[name]


def _check(model: Model) -> None:
    frames = len(model.frames)
    terms = len(model.stems) + len(model.pairs)
    targets = len(model.bias)
    around = 0 if model.stands_alone else targets
    shapes = {
        "pairs": (len(model.pairs), 2),
        "term_idf": (terms,),
        "term_weight": (terms, targets),
        "near_weight": (len(model.stems), 3 * around),
        "word_idf": (len(model.words) + 1,),
        "gram_idf": (len(model.grams) + 1,),
        "gram_weight": (len(model.grams), targets),
        "vector_weight": (len(model.vector_words), 4 * around),
        "vector_bias": (around,),
        "bias": (frames + (2 if around else 0),),
        "scales": (2, 2, around),
        "frame_weight": (READ * around + 2 + SURFACE if around else 0, frames),
        "frame_bias": (frames,),
        "subject_weight": (3 * around,),
        "subject_bias": (1,),
        "platt": (frames, 2),
        "thresholds": (frames,),
        "levels": (frames,),
    }
    for name, shape in shapes.items():
        value = getattr(model, name)
        if value.shape != shape:
            raise ValueError(f"{name} has the shape {value.shape}, not {shape}")
        if not np.isfinite(value).all():
            raise ValueError(f"{name} holds values that are not finite")
        if value.size and max(float(value.max()), -float(value.min())) > MOST_VALUE:
            raise ValueError(f"{name} holds values beyond {MOST_VALUE:g}")
    if model.scales.size and model.scales[:, 1].min() <= 0:
        raise ValueError("scales holds a spread that is not positive")
    if min(idf.min(initial=1.0) for idf in (model.term_idf, model.word_idf, model.gram_idf)) <= 0:
        raise ValueError("an inverse document frequency is not positive")
    if model.pairs.size and (model.pairs.min() < 0 or model.pairs.max() >= len(model.stems)):
        raise ValueError("pairs name stems that are not there")


def _pack(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _text(array: NDArray[Any]) -> str:
    if array.dtype != np.uint8 or array.ndim != 1:
        raise ValueError("a text is not stored as bytes")
    return array.tobytes().decode()


def _digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name}\t{array.dtype.str}\t{array.shape}\n".encode())
        digest.update(array.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def override_thresholds(model: Model, changes: Mapping[str, float]) -> Model:
    """A model with other thresholds; raises ``InputError`` for an unknown frame or what is no probability.

    A frame whose threshold is given is present from there on, whatever the subject of the article.
    """
    if changes and model.single_label:
        raise InputError("threshold: this model chooses one label a sentence; it has no thresholds to change")
    thresholds, levels = model.thresholds.copy(), model.levels.copy()
    for frame, value in changes.items():
        if frame not in model.frames:
            raise InputError(f"threshold: unknown frame {frame!r}; the model has {', '.join(model.frames)}")
        if not 0 <= value <= 1:
            raise InputError(f"threshold of {frame}: {value} is no probability; give a number from 0 to 1")
        thresholds[model.frames.index(frame)] = value
        levels[model.frames.index(frame)] = 0
    return replace(model, thresholds=thresholds, levels=levels)


def shipped_path() -> Path:
    """Where the model that comes with the package lies: inside it, or in ``models/`` of a checkout."""
    inside = Path(__file__).parent / "models" / "frames.npz"
    return inside if inside.exists() else Path(__file__).parents[2] / "models" / "frames.npz"
