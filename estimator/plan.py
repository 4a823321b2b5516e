"""How a job is spread over GPUs."""

from typing import Any, Final, NamedTuple

from estimator.spec import Attention, Checkpointing, Engine


class Runner(NamedTuple):
    """Who runs a plan: a key of the framework catalog, and the engine under it."""

    stack: str
    engine: Engine


_NUM_OF_PASSES: Final = 6
"""Fields of a plan until those of its layout begin."""


class Plan(NamedTuple):
    """One way to run the job: the hardware, its sharding, and the passes of one step.

    `data_parallel_size * tensor_parallel_size * pipeline_parallel_size * context_parallel_size == num_gpus`;
    a step is `micro_batch_size * gradient_accumulation_steps * data_parallel_size` sequences.
    """

    gpu: str
    stack: str
    """A key of the catalog of frameworks."""
    micro_batch_size: int = 1
    """Sequences per data-parallel rank and pass."""
    gradient_accumulation_steps: int = 1
    """Passes per optimizer step; with pipeline parallelism the number of its micro batches."""
    activation_checkpointing: Checkpointing = Checkpointing.NONE
    recomputed_share: float = 1.0
    """Share of the layers that full checkpointing recomputes; the others keep their activations."""
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
    attention: Attention = Attention.SDPA

    @property
    def uncut(self) -> tuple[Any, ...]:
        """What of it is the same on any GPU, however its batch is cut and whatever is recomputed."""
        return (self.stack, *self[_NUM_OF_PASSES:])

    @classmethod
    def of_uncut(cls, uncut: tuple[Any, ...]) -> "Plan":
        """A plan of which this is left, on no GPU in particular."""
        stack, *layout = uncut
        return cls("", stack, 1, 1, Checkpointing.NONE, 1.0, *layout)

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
