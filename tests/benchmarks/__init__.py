"""Benchmarks: the mapper against hand-written functions and other engines, on one realistic job.

`python -m tests.benchmarks` runs them; docs/benchmarks.md is what they print.
"""
