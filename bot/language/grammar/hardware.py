"""The keys of the GPUs and of how a run is spread over them: sharding, checkpointing, framework, engine."""

from bot.language import catalogued, words
from bot.language.keys import Key, choosing, switch
from bot.language.kinds import Name, Whole

HARDWARE = (
    Key(name="gpu", field="gpu", kind=Name.GPU, more=("显卡",), example="4xh100"),
    Key(
        name="gpus",
        field="num_gpus",
        kind=Whole(1, 100_000),
        more=(
            "num_gpus",
            "n_gpus",
            "gpu_count",
            "num_processes",
            "world_size",
            "cards",
            "卡数",
            "gpu数",
            "gpu数量",
        ),
        nouns=("gpu", "gpus", "card", "cards", "卡", "张"),
        more_nouns=("way",),
        example="gpus=8",
    ),
    Key(
        name="nodes",
        field="num_nodes",
        kind=Whole(1, 100_000),
        more=("num_nodes",),
        nouns=("node", "nodes", "节点"),
        example="nodes=2",
    ),
    choosing("zero", "zero_stage", words.SHARDINGS, more=("zero_stage",), example="zero3"),
    Key(
        name="tp",
        field="tensor_parallel_size",
        kind=Whole(1, 100_000),
        more=("tensor_parallel", "张量并行"),
        example="tp=2",
    ),
    Key(
        name="pp",
        field="pipeline_parallel_size",
        kind=Whole(1, 100_000),
        more=("pipeline_parallel", "流水线并行"),
        example="pp=2",
    ),
    Key(
        name="cp",
        field="context_parallel_size",
        kind=Whole(1, 100_000),
        more=("context_parallel",),
        example="cp=2",
    ),
    switch("offload", "offload", words=words.OFFLOADS, example="offload"),
    choosing(
        "ckpt",
        "activation_checkpointing",
        words.CHECKPOINTINGS,
        aliases=("gc", "gradient checkpointing", "recompute"),
        more=("checkpointing", "activation checkpointing", "重计算", "激活重计算", "梯度检查点"),
        alone=(("activation_checkpointing", "full"),),
        example="ckpt",
    ),
    choosing(
        "attn", "attention", words.ATTENTIONS, more=("attention", "attn_implementation"), example="flash"
    ),
    choosing("stack", "stack", catalogued.FRAMEWORKS, more=("framework",), example="stack=hf"),
    choosing("engine", "engine", words.ENGINES, example="engine=deepspeed"),
)
