"""Speed and memory of reading PDFs that it makes itself: ``python -m benchmarks.parse``.

The other is ``unstructured.partition.auto.partition`` with strategy "fast", where its extra for PDF is installed (it
brings PyTorch); else pdfminer.six's ``extract_pages``, which is the part of "fast" that takes longest.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bases import machine, print_table
from benchmarks.corpus import passages
from ingest.pool import read_in_worker
from ingest.reading import Job

_PAGE = 1_300
_WIDTH = 40
_SCANNED = 6
_READ = (
    "import sys, time, resource; from pathlib import Path; from ingest.parsers.pdf import read_pdf;"
    "data = Path(sys.argv[1]).read_bytes(); begin = time.process_time(); parsed = read_pdf(data);"
    "seconds = time.process_time() - begin;"
    "text = sum(len(e.text) for e in parsed.elements);"
    "print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, text)"
)
_FAST = (
    "import sys, time, resource; from ingest.parsers import library; library._go_offline();"
    "from unstructured.partition.auto import partition; import unstructured.partition.pdf;"
    "begin = time.process_time(); found = partition(sys.argv[1], strategy='fast', languages=['']);"
    "print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, len(found))"
)
_PDFMINER = (
    "import sys, time, resource; from pdfminer.high_level import extract_pages;"
    "begin = time.process_time(); count = sum(1 for _ in extract_pages(sys.argv[1]));"
    "print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, count)"
)
_ENGLISH = (
    "The night shift hands over the measuring instruments before six o'clock and signs the register. Instruments "
    "that show a deviation are locked away and calibrated by the laboratory within two days. "
)


def write_text(path: Path, pages: int, *, chinese: bool) -> Path:
    """A manual of text pages, full from top to bottom."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path), A4)
    texts = passages(pages * 8)
    for number in range(1, pages + 1):
        if chinese:
            text = "".join("".join(next(texts).split()) for _ in range(8)) * 4
            lines = [text[i : i + _WIDTH] for i in range(0, _PAGE, _WIDTH)]
        else:
            lines = simpleSplit(f"Section {number}. {_ENGLISH * 15}", "Helvetica", 11, 440)
        canvas.setFont("STSong-Light" if chinese else "Helvetica", 11)
        for row, line in enumerate(lines):
            canvas.drawString(70, 790 - row * 18, line)
        canvas.drawString(290, 30, str(number))
        canvas.showPage()
    canvas.save()
    return path


def write_scan(path: Path, text: Path, pages: int) -> Path:
    """The first pages of a PDF as pictures, as a scanner makes them."""
    import pypdfium2

    buffer = io.BytesIO()
    with pypdfium2.PdfDocument(text) as document:
        pictures = [document[i].render(scale=150 / 72).to_pil().convert("L") for i in range(pages)]
    pictures[0].save(buffer, "PDF", save_all=True, append_images=pictures[1:], resolution=150)
    path.write_bytes(buffer.getvalue())
    return path


def measured(code: str, path: Path) -> tuple[float, float, int]:
    """Processor seconds, peak memory in MiB and the amount read, of a process of its own."""
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    seconds, memory, amount = done.stdout.split()[-3:]
    return float(seconds), float(memory) / 1024, int(amount)


def rows(folder: Path, short: int, long: int) -> list[tuple[object, ...]]:
    """What is measured: text of two languages, short and long, then a scan."""
    found: list[tuple[object, ...]] = []
    for language in ("English", "Chinese"):
        for pages in (short, long):
            path = write_text(folder / f"{language}{pages}.pdf", pages, chinese=language == "Chinese")
            seconds, memory, text = measured(_READ, path)
            ratio = f"{_of_other(path) / seconds:.1f}" if pages == short else "–"
            found.append((f"{language} text", pages, f"{text:,}", f"{pages / seconds:.0f}", f"{memory:.0f}", ratio))
    scan = write_scan(folder / "scan.pdf", folder / f"Chinese{short}.pdf", _SCANNED)
    begin = time.perf_counter()
    _, memory, text = measured(_READ, scan)
    a_minute = 60 * _SCANNED / (time.perf_counter() - begin)
    found.append(("scan, OCR", _SCANNED, f"{text:,}", f"{a_minute:.0f} a minute", f"{memory:.0f}", "–"))
    return found


def two_workers(folder: Path, files: int = 12, pages: int = 100) -> float:
    """How many times as fast two workers read files as one; both are started before."""
    path = write_text(folder / "manual.pdf", pages, chinese=True)
    jobs = [Job(str(path), f"{number}.pdf") for number in range(files)]
    seconds = {1: float("inf"), 2: float("inf")}
    for workers in (2, 1, 2, 1, 2):
        with ThreadPoolExecutor(workers) as threads:
            begin = time.perf_counter()
            list(threads.map(partial(read_in_worker, seconds=60), jobs))
            seconds[workers] = min(seconds[workers], time.perf_counter() - begin)
    return seconds[1] / seconds[2]


def _of_other(path: Path) -> float:
    """Seconds of the other; not a number where it is not installed."""
    code = {"unstructured": _FAST, "pdfminer.six": _PDFMINER}.get(_other())
    return measured(code, path)[0] if code else float("nan")


def _other() -> str:
    if all(map(find_spec, ("pdfminer", "unstructured_inference", "pikepdf", "pi_heif"))):
        return "unstructured"
    return "pdfminer.six" if find_spec("pdfminer") else "none here"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, nargs=2, default=[250, 2_500], metavar=("SHORT", "LONG"))
    short, long = parser.parse_args().pages
    print(f"PDF on {machine()}, one core\n")
    header = ("file", "pages", "characters", "pages/s", "peak memory, MiB", f"times as fast as the other ({_other()})")
    with TemporaryDirectory(prefix="kb-bench-") as folder:
        print_table(header, rows(Path(folder), short, long))
        print(f"\nTwo workers read 12 manuals {two_workers(Path(folder)):.2f} times as fast as one (at least 1.7).")


if __name__ == "__main__":
    main()
