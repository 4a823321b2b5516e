"""What a text says, laid over the request it answers to: what it sets, implies and thereby drops."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from bot.i18n import Language
from bot.language import words
from bot.language.conflicts import BATCH, Said, unequal_batch
from bot.language.kinds import AUTO
from bot.language.request import Request
from estimator.errors import Problem
from estimator.spec import ADAPTER_FIELDS, TrainingSpec

if TYPE_CHECKING:
    from bot.language.pastes.paste import Paste

_BASE_FIELDS = ("quantization", "prepare_kbit")
_MEANINGLESS: Mapping[str, tuple[str, ...]] = {
    "full": (*ADAPTER_FIELDS, *_BASE_FIELDS),
    "freeze": (*ADAPTER_FIELDS, *_BASE_FIELDS),
    "lora": _BASE_FIELDS,
    "qlora": (),
    "dora": (),
}
"""What a method has no use for."""
_TAKES_ADAPTERS = ("lora", "qlora", "dora")
_TAKES_QUANTIZATION = ("qlora", "dora")
_HARDWARE = ("gpu", "num_gpus", "num_nodes")


class Dropped(NamedTuple):
    """A field of the base that went, and the field that made it go."""

    field: str
    because: str


@dataclass(slots=True)
class Overlaid:
    """The fields of the result, and how they came about."""

    fields: dict[str, object]
    dropped: list[Dropped] = field(default_factory=list)

    def drop(self, name: str, *, because: str, said: Said) -> None:
        """Forget a field of the base, unless the text itself sets it."""
        if name not in said and self.fields.pop(name, None) is not None:
            self.dropped.append(Dropped(field=name, because=because))


def overlaid(said: Said, base: Said) -> Overlaid:
    """`said` over `base`; both by field of `Request`, `AUTO` gives a field back."""
    method = resolved_method(said, base)
    said = {**said, "method": method} if method else {k: v for k, v in said.items() if k != "method"}
    result = Overlaid({**base, **{name: value for name, value in said.items() if value is not AUTO}})
    for name in [name for name, value in said.items() if value is AUTO]:
        result.fields.pop(name, None)
    if method is not None and method != base.get("method"):
        for name in _MEANINGLESS["full" if method is AUTO else str(method)]:
            result.drop(name, because="method", said=said)
    _drop_the_other_size(result, said)
    _drop_what_hung_on_the_market(result, said, base)
    _drop_what_was_found_otherwise(result, said)
    _leave_out_too(result, said, base)
    if said.get("optimizer") not in {None, base.get("optimizer")}:
        result.drop("optimizer_implementation", because="optimizer", said=said)
    _settle_the_sharding(result, said, base)
    if "stack" in said and said["stack"] != base.get("stack"):
        result.drop("stack_release", because="stack", said=said)
    _settle_the_batch(result, said)
    return result


def resolved_method(said: Said, base: Said) -> object:
    """The method named, else the one implied, else None; pretraining is full where nothing else is meant."""
    named = said.get("method")
    stage = named if named in words.STAGES_OF_TRAINING else None
    quantized = said.get("quantization") not in {None, AUTO}
    adapted = any(said.get(name) not in {None, AUTO} for name in ADAPTER_FIELDS)
    if named == "lora" and quantized:
        return "qlora"
    if named is not None and stage is None:
        return named
    is_pretraining = stage == "pretrain"
    before = None if is_pretraining else base.get("method")
    if quantized and before not in _TAKES_QUANTIZATION:
        return "qlora"
    if said.get("quantization") is AUTO and before == "qlora" and not adapted:
        return "lora"
    if adapted and before not in _TAKES_ADAPTERS:
        return "lora"
    return "full" if is_pretraining and not (quantized or adapted) else None


def _drop_the_other_size(result: Overlaid, said: Said) -> None:
    for one, other in (("num_tokens", "num_examples"), ("num_examples", "num_tokens")):
        if one in said and said[one] is not AUTO:
            result.drop(other, because=one, said=said)


def _drop_what_hung_on_the_market(result: Overlaid, said: Said, base: Said) -> None:
    if said.get("gpu") is AUTO:
        for name in _HARDWARE:
            if name not in said:
                result.fields.pop(name, None)
    for name in ("gpu", "providers"):
        if name in said and result.fields.get(name) != base.get(name):
            result.drop("price_per_gpu_hour", because=name, said=said)


_INSTEAD = (
    ("gpu", "gpu_memory_gb"),
    ("gpu_memory_gb", "gpu"),
    ("providers", "excluded_providers"),
)
"""What is said, and what it takes the place of."""


def _drop_what_was_found_otherwise(result: Overlaid, said: Said) -> None:
    for one, other in _INSTEAD:
        if one in said:
            result.drop(other, because=one, said=said)
    _drop_who_is_left_out(result, said)
    if said.get("offload") is False or said.get("offload") is AUTO:
        result.fields.pop("offload_params", None)
    if "gpu_memory_gb" in said:
        result.drop("price_per_gpu_hour", because="gpu_memory_gb", said=said)


def _leave_out_too(result: Overlaid, said: Said, base: Said) -> None:
    """A seller that a reply leaves out is left out beside those before."""
    before, more = base.get("excluded_providers"), said.get("excluded_providers")
    if isinstance(before, tuple) and isinstance(more, tuple) and "providers" not in said:
        result.fields["excluded_providers"] = tuple(dict.fromkeys((*before, *more)))


def _drop_who_is_left_out(result: Overlaid, said: Said) -> None:
    """A seller that a reply leaves out is none of those that were asked for."""
    asked, left_out = result.fields.get("providers"), said.get("excluded_providers")
    if not isinstance(asked, tuple) or not isinstance(left_out, tuple) or "providers" in said:
        return
    if others := tuple(name for name in asked if name not in left_out):
        result.fields["providers"] = others
    else:
        result.drop("providers", because="excluded_providers", said=said)


def _settle_the_sharding(result: Overlaid, said: Said, base: Said) -> None:
    """`fsdp` shares everything unless a stage is said; a reply's stage or engine ends what was before."""
    stage = words.ZERO_STAGES.get(said.get("engine"))
    if stage is not None and "zero_stage" not in said:
        result.fields["zero_stage"] = stage
    elif "engine" in said and base.get("zero_stage") == 0 and "zero_stage" not in said:
        result.drop("zero_stage", because="engine", said=said)
    if "zero_stage" in said and said["zero_stage"] != base.get("zero_stage"):
        result.drop("engine", because="zero_stage", said=said)


