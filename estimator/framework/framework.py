"""What a framework and its engine do: `config/frameworks.yaml`, `config/engines.yaml`.

Three things that one word mixes up: the framework (whose loop runs), the engine (who spreads the job over
GPUs) and the states (`estimator/framework/states.py`). A `Framework` is one with its engine, at a release.
"""

from collections.abc import Iterable
from typing import Final

from estimator.framework.engine import ALL_SHARED, FSDP_SHARINGS, SHARINGS, EngineFacts, Sharing
from estimator.framework.facts import FrameworkFacts
from estimator.framework.release import may_exist
from estimator.plan import Runner
from estimator.spec import (
    Engine,
    Method,
    Precision,
    Quantization,
)

_OF_WEIGHTS: Final = FSDP_SHARINGS | {Sharing.DEEPSPEED_ZERO_3}
"""Ways of sharing that take hold of the weights."""
_STAGES_FIRST: Final = (Engine.MEGATRON, Engine.DEEPSPEED, Engine.FSDP)


class Framework(FrameworkFacts):
    """A framework on its engine, and what follows from their facts."""

    def at_release(self, version: str) -> "Framework":
        """The framework as release `version` (`4.48.1`) behaved; as today where nothing is known of it."""
        then = [release.changes for release in self.releases if release.covers(version)]
        changes = {name: fact for each in then for name, fact in each.items()}
        return type(self).model_validate({**self.model_dump(), **changes}) if changes else self

    @property
    def assumed_release(self) -> str:
        """The release that is counted where none is said."""
        return self.published_release or self.newest

    def may_have(self, release: str) -> bool:
        """Whether there may be such a release of it."""
        return may_exist(release, oldest=self.oldest, newest=self.newest, lasts=self.last_of_majors)

    def logits_bytes(self, family: str, *, compiled: bool, whole: bool) -> float:
        """Bytes a token and vocabulary entry at the peak of the loss of a model of `family`."""
        if family in self.model_logits_bytes_per_entry:
            return self.model_logits_bytes_per_entry[family]
        if whole and self.whole_logits_bytes_per_entry is not None:
            return self.whole_logits_bytes_per_entry
        if compiled and self.compiled_logits_bytes_per_entry is not None:
            return self.compiled_logits_bytes_per_entry
        return self.logits_bytes_per_entry

    @property
    def measurements(self) -> str:
        """The key under which its published runs stand."""
        return self.measured_as or self.key

    @property
    def copies_only(self) -> bool:
        """Whether it drives several GPUs as copies only."""
        return self.engines == (Engine.DDP,)

    @property
    def copies(self) -> bool:
        """Whether it drives several GPUs as copies at all."""
        return Engine.DDP in self.engines

    @property
    def runner(self) -> Runner:
        """Its key with its engine."""
        return Runner(self.key, self.engine)

    def sharing(self, zero_stage: int) -> Sharing:
        """By what its data-parallel ranks share what `zero_stage` says; nothing at 0: a copy on each GPU."""
        return SHARINGS[self.engine].get(zero_stage, Sharing.DDP)

    def spreads(self, methods: Iterable[Method]) -> bool:
        """Whether it runs all of `methods` on several GPUs."""
        return not any(method in self.one_gpu_methods for method in methods)

    def shards_packed(self, quantization: Quantization | None, engine: Engine, zero_stage: int) -> bool:
        """Whether the ranks of `engine` at `zero_stage` can share a base that is packed so."""
        shares = SHARINGS[engine].get(zero_stage, Sharing.DDP) in _OF_WEIGHTS
        return (
            quantization is None or not shares or quantization in self.sharded_quantizations.get(engine, ())
        )

    def splits_matrices_of(self, method: Method) -> bool:
        """Whether it runs tensor parallelism where `method` trains."""
        return self.splits_matrices and method in self.split_methods

    def fuses_loss_of(self, family: str) -> bool:
        """Whether it has a fused loss for models of `family`."""
        return self.fused_families is None or family in self.fused_families

    def packs_experts(self, family: str, quantization: Quantization | None) -> bool:
        """Whether a base in `quantization` has the experts of models of `family` packed too.

        GPTQ packs while it makes the checkpoint, whatever loads it.
        """
        found = self.packed_experts is None or family in self.packed_experts
        return quantization is not None and (found or quantization is Quantization.GPTQ)

    def moves_to_host(self, zero_stage: int) -> bool:
        """Whether what its ranks share as `zero_stage` says can rest on the host."""
        return Engine.FSDP not in self.whole_on_gpu or self.sharing(zero_stage) not in FSDP_SHARINGS

    def engine_for(self, zero_stage: int | None, *, said: bool, pure: bool = False) -> Engine:
        """Who runs stage `zero_stage` where no engine is said.

        A stage that was `said` is DeepSpeed's word; left open, stage 3 is FSDP's.
        DeepSpeed has no `pure` 16 bit: such a run takes it only where nothing else has the stage.
        """
        last = (Engine.DEEPSPEED,) if pure or (zero_stage == ALL_SHARED and not said) else ()
        order = (*(each for each in _STAGES_FIRST if each not in last), *last)
        having = (each for each in order if each in self.engines and zero_stage in SHARINGS[each])
        return next(having, self.engines[0])

    def on(self, engine: Engine, facts: EngineFacts) -> "Framework":
        """The framework on `engine`, whose `facts` stand over its own; a loss that holds less stays."""
        changes: dict[str, object] = {"engine": engine, **facts.changes}
        if facts.most_logits_bytes_per_entry is not None:
            most = facts.most_logits_bytes_per_entry
            changes["logits_bytes_per_entry"] = min(self.logits_bytes_per_entry, most)
        return self.model_copy(update=changes)

    def on_gpus_of(self, vendor: str) -> "Framework":
        """The framework as it runs on the GPUs of `vendor`."""
        return self.model_copy(update=self.vendor_changes.get(vendor.lower(), {}))

    def keeps_fp32(self, precision: Precision) -> bool:
        """Whether a 16-bit `precision` alone leaves the trained weights of a full fine-tune in fp32."""
        if self.engine is Engine.FSDP and self.shards_keep_fp32:
            return True
        return self.fp16_keeps_fp32 if precision is Precision.FP16 else self.bf16_keeps_fp32
