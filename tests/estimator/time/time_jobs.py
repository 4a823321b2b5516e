"""Jobs as commands."""

from dataclasses import dataclass
from functools import cache, cached_property

from shipped import shipped_names

from bot.files import load_catalog
from bot.language import read
from estimator.defaults import settle
from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.plan import Plan
from estimator.planner.pinned import pinned_plan
from estimator.time import StepTime, step_time
from estimator.workload import Schedule, Workload

CATALOG = load_catalog()
VOCABULARY = shipped_names()
CALIBRATION = CATALOG.time_calibration
SEVEN_B = "llama-7b full fp16 n=10000 seq=1024 bs=32 epochs=3 mbs=32 1xa100-80gb"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A command with every default filled in."""

    workload: Workload
    schedule: Schedule
    plan: Plan
    gpu: GPU
    framework: Framework

    @cached_property
    def step(self) -> StepTime:
        """Its step by the shipped calibration."""
        return step_time(
            self.workload, self.plan, gpu=self.gpu, framework=self.framework, calibration=CALIBRATION
        )

    @property
    def seconds(self) -> float:
        """Its step in seconds."""
        return self.step.total_seconds

    @property
    def tokens_per_second_per_gpu(self) -> float:
        """Its throughput."""
        return self.tokens_per_gpu / self.seconds

    @property
    def tokens_per_gpu(self) -> float:
        """Tokens of one step over the cards."""
        return self.plan.sequences_per_step * self.workload.sequence_length / self.plan.num_gpus


@cache
def job(command: str) -> Job:
    """What `command` says, settled."""
    spec = read(command, VOCABULARY).spec
    assert spec is not None, command
    gpu = CATALOG.gpu(spec.gpu or "")
    resolved = settle(spec, CATALOG, gpu)
    return Job(
        workload=resolved.workload,
        schedule=resolved.schedule,
        plan=pinned_plan(resolved, gpu),
        gpu=gpu,
        framework=resolved.framework,
    )
