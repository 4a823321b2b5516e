"""The one table of the command language: reader, help and form are made from it.

`words` holds the values that are words, `units` what a letter after a number is worth.
"""

from decimal import Decimal

from bot.language import words
from bot.language.keys import Key, choosing, switch
from bot.language.kinds import LENGTH_SUFFIXES, Amount, Duration, Name, Real, Whole

YEAR_SECONDS = 365 * 86400

DATA = (
    Key(
        name="n",
        field="num_examples",
        kind=Whole(1, 10**12),
        aliases=("samples", "rows", "examples", "条", "数据量"),
        more=("num_samples", "num_examples", "样本数", "样本量"),
        nouns=("sample", "samples", "example", "examples", "row", "rows", "条"),
        more_nouns=words.MORE_SAMPLES,
        example="n=10k",
    ),
    Key(
        name="seq",
        field="sequence_length",
        kind=Whole(1, 10_000_000, LENGTH_SUFFIXES),
        aliases=("len", "seq_len", "sequence length", "max_len", "context", "长度"),
        more=(
            "seq_length",
            "max_seq_len",
            "max_seq_length",
            "max_length",
            "cutoff_len",
            "context_length",
            "ctx",
            "sequences",
            "序列长度",
            "最大长度",
            "上下文长度",
            "上下文",
        ),
        swallows=("token", "tokens"),
        example="seq=4k",
    ),
    Key(
        name="mean",
        field="mean_length",
        kind=Whole(1, 10_000_000, LENGTH_SUFFIXES),
        aliases=("avg", "average", "平均"),
        more=("mean_length", "mean_len", "avg_len", "average length", "mean length", "平均长度"),
        swallows=("token", "tokens"),
        example="mean=550",
    ),
    Key(
        name="tokens",
        field="num_tokens",
        kind=Whole(1, 10**15),
        more=("num_tokens",),
        nouns=("token", "tokens"),
        example="tokens=30m",
    ),
    Key(
        name="bs",
        field="global_batch_size",
        kind=Whole(1, 10**6),
        aliases=("batch", "batch_size", "gbs", "批次"),
        more=("global_batch_size", "批次大小", "批大小"),
        swallows=("sample", "samples", "example", "examples", "row", "rows", "条"),
        example="bs=32",
    ),
    Key(
        name="mbs",
        field="micro_batch_size",
        kind=Whole(1, 10**6),
        aliases=("micro_batch", "per_device"),
        more=(
            "micro_batch_size",
            "micro_bs",
            "per_device_bs",
            "per_gpu_batch_size",
            "per_gpu_train_batch_size",
            "per_device_batch_size",
            "per_device_train_batch_size",
            "每卡批次",
        ),
        swallows=("sample", "samples", "example", "examples", "row", "rows", "条"),
        example="mbs=4",
    ),
    Key(
        name="ga",
        field="gradient_accumulation_steps",
        kind=Whole(1, 10**6),
        aliases=("accum", "grad_accum"),
        more=(
            "accumulate",
            "accumulation",
            "gradient_accumulation",
            "gradient_accumulation_steps",
            "梯度累积",
        ),
        example="ga=8",
    ),
    Key(
        name="epochs",
        field="num_epochs",
        kind=Real(Decimal(0), Decimal(1000), open_low=True),
        aliases=("ep", "轮", "轮次"),
        more=("num_epochs", "num_train_epochs", "轮数", "训练轮数"),
        nouns=("epoch", "epochs", "轮"),
        more_nouns=("ep", "eps", "epoches", "passes", "遍"),
        example="epochs=3",
    ),
    Key(
        name="steps",
        field="num_steps",
        kind=Whole(1, 10**12),
        more=("num_steps", "max_steps"),
        nouns=("step", "steps", "步"),
        example="steps=500",
    ),
    Key(
        name="step",
        field="step_seconds",
        kind=Duration(1, 30 * 86400),
        more=("step_seconds", "step_time"),
        example="step=1.5s",
    ),
)

