"""Writes the encoder as an ONNX graph: 8-bit matrices, 4-bit token table, pooling and normalising inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tools.embedder.weights import BLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tools.embedder.weights import Weights

MICROSOFT = "com.microsoft"
OPSET, IR_VERSION = 17, 8
EPSILON = 1e-12
# Seven bits: on AVX2 without VNNI the sum of two products of eight bits saturates.
_LARGEST = 63
_MASKED = 1e4


def encoder(weights: Weights, kept: Sequence[int]) -> onnx.ModelProto:
    """The model over the kept pieces.

    Inputs are ``input_ids`` and ``attention_mask``, int64 of shape ``(batch, tokens)``; the output ``embedding`` is
    float32 of shape ``(batch, hidden)``, mean-pooled and of unit length. Layers run on ``(batch * tokens, hidden)``,
    which is faster on a CPU than the fused attention operators.
    """
    return _Builder(weights, np.asarray(kept)).build()


class _Builder:
    """Collects nodes and tensors; each method returns the name of its result."""

    def __init__(self, weights: Weights, kept: NDArray[np.int64]) -> None:
        self._weights = weights
        self._kept = kept
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: dict[str, onnx.TensorProto] = {}

    def build(self) -> onnx.ModelProto:
        hidden, heads = self._weights.hidden, self._weights.heads
        mask = self._op("Cast", "attention_mask", to=TensorProto.FLOAT)
        shape = self._op("Shape", "input_ids")
        self._heads = self._op("Concat", shape, self._ints("heads", heads, hidden // heads), axis=0)
        self._bias = self._attention_bias(mask)
        x = self._op("Reshape", self._embedded(shape), self._ints("flat", -1, hidden))
        for layer in range(self._weights.layers):
            x = self._layer(x, f"l{layer}")
        x = self._op("Reshape", x, self._op("Concat", shape, self._ints("hidden", hidden), axis=0))
        self._pooled(x, mask)
        return self._model()

    def _layer(self, x: str, name: str) -> str:
        attended = self._linear(self._attention(x, name), [f"{name}.ao"], self._weights.hidden)
        x = self._norm(self._op("Add", x, attended), f"{name}.aln")
        inner = self._op("Gelu", self._linear(x, [f"{name}.fi"], self._weights.hidden), domain=MICROSOFT)
        outer = self._linear(inner, [f"{name}.fo"], self._weights.feed_forward)
        return self._norm(self._op("Add", x, outer), f"{name}.oln")

    def _attention(self, x: str, name: str) -> str:
        together = self._linear(x, [f"{name}.q", f"{name}.k", f"{name}.v"], self._weights.hidden)
        sizes = self._ints("thirds", *[self._weights.hidden] * 3)
        parts = self._op("Split", together, sizes, outputs=3, axis=-1)
        orders = ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
        query, key, value = (
            self._op("Transpose", self._op("Reshape", f"{parts}_{i}", self._heads), perm=order)
            for i, order in enumerate(orders)
        )
        scores = self._op("Add", self._op("MatMul", query, key), self._bias)
        mixed = self._op("MatMul", self._op("Softmax", scores, axis=-1), value)
        return self._op("Reshape", self._op("Transpose", mixed, perm=[0, 2, 1, 3]), "flat")

    def _linear(self, x: str, parts: Sequence[str], width: int) -> str:
        """``x @ W.T + b`` with one 8-bit scale for each output; the parts are stacked along the outputs."""
        rows, biases = [], []
        for part in parts:
            # The scale of the softmax goes into the queries.
            factor = (self._weights.hidden // self._weights.heads) ** -0.5 if part.endswith(".q") else 1.0
            values, scales = self._weights.quantised(f"{part}.w", width)
            blocks = values.reshape(len(values), -1, BLOCK) * (scales * factor)[:, :, None]
            rows.append(blocks.reshape(len(values), width).astype(np.float32))
            biases.append((self._weights.floats(f"{part}.b") * factor).astype(np.float32))
        matrix = np.concatenate(rows)
        step = np.abs(matrix).max(axis=1) / _LARGEST
        rounded = np.clip(np.rint(matrix / step[:, None]), -_LARGEST, _LARGEST).astype(np.int8)
        name = "+".join(parts)
        return self._op(
            "DynamicQuantizeMatMul",
            x,
            self._tensor(f"{name}.q", rounded.T),
            self._tensor(f"{name}.s", step.astype(np.float32)),
            "",
            self._tensor(f"{name}.b", np.concatenate(biases)),
            domain=MICROSOFT,
        )

    def _norm(self, x: str, name: str) -> str:
        scale = self._tensor(f"{name}.w", self._weights.floats(f"{name}.w"))
        shift = self._tensor(f"{name}.b", self._weights.floats(f"{name}.b"))
        return self._op("LayerNormalization", x, scale, shift, axis=-1, epsilon=EPSILON)

    def _embedded(self, shape: str) -> str:
        hidden = self._weights.hidden
        values, scales = self._weights.quantised("emb.word", hidden)
        shifted = (values[self._kept] + 8).astype(np.uint8)
        packed = shifted[:, 0::2] | (shifted[:, 1::2] << 4)
        words = self._op(
            "GatherBlockQuantized",
            self._tensor("words", packed),
            "input_ids",
            self._tensor("words.s", scales[self._kept]),
            domain=MICROSOFT,
            gather_axis=0,
            quantize_axis=1,
            block_size=BLOCK,
            bits=4,
        )
        places = self._weights.floats("emb.pos").reshape(-1, hidden) + self._weights.floats("emb.type")[:hidden]
        length = self._op("Gather", shape, self._ints("one", 1))
        zero = self._ints("zero", 0)
        here = self._op("Slice", self._tensor("positions", places.astype(np.float32)), zero, length, zero)
        return self._norm(self._op("Add", words, here), "emb.ln")

    def _attention_bias(self, mask: str) -> str:
        """0 for tokens, a large negative number for padding; of shape ``(batch, 1, 1, tokens)``."""
        absent = self._op("Sub", mask, self._tensor("1", np.array(1, np.float32)))
        scaled = self._op("Mul", absent, self._tensor("masked", np.array(_MASKED, np.float32)))
        return self._op("Unsqueeze", scaled, self._ints("axes12", 1, 2))

    def _pooled(self, x: str, mask: str) -> None:
        """The mean over the tokens, at unit length: their number cancels out, so the sum will do."""
        weights = self._op("Unsqueeze", mask, self._ints("last", -1))
        total = self._op("ReduceSum", self._op("Mul", x, weights), self._ints("one", 1), keepdims=0)
        length = self._op("ReduceL2", total, axes=[1], keepdims=1)
        floor = self._op("Max", length, self._tensor("tiny", np.array(1e-9, np.float32)))
        self._nodes.append(helper.make_node("Div", [total, floor], ["embedding"], name="embedding"))

    def _ints(self, name: str, *values: int) -> str:
        return self._tensor(name, np.array(values, np.int64))

    def _tensor(self, name: str, values: NDArray[Any]) -> str:
        if name not in self._tensors:
            self._tensors[name] = numpy_helper.from_array(np.ascontiguousarray(values).reshape(values.shape), name)
        return name

    def _op(self, kind: str, *inputs: str, domain: str = "", outputs: int = 1, **attributes: Any) -> str:
        name = f"{kind}_{len(self._nodes)}"
        names = [name] if outputs == 1 else [f"{name}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, name=name, domain=domain, **attributes))
        return name

    def _model(self) -> onnx.ModelProto:
        ports = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", self._weights.hidden])
        graph = helper.make_graph(
            self._nodes, "multilingual-e5-small-zh-en", ports, [output], list(self._tensors.values())
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="kb-app")
