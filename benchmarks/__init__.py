"""Reproduces the published performance figures: `python -m benchmarks`."""