_GIVES_WAY = {
    "gradient_accumulation_steps": ("global_batch_size", "micro_batch_size"),
    "global_batch_size": ("gradient_accumulation_steps", "micro_batch_size"),
    "micro_batch_size": ("gradient_accumulation_steps", "global_batch_size"),
}
"""What a reply changes of a batch, and which number of the base then follows from the others."""


def _settle_the_batch(result: Overlaid, said: Said) -> None:
    """A reply that changes one number of a batch leaves another to follow; so does another count of GPUs."""
    if next(unequal_batch(result.fields), None) is None:
        return
    changed = next((name for name in BATCH if name in said), "num_gpus")
    for name in _GIVES_WAY.get(changed, ("gradient_accumulation_steps", "global_batch_size")):
        result.drop(name, because=changed, said=said)
        if name not in result.fields:
            return


Outcome = Literal["spec", "problems", "help", "command", "conversation", "paste"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A request, the problems, a call for help, a command, or conversation that is left alone."""

    outcome: Outcome
    text: str = ""
    """The text with its marks undone; the spans of problems refer to it."""
    request: Request | None = None
    """With `spec`; nothing else has one."""
    problems: tuple[Problem, ...] = ()
    command: str = ""
    arguments: str = ""
    """What follows the command; with `help`, its topic."""
    changes: tuple[str, ...] = ()
    """Fields that the text set or gave back, in its order."""
    dropped: tuple[Dropped, ...] = ()
    """Fields of the base that lost their meaning."""
    unused: tuple[str, ...] = ()
    """Words that were set aside, as typed."""
    compared: tuple[Request, ...] = ()
    """The choices of a question, with `compare`."""
    wish: str = ""
    """`time` or `cost`: nothing else is said than that it should be less."""
    not_done: tuple[str, ...] = ()
    """Codes of what was asked for and is not estimated."""
    language: Language | None = None
    """The language that the text or its base asked for."""
    paste: "Paste | None" = None
    """The configuration or log that the text is, if it is one."""
    base: Request | None = None
    """The run that a paste was laid over."""

    @property
    def spec(self) -> TrainingSpec | None:
        """The run of the request."""
        return self.request.spec if self.request else None
