"""Step time as a roofline with measured efficiencies, and the run that steps make."""

from estimator.time.calibration import TimeCalibration
from estimator.time.result import StepTime, TimeEstimate, TimeLine
from estimator.time.run import impossible_step, num_steps, runs_many_experts, time_estimate
from estimator.time.step import step_time

__all__ = [
    "StepTime",
    "TimeCalibration",
    "TimeEstimate",
    "TimeLine",
    "impossible_step",
    "num_steps",
    "runs_many_experts",
    "step_time",
    "time_estimate",
]
