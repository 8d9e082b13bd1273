"""From a folder to a knowledge base: find, parse, chunk, store."""

from ingest.report import FileReport, Progress, SyncReport
from ingest.sync import sync
from ingest.watch import watch

__all__ = ["FileReport", "Progress", "SyncReport", "sync", "watch"]
