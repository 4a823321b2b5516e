"""The keys of what is trained and how: model, method, precision, adapters, optimizer, switches."""

from decimal import Decimal

from bot.language import words
from bot.language.keys import Key, choosing, switch
from bot.language.kinds import Name, Real, Whole

TRAINING = (
    Key(name="model", field="model", kind=Name.MODEL, aliases=("模型",), example="llama-3.1-8b"),
    choosing("method", "method", words.METHODS, more=("方法", "训练方式"), example="lora"),
    choosing("precision", "precision", (*words.PRECISIONS, *words.MIXED), example="bf16"),
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
        words=words.TARGETS,
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
        example="opt=adamw8bit",
    ),
    switch("amp", "mixed_precision", example="fp16 amp"),
    switch(
        "packing",
        "packing",
        words=words.UNPACKED,
        more=("sample packing", "sequence packing", "packed", "打包", "样本打包", "序列打包"),
        example="packing",
    ),
    switch(
        "liger", "fused_loss", aliases=("fused-ce",), more=("fused_loss", "liger kernel"), example="liger"
    ),
    switch("loss-only", "fused_loss_only", example="loss-only"),
    switch("compile", "compile", more=("torch.compile",), example="compile"),
    switch("padded", "padded", example="padded"),
    switch("autocast", "autocast", example="autocast"),
    switch("prepare-kbit", "prepare_kbit", example="prepare-kbit"),
    switch("keeps-logits", "keeps_logits", example="keeps-logits"),
    switch("short-logits", "short_logits", example="short-logits"),
)
