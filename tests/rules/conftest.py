"""Hypothesis for the rules: the same examples on every run, so that a red test is never luck; no limit on time."""

from hypothesis import settings

settings.register_profile("rules", derandomize=True, deadline=None, max_examples=100)
settings.load_profile("rules")
