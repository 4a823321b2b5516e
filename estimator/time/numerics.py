"""In which numbers a layer runs between its products: 16 bit, an fp32 stream, or all of it in fp32."""

from estimator.framework.framework import Framework
from estimator.memory.number_formats import casts_weights, is_prepared
from estimator.model.arch import Norm
from estimator.plan import Plan
from estimator.workload import Workload


def has_fp32_stream(workload: Workload, plan: Plan, framework: Framework) -> bool:
    """Whether norms and residual additions read and write four bytes.

    After k-bit preparation; under autocast over fp32 weights; and where LayerNorm, which autocast runs in
    fp32, feeds quantised products, which answer in the type that they were asked in.
    Source: PEFT `prepare_model_for_kbit_training`; torch's autocast op lists; bitsandbytes `Linear4bit`.
    """
    if (
        workload.computes_in_fp32
        or is_prepared(workload, plan, framework)
        or casts_weights(workload, plan, framework)
    ):
        return True
    return workload.autocast and workload.quantization is not None and workload.arch.norm is Norm.LAYERNORM


def runs_in_fp32(workload: Workload, plan: Plan, framework: Framework) -> bool:
    """Whether attention, adapters and head run in fp32 too: a prepared base that nothing casts back.

    Source: bitsandbytes casts to 16 bit inside its products only; every other module follows its input.
    """
    return is_prepared(workload, plan, framework) and not workload.autocast
