"""The words that set something by themselves, and names that are written in ways of their own."""
# ruff: noqa: E501  -- a list of words reads as text

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from bot.language.kinds import AUTO, Pairs
from estimator.spec import Engine


class Word(NamedTuple):
    """Spellings of one meaning; the first is the one shown."""

    spellings: tuple[str, ...]
    sets: Pairs
    more: tuple[str, ...] = ()
    """Spellings that count only where the bot is spoken to, never in a plain reply."""
    alone: bool = True
    """False: a value of its key only."""


def _word(spellings: str, *, more: str = "", alone: bool = True, **sets: Any) -> Word:
    """`spellings` and `more` are separated by `|`."""
    extra = tuple(more.split("|")) if more else ()
    return Word(tuple(spellings.split("|")), tuple(sets.items()), extra, alone)


STAGES_OF_TRAINING = ("sft", "pretrain")
"""What a model is trained for: the first says nothing of the method, the second `full` where nothing else does."""
METHODS = (
    _word(
        "full|全参|全参数|全量",
        more="full-parameter|full parameters|full-param|full-weight|fft|full ft|full fine-tune|full finetune",
        method="full",
    ),
    _word(
        "sft",
        more="监督微调|有监督微调|supervised fine-tuning|supervised finetuning|instruction tuning|指令微调",
        method="sft",
    ),
    _word(
        "pretrain",
        more="pre-train|pretraining|pre-training|continued pretraining|continual pretraining|cpt|预训练|继续预训练|增量预训练|二次预训练",
        method="pretrain",
    ),
    _word("lora", more="rslora|lora+|pissa|low-rank adaptation", method="lora"),
    _word("qlora", more="loftq", method="qlora"),
    _word("dora", method="dora"),
    _word("qdora", method="dora", quantization="nf4"),
    _word("freeze", method="freeze"),
    _word("rule", rule_of_thumb=True, alone=False),
)
MIXED = (
    _word("amp|mixed|mixed precision|混合精度", mixed_precision=True),
    _word("pure|纯16位", more="pure 16 bit", mixed_precision=False),
    _word("pure-bf16|bf16-true|纯bf16", precision="bf16", mixed_precision=False),
    _word("pure-fp16|fp16-true|纯fp16", precision="fp16", mixed_precision=False),
)
PRECISIONS = (
    _word("fp32", more="float32", precision="fp32"),
    _word("tf32", precision="tf32"),
    _word("fp16", more="float16|half precision|half-precision|半精度", precision="fp16"),
    _word("bf16", more="bfloat16", precision="bf16"),
    _word("fp8", more="float8", precision="fp8"),
)
ADAPTER_PRECISIONS = tuple(
    _word(name, adapter_precision=name, alone=False) for name in ("fp32", "bf16", "fp16")
)
QUANTIZATIONS = (
    _word(
        "nf4|4bit|int4",
        more="load in 4bit|4bit quantization|4-bits|quantized|quantised|quantization|double quant|double quantization|双重量化|量化|4比特|4位",
        quantization="nf4",
    ),
    _word("gptq", quantization="gptq"),
    _word("int8|8bit", more="load in 8bit|8bit quantization|8-bits|8比特|8位", quantization="int8"),
    _word("none", quantization=AUTO, alone=False),
)
MARKETS = (
    _word(
        "spot",
        more="spot instance|spot instances|spot vm|spot vms|preemptible|preemptible instances|竞价|竞价实例|抢占式|抢占式实例",
        market="spot",
    ),
    _word("on-demand", more="按需|按量|按量付费", market="on_demand"),
    _word("marketplace", more="marketplaces|算力市场", market="marketplace"),
)
_DEEPSPEED = Engine.DEEPSPEED.value
SHARDINGS = (
    _word("ddp|zero0", zero_stage=0),
    _word("zero1", more="zero stage 1|z1", zero_stage=1),
    _word("zero2", more="zero stage 2|ds zero2|ds z2|z2|stage2", zero_stage=2),
    _word("zero3", more="zero stage 3|ds zero3|ds z3|z3|stage3", zero_stage=3),
    *(_word(f"zero{stage}-offload", alone=True, zero_stage=stage, offload=True) for stage in (2, 3)),
    _word(
        "zero3-offload-params",
        more="zero3 offload param|zero3 offload parameters|zero stage 3 offload params|zero stage 3 offload parameters",
        zero_stage=3,
        offload=True,
        offload_params=True,
    ),
    *(
        _word(f"deepspeed stage {stage}", more=f"ds stage {stage}", zero_stage=stage, engine=_DEEPSPEED)
        for stage in (1, 2, 3)
    ),
    _word("fsdp|fsdp2", engine=Engine.FSDP.value),  # and its stage of ZERO_STAGES
    *(_word(str(stage), zero_stage=stage, alone=False) for stage in range(4)),
)
ENGINES = (
    _word(_DEEPSPEED, engine=_DEEPSPEED),
    *(_word(each.value, engine=each.value, alone=False) for each in Engine if each is not Engine.DEEPSPEED),
)
ZERO_STAGES: Final[Mapping[object, int]] = {Engine.FSDP: 3}
"""Engines whose word says how much is shared, too, unless a stage is said."""
CHECKPOINTINGS = (
    _word("full|yes|on|true|开|是", activation_checkpointing="full", alone=False),
    _word("none|no|off|false|关|否", activation_checkpointing="none", alone=False),
    _word(
        "full-recompute",
        more="full recomputation|full activation checkpointing|full activation recompute|full activation recomputation|full-ac|全量重计算|完全重计算|全部重计算|全重计算|全量激活重计算|完全激活重计算",
        activation_checkpointing="full",
    ),
    _word(
        "selective",
        more="selective activation checkpointing|selective gradient checkpointing|selective activation recompute|selective ac|选择性重计算|selective ckpt|selective checkpointing|selective recompute|selective recomputation",
        activation_checkpointing="selective",
    ),
    _word(
        "no-ckpt|no-gc|no-gradient-checkpointing|no-recompute",
        more="no-checkpointing|no-activation-checkpointing|关闭重计算|不用重计算|关闭梯度检查点|不用梯度检查点",
        activation_checkpointing="none",
    ),
)
ATTENTIONS = (
    _word(
        "flash",
        more="flash attention|flash attn|flash attention 2|flash attn 2|flash attention v2|fa2|flash attention 3|fa3",
        attention="flash",
    ),
    _word("sdpa", attention="sdpa"),
    _word("eager", attention="eager"),
)
OPTIMIZERS = (
    _word("adamw", more="adam|adamw torch", optimizer="adamw"),
    _word(
        "adamw8bit",
        more="8bit adamw|adamw bnb 8bit|8bit adam|adam 8bit|8bit optimizer|8bit optimiser|optimizer 8bit|8bit优化器|8位优化器",
        optimizer="adamw8bit",
    ),
    _word("paged_adamw", more="paged adamw 32bit", optimizer="paged_adamw"),
    _word("paged_adamw8bit", optimizer="paged_adamw8bit"),
    _word("adafactor", optimizer="adafactor"),
    _word("sgd", optimizer="sgd"),
    _word("sgd-momentum", optimizer="sgd-momentum"),
    _word("lion", optimizer="lion"),
    _word("galore", optimizer="galore"),
    _word("muon", optimizer="muon"),
    _word("apollo", optimizer="apollo"),
    _word("adamw-foreach", optimizer="adamw", optimizer_implementation="foreach"),
    _word("adamw-fused", more="adamw torch fused", optimizer="adamw", optimizer_implementation="fused"),
    _word("adamw-loop", optimizer="adamw", optimizer_implementation="loop"),
)
RANKINGS = tuple(_word(name, rank_by=name, alone=False) for name in ("cost", "time", "value"))
LANGUAGES = (
    _word("en|english|英文|英语", language="en", alone=False),
    _word("zh|chinese|中文|汉语", language="zh", alone=False),
)
UNPACKED = (_word("unpacked", more="不打包|no sample packing", packing=False),)
TARGETS = (
    _word(
        "all-linear",
        more="all linear layers|all linear modules|all the linear layers|所有线性层|全部线性层",
        lora_targets="all-linear",
    ),
)
OFFLOADS = (
    _word("params|parameters|param|all", offload=True, offload_params=True, alone=False),
    _word("optimizer", offload=True, offload_params=False, alone=False),
    _word(
        "offload-params|param-offload",
        more="parameter offload|params offload|offload parameters|offload params|offload param|参数卸载",
        offload=True,
        offload_params=True,
    ),
    _word("cpu-offload", more="offloading|offload-cpu|offload to cpu|optimizer offload|卸载", offload=True),
)
ANY_GPU = _word("any", gpu=AUTO)
ANY_SELLER = (
    _word(
        "any provider|any seller|any cloud|all providers|all sellers|任何商家|不限商家",
        more="any vendor|anyone's prices|所有商家|随便哪家",
        providers=AUTO,
        excluded_providers=AUTO,
    ),
)

