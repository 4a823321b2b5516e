"""A request as the command that reads back to it, a change as the reply that makes it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from bot.language import catalogued, sentences, words
from bot.language.conflicts import is_less_than_its_passes
from bot.language.index import is_known
from bot.language.kinds import squash
from bot.language.request import Request
from bot.language.values import HUB_NAME, SIZE
from bot.language.vocabulary import Vocabulary
from estimator.spec import MAX, SPLITS, Checkpointing, Engine, Market, SaidMoney, SizeField, TrainingSpec

_SWITCHES = {
    "packing": "packing",
    "padded": "padded",
    "fused_loss": "liger",
    "fused_loss_only": "loss-only",
    "compile": "compile",
    "autocast": "autocast",
    "prepare_kbit": "prepare-kbit",
    "keeps_logits": "keeps-logits",
    "short_logits": "short-logits",
}
_SHARDINGS = {0: "ddp", 1: "zero1", 2: "zero2", 3: "zero3"}
_CHECKPOINTINGS = {
    Checkpointing.FULL: "ckpt",
    Checkpointing.SELECTIVE: "selective",
    Checkpointing.NONE: "no-ckpt",
}
_MARKETS = {Market.SPOT: "spot", Market.ON_DEMAND: "on-demand", Market.MARKETPLACE: "marketplace"}
_CHANGES: Final[dict[str, Callable[[Any], str]]] = {
    "method": str,
    "precision": str,
    "mixed_precision": {True: "amp", False: "pure"}.__getitem__,
    "quantization": str,
    "lora_rank": "r={}".format,
    "lora_targets": lambda targets: f"targets={_targets(targets)}",
    "optimizer": "opt={}".format,
    "gpu": "gpu={}".format,
    "gpu_memory_gb": "gpu={}gb".format,
    "num_gpus": "gpus={}".format,
    "num_nodes": "nodes={}".format,
    "zero_stage": _SHARDINGS.__getitem__,
    "engine": str,
    "tensor_parallel_size": "tp={}".format,
    "pipeline_parallel_size": "pp={}".format,
    "context_parallel_size": "cp={}".format,
    "offload": {True: "offload", False: "no-offload"}.__getitem__,
    "offload_params": {True: "offload=params", False: "offload=optimizer"}.__getitem__,
    "sequence_length": "seq={}".format,
    "global_batch_size": "bs={}".format,
    "micro_batch_size": "mbs={}".format,
    "gradient_accumulation_steps": "ga={}".format,
    "activation_checkpointing": _CHECKPOINTINGS.__getitem__,
    "attention": str,
    "fused_loss": {True: "liger", False: "no-liger"}.__getitem__,
    "stack": "stack={}".format,
}
"""Field -> its word, in the order in which a reply reads well; the last can have a release."""


def format_request(request: Request, vocabulary: Vocabulary | None = None) -> str:
    """The canonical command: reading it gives `request` again."""
    spec = request.spec
    return " ".join(
        (
            *_what(spec, vocabulary),
            *_data(spec),
            *_adapters(spec),
            *_hardware(spec),
            *_how(spec),
            *_money(spec, vocabulary),
            *_looks(request),
        )
    )


def change_text(changes: Mapping[str, Any]) -> str:
    """What to reply to a card to set `changes`: `gpus=8 fsdp`; only what a fix may change has a word.

    What becomes open again (None) has none.
    """
    implied = {"zero_stage"} if _says_its_stage(changes.get("engine"), changes.get("zero_stage")) else set()
    implied |= {"offload"} if changes.get("offload_params") is not None else set()
    of_a_step = {"global_batch_size": "gbs={}".format} if is_less_than_its_passes(changes) else {}
    said = (
        (name, word)
        for name, word in {**_CHANGES, **of_a_step}.items()
        if changes.get(name) is not None and name not in implied
    )
    words = " ".join(word(changes[name]) for name, word in said)
    release = changes.get("stack_release")
    return f"{words}@{release}" if release is not None else words


def _says_its_stage(engine: object, stage: int | None) -> bool:
    """Whether the word of the engine says this stage, too."""
    return stage is not None and words.ZERO_STAGES.get(engine) == stage


def _what(spec: TrainingSpec, vocabulary: Vocabulary | None) -> Iterator[str]:
    if spec.model is not None:
        yield spec.model if _reads_alone(spec.model, vocabulary) else f"model={spec.model}"
    if spec.method is not None:
        yield spec.method
    if spec.precision is not None:
        yield spec.precision
    if spec.mixed_precision is not None:
        yield "amp" if spec.mixed_precision else "pure"
    if spec.quantization is not None:
        yield spec.quantization


def _reads_alone(model: str, vocabulary: Vocabulary | None) -> bool:
    """Whether the bare word is this model, and not a GPU (`910b`) or two words (`lora/full`)."""
    if SIZE.fullmatch(model):
        taken = vocabulary.gpu_keys if vocabulary else words.GPU_DEFAULTS
        return squash(model) not in taken
    if "/" not in model:
        return True
    owner, _, name = model.partition("/")
    return "-" in name and not is_known(squash(owner)) and HUB_NAME.fullmatch(model) is not None


def _data(spec: TrainingSpec) -> Iterator[str]:
    for name, value in (
        ("n", spec.num_examples),
        ("seq", _size(spec, "sequence_length")),
        ("mean", spec.mean_length),
        ("tokens", spec.num_tokens),
        (_key_of_a_batch(spec), _size(spec, "global_batch_size")),
        ("mbs", _size(spec, "micro_batch_size")),
        ("ga", spec.gradient_accumulation_steps),
        ("epochs", spec.num_epochs),
        ("steps", spec.num_steps),
    ):
        if value is not None:
            yield f"{name}={value if value == MAX else number_text(value)}"
    if spec.step_seconds is not None:
        yield f"step={number_text(spec.step_seconds)}s"


def _key_of_a_batch(spec: TrainingSpec) -> str:
    """Where the batch is less than its passes, `bs=` alone would be that of one pass."""
    is_vague = spec.micro_batch_size is None and is_less_than_its_passes(spec.model_dump(include=_OF_PASSES))
    return "gbs" if is_vague else "bs"


_OF_PASSES: Final = {"global_batch_size", "gradient_accumulation_steps", "num_gpus", *SPLITS}


def _size(spec: TrainingSpec, name: SizeField) -> Any:
    return MAX if name in (spec.largest or ()) else getattr(spec, name)


def _adapters(spec: TrainingSpec) -> Iterator[str]:
    if spec.lora_rank is not None:
        yield f"r={spec.lora_rank}"
    if spec.lora_targets is not None:
        yield f"targets={_targets(spec.lora_targets)}"
    if spec.lora_dropout is not None:
        yield f"dropout={number_text(spec.lora_dropout)}"
    if spec.adapter_precision is not None:
        yield f"adapter={spec.adapter_precision}"


def _targets(targets: str | tuple[str, ...]) -> str:
    if isinstance(targets, str):
        return targets
    groups = {modules: name for name, modules in words.TARGET_GROUPS.items()}
    return groups.get(targets) or "+".join(targets)


def _hardware(spec: TrainingSpec) -> Iterator[str]:
    if spec.gpu is not None:
        yield f"{spec.num_gpus}x{spec.gpu}" if spec.num_gpus is not None else spec.gpu
    elif spec.gpu_memory_gb is not None:
        yield f"{spec.num_gpus}x{spec.gpu_memory_gb}gb" if spec.num_gpus else f"gpu={spec.gpu_memory_gb}gb"
    elif spec.num_gpus is not None:
        yield f"gpus={spec.num_gpus}"
    if spec.num_nodes is not None:
        yield f"nodes={spec.num_nodes}"
    yield from _sharding(spec)
    for name, size in (
        ("tp", spec.tensor_parallel_size),
        ("pp", spec.pipeline_parallel_size),
        ("cp", spec.context_parallel_size),
    ):
        if size is not None:
            yield f"{name}={size}"


def _sharding(spec: TrainingSpec) -> Iterator[str]:
    if spec.zero_stage is not None and not _says_its_stage(spec.engine, spec.zero_stage):
        yield _SHARDINGS[spec.zero_stage]
    if spec.engine is not None:
        yield spec.engine if spec.engine in {Engine.FSDP, Engine.DEEPSPEED} else f"engine={spec.engine}"


def _how(spec: TrainingSpec) -> Iterator[str]:
    if spec.activation_checkpointing is not None:
        yield _CHECKPOINTINGS[spec.activation_checkpointing]
    if spec.attention is not None:
        yield spec.attention
    yield from _offload(spec)
    for field, word in _SWITCHES.items():
        yield from _switch(word, getattr(spec, field))
    if spec.optimizer is not None:
        implementation = f"-{spec.optimizer_implementation}" if spec.optimizer_implementation else ""
        yield f"opt={spec.optimizer}{implementation}"
    if spec.stack is not None:
        yield f"stack={spec.stack}{f'@{spec.stack_release}' if spec.stack_release else ''}"


def _offload(spec: TrainingSpec) -> Iterator[str]:
    if spec.offload and spec.offload_params is not None:
        yield "offload=params" if spec.offload_params else "offload=optimizer"
    else:
        yield from _switch("offload", spec.offload)


def _switch(word: str, value: bool | None) -> Iterator[str]:  # noqa: FBT001  -- a switch is what it writes
    if value is not None:
        yield word if value else f"no-{word}"


def _providers(spec: TrainingSpec, vocabulary: Vocabulary | None) -> Iterator[str]:
    """Sellers by the bare word where it means them, else by their key."""
    for name in spec.providers or ():
        yield name if _is_seller(name, vocabulary) else f"provider={name}"


def _is_seller(name: str, vocabulary: Vocabulary | None) -> bool:
    """Whether the bare key means the seller: `modal` and `together` are words of their own."""
    word = squash(name)
    if vocabulary is not None:
        return vocabulary.seller_named(word) is not None
    return name in catalogued.SELLERS or not (is_known(word) or word in sentences.ORDINARY)


def _money(spec: TrainingSpec, vocabulary: Vocabulary | None) -> Iterator[str]:
    yield from _providers(spec, vocabulary)
    yield from (f"no-{name}" for name in spec.excluded_providers or ())
    if spec.market is not None:
        yield _MARKETS[spec.market]
    for name, value in (
        ("region", spec.region),
        ("price", spec.price_per_gpu_hour and amount_text(spec.price_per_gpu_hour)),
        ("budget", spec.budget and amount_text(spec.budget)),
        ("cur", spec.currency),
        ("deadline", spec.deadline_seconds and duration_text(spec.deadline_seconds)),
        ("retry", spec.retries and number_text(spec.retries)),
        ("mfu", spec.mfu and number_text(spec.mfu)),
        ("rank_by", spec.rank_by),
    ):
        if value is not None:
            yield f"{name}={value}"


def _looks(request: Request) -> Iterator[str]:
    if request.language is not None:
        yield f"lang={request.language}"
    yield from _switch("rule", request.rule_of_thumb)
    yield from _switch("private", request.private)


def amount_text(money: SaidMoney) -> str:
    """`500usd`; without a currency the number alone."""
    return f"{money.amount:f}{(money.currency or '').lower()}"


def number_text(value: float) -> str:
    """Whole numbers without a point, others to the last digit."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 10**15 else repr(value)


def duration_text(seconds: float) -> str:
    """Whole hours or minutes where they are, else seconds to the last digit."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{number_text(seconds)}s"
