"""Who spreads a job over GPUs, and by what: `config/engines.yaml`."""

from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field

from estimator.base import Model
from estimator.spec import Engine


class Sharing(StrEnum):
    """What makes several GPUs one; `sharding.{code}` in the locales is its name. In the order of a plan."""

    DDP = "ddp"
    DEEPSPEED_ZERO_1 = "deepspeed_zero_1"
    DEEPSPEED_ZERO_2 = "deepspeed_zero_2"
    DEEPSPEED_ZERO_3 = "deepspeed_zero_3"
    DISTRIBUTED_OPTIMIZER = "distributed_optimizer"
    FSDP_SHARD_GRAD_OP = "fsdp_shard_grad_op"
    FSDP = "fsdp"
    TENSOR_PARALLEL = "tensor_parallel"
    PIPELINE_PARALLEL = "pipeline_parallel"
    CONTEXT_PARALLEL = "context_parallel"


SHARINGS: Final = {
    Engine.DDP: {},
    Engine.FSDP: {2: Sharing.FSDP_SHARD_GRAD_OP, 3: Sharing.FSDP},
    Engine.DEEPSPEED: {
        1: Sharing.DEEPSPEED_ZERO_1,
        2: Sharing.DEEPSPEED_ZERO_2,
        3: Sharing.DEEPSPEED_ZERO_3,
    },
    Engine.MEGATRON: {1: Sharing.DISTRIBUTED_OPTIMIZER, 2: Sharing.DISTRIBUTED_OPTIMIZER, 3: Sharing.FSDP},
}
"""By what an engine's ranks share the states at each stage: the stages that it has."""


FSDP_SHARINGS: Final = frozenset(SHARINGS[Engine.FSDP].values())
"""What FSDP does, also where another engine calls it."""
WHOLE_WEIGHTS: Final = (1, 2)
"""Stages at which DeepSpeed keeps the weights on each GPU and does not look at `offload_param`: "valid
only with stage 3" (docs/_pages/config-json.md, deepspeedai/DeepSpeed@edaa72212)."""
SHARED_GRADIENTS: Final = 2
"""The stage at which optimizer states and gradients are shared, weights not."""
ALL_SHARED: Final = 3
"""The stage at which weights are shared too."""


class Join(NamedTuple):
    """One of the ways in which a plan makes several GPUs one."""

    by: Sharing
    size: int
    """GPUs that it joins."""
    framework: str
    """Who brings it."""


class EngineFacts(Model):
    """What an engine does under every framework: fields of `Framework` that it settles."""

    key: str
    name: str
    most_logits_bytes_per_entry: Annotated[float, Field(ge=0)] | None = None
    """Without autocast the logits stay in 16 bit: no loss of a framework holds more."""
    changes: dict[str, Any] = Field(default_factory=dict)
    source: str
