"""Backtests of predictions on ledgers: learn by what was known on a day, compare with what came.

:mod:`samples` (what is predicted, by what was known) → :mod:`methods` (the engine and the simple
baselines) and :mod:`boosted` (the learned model) → :mod:`scores` (what came of it).
"""
