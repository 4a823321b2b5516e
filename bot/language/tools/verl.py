"""verl: `torchrun -m verl.trainer.fsdp_sft_trainer data.max_length=2048 …`; it only reads.

volcengine/verl@b178a3cd5 (2026-01-29): verl/trainer/config/sft_trainer.yaml, examples/sft.
"""

from typing import Any, Final

from bot.language.tools import family
from bot.language.tools.argument import Arguments, Fields, Tool, argument, name_set, reads
from bot.language.tools.kinds import COUNT, SWITCH, switched
from bot.language.tools.launch import LAUNCH
from bot.language.tools.names import model_argument


def _method(arguments: Arguments) -> Fields:
    """A rank above 0 is a LoRA."""
    rank = arguments.take("model.lora_rank", kind=COUNT)
    return {} if rank is None else {"method": "lora", "lora_rank": rank}


def _offloads(arguments: Arguments) -> Fields:
    away = switched(arguments.take("model.fsdp_config.cpu_offload", "model.fsdp_config.offload_params"))
    return {"offload": True, "offload_params": True} if away else {}


def _machines(arguments: Arguments) -> Fields:
    """Where the trainer starts its workers itself."""
    each = arguments.take("trainer.n_gpus_per_node", kind=COUNT)
    nodes = arguments.take("trainer.nnodes", kind=COUNT)
    fields: dict[str, Any] = {} if nodes is None else {"num_nodes": nodes}
    return {**fields, "num_gpus": each * (nodes or 1)} if each else fields


TOOL: Final = Tool(
    key="verl",
    name="verl",
    stack="hf",
    facets=(
        model_argument("model.partial_pretrain", "model.path", "actor_rollout_ref.model.path"),
        reads(_method),
        family.targets("model.target_modules"),
        argument("sequence_length", COUNT, "data.max_length"),
        argument("micro_batch_size", COUNT, "data.micro_batch_size_per_gpu", "data.micro_batch_size"),
        argument("global_batch_size", COUNT, "data.train_batch_size"),
        argument("num_epochs", COUNT, "trainer.total_epochs"),
        argument("num_steps", COUNT, "trainer.total_training_steps"),
        family.checkpointing("model.enable_gradient_checkpointing"),
        argument("packing", SWITCH, "use_remove_padding"),
        argument("fused_loss", SWITCH, "model.use_liger"),
        argument("context_parallel_size", COUNT, "ulysses_sequence_parallel_size"),
        reads(_offloads),
        reads(_machines),
        LAUNCH,
    ),
    signs=name_set(
        "model.partial_pretrain data.train_files data.micro_batch_size_per_gpu trainer.total_epochs "
        "trainer.n_gpus_per_node actor_rollout_ref.model.path trainer.default_local_dir"
    ),
    programs=frozenset({"verl"}),
    defaults={
        "method": "full",
        "sequence_length": 1024,
        "micro_batch_size": 4,
        "global_batch_size": 256,
        "num_epochs": 4,
        "activation_checkpointing": "full",
        "zero_stage": 3,
        "engine": "fsdp",
    },
)
