"""How fast cards and machines exchange data, and how much of it a stack hides."""

from dataclasses import dataclass

from estimator.framework import TrainingStack
from estimator.hardware import GPU
from estimator.time.calibration import TimeCalibration
from estimator.units import GIGA, MICRO

RACK_SCALE_DOMAIN = 72
"""Cards that share NVLink in an NVL72 rack, whatever a machine holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRates:
    """Bytes/s, latencies in seconds, and the shares of traffic on the critical path."""

    link_bytes_per_second: float
    """Within a machine, one direction."""
    node_bytes_per_second: float
    """All network cards of a machine."""
    domain_gpus: int
    """Cards that reach each other by the fast link."""
    rank_seconds: float
    unit_seconds: float
    """Gap at one FSDP unit and pass."""
    exposed: float
    hiding: float
    cp_exposed: float
    interleave: float
    host_link_bytes_per_second: float
    host_memory_bytes_per_second: float


def link_rates(gpu: GPU, family: str, stack: TrainingStack, known: TimeCalibration) -> LinkRates:
    """Links of `gpu` as `stack` uses them.

    Source: config/gpus.yaml for the datasheet, config/calibration.yaml for the rest.
    """
    value = known.value
    return LinkRates(
        link_bytes_per_second=_link(gpu, known),
        node_bytes_per_second=value(f"node_gb_per_second.{family}", "node_gb_per_second.other") * GIGA,
        domain_gpus=RACK_SCALE_DOMAIN if gpu.key.startswith("gb") else gpu.max_gpus_per_node,
        rank_seconds=value("rank_microseconds") * MICRO,
        unit_seconds=value("unit_microseconds") * MICRO if stack.wraps_adapters else 0.0,
        exposed=value(f"comm_exposed.{stack.key}", "comm_exposed"),
        hiding=value("comm_hiding"),
        cp_exposed=value("cp_exposed"),
        interleave=value("pipeline_interleave") if stack.interleaves_pipeline else 1.0,
        host_link_bytes_per_second=value("host_link_gb_per_second") * GIGA,
        host_memory_bytes_per_second=value("host_memory_gb_per_second") * GIGA,
    )


def _link(gpu: GPU, known: TimeCalibration) -> float:
    """One direction between cards of a machine; bridges of single cards are not counted on."""
    for kind in ("nvlink", "xgmi", "hccs"):
        if gpu.interconnect.startswith(kind) and gpu.nvlink_gb_per_second:
            return gpu.nvlink_gb_per_second / 2 * known.value(f"link_share.{kind}") * GIGA
    generation = gpu.interconnect.split("+")[0]
    return known.value(f"link_gb_per_second.{generation}", "link_gb_per_second.other") * GIGA
