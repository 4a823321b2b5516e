"""The list of what was filled in where a spec says nothing, each with the sentence that the card prints."""

from collections.abc import Iterator

from estimator.framework.framework import Framework
from estimator.framework.release import is_newer
from estimator.model.adapters import ALL_AND_EXPERTS, ALL_LINEAR
from estimator.model.arch import ModelArch
from estimator.model.params import FREEZE_TRAINED_LAYERS
from estimator.sizes import size_as_typed
from estimator.spec import Attention, Method, TrainingSpec
from estimator.workload import Assumption, Schedule, Workload


def defaults_taken(
    spec: TrainingSpec,
    arch: ModelArch,
    framework: Framework,
    workload: Workload,
    schedule: Schedule,
    attention: Attention,
) -> Iterator[Assumption]:
    """What of a job nobody said, in the order of the card."""
    yield from _model_assumptions(spec, arch)
    if spec.method is None:
        yield _assumed("method", workload.method)
    if spec.num_examples is None and spec.num_tokens is None and spec.num_steps is None:
        yield _assumed("num_examples", schedule.num_examples)
    if spec.sequence_length is None:
        yield _assumed("sequence_length", workload.sequence_length)
    if spec.global_batch_size is None:
        yield _assumed("global_batch_size", schedule.global_batch_size)
    if spec.num_epochs is None and spec.num_steps is None:
        yield _assumed("num_epochs", f"{schedule.num_epochs:g}")
    yield from _method_assumptions(spec, workload)
    if spec.retries is None:
        yield _assumed("retries", f"{schedule.retries:g}")
    yield from _framework_assumptions(spec, framework, workload, attention)


def _model_assumptions(spec: TrainingSpec, arch: ModelArch) -> Iterator[Assumption]:
    if size_as_typed(spec.model or "") is not None:
        yield _assumed("model", arch.key, "model_shape")
    if arch.not_counted is not None:
        yield _assumed("not_counted", arch.not_counted, f"{arch.not_counted}_not_counted")


def _method_assumptions(spec: TrainingSpec, workload: Workload) -> Iterator[Assumption]:
    if spec.precision is None:
        yield _assumed("precision", workload.precision)
    if workload.has_adapters and spec.lora_rank is None:
        yield _assumed("lora_rank", workload.lora_rank)
    if workload.has_adapters and spec.lora_targets is None:
        every = workload.lora_targets == ALL_AND_EXPERTS
        yield _assumed("lora_targets", "+".join(ALL_LINEAR if every else workload.lora_targets))
    if workload.method is Method.FREEZE:
        yield _assumed("trained_layers", min(FREEZE_TRAINED_LAYERS, workload.arch.num_layers))
    if workload.quantization is not None and spec.quantization is None:
        yield _assumed("quantization", workload.quantization)


def _framework_assumptions(
    spec: TrainingSpec, framework: Framework, workload: Workload, attention: Attention
) -> Iterator[Assumption]:
    if spec.stack is None:
        yield _assumed("stack", framework.key, source=framework.source)
    elif spec.stack_release is None and framework.published_release:
        yield _assumed(
            "stack_release", framework.published_release, "published_release", source=framework.source
        )
    elif framework.newest and (spec.stack_release is None or is_newer(spec.stack_release, framework.newest)):
        yield _assumed("stack_release", framework.newest, source=framework.source)
    if spec.mixed_precision is None and workload.mixed_precision:
        code = "master_copy" if framework.master_copy else "fp32_states"
        yield _assumed("mixed_precision", "yes", code, framework.source)
    if spec.attention is None:
        yield _assumed("attention", attention, "framework_default", framework.source)
    if spec.optimizer is None:
        chosen = f"{workload.optimizer} ({workload.optimizer_implementation})"
        yield _assumed("optimizer", chosen, "framework_default", framework.source)


def _assumed(what: str, value: object, code: str = "", source: str = "") -> Assumption:
    """Most fields have a sentence of their own name."""
    return Assumption(what=what, value=str(value), code=code or what, source=source)
