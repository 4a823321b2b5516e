"""What a framework keeps in memory by default: the words of `config/stacks.yaml`."""

from typing import Annotated

from pydantic import Field

from estimator.base import Model
from estimator.spec import Attention, Checkpointing, Optimizer, OptimizerImplementation, Precision


class StackRelease(Model):
    """Releases of a stack whose loss keeps another amount."""

    versions: tuple[str, ...]
    """Major and minor: `4.48`."""
    logits_bytes_per_entry: Annotated[float, Field(ge=0)]


class TrainingStack(Model):
    """The defaults of one training loop; each value has its evidence in `source`."""

    key: str
    name: str
    """As the card says it."""
    aliases: tuple[str, ...] = ()
    optimizer_implementation: OptimizerImplementation
    optimizer_when_quantized: Optimizer | None = None
    adapter_precision: Precision
    lora_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    master_copy: bool = False
    """Whether its engine keeps fp32 masters beside 16-bit weights whatever is said: it has no pure 16 bit."""
    zero_stage: Annotated[int, Field(ge=0, le=3)] = 0
    """What its data-parallel ranks share when nothing is said."""
    autocast: bool = False
    """Whether 16-bit weights run under autocast when nothing is said."""
    prepare_kbit: bool = False
    """Whether a quantised base is prepared (norms, embedding, head in fp32) on one GPU."""
    activation_checkpointing: Checkpointing
    attention: Attention
    fused_loss: bool = False
    compile: bool = False
    logits_bytes_per_entry: Annotated[float, Field(ge=0)]
    """Bytes of logits and loss per token and vocabulary entry at the peak."""
    logits_kept_bytes_per_entry: Annotated[float, Field(ge=0)] = 4.0
    """What of them the graph holds when the backward pass begins."""
    logits_alive_bytes_per_entry: Annotated[float, Field(ge=0)] = 0.0
    """What of them somebody holds until the backward pass is over."""
    releases: tuple[StackRelease, ...] = ()
    reentrant_checkpointing: bool = False
    """Whether recomputing a block runs its last product too; torch's non-reentrant checkpoint stops before."""
    fused_softmax: bool = False
    """Whether eager attention scales, masks and normalises the scores in one kernel."""
    source: str
    note: str = ""

    def at_release(self, version: str) -> "TrainingStack":
        """The stack as release `version` (`4.48.1`) behaved; as it is today when nothing is known of it."""
        short = ".".join(version.split(".")[:2])
        for release in self.releases:
            if short in release.versions:
                return self.model_copy(update={"logits_bytes_per_entry": release.logits_bytes_per_entry})
        return self
