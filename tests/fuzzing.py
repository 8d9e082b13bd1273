"""Reads hundreds of mutated files in a process of its own: each gives a result or one line, none takes it down."""

from __future__ import annotations

import faulthandler
import random
import resource
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kb_app.errors import DocumentError

COUNT = 500
_SECONDS = 5
_MEMORY = 1 << 30


def mutants(data: bytes, count: int = COUNT) -> list[bytes]:
    """The same mutations for the same bytes: flipped bits, overwritten, cut, doubled and swapped stretches."""
    rng = random.Random(len(data))
    return [_mutant(rng, data) for _ in range(count)]


def survive(function: str, path: Path) -> int:
    """Read the mutants of a file by a reader or unpacker, ``"module:name"``; how many of them could be read."""
    command = [sys.executable, "-m", "tests.fuzzing", function, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{done.returncode}: {done.stdout[-300:]} {done.stderr[-2000:]}"
    return int(done.stdout.split()[-1])


def _mutant(rng: random.Random, data: bytes) -> bytes:
    mutated = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 10))):
        place = rng.randrange(len(mutated) or 1)
        length = rng.randrange(1, 40)
        match rng.randrange(5):
            case 0 if mutated:
                mutated[place] ^= 1 << rng.randrange(8)
            case 1:
                mutated[place : place + length] = rng.randbytes(length)
            case 2:
                del mutated[place : place + length]
            case 3:
                mutated[place:place] = mutated[place : place + length]
            case _:
                mutated[place : place + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f"))
    return bytes(mutated[: rng.randrange(len(mutated) + 1)]) if rng.random() < 0.15 else bytes(mutated)


def _main(function: str, path: Path) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    module, name = function.split(":")
    read = getattr(import_module(f"ingest.parsers.{module}"), name)
    with TemporaryDirectory() as folder:  # loads the libraries, which a busy machine may take longer for than allowed
        _reads(read, path.read_bytes(), Path(folder), path.suffix)
    good = 0
    for number, data in enumerate(mutants(path.read_bytes())):
        print("at", number)
        faulthandler.dump_traceback_later(_SECONDS, exit=True)
        with TemporaryDirectory() as folder:
            good += _reads(read, data, Path(folder), path.suffix)
        faulthandler.cancel_dump_traceback_later()
    print(good)


def _reads(read: Any, data: bytes, folder: Path, suffix: str) -> bool:
    mutated = folder / f"a{suffix}"
    try:
        if read.__name__.startswith("unpack"):
            mutated.write_bytes(data)
            read(mutated, folder)
        else:
            read(data)
    except DocumentError as error:
        if "\n" in str(error):
            raise SystemExit(f"more than one line: {error}") from error
        return False
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - parse_file turns whatever a library raises into one line
        return False
    return True


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
