"""In which numbers a run keeps its weights, gradients and moments."""

from enum import StrEnum


class States(StrEnum):
    """In which numbers weights, gradients and moments of what trains are kept."""

    FP32 = "fp32"
    """4 + 4 + 8 bytes a parameter with AdamW: fp32 weights under 16-bit compute."""
    HALF = "16-bit"
    """2 + 2 + 4."""
    MASTERS = "16-bit + fp32 masters"
    """2 + 2 + 12: the engine keeps fp32 copies beside 16-bit weights."""
