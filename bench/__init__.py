"""Benches: figures with a baseline measured in the same run. `python -m bench` runs them all; none asserts a time."""
