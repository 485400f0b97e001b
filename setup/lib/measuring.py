"""How long work takes, and how much memory."""

import gc
import resource
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


def high_water_mib():
    """Return the most memory that this process ever took."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def spilled_mib(env):
    """Commit, and return what PostgreSQL ever put in temporary files for this database."""
    # Without it, PostgreSQL may keep its counts to itself for a second.
    env.cr.execute("SELECT pg_stat_force_next_flush()")
    env.cr.commit()
    env.cr.execute("SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()")
    [(size,)] = env.cr.fetchall()
    return size / 2**20