EVERY_SELLER = ("all", "anyone", "anybody", "everyone", "everybody", "全部")
NO_SELLER = ("none", "nobody", "no-one", "无")
"""In the place of a seller that is wanted, or of one that is left out: what was said before is taken back."""

YES = ("yes", "on", "true", "1", "是", "开")
NO = ("no", "off", "false", "0", "否", "关")

MAX_WORDS = ("max", "maximum", "最大", "最长")
"""In the place of a size: the largest that fits."""

COMMANDS = (
    ("help", "帮助"),
    ("compare", "对比", "比较"),
    ("models", "模型"),
    ("gpus", "显卡"),
    ("prices", "价格"),
    ("recipe", "配方"),
    ("budget",),
    ("actual",),
    ("history",),
    ("settings", "设置"),
    ("undo", "撤销"),
    ("reset", "重置"),
    ("vs",),
)
PLAIN_COMMANDS = (
    "undo",
    "reset",
    "vs root",
    "budget add",
    "budget drop",
    "撤销",
    "重置",
)
"""Whole messages that are follow-ups although they set nothing."""

TARGET_GROUPS = {
    "qv": ("q_proj", "v_proj"),
    "qkvo": ("q_proj", "k_proj", "v_proj", "o_proj"),
    "mlp": ("gate_proj", "up_proj", "down_proj"),
}
TARGET_ALIASES = {"attn": "qkvo", "all": "alllinear"}
ALL_LINEAR = "all-linear"

GPU_DEFAULTS = {
    "a100": "a100-80gb",
    "a800": "a800-80gb",
    "h100": "h100-80gb",
    "v100": "v100-16gb",
    "v100s": "v100-16gb",  # several of them: whoever has a V100S says its 32 GB
    "gh200": "gh200-96gb",
    "910b": "ascend-910b",
}
"""Which of several GPUs a short name means."""

MODEL_VARIANTS = ("instruct", "chat", "base")
"""Ends of names whose model has the shape of the one without: `mistral-7b-instruct`."""

CHINESE_NAMES = (("通义千问", "qwen"), ("千问", "qwen"), ("百川", "baichuan"))
"""Families of models as Chinese writes them."""

MODEL_HUBS = ("huggingface.co", "hf.co", "hf-mirror.com", "modelscope.cn")
NOT_MODELS = (
    "datasets",
    "spaces",
    "docs",
    "blog",
    "papers",
    "collections",
    "models",
    "tasks",
    "learn",
    "organizations",
)
"""First parts of a hub's paths that are not organisations."""
