"""Single changes that save memory, smallest first."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any, Final, NamedTuple

from estimator.defaults import ResolvedJob
from estimator.plan import Plan
from estimator.planner.pinned import is_pinned
from estimator.spec import FOUR_BYTES, Attention, Checkpointing, Engine, Method, Optimizer, Quantization

DIVISORS: Final = (2, 4, 8, 16, 32, 64)
"""How many times smaller a micro batch is tried, the largest that fits first."""


class Failing(NamedTuple):
    """A job and the plan on which it does not fit."""

    resolved: ResolvedJob
    plan: Plan
    default_rank: int
    """Of the adapters that a fix proposes."""


Change = Callable[[Failing], dict[str, Any] | None]
"""The fields of the spec that a move sets; None where it does not apply."""


class Family(StrEnum):
    """What kind of thing changes; a reader is shown one change of a kind."""

    SETTINGS = "settings"
    """The same training on the same GPUs, to the same result or nearly."""
    METHOD = "method"
    COUNT = "count"
    GPU = "GPU"
    OFFLOAD = "offload"


class Move(NamedTuple):
    """One change: what it sets, and whether the planner then chooses the rest again."""

    family: Family
    change: Change


def _checkpointing(failing: Failing) -> dict[str, Any] | None:
    if failing.plan.activation_checkpointing is Checkpointing.FULL:
        return None
    return {"activation_checkpointing": Checkpointing.FULL}


def _passes_of(failing: Failing, *, divisor: int) -> dict[str, Any] | None:
    """A micro batch `divisor` times smaller, the batch unchanged."""
    micro = failing.resolved.spec.micro_batch_size
    if micro is None or micro % divisor:
        return None
    return {
        "micro_batch_size": micro // divisor,
        "gradient_accumulation_steps": divisor * failing.plan.gradient_accumulation_steps,
    }


def _one_pass(failing: Failing) -> dict[str, Any] | None:
    """The whole batch at once: FSDP keeps whole gradients between passes."""
    micro, passes = failing.resolved.spec.micro_batch_size, failing.plan.gradient_accumulation_steps
    if micro is None or passes == 1:
        return None
    return {"micro_batch_size": micro * passes, "gradient_accumulation_steps": 1}


def _sharding(failing: Failing) -> dict[str, Any] | None:
    """All states shared by the GPUs that are there, where the words keep the planner from it."""
    spec, plan = failing.resolved.spec, failing.plan
    says_how = spec.zero_stage is not None or spec.engine is not None or is_pinned(spec)
    return {"zero_stage": 3} if says_how and plan.shard_size > 1 and plan.zero_stage != 3 else None


def _fsdp(failing: Failing) -> dict[str, Any] | None:
    """Likewise by FSDP, which leaves out of its shards what DeepSpeed keeps, and takes all to the host."""
    spec, plan = failing.resolved.spec, failing.plan
    if plan.shard_size == 1 or plan.engine is Engine.FSDP or spec.engine is not None:
        return None
    return {"zero_stage": 3, "engine": Engine.FSDP}


def _attention(failing: Failing) -> dict[str, Any] | None:
    if failing.plan.attention is not Attention.EAGER:
        return None
    sinks = failing.resolved.arch.family in failing.resolved.framework.eager_families
    return {"attention": Attention.FLASH if sinks else Attention.SDPA}


def _fused_loss(failing: Failing) -> dict[str, Any] | None:
    workload, framework = failing.resolved.workload, failing.resolved.framework
    gains = not workload.fused_loss and framework.fuses_loss_of(workload.arch.family)
    return {"fused_loss": True} if gains else None


def _eight_bit_states(failing: Failing) -> dict[str, Any] | None:
    workload = failing.resolved.workload
    if workload.has_adapters or workload.optimizer is not Optimizer.ADAMW:
        return None
    return {"optimizer": Optimizer.ADAMW_8BIT, "optimizer_implementation": None}


def _pure(failing: Failing) -> dict[str, Any] | None:
    """Everything in 16 bit, where nobody said in which numbers the states are kept and its engine can."""
    resolved = failing.resolved
    is_open = resolved.spec.mixed_precision is None and resolved.spec.precision not in FOUR_BYTES
    if not is_open or resolved.framework.master_copy or not resolved.workload.mixed_precision:
        return None
    return {"mixed_precision": False}


def _is_pretraining(failing: Failing) -> bool:
    """Whether so many tokens are said that a model is made of them: adapters are no way to do that.

    Source: Hoffmann et al. 2022, arXiv:2203.15556: 20 tokens a parameter.
    """
    schedule, arch = failing.resolved.schedule, failing.resolved.arch
    return (schedule.num_tokens or 0) * schedule.num_epochs >= 20 * arch.num_active_params


def _lora(failing: Failing) -> dict[str, Any] | None:
    if failing.resolved.workload.has_adapters or _is_pretraining(failing):
        return None
    return {"method": Method.LORA, "lora_rank": _rank(failing)}


def _qlora(failing: Failing) -> dict[str, Any] | None:
    packed = failing.resolved.workload.quantization
    if packed is Quantization.NF4 or _is_pretraining(failing):
        return None
    if packed is not None:
        return {"quantization": Quantization.NF4}
    return {"method": Method.QLORA, "lora_rank": _rank(failing)}


def _rank(failing: Failing) -> int:
    return failing.resolved.workload.lora_rank or failing.default_rank


def _weights_too(failing: Failing) -> dict[str, Any] | None:
    """The weights to where the states rest already."""
    plan = failing.plan
    return (
        {"offload_params": True}
        if plan.offload and plan.zero_stage == 3 and not plan.offload_params
        else None
    )


def _offload(failing: Failing) -> dict[str, Any] | None:
    return None if failing.plan.offload else {"offload": True}


_SMALLER_PASSES: Final[tuple[Change, ...]] = tuple(partial(_passes_of, divisor=d) for d in DIVISORS)
SETTINGS: Final = tuple(
    Move(family=Family.SETTINGS, change=change)
    for change in (
        _checkpointing,
        *_SMALLER_PASSES,
        _one_pass,
        _sharding,
        _fsdp,
        _attention,
        _fused_loss,
        _eight_bit_states,
        _pure,
        _weights_too,
    )
)
METHODS: Final = tuple(Move(family=Family.METHOD, change=change) for change in (_lora, _qlora))
_OFFLOAD: Final = Move(family=Family.OFFLOAD, change=_offload)
OFFLOADS: Final = ((_OFFLOAD,), (_OFFLOAD, Move(family=Family.OFFLOAD, change=_fsdp)))
"""States to the host; where what is frozen does not fit beside them, with the weights, as FSDP moves both."""
