"""How long work takes, and how much memory."""

import gc
import time
import tracemalloc


def seconds(work):
    """Run ``work`` and return how long it took."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_mib(work):
    """Run ``work`` and return the most memory that Python's objects took meanwhile."""
    tracemalloc.start()
    work()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20
