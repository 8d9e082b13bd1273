"""Files that come with the program: prompts, the embedded model, the chat page."""

from __future__ import annotations

from pathlib import Path

from kb_app.errors import StorageError

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """A bundled file or folder: inside the package where it was installed, in the checkout where it was not.

    Args:
        name: ``prompts``, ``data/models`` or ``streamlit_app.py``.

    Raises:
        StorageError: It is missing.
    """
    for top in (_PACKAGE / "bundled", _PACKAGE.parent):
        if (top / name).exists():
            return top / name
    raise StorageError(f"{name!r} is missing from the installation in {_PACKAGE}; install kb-app again")
