"""Benchmark of a case's cost, as ratios to the bare engine in the same run: `python -m bench`."""
