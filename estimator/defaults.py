"""The spec after the defaults of its framework and GPU: every question answered, each answer listed.

What the text left open is filled in here and nowhere else, and every value filled in is an
`Assumption` that the card prints.
"""

from typing import Final, NamedTuple

from estimator.assumptions import defaults_taken
from estimator.catalog import Catalog, Defaults
from estimator.framework.framework import Framework
from estimator.framework.states import States
from estimator.hardware import GPU
from estimator.model.adapters import ALL_AND_EXPERTS, ALL_LINEAR
from estimator.model.arch import ModelArch
from estimator.plan import Runner
from estimator.said import framework_of, said_batch, said_runner
from estimator.sizes import generic_arch, size_as_typed
from estimator.spec import (
    FOUR_BYTES,
    Attention,
    Checkpointing,
    Optimizer,
    OptimizerImplementation,
    Precision,
    Quantization,
    TrainingSpec,
)
from estimator.workload import ADAPTER_METHODS, Assumption, Schedule, Workload

EVERY_LINEAR: Final = ("all",)
"""LLaMA-Factory's word for all-linear (model/model_utils/misc.py, find_all_linear_modules)."""


class ResolvedJob(NamedTuple):
    """A spec with nothing left open but the plan."""

    spec: TrainingSpec
    arch: ModelArch
    num_params: int
    """As typed for a bare size, exact for a named model."""
    framework: Framework
    workload: Workload
    schedule: Schedule
    activation_checkpointing: Checkpointing
    """Said, or the framework's default: what a pinned plan runs with."""
    attention: Attention

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What of it nobody said; listed when it is read: a search settles many jobs and shows one."""
        parts = self.spec, self.arch, self.framework, self.workload, self.schedule, self.attention
        return tuple(defaults_taken(*parts))


def settle(
    spec: TrainingSpec, catalog: Catalog, gpu: GPU | None = None, runner: Runner | None = None
) -> ResolvedJob:
    """`spec` on `gpu` (or on a current data-centre GPU) with every default filled in.

    `runner`: who runs it where a plan takes another than the spec says or leaves to the default.

    Raises:
        UnknownModel, UnknownFramework: the catalog has no such name.
    """
    arch, num_params = resolve_model(spec.model or "", catalog)
    framework = framework_of(spec, catalog, runner or said_runner(spec, catalog), gpu)
    attention = spec.attention or _attention(spec, arch, framework, gpu)
    workload = _workload(spec, arch, framework, catalog, gpu)
    checkpointing = spec.activation_checkpointing or framework.activation_checkpointing
    schedule = _schedule(spec, catalog)
    return ResolvedJob(
        spec=spec,
        arch=arch,
        num_params=num_params,
        framework=framework,
        workload=workload,
        schedule=schedule,
        activation_checkpointing=checkpointing,
        attention=attention,
    )


def states_of(workload: Workload, framework: Framework) -> States:
    """In which numbers what trains is kept."""
    if workload.has_adapters:
        if framework.adapter_master_copy:
            return States.MASTERS
        is_short = workload.adapter_precision in (Precision.BF16, Precision.FP16)
        return States.HALF if is_short else States.FP32
    if not workload.mixed_precision:
        return States.FP32 if workload.computes_in_fp32 else States.HALF
    return States.MASTERS if framework.master_copy else States.FP32


def resolve_model(name: str, catalog: Catalog) -> tuple[ModelArch, int]:
    """The shape that `name` means and its parameter count (the typed one for a bare size).

    Raises:
        UnknownModel: neither a size nor a name of the catalog.
    """
    arch = generic_arch(name, catalog)
    if arch is None:
        named = catalog.model(name)
        return named, named.num_params
    if arch.is_moe:
        return arch, arch.num_params
    return arch, size_as_typed(name) or arch.num_params


def has_bf16(gpu: GPU | None) -> bool:
    """Whether the GPU computes in bf16; every current one does."""
    return gpu is None or gpu.bf16_tflops_per_second is not None


def _attention(spec: TrainingSpec, arch: ModelArch, framework: Framework, gpu: GPU | None) -> Attention:
    """The framework's kernel for `arch`; FlashAttention 2 runs on Ampere and newer, and in 16 bit alone."""
    runs_flash = has_bf16(gpu) and spec.precision not in FOUR_BYTES
    if framework.attention is Attention.FLASH and not runs_flash:
        return Attention.SDPA
    if framework.attention is Attention.SDPA and arch.family in framework.eager_families:
        return Attention.EAGER
    return framework.attention


