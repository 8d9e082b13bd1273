"""The knowledge base beside what people build one with today: ``python -m benchmarks.peers``."""
