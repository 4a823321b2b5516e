"""How a job is spread over GPUs."""

from dataclasses import dataclass
from typing import NamedTuple

from estimator.spec import Attention, Checkpointing, Engine


class Runner(NamedTuple):
    """Who runs a plan: a key of the framework catalog, and the engine under it."""

    stack: str
    engine: Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One way to run the job: the hardware, its sharding, and the passes of one step.

    `data_parallel_size * tensor_parallel_size * pipeline_parallel_size * context_parallel_size == num_gpus`;
    a step is `micro_batch_size * gradient_accumulation_steps * data_parallel_size` sequences.
    """

    gpu: str
    num_gpus: int = 1
    num_nodes: int = 1
    zero_stage: int = 0
    """What data-parallel ranks shard: 0 nothing, 1 optimizer states, 2 + gradients, 3 + weights (FSDP)."""
    data_parallel_size: int = 1
    tensor_parallel_size: int = 1
    pipeline_parallel_size: int = 1
    context_parallel_size: int = 1
    engine: Engine = Engine.DDP
    """Who spreads it."""
    offload: bool = False
    """Optimizer states (under FSDP everything) are kept in host memory."""
    offload_params: bool = False
    """DeepSpeed's ZeRO-3: the weights too, a layer at a time."""
    micro_batch_size: int = 1
    """Sequences per data-parallel rank and pass."""
    gradient_accumulation_steps: int = 1
    """Passes per optimizer step; with pipeline parallelism the number of its micro batches."""
    activation_checkpointing: Checkpointing = Checkpointing.NONE
    recomputed_share: float = 1.0
    """Share of the layers that full checkpointing recomputes; the others keep their activations."""
    attention: Attention = Attention.SDPA
    stack: str
    """A key of the catalog of frameworks."""

    @property
    def runner(self) -> Runner:
        """Who runs it."""
        return Runner(self.stack, self.engine)

    @property
    def sequences_per_step(self) -> int:
        """The global batch size that this plan runs."""
        return self.micro_batch_size * self.gradient_accumulation_steps * self.data_parallel_size

    @property
    def shard_size(self) -> int:
        """Ranks that share states under ZeRO or FSDP: data and context parallel ones."""
        return self.data_parallel_size * self.context_parallel_size

    @property
    def gpus_per_node(self) -> int:
        """GPUs in one machine."""
        return self.num_gpus // self.num_nodes
