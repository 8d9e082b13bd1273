"""How a setting names a model behind an address: ``KIND:NAME@URL``."""

from __future__ import annotations

from urllib.parse import urlsplit

from kb_app.errors import SettingsError


def name_and_url(spec: str, *, setting: str, kind: str, example: str) -> tuple[str, str]:
    """The parts of ``NAME@URL``.

    Args:
        spec: What stands behind ``KIND:``.
        setting: The variable that holds it, for the message.
        kind: What stands before the colon.
        example: A value of that form.

    Raises:
        SettingsError: The setting has another form.
    """
    name, at, url = spec.rpartition("@")
    if not (at and name and _is_url(url)):
        raise SettingsError(f"{setting} is '{kind}:{spec}'; write {kind}:NAME@URL, for example {kind}:{example}")
    return name, url


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
