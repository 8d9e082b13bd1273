"""Embedding and language models; the only place that knows how one is run or reached."""
