"""Megatron-LM's `pretrain_gpt.py` and NeMo's options: model parallelism, batch, recomputation; it only reads.

NVIDIA/Megatron-LM@157006d6d: megatron/training/arguments.py, examples; NVIDIA/NeMo
examples/nlp/language_modeling/tuning/conf/megatron_gpt_finetuning_config.yaml, read on 2026-11-29.
"""

from typing import Any, Final

from bot.language.tools.argument import Arguments, Fields, Tool, argument, name_set, reads
from bot.language.tools.kinds import COUNT, NUMBER, SWITCH, switched
from bot.language.tools.launch import LAUNCH
from bot.language.tools.names import model_key

_MODELS: Final = (
    "model.restore_from_path", "restore_from_path", "pretrained_checkpoint", "tokenizer_model",
    "tokenizer_name_or_path", "load", "hf_model_path", "model_name_or_path", "model.type", "tokenizer.type",
    "factory",
)  # fmt: skip
"""Where a path tells whose weights or words they are."""
_GPT2_WORDS: Final = 50_257
_PRECISIONS: Final = {
    "bf16": "bf16", "bf16-mixed": "bf16", "16-mixed": "fp16", "16": "fp16", "32": "fp32", "fp16": "fp16",
}  # fmt: skip


def _model(arguments: Arguments) -> Fields:
    """By a path; else as many parameters as the shape has."""
    for name in _MODELS:
        if key := model_key(arguments.peek(name), arguments.vocabulary):
            arguments.mark(name)
            return {"model": key}
    size = _size_of_shape(arguments)
    return {"model": size} if size else {}


def _size_of_shape(arguments: Arguments) -> str | None:
    """`--num-layers 32 --hidden-size 4096 …`: as a bare size, in billions."""
    layers, hidden = (arguments.peek(name) for name in ("num_layers", "hidden_size"))
    if COUNT.read(layers) is None or COUNT.read(hidden) is None or _has_experts(arguments):
        return None
    heads = COUNT.read(arguments.peek("num_attention_heads")) or 1
    groups = COUNT.read(arguments.peek("num_query_groups")) or heads
    is_gated = bool(switched(arguments.peek("swiglu")))
    inner = COUNT.read(arguments.peek("ffn_hidden_size")) or 4 * hidden
    words = COUNT.read(arguments.peek("vocab_size", "padded_vocab_size")) or _GPT2_WORDS
    tables = 2 if switched(arguments.peek("untie_embeddings_and_output_weights")) else 1
    attention = hidden * hidden * (2 + 2 * min(1.0, groups / heads))
    count = layers * (attention + hidden * inner * (3 if is_gated else 2)) + tables * words * hidden
    if not 1e7 < count < 1e13:
        return None
    arguments.mark(
        "num_layers", "hidden_size", "num_attention_heads", "num_query_groups", "group_query_attention"
    )
    arguments.mark("swiglu", "ffn_hidden_size", "vocab_size", "untie_embeddings_and_output_weights")
    return f"{count / 1e9:.3g}b" if count >= 1e9 else f"{count / 1e6:.0f}m"


def _has_experts(arguments: Arguments) -> bool:
    return arguments.peek("num_experts") is not None


def _method(arguments: Arguments) -> Fields:
    """NeMo's `peft_scheme`; all weights where there is none."""
    said = arguments.take("peft_scheme", "model.peft.peft_scheme", "peft")
    if str(said).lower() in ("lora", "qlora", "dora"):
        return {"method": str(said).lower()}
    return {}


def _precision(arguments: Arguments) -> Fields:
    for name in ("bf16", "fp16"):
        if switched(arguments.peek(name)):
            arguments.mark(name)
            return {"precision": name}
    said = _PRECISIONS.get(str(arguments.peek("trainer.precision")))
    arguments.mark("trainer.precision")
    return {"precision": said} if said else {}


def _recomputes(arguments: Arguments) -> Fields:
    said = str(arguments.take("recompute_granularity", "activations_checkpoint_granularity") or "")
    arguments.mark("recompute_method", "recompute_num_layers")
    if said in ("full", "selective"):
        return {"activation_checkpointing": said}
    return (
        {"activation_checkpointing": "selective"} if switched(arguments.take("recompute_activations")) else {}
    )


def _sharding(arguments: Arguments) -> Fields:
    """The distributed optimizer keeps a part of the moments a rank."""
    if switched(arguments.take("use_distributed_optimizer")) or "distributed" in str(
        arguments.peek("model.optim.name")
    ):
        return {"zero_stage": 1, "engine": "megatron"}
    return {"zero_stage": 3, "engine": "fsdp"} if switched(arguments.take("use_torch_fsdp2")) else {}


def _trainer(arguments: Arguments) -> Fields:
    """`trainer.devices=8 trainer.num_nodes=2`."""
    each = arguments.take("trainer.devices", kind=COUNT)
    nodes = arguments.take("trainer.num_nodes", kind=COUNT)
    fields: dict[str, Any] = {} if nodes is None else {"num_nodes": nodes}
    return {**fields, "num_gpus": each * (nodes or 1)} if each else fields


def _samples(arguments: Arguments) -> Fields:
    """`--train-samples`: of one epoch, each once."""
    count = arguments.take("train_samples", kind=COUNT)
    return {"num_examples": count, "num_epochs": 1} if count else {}


TOOL: Final = Tool(
    key="megatron",
    name="Megatron-LM",
    stack="megatron",
    facets=(
        reads(_model),
        reads(_method),
        argument("lora_rank", COUNT, "model.peft.lora_tuning.adapter_dim"),
        argument(
            "sequence_length",
            COUNT,
            "seq_length",
            "model.data.train_ds.max_seq_length",
            "encoder_seq_length",
        ),
        argument("packing", SWITCH, "model.data.train_ds.packed_sequence"),
        argument("micro_batch_size", COUNT, "micro_batch_size"),
        argument("global_batch_size", COUNT, "global_batch_size"),
        argument("num_steps", COUNT, "train_iters", "trainer.max_steps"),
        argument("num_epochs", NUMBER, "trainer.max_epochs"),
        reads(_samples),
        argument("tensor_parallel_size", COUNT, "tensor_model_parallel_size"),
        argument("pipeline_parallel_size", COUNT, "pipeline_model_parallel_size"),
        argument("context_parallel_size", COUNT, "context_parallel_size"),
        reads(_precision),
        reads(_recomputes),
        reads(_sharding),
        LAUNCH,
        reads(_trainer),
    ),
    signs=name_set(
        "tensor_model_parallel_size pipeline_model_parallel_size num_layers hidden_size num_attention_heads "
        "max_position_embeddings train_iters recompute_granularity use_distributed_optimizer "
        "recompute_activations num_query_groups expert_model_parallel_size trainer.devices "
        "restore_from_path megatron_amp_O2 peft_scheme global_batch_size"
    ),
    programs=name_set(
        "pretrain_gpt.py pretrain_llama.py finetune_llama.py megatron_gpt_finetuning.py "
        "megatron_gpt_pretraining.py nemo"
    ),
    command="nemo",
    defaults={"method": "full"},
)
