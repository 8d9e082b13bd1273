"""From a folder to a knowledge base: find, parse, chunk, store."""

from ingest.sync import Progress, SyncReport, sync
from ingest.watch import watch

__all__ = ["Progress", "SyncReport", "sync", "watch"]
