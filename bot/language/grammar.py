"""The one table of the command language: reader, help and form are made from it.

A key is a field of `TrainingSpec` with its names, the kind of its value and its default;
`words` holds the values that are words.
"""

from dataclasses import dataclass
from decimal import Decimal

from bot.language import words
from bot.language.kinds import AUTO_WORDS, Amount, Choice, Duration, Kind, Name, Pairs, Real, Whole
from bot.language.names import squash
from bot.language.units import LENGTH_SUFFIXES
from bot.language.words import Word

YEAR_SECONDS = 365 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting that can be written `key=value`."""

    name: str
    """As the canonical command writes it."""
    field: str
    """Of `TrainingSpec`."""
    kind: Kind
    aliases: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    """Aliases that count only where the bot is spoken to."""
    nouns: tuple[str, ...] = ()
    """Words that take their number first: `3 epochs`."""
    swallows: tuple[str, ...] = ()
    """Nouns that may follow the value and add nothing: `seq 4096 tokens`."""
    words: tuple[Word, ...] = ()
    """The values that are words, with what each sets."""
    alone: Pairs = ()
    """What the key sets without a value: `packing`."""
    default: str = ""
    example: str
    section: str
    en: str
    zh: str


def _choice(entries: tuple[Word, ...]) -> Choice:
    by_word = {squash(s): w.sets for w in entries for s in (*w.spellings, *w.more)}
    return Choice(by_word, tuple(w.spellings[0] for w in entries))


def _choosing(name: str, field: str, entries: tuple[Word, ...], **rest: object) -> Key:
    return Key(name=name, field=field, kind=_choice(entries), words=entries, **rest)  # type: ignore[arg-type]  # the fields of Key


def _switch(name: str, field: str, en: str, zh: str, *, more: tuple[str, ...] = (), **rest: object) -> Key:
    on, off = ((field, True),), ((field, False),)
    values = Choice({**dict.fromkeys(words.YES, on), **dict.fromkeys(words.NO, off)}, ("yes", "no"))
    return Key(name=name, field=field, kind=values, alone=on, more=more, en=en, zh=zh, **rest)  # type: ignore[arg-type]  # the fields of Key


DATA = (
    Key(
        name="n",
        field="num_examples",
        kind=Whole(1, 10**12),
        aliases=("samples", "rows", "examples", "条", "数据量"),
        more=("num_samples", "num_examples"),
        nouns=("sample", "samples", "example", "examples", "row", "rows", "条"),
        default="10,000",
        example="n=10k",
        section="data",
        en="training samples",
        zh="训练样本条数",
    ),
    Key(
        name="seq",
        field="sequence_length",
        kind=Whole(1, 10_000_000, LENGTH_SUFFIXES),
        aliases=("len", "seq_len", "sequence length", "max_len", "context", "长度"),
        more=("seq_length", "max_seq_len", "max_seq_length", "max_length", "cutoff_len", "context_length"),
        swallows=("token", "tokens"),
        default="1,024",
        example="seq=4k",
        section="data",
        en="tokens in one sequence (4k = 4096)",
        zh="每条序列的 token 数（4k = 4096）",
    ),
    Key(
        name="tokens",
        field="num_tokens",
        kind=Whole(1, 10**15),
        more=("num_tokens",),
        nouns=("token", "tokens"),
        example="tokens=30m",
        section="data",
        en="tokens of the whole data set, instead of n",
        zh="整个数据集的 token 数，代替 n",
    ),
    Key(
        name="bs",
        field="global_batch_size",
        kind=Whole(1, 10**6),
        aliases=("batch", "batch_size", "gbs", "批次"),
        more=("global_batch_size",),
        swallows=("sample", "samples", "example", "examples", "row", "rows", "条"),
        default="32",
        example="bs=32",
        section="data",
        en="sequences per optimizer step, over all GPUs",
        zh="每个优化器步的序列数（全部 GPU）",
    ),
    Key(
        name="mbs",
        field="micro_batch_size",
        kind=Whole(1, 10**6),
        aliases=("micro_batch", "per_device"),
        more=("micro_batch_size", "per_device_batch_size", "per_device_train_batch_size"),
        swallows=("sample", "samples", "example", "examples", "row", "rows", "条"),
        example="mbs=4",
        section="data",
        en="sequences per data-parallel rank and pass",
        zh="每个数据并行 rank 每次前向的序列数",
    ),
    Key(
        name="ga",
        field="gradient_accumulation_steps",
        kind=Whole(1, 10**6),
        aliases=("accum", "grad_accum"),
        more=("gradient_accumulation", "gradient_accumulation_steps"),
        example="ga=8",
        section="data",
        en="passes per optimizer step",
        zh="每个优化器步的累积次数",
    ),
    Key(
        name="epochs",
        field="num_epochs",
        kind=Real(Decimal(0), Decimal(1000), open_low=True),
        aliases=("ep", "轮", "轮次"),
        more=("num_epochs", "num_train_epochs"),
        nouns=("epoch", "epochs", "轮"),
        default="3",
        example="epochs=3",
        section="data",
        en="passes over the data, may be fractional",
        zh="训练轮数，可为小数",
    ),
    Key(
        name="steps",
        field="num_steps",
        kind=Whole(1, 10**12),
        more=("num_steps", "max_steps"),
        nouns=("step", "steps", "步"),
        example="steps=500",
        section="data",
        en="optimizer steps of the run; wins over epochs and n",
        zh="优化器步数；优先于 epochs 与 n",
    ),
    Key(
        name="step",
        field="step_seconds",
        kind=Duration(1, 30 * 86400),
        more=("step_seconds", "step_time"),
        example="step=1.5s",
        section="data",
        en="measured seconds of one step",
        zh="实测每步秒数",
    ),
)

TRAINING = (
    Key(
        name="model",
        field="model",
        kind=Name.MODEL,
        example="llama-3.1-8b",
        section="model",
        en="a size (7b), a model of the catalogue, or a hub name",
        zh="规模（7b）、目录中的模型或模型库名称",
    ),
    _choosing(
        "method", "method", words.METHODS, default="full", example="lora", section="model",
        en="what is trained; method=rule makes the rule of thumb the headline",
        zh="训练方式；method=rule 以经验法则为主",
    ),
    _choosing(
        "precision", "precision", (*words.PRECISIONS, *words.MIXED), default="bf16", example="bf16", section="model",
        en="number format; alone, everything is 16 bit", zh="数值精度；单独使用时全部为 16 位",
    ),
    _choosing(
        "quant", "quantization", words.QUANTIZATIONS, more=("quantization", "quantisation"), example="4bit",
        section="model", en="how a frozen base is stored", zh="冻结底模的存储方式",
    ),
    Key(
        name="r",
        field="lora_rank",
        kind=Whole(1, 65536),
        aliases=("rank",),
        more=("lora_rank", "lora_r"),
        default="16",
        example="r=16",
        section="model",
        en="LoRA rank",
        zh="LoRA 秩",
    ),
    Key(
        name="targets",
        field="lora_targets",
        kind=Name.TARGETS,
        more=("lora_targets", "target_modules", "lora_target"),
        default="all-linear",
        example="targets=qkvo",
        section="model",
        en="modules with adapters: all-linear, qv, qkvo, mlp, or names joined with +",
        zh="加适配器的模块：all-linear、qv、qkvo、mlp，或用 + 连接的模块名",
    ),
    Key(
        name="dropout",
        field="lora_dropout",
        kind=Real(Decimal(0), Decimal(1), open_high=True),
        more=("lora_dropout",),
        example="dropout=0.05",
        section="expert",
        en="dropout of the adapters",
        zh="适配器的 dropout",
    ),
    _choosing(
        "adapter", "adapter_precision", words.ADAPTER_PRECISIONS, more=("adapter_precision",), example="adapter=fp32",
        section="expert", en="number format of the adapters", zh="适配器的精度",
    ),
    _choosing(
        "opt", "optimizer", words.OPTIMIZERS, more=("optim", "optimizer", "optimiser"), default="adamw",
        example="opt=adamw8bit", section="model", en="optimizer", zh="优化器",
    ),
    _switch("amp", "mixed_precision", "fp32 weights, 16-bit compute", "fp32 权重，16 位计算",
            example="fp16 amp", section="model"),
    _switch("packing", "packing", "samples are packed to full length", "样本打包到满长度",
            example="packing", section="model"),
    _switch("liger", "fused_loss", "fused linear and cross-entropy", "融合线性层与交叉熵",
            aliases=("fused-ce",), more=("fused_loss",), example="liger", section="model"),
    _switch("compile", "compile", "torch.compile", "torch.compile",
            more=("torch.compile",), example="compile", section="model"),
    _switch("padded", "padded", "a real padding mask reaches attention", "注意力使用真实的填充掩码",
            example="padded", section="expert"),
    _switch("autocast", "autocast", "16-bit weights under autocast", "16 位权重加 autocast",
            example="autocast", section="expert"),
    _switch("prepare-kbit", "prepare_kbit", "PEFT's k-bit preparation", "PEFT 的 k-bit 准备",
            example="prepare-kbit", section="expert"),
)  # fmt: skip

HARDWARE = (
    Key(
        name="gpu",
        field="gpu",
        kind=Name.GPU,
        default="the planner's choice",
        example="4xh100",
        section="hardware",
        en="GPU type, with its total count: 4xh100, a100-80g, gpu=any",
        zh="GPU 型号与总数：4xh100、a100-80g、gpu=any",
    ),
    Key(
        name="gpus",
        field="num_gpus",
        kind=Whole(1, 100_000),
        more=("num_gpus", "cards"),
        nouns=("gpu", "gpus", "card", "cards", "卡", "张"),
        default="the planner's choice",
        example="gpus=8",
        section="hardware",
        en="GPUs in all",
        zh="GPU 总数",
    ),
    Key(
        name="nodes",
        field="num_nodes",
        kind=Whole(1, 100_000),
        more=("num_nodes",),
        nouns=("node", "nodes", "节点"),
        example="nodes=2",
        section="hardware",
        en="machines they are spread over (must divide)",
        zh="机器数（须整除 GPU 总数）",
    ),
    _choosing(
        "zero", "zero_stage", words.SHARDINGS, more=("zero_stage",), example="zero3", section="hardware",
        en="what data-parallel ranks shard: ddp, zero1, zero2, zero3, fsdp", zh="数据并行的切分：ddp、zero1、zero2、zero3、fsdp",
    ),
    Key(name="tp", field="tensor_parallel_size", kind=Whole(1, 100_000), more=("tensor_parallel",), example="tp=2",
        section="hardware", en="tensor-parallel size", zh="张量并行数"),
    Key(name="pp", field="pipeline_parallel_size", kind=Whole(1, 100_000), more=("pipeline_parallel",), example="pp=2",
        section="hardware", en="pipeline-parallel size", zh="流水线并行数"),
    Key(name="cp", field="context_parallel_size", kind=Whole(1, 100_000), more=("context_parallel",), example="cp=2",
        section="hardware", en="context-parallel size", zh="上下文并行数"),
    _switch("offload", "offload", "optimizer states live in host memory", "优化器状态放在主机内存",
            example="offload", section="hardware"),
    _choosing(
        "ckpt", "activation_checkpointing", words.CHECKPOINTINGS, aliases=("gc", "gradient checkpointing", "recompute"),
        more=("checkpointing", "activation checkpointing"), alone=(("activation_checkpointing", "full"),),
        example="ckpt", section="hardware", en="activation checkpointing: ckpt, selective, no-ckpt",
        zh="激活重计算：ckpt、selective、no-ckpt",
    ),
    _choosing(
        "attn", "attention", words.ATTENTIONS, more=("attention", "attn_implementation"), example="flash",
        section="hardware", en="attention kernel", zh="注意力内核",
    ),
    _choosing(
        "stack", "stack", words.STACKS, more=("framework",), default="hf", example="stack=hf", section="hardware",
        en="whose training loop", zh="训练框架",
    ),
)  # fmt: skip

MONEY = (
    Key(
        name="provider",
        field="providers",
        kind=Name.PROVIDER,
        aliases=("providers",),
        more=("cloud",),
        example="aws",
        section="money",
        en="whose prices: aws gcp azure alibaba lambda runpod vast …; several make a list",
        zh="取价的云厂商：aws gcp azure alibaba（阿里云）…；可写多个",
    ),
    _choosing("market", "market", words.MARKETS, example="spot", section="money", en="spot or on demand", zh="竞价或按需"),
    Key(name="region", field="region", kind=Name.REGION, example="region=cn-hangzhou", section="money",
        en="where", zh="地域"),
    Key(name="price", field="price_per_gpu_hour", kind=Amount(Decimal(0), Decimal(10**6), per_hour=True),
        more=("price_per_gpu_hour", "gpu_price"), default="the market's", example="price=27.08cny", section="money",
        en="price of one GPU-hour", zh="每 GPU 小时价格"),
    Key(name="cur", field="currency", kind=Name.CURRENCY, aliases=("currency",), default="CNY in Chinese, else USD",
        example="cur=usd", section="money", en="currency shown", zh="显示货币"),
    Key(name="budget", field="budget", kind=Amount(Decimal("0.000001"), Decimal(10**12)), example="budget=500usd",
        section="money", en="plans that cost more are marked and come last", zh="超出预算的方案会标注并排在最后"),
    Key(name="deadline", field="deadline_seconds", kind=Duration(3600, 10 * YEAR_SECONDS), example="deadline=24h",
        section="money", en="plans that take longer are marked and come last", zh="超时的方案会标注并排在最后"),
    Key(name="retry", field="retries", kind=Real(Decimal(1), Decimal(10)), aliases=("retries", "重试"), default="3",
        example="retry=3", section="money", en="how many times the run is paid for", zh="按几次运行计费"),
    Key(name="mfu", field="mfu", kind=Real(Decimal(0), Decimal(1), open_low=True, percent=True), default="calibrated",
        example="mfu=45%", section="money", en="share of the GPU's peak that is used", zh="算力利用率"),
    _choosing("rank_by", "rank_by", words.RANKINGS, default="cost", example="rank_by=time", section="money",
              en="what comes first: cost, time or value", zh="排序依据：cost、time 或 value"),
    _switch("rule", "rule_of_thumb", "the rule of thumb is the headline", "以经验法则为主", example="rule", section="money"),
    _choosing("lang", "language", words.LANGUAGES, more=("language",), default="yours", example="lang=zh",
              section="money", en="language of the answer", zh="回答语言"),
    _switch("private", "private", "only you see the answer", "仅自己可见", example="private", section="money"),
)  # fmt: skip

KEYS: tuple[Key, ...] = (*TRAINING, *DATA, *HARDWARE, *MONEY)
KEY_OF_FIELD = {key.field: key for key in KEYS}
GLUED_KEYS = ("bs", "mbs", "ga", "seq", "ep", "tp", "pp", "cp", "zero")
"""Keys whose number may follow at once: `tp2`."""

MAX_CHARACTERS = 2000
MAX_TOKENS = 100

__all__ = ["AUTO_WORDS", "KEYS", "KEY_OF_FIELD", "Key"]
