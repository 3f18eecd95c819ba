"""Benchmarks: ratios against stated rivals and limits, taken in one run; no timing decides a test."""
