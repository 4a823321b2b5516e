"""Memory of a fine-tune on one GPU: `memory_estimate`, and `memory_terms` to explain it."""

from estimator.memory.explain import memory_terms
from estimator.memory.host import host_memory_bytes
from estimator.memory.peak import (
    allocated_peak_bytes,
    least_bytes,
    memory_estimate,
    process_bytes,
    resting_states_bytes,
)

__all__ = [
    "allocated_peak_bytes",
    "host_memory_bytes",
    "least_bytes",
    "memory_estimate",
    "memory_terms",
    "process_bytes",
    "resting_states_bytes",
]
