"""Step time as a roofline with measured efficiencies, and the run that steps make."""

from estimator.time.calibration import TimeCalibration
from estimator.time.pipeline import virtual_stages
from estimator.time.result import StepTime, TimeEstimate, TimeLine
from estimator.time.run import (
    CleanRun,
    RunSeconds,
    RunTerms,
    checkpoint_writers,
    has_unmeasured_experts,
    impossible_step,
    num_steps,
    pinned_step_seconds,
    run_terms,
    time_estimate,
)
from estimator.time.step import step_seconds, step_time

__all__ = [
    "CleanRun",
    "RunSeconds",
    "RunTerms",
    "StepTime",
    "TimeCalibration",
    "TimeEstimate",
    "TimeLine",
    "checkpoint_writers",
    "has_unmeasured_experts",
    "impossible_step",
    "num_steps",
    "pinned_step_seconds",
    "run_terms",
    "step_seconds",
    "step_time",
    "time_estimate",
    "virtual_stages",
]
