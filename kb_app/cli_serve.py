"""The commands around language models: ``kb models`` and ``kb serve``."""
