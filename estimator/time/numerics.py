"""In which numbers a layer runs between its products: 16 bit, an fp32 stream, or all of it in fp32."""

from estimator.framework.framework import Framework
from estimator.model.arch import Norm
from estimator.plan import Plan
from estimator.workload import Workload


def is_prepared(workload: Workload, plan: Plan) -> bool:
    """Whether a quantised base was prepared for training; sharding leaves the preparation out."""
    return workload.prepares_kbit and plan.zero_stage < 3


def casts_weights(workload: Workload, plan: Plan, framework: Framework) -> bool:
    """Whether autocast turns fp32 weights into 16 bit in every pass, as a `Trainer` without shards does.

    A frozen base that was loaded in fp32 is cast likewise; a packed one is unpacked instead. Shards are
    gathered in 16 bit, and engines with master copies compute from their 16-bit weights.
    Source: torch/amp/autocast_mode.py (the cache of casts ends with the forward pass).
    """
    if workload.quantization is not None or not workload.mixed_precision or workload.computes_in_fp32:
        return False
    return plan.zero_stage < 3 and not framework.master_copy


def has_fp32_stream(workload: Workload, plan: Plan, framework: Framework) -> bool:
    """Whether norms and residual additions read and write four bytes.

    After k-bit preparation; under autocast over fp32 weights; and where LayerNorm, which autocast runs in
    fp32, feeds quantised products, which answer in the type that they were asked in.
    Source: PEFT `prepare_model_for_kbit_training`; torch's autocast op lists; bitsandbytes `Linear4bit`.
    """
    if workload.computes_in_fp32 or is_prepared(workload, plan) or casts_weights(workload, plan, framework):
        return True
    return workload.autocast and workload.quantization is not None and workload.arch.norm is Norm.LAYERNORM


def runs_in_fp32(workload: Workload, plan: Plan) -> bool:
    """Whether attention, adapters and head run in fp32 too: a prepared base that nothing casts back.

    Source: bitsandbytes casts to 16 bit inside its products only; every other module follows its input.
    """
    return is_prepared(workload, plan) and not workload.autocast
