"""What a whole file of torchtune has beside what was estimated: tokenizer, checkpoint, schedule, logger.

pytorch/torchtune@bd2a0fc7c (2026-04-23): recipes/configs and the fields that recipes/*_finetune_*.py read.
"""

from typing import Final

from bot.language.tools.argument import Fields, Written
from bot.language.tools.launch import per_node

_LLAMA: Final = "original/tokenizer.model"
_PLAIN: Final = "tokenizer.model"
_TOKENIZERS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "gemma": ("gemma.gemma_tokenizer", {"path": _PLAIN}),
    "gemma2": ("gemma.gemma_tokenizer", {"path": _PLAIN}),
    "llama2": ("llama2.llama2_tokenizer", {"path": _PLAIN}),
    "llama3": ("llama3.llama3_tokenizer", {"path": _LLAMA}),
    "llama3_1": ("llama3.llama3_tokenizer", {"path": _LLAMA}),
    "llama3_2": ("llama3.llama3_tokenizer", {"path": _LLAMA}),
    "llama3_3": ("llama3.llama3_tokenizer", {"path": _LLAMA}),
    "mistral": ("mistral.mistral_tokenizer", {"path": _PLAIN}),
    "phi3": ("phi3.phi3_mini_tokenizer", {"path": _PLAIN}),
    "phi4": ("phi4.phi4_tokenizer", {"vocab_path": "vocab.json", "merges_path": "merges.txt"}),
    "qwen2": ("qwen2.qwen2_tokenizer", {"path": "vocab.json", "merges_file": "merges.txt"}),
    "qwen2_5": ("qwen2_5.qwen2_5_tokenizer", {"path": "vocab.json", "merges_file": "merges.txt"}),
    "qwen3": ("qwen3.qwen3_tokenizer", {"path": "vocab.json", "merges_file": "merges.txt"}),
}
"""Module of a builder -> its tokenizer, and the files of the checkpoint that this reads."""
_TYPES: Final = {"llama3_1": "LLAMA3", "llama3_3": "LLAMA3", "phi3": "PHI3_MINI", "qwen2_5": "QWEN2"}
"""Module -> `model_type`, where that is not its own name."""
_FILES: Final = {
    "gemma_2b": 2, "gemma_7b": 4, "gemma2_2b": 3, "gemma2_9b": 8, "gemma2_27b": 24,
    "llama2_7b": 2, "llama2_13b": 3, "llama2_70b": 15, "llama3_8b": 4, "llama3_70b": 30,
    "llama3_1_8b": 4, "llama3_1_70b": 30, "llama3_1_405b": 191, "llama3_2_1b": 1, "llama3_2_3b": 2,
    "llama3_3_70b": 30, "mistral_7b": 2, "phi3_mini": 2, "phi4_14b": 6,
    "qwen2_0_5b": 1, "qwen2_1_5b": 1, "qwen2_7b": 4, "qwen2_5_0_5b": 1, "qwen2_5_1_5b_instruct": 1,
    "qwen2_5_3b": 2, "qwen2_5_7b_instruct": 4, "qwen2_5_14b_instruct": 8, "qwen2_5_32b_instruct": 17,
    "qwen2_5_72b_instruct": 37, "qwen3_0_6b_instruct": 1, "qwen3_1_7b_instruct": 2,
    "qwen3_4b_instruct": 3, "qwen3_8b_instruct": 5, "qwen3_14b_instruct": 8, "qwen3_32b": 17,
}  # fmt: skip
"""Builder -> the files of its checkpoint on the hub."""
_RATES: Final = {"full": 2e-5}
_ADAPTER_RATE: Final = 3e-4
"""Of its configurations: it asks for one, and it costs nothing."""
YOURS: Final = "torchtune has no builder for this: fill in model, tokenizer, checkpoint_files and model_type"


