"""What was filled into a form or written onto a page by hand: values of fields, remarks."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.shapes import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ingest.parsers.pdf.shapes import Box

_MAX = 2_000
_HIDDEN = 2  # bit of /F
_CHECKED = {True: "☑", False: "☐"}


@dataclass(slots=True)
class Remarks:
    """Words that stand at a place of the page, and notes that have none."""

    words: list[Word] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_annotations(page: Any, form: Any, place: Callable[[Box], Box]) -> Remarks:
    """The values of the form fields of a page, text that was put on it, and notes."""
    raw = import_module("pypdfium2.raw")
    remarks = Remarks()
    for i in range(min(max(raw.FPDFPage_GetAnnotCount(page.raw), 0), _MAX)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, i)
        if not annotation:
            continue
        try:
            _read(raw, annotation, form, place, remarks)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return remarks


def _read(raw: Any, annotation: Any, form: Any, place: Callable[[Box], Box], remarks: Remarks) -> None:
    if raw.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
        return
    subtype = raw.FPDFAnnot_GetSubtype(annotation)
    if subtype == raw.FPDF_ANNOT_WIDGET and form is not None:
        remarks.words += _stacked(_value(raw, form, annotation), _place(raw, annotation, place))
    elif subtype == raw.FPDF_ANNOT_FREETEXT:
        remarks.words += _stacked(_contents(raw, annotation), _place(raw, annotation, place))
    elif subtype in {raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_STAMP}:
        note = " ".join(_contents(raw, annotation).split())
        remarks.notes += [note] if note else []


def _value(raw: Any, form: Any, annotation: Any) -> str:
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in {raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON}:
        return _CHECKED[bool(raw.FPDFAnnot_IsChecked(form, annotation))]
    if kind == raw.FPDF_FORMFIELD_PUSHBUTTON:
        return ""
    return _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size), raw)


def _contents(raw: Any, annotation: Any) -> str:
    return _string(lambda buffer, size: raw.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size), raw)


def _string(read: Callable[[Any, int], int], raw: Any) -> str:
    size = read(None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    read(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[: size // 2 * 2].decode("utf-16-le", "replace").rstrip("\0")


def _place(raw: Any, annotation: Any, place: Callable[[Box], Box]) -> Box:
    rect = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, ctypes.byref(rect))
    return place((rect.left, rect.bottom, rect.right, rect.top))


def _stacked(text: str, box: Box) -> Iterator[Word]:
    """The lines of a text share the height of its box; its words stand next to each other."""
    lines = [line.split() for line in text.replace("\r", "\n").split("\n") if line.strip()]
    left, top, right, bottom = box
    tall = (bottom - top) / max(len(lines), 1)
    for number, words in enumerate(lines):
        x, size = left, max(min(tall, 12.0), 0.1)
        middle = top + (number + 0.5) * tall
        for i, word in enumerate(words):
            wide = size * sum(0.5 if c.isascii() else 1.0 for c in word)
            yield Word(
                word,
                (x, middle - size / 2, min(x + wide, max(right, x + 1)), middle + size / 2),
                " " * (i > 0),
                size=size,
            )
            x += wide + size * 0.3