def _workload(
    spec: TrainingSpec, arch: ModelArch, framework: Framework, catalog: Catalog, gpu: GPU | None
) -> Workload:
    defaults = catalog.defaults
    method = defaults.method_of(spec)
    adapters = method in ADAPTER_METHODS
    usual = defaults.precision if has_bf16(gpu) else defaults.precision_without_bf16
    precision = spec.precision or usual
    quantization = defaults.quantization_of(spec)
    return Workload(
        arch=arch,
        method=method,
        sequence_length=spec.sequence_length or max(defaults.sequence_length, spec.mean_length or 0),
        mean_length=spec.mean_length,
        precision=precision,
        mixed_precision=_is_mixed(spec, framework, precision, defaults),
        autocast=framework.autocast if spec.autocast is None else spec.autocast,
        quantization=quantization,
        lora_rank=(spec.lora_rank or defaults.lora_rank) if adapters else None,
        lora_targets=_targets(spec, arch, framework, defaults),
        lora_dropout=(framework.lora_dropout if spec.lora_dropout is None else spec.lora_dropout)
        if adapters
        else 0.0,
        adapter_precision=spec.adapter_precision or framework.adapter_precision,
        prepare_kbit=spec.prepare_kbit
        if spec.prepare_kbit is not None
        else framework.prepare_kbit and quantization is not None,
        optimizer=spec.optimizer or _optimizer(framework, quantization, defaults),
        optimizer_implementation=spec.optimizer_implementation or _implementation(spec, framework),
        packing=bool(spec.packing),
        unpacked=spec.packing is False,
        keeps_logits=bool(spec.keeps_logits),
        short_logits=bool(spec.short_logits),
        padded=bool(spec.padded),
        fused_loss=(framework.fused_loss if spec.fused_loss is None else spec.fused_loss)
        and framework.fuses_loss_of(arch.family),
        fused_loss_only=bool(spec.fused_loss_only),
        whole_logits=spec.fused_loss is False,
        compile=framework.compile if spec.compile is None else spec.compile,
    )


def _targets(
    spec: TrainingSpec, arch: ModelArch, framework: Framework, defaults: Defaults
) -> tuple[str, ...]:
    """The modules that were named or are the default; every linear layer as the framework finds them."""
    wanted = defaults.lora_targets if spec.lora_targets is None else spec.lora_targets
    if isinstance(wanted, tuple) and wanted not in (EVERY_LINEAR, ALL_LINEAR):
        return wanted
    return ALL_AND_EXPERTS if arch.is_moe and framework.adapts_fused_experts else ALL_LINEAR


def _is_mixed(spec: TrainingSpec, framework: Framework, precision: Precision, defaults: Defaults) -> bool:
    """Said, or what the framework makes of the precision; where nobody is named, what most do: fp32 states.

    A base under adapters stays in 16 bit.
    """
    if spec.mixed_precision is not None:
        return spec.mixed_precision
    if precision in FOUR_BYTES:
        return False
    method = defaults.method_of(spec)
    if method in ADAPTER_METHODS:
        quantization = defaults.quantization_of(spec)
        return framework.adapters_on_fp32 and spec.precision is None and quantization is None
    return framework.master_copy or spec.stack is None or framework.keeps_fp32(precision)


def _optimizer(framework: Framework, quantization: Quantization | None, defaults: Defaults) -> Optimizer:
    if quantization is not None and framework.optimizer_when_quantized is not None:
        return framework.optimizer_when_quantized
    return defaults.optimizer


def _implementation(spec: TrainingSpec, framework: Framework) -> OptimizerImplementation:
    """The framework's choice for AdamW; other update rules have torch's foreach loop."""
    if spec.optimizer in (None, Optimizer.ADAMW, Optimizer.PAGED_ADAMW):
        return framework.optimizer_implementation
    return OptimizerImplementation.FOREACH


def _schedule(spec: TrainingSpec, catalog: Catalog) -> Schedule:
    defaults = catalog.defaults
    return Schedule(
        num_examples=spec.num_examples or defaults.num_examples,
        num_epochs=_epochs(spec, catalog),
        global_batch_size=spec.global_batch_size or said_batch(spec) or defaults.global_batch_size,
        num_steps=spec.num_steps,
        num_tokens=spec.num_tokens,
        step_seconds=spec.step_seconds,
        mfu=spec.mfu,
        retries=spec.retries or defaults.retries,
    )


def _epochs(spec: TrainingSpec, catalog: Catalog) -> float:
    """Said, or the usual number; a data set counted in tokens is seen once."""
    usual = 1 if spec.num_tokens is not None else catalog.defaults.num_epochs
    return spec.num_epochs or usual