def settled(fields: Fields) -> Fields:
    """Its recipes stop without `compile`; those for one GPU run on one, those for several shard."""
    found = {name: value for name, value in fields.items() if (name, value) != ("num_nodes", 1)}
    found.setdefault("compile", False)
    if several(found):
        return {"zero_stage": 3, "engine": "fsdp", **found}
    return {"num_gpus": 1, **found}


def says_shards(fields: Fields) -> bool:
    """Whether it says a sharding of torchtune's."""
    return fields.get("engine") == "fsdp" and fields.get("zero_stage") in (2, 3)


def several(fields: Fields) -> bool:
    """Whether the recipe is one for several GPUs."""
    return says_shards(fields) or int(fields.get("num_gpus") or 1) > 1


def launch(fields: Fields) -> str:
    """The recipe; that for one GPU refuses the options of torchrun."""
    method = {"full": "full", None: "your"}.get(fields.get("method"), "lora")
    if not several(fields):
        return f"tune run {method}_finetune_single_device"
    count, nodes = fields.get("num_gpus"), fields.get("num_nodes")
    gpus = f" --nproc_per_node {per_node(fields)}" if count is not None else ""
    return f"tune run{f' --nnodes {nodes}' if nodes is not None else ''}{gpus} {method}_finetune_distributed"


def parts(fields: Fields, builder: str, place: str, *, several_gpus: bool) -> Written:
    """The rest of the file; `builder` is empty where torchtune has none."""
    adapted = fields.get("method") != "full"
    rest: Written = {
        **_checkpoint(builder, place),
        "resume_from_checkpoint": False,
        "dataset._component_": "torchtune.datasets.alpaca_cleaned_dataset",
        "seed": None,
        "shuffle": True,
        "max_steps_per_epoch": None,
        "output_dir": _OUTPUT,
        "metric_logger._component_": "torchtune.training.metric_logging.DiskLogger",
        "metric_logger.log_dir": "${output_dir}/logs",
        "log_every_n_steps": 1,
        "log_peak_memory_stats": True,
        "log_level": "INFO",
        "device": "cuda",
    }
    if fields.get("optimizer"):
        rest["optimizer.lr"] = _RATES.get(str(fields.get("method")), _ADAPTER_RATE)
    if adapted:
        rest["save_adapter_weights_only"] = False
        rest["lr_scheduler._component_"] = "torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup"
        rest["lr_scheduler.num_warmup_steps"] = 100
    else:
        rest["optimizer_in_bwd"] = not several_gpus and _steps_in_backward(fields)
    return rest


_OUTPUT: Final = "/tmp/torchtune/ftcost"  # noqa: S108  -- torchtune's own place


def _steps_in_backward(fields: Fields) -> bool:
    """As the estimate has it, and as its recipes for one GPU do: a paged optimizer, no accumulation."""
    paged = str(fields.get("optimizer")).startswith("paged_")
    return paged and fields.get("gradient_accumulation_steps") == 1


def _checkpoint(builder: str, place: str) -> Written:
    """Weights and tokenizer, as `tune download` lays them down."""
    module, _, name = builder.partition(".")
    written: Written = {
        "checkpointer._component_": "torchtune.training.FullModelHFCheckpointer",
        "checkpointer.checkpoint_dir": place,
        "checkpointer.output_dir": _OUTPUT,
        "checkpointer.recipe_checkpoint": None,
    }
    if not builder:
        return written
    component, files = _TOKENIZERS[module]
    if name == "llama3_1_405b":
        files = {"path": "original/mp8/tokenizer.model"}
    count = _FILES[name]
    if count == 1:
        written["checkpointer.checkpoint_files"] = ["model.safetensors"]
    else:
        written["checkpointer.checkpoint_files.filename_format"] = "model-{}-of-{}.safetensors"
        written["checkpointer.checkpoint_files.max_filename"] = f"{count:05d}"
    return {
        **written,
        "checkpointer.model_type": _TYPES.get(module, module.upper()),
        "tokenizer._component_": f"torchtune.models.{component}",
        **{f"tokenizer.{key}": f"{place}/{file}" for key, file in files.items()},
    }
