"""Jobs as the command language writes them, for the tests of memory."""

from functools import cache
from typing import NamedTuple

from bot.cli.validate import reader_of
from bot.files import load_catalog
from estimator.defaults import settle
from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.memory import allocated_peak_bytes, memory_estimate, memory_terms
from estimator.memory.peak import rank_peaks
from estimator.memory.phases import LiveTensors
from estimator.memory.result import MemoryEstimate, Phase, Term
from estimator.plan import Plan
from estimator.planner.pinned import pinned_plan
from estimator.units import GIB
from estimator.workload import Workload

CATALOG = load_catalog()
READ = reader_of(CATALOG)
LLAMA_7B_PARAMS = 6_738_415_616


class Job(NamedTuple):
    """One command, settled: what `memory_estimate` asks for."""

    workload: Workload
    plan: Plan
    gpu: GPU
    framework: Framework

    def estimate(self) -> MemoryEstimate:
        """Its memory with the shipped calibration."""
        return memory_estimate(
            self.workload,
            self.plan,
            gpu=self.gpu,
            framework=self.framework,
            calibration=CATALOG.memory_calibration,
        )

    def terms(self) -> tuple[Term, ...]:
        """The explanation."""
        return memory_terms(
            self.workload,
            self.plan,
            gpu=self.gpu,
            framework=self.framework,
            calibration=CATALOG.memory_calibration,
        )

    def allocated_gib(self) -> float:
        """Peak of the tensors."""
        return allocated_peak_bytes(self.workload, self.plan, framework=self.framework) / GIB

    def phases(self) -> dict[Phase, LiveTensors]:
        """What is alive in each phase, on the rank of the most tensors."""
        found = rank_peaks(self.workload, self.plan, self.framework)
        return max(found, key=lambda each: each.peak.total).phases


@cache
def job(text: str) -> Job:
    """The job that `text` describes; it names GPU, count and micro batch."""
    spec = READ(text)
    gpu = CATALOG.gpu(spec.gpu or "")
    resolved = settle(spec, CATALOG, gpu)
    return Job(resolved.workload, pinned_plan(resolved, gpu), gpu, resolved.framework)