TRAINING = (
    Key(name="model", field="model", kind=Name.MODEL, aliases=("模型",), example="llama-3.1-8b"),
    choosing("method", "method", words.METHODS, more=("方法", "训练方式"), default="full", example="lora"),
    choosing("precision", "precision", (*words.PRECISIONS, *words.MIXED), default="bf16", example="bf16"),
    choosing(
        "quant", "quantization", words.QUANTIZATIONS, more=("quantization", "quantisation"), example="4bit"
    ),
    Key(
        name="r",
        field="lora_rank",
        kind=Whole(1, 65536),
        aliases=("rank",),
        more=("lora_rank", "lora_r", "秩"),
        example="r=16",
    ),
    Key(
        name="targets",
        field="lora_targets",
        kind=Name.TARGETS,
        more=("lora_targets", "target_modules", "lora_target"),
        default="all-linear",
        example="targets=qkvo",
    ),
    Key(
        name="dropout",
        field="lora_dropout",
        kind=Real(Decimal(0), Decimal(1), open_high=True),
        more=("lora_dropout",),
        example="dropout=0.05",
    ),
    choosing(
        "adapter",
        "adapter_precision",
        words.ADAPTER_PRECISIONS,
        more=("adapter_precision",),
        example="adapter=fp32",
    ),
    choosing(
        "opt",
        "optimizer",
        words.OPTIMIZERS,
        more=("optim", "optimizer", "optimiser"),
        default="adamw",
        example="opt=adamw8bit",
    ),
    switch("amp", "mixed_precision", example="fp16 amp"),
    switch(
        "packing",
        "packing",
        words=words.UNPACKED,
        more=("sample packing", "sequence packing"),
        example="packing",
    ),
    switch(
        "liger", "fused_loss", aliases=("fused-ce",), more=("fused_loss", "liger kernel"), example="liger"
    ),
    switch("compile", "compile", more=("torch.compile",), example="compile"),
    switch("padded", "padded", example="padded"),
    switch("autocast", "autocast", example="autocast"),
    switch("prepare-kbit", "prepare_kbit", example="prepare-kbit"),
    switch("keeps-logits", "keeps_logits", example="keeps-logits"),
)

HARDWARE = (
    Key(name="gpu", field="gpu", kind=Name.GPU, more=("显卡",), example="4xh100"),
    Key(
        name="gpus",
        field="num_gpus",
        kind=Whole(1, 100_000),
        more=("num_gpus", "cards", "卡数"),
        nouns=("gpu", "gpus", "card", "cards", "卡", "张"),
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
        more=("tensor_parallel",),
        example="tp=2",
    ),
    Key(
        name="pp",
        field="pipeline_parallel_size",
        kind=Whole(1, 100_000),
        more=("pipeline_parallel",),
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
    choosing("stack", "stack", words.STACKS, more=("framework",), example="stack=hf"),
    choosing("engine", "engine", words.ENGINES, example="engine=deepspeed"),
)

MONEY = (
    Key(
        name="provider",
        field="providers",
        kind=Name.PROVIDER,
        aliases=("providers",),
        more=("cloud",),
        example="aws",
    ),
    Key(
        name="exclude",
        field="excluded_providers",
        kind=Name.PROVIDER,
        more=("excluded_providers", "without_provider"),
        example="no-vast",
    ),
    choosing("market", "market", words.MARKETS, example="spot"),
    Key(name="region", field="region", kind=Name.REGION, example="region=cn-hangzhou"),
    Key(
        name="price",
        field="price_per_gpu_hour",
        kind=Amount(Decimal("0.000001"), Decimal(10**6), per_hour=True),
        more=("price_per_gpu_hour", "gpu_price", "单价"),
        example="price=27.08cny",
    ),
    Key(
        name="cur",
        field="currency",
        kind=Name.CURRENCY,
        aliases=("currency",),
        more=("货币",),
        example="cur=usd",
    ),
    Key(
        name="budget",
        field="budget",
        kind=Amount(Decimal("0.000001"), Decimal(10**12)),
        more=("预算",),
        example="budget=500usd",
    ),
    Key(
        name="deadline",
        field="deadline_seconds",
        kind=Duration(3600, 10 * YEAR_SECONDS),
        more=("截止时间", "期限"),
        example="deadline=24h",
    ),
    Key(
        name="retry",
        field="retries",
        kind=Real(Decimal(1), Decimal(10)),
        aliases=("retries", "重试"),
        more_nouns=("retry", "retries", "tries", "次重试"),
        example="retry=3",
    ),
    Key(
        name="mfu",
        field="mfu",
        kind=Real(Decimal(0), Decimal(1), open_low=True, percent=True),
        example="mfu=45%",
    ),
    choosing("rank_by", "rank_by", words.RANKINGS, default="cost", example="rank_by=time"),
    switch("rule", "rule_of_thumb", example="rule"),
    choosing("lang", "language", words.LANGUAGES, more=("language",), example="lang=zh"),
    switch("private", "private", example="private"),
)

KEYS: tuple[Key, ...] = (*TRAINING, *DATA, *HARDWARE, *MONEY)
KEY_OF_FIELD = {key.field: key for key in KEYS}
GLUED_KEYS = ("bs", "mbs", "ga", "seq", "ep", "tp", "pp", "cp", "zero")
"""Keys whose number may follow at once: `tp2`."""

MAX_CHARACTERS = 2000
MAX_TOKENS = 100
