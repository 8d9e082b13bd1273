"""Errors that a user can cause. Each message says what happened, which value, and what to do."""


class KBError(Exception):
    """Base of every error that a surface shows as one line."""


class SettingsError(KBError):
    """A setting is unknown or has a value that cannot be used."""


class NotFoundError(KBError):
    """A path, a document or a knowledge base that was named does not exist."""


class DocumentError(KBError):
    """A file cannot be read; the rest of the folder still can."""


class IndexMismatchError(KBError):
    """A knowledge base was built by another embedding model, chunking or program version."""


class StorageError(KBError):
    """The catalog or an index cannot be read or written."""


class BusyError(KBError):
    """Another process is writing to the knowledge base."""


class ModelError(KBError):
    """An embedding or language model is missing, unreachable or answers nonsense."""


class QuestionError(KBError):
    """A question is empty or too long."""
