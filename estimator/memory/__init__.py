"""Memory of a fine-tune on one GPU: `memory_estimate` and what explains it."""

from estimator.memory.model import allocated_peak_bytes, memory_estimate

__all__ = ["allocated_peak_bytes", "memory_estimate"]
