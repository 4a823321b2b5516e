"""Every row of the language's table: what is typed, and the JSON of the spec."""

from typing import Any

import pytest

from bot.language import Vocabulary, read

LORA = {"method": "lora"}
QLORA = {"method": "qlora"}
QKVO = ["q_proj", "k_proj", "v_proj", "o_proj"]

MODELS = [
    ("7b", "7b"),
    ("7B", "7b"),
    ("1.5b", "1.5b"),
    ("125m", "125m"),
    ("8x7b", "8x7b"),
    ("07b", "7b"),
    ("7.0b", "7b"),
    ("llama-3.1-8b", "llama-3.1-8b"),
    ("LLaMA-3.1-8B", "llama-3.1-8b"),
    ("llama 3.1 8b", "llama-3.1-8b"),
    ("llama3.1-8b", "llama-3.1-8b"),
    ("llama_3.1_8b", "llama-3.1-8b"),
    ("qwen2.5-7b", "qwen2.5-7b"),
    ("mistral 7b", "mistral-7b"),
    ("opt 13b", "opt-13b"),
    ("13b opt", "opt-13b"),
    ("meta-llama/Llama-2-7b-hf", "llama-2-7b"),
    ("META-LLAMA/llama-2-7B-hf", "llama-2-7b"),
    ("Qwen/Qwen2.5-7B-Instruct", "qwen2.5-7b-instruct"),
    ("Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct"),
    ("Some-Org/My_Model-9B", "Some-Org/My_Model-9B"),
    ("model=7b", "7b"),
    ("model 7b", "7b"),
    ("model: mistral 7b", "mistral-7b"),
    ("model=910b", "910b"),
    ("model=8x910b", "8x910b"),
    ("llama-3-70b-12l", "llama-3-70b-12l"),
]

MLP = ["gate_proj", "up_proj", "down_proj"]
LISTS_OF_MODULES = (
    "targets=q_proj,v_proj",
    "targets=q_proj, v_proj",
    "targets=q_proj，v_proj",
    "targets=q_proj、v_proj",
    "targets q_proj v_proj",
    "target_modules=q_proj,v_proj",
    'target_modules=["q_proj", "v_proj"]',
    "target_modules: ['q_proj','v_proj']",
)
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    *((name, {"precision": name}) for name in ("fp32", "tf32", "fp16", "bf16", "fp8")),
    *(
        (name, {"mixed_precision": True})
        for name in ("amp", "mixed", "mixed precision", "mixed-precision", "混合精度")
    ),
    ("fp16 amp", {"precision": "fp16", "mixed_precision": True}),
    ("precision=bf16", {"precision": "bf16"}),
    *(
        (name, {**QLORA, "quantization": "nf4"})
        for name in ("4bit", "int4", "nf4", "4-bit", "4 bit", "quant=4bit")
    ),
    *((name, {**QLORA, "quantization": "int8"}) for name in ("8bit", "int8")),
    ("gptq", {**QLORA, "quantization": "gptq"}),
    ("lora 4bit", {**QLORA, "quantization": "nf4"}),
    ("4bit r=8", {**QLORA, "quantization": "nf4", "lora_rank": 8}),
    ("qlora", QLORA),
    ("dora 8bit", {"method": "dora", "quantization": "int8"}),
    *((name, {"method": "full"}) for name in ("full", "全参", "全参数", "全量", "method=full")),
    *((name, {}) for name in ("sft", "监督微调")),
    *((name, {"method": "full"}) for name in ("pretraining", "预训练")),
    ("lora", LORA),
    ("sft lora", LORA),
    ("dora", {"method": "dora"}),
    ("freeze", {"method": "freeze"}),
    ("r=8", {**LORA, "lora_rank": 8}),
    ("rank=8", {**LORA, "lora_rank": 8}),
    ("rank 8", {**LORA, "lora_rank": 8}),
    ("qlora r=8", {**QLORA, "lora_rank": 8}),
    ("targets=all-linear", {**LORA, "lora_targets": "all-linear"}),
    ("targets=qv", {**LORA, "lora_targets": ["q_proj", "v_proj"]}),
    ("targets=qkvo", {**LORA, "lora_targets": QKVO}),
    ("targets=attn", {**LORA, "lora_targets": QKVO}),
    ("targets=mlp", {**LORA, "lora_targets": MLP}),
    ("targets=W_pack", {**LORA, "lora_targets": ["W_pack"]}),
    ("targets=q_proj+k_proj", {**LORA, "lora_targets": ["q_proj", "k_proj"]}),
    *((typed, {**LORA, "lora_targets": ["q_proj", "v_proj"]}) for typed in LISTS_OF_MODULES),
    ("targets=q,v", {**LORA, "lora_targets": ["q", "v"]}),
    ("targets=wqkv,nonsense", {**LORA, "lora_targets": ["wqkv", "nonsense"]}),
    ("targets=q_proj+v_proj,mlp", {**LORA, "lora_targets": ["q_proj", "v_proj", *MLP]}),
    ("targets=embed_tokens, lm_head", {**LORA, "lora_targets": ["embed_tokens", "lm_head"]}),
    ("targets=q_proj,r=8", {**LORA, "lora_targets": ["q_proj"], "lora_rank": 8}),
    ("targets=q_proj,4bit", {**QLORA, "quantization": "nf4", "lora_targets": ["q_proj"]}),
    ("targets=q_proj,aws", {**LORA, "lora_targets": ["q_proj"], "providers": ["aws"]}),
    (
        "targets=q_proj,n=10,000,bs=8",
        {**LORA, "lora_targets": ["q_proj"], "num_examples": 10000, "global_batch_size": 8},
    ),
    ("dropout=0.05", {**LORA, "lora_dropout": 0.05}),
    ("adapter=fp32", {**LORA, "adapter_precision": "fp32"}),
    ("autocast", {"autocast": True}),
    ("padded", {"padded": True}),
    ("qlora prepare-kbit", {**QLORA, "prepare_kbit": True}),
    ("pure", {"mixed_precision": False}),
    ("纯bf16", {"precision": "bf16", "mixed_precision": False}),
    ("hf@4.48", {"stack": "hf", "stack_release": "4.48"}),
    ("stack=torchtitan@2024-12", {"stack": "torchtitan", "stack_release": "2024-12"}),
    ("keeps-logits", {"keeps_logits": True}),
    ("short-logits", {"short_logits": True}),
    ("liger loss-only", {"fused_loss": True, "fused_loss_only": True}),
    ("opt=adamw-foreach", {"optimizer": "adamw", "optimizer_implementation": "foreach"}),
    ("adamw-fused", {"optimizer": "adamw", "optimizer_implementation": "fused"}),
    ("opt=adamw-loop", {"optimizer": "adamw", "optimizer_implementation": "loop"}),
    *(
        (f"{prefix}{name}", {"optimizer": name})
        for prefix in ("", "opt=", "opt ")
        for name in (
            *("adamw", "adamw8bit", "paged_adamw", "paged_adamw8bit", "adafactor", "sgd"),
            *("sgd-momentum", "lion", "galore", "muon", "apollo"),
        )
    ),
    ("paged adamw 8bit", {"optimizer": "paged_adamw8bit"}),
    ("ddp", {"zero_stage": 0}),
    ("zero1", {"zero_stage": 1}),
    ("zero-3", {"zero_stage": 3}),
    ("zero 2", {"zero_stage": 2}),
    ("zero=2", {"zero_stage": 2}),
    ("fsdp", {"zero_stage": 3, "engine": "fsdp"}),
    ("fsdp zero3", {"zero_stage": 3, "engine": "fsdp"}),
    ("fsdp zero2", {"zero_stage": 2, "engine": "fsdp"}),
    ("deepspeed", {"engine": "deepspeed"}),
    ("stack=deepspeed", {"engine": "deepspeed"}),
    ("tp=2", {"tensor_parallel_size": 2}),
    ("pp=2", {"pipeline_parallel_size": 2}),
    ("cp=2", {"context_parallel_size": 2}),
    ("offload", {"offload": True}),
    *(
        (name, {"activation_checkpointing": "full"})
        for name in (
            "ckpt",
            "gc",
            "gradient checkpointing",
            "gradient_checkpointing",
            "recompute",
            "ckpt=full",
        )
    ),
    ("selective", {"activation_checkpointing": "selective"}),
    ("ckpt=selective", {"activation_checkpointing": "selective"}),
    ("no-ckpt", {"activation_checkpointing": "none"}),
    ("no ckpt", {"activation_checkpointing": "none"}),
    ("ckpt=none", {"activation_checkpointing": "none"}),
    *((name, {"attention": name}) for name in ("flash", "sdpa", "eager")),
    ("attn=flash", {"attention": "flash"}),
    ("packing", {"packing": True}),
    ("no-packing", {"packing": False}),
    ("packing=yes", {"packing": True}),
    ("packing=no", {"packing": False}),
    ("packing off", {"packing": False}),
    ("liger", {"fused_loss": True}),
    ("fused-ce", {"fused_loss": True}),
    ("no-liger", {"fused_loss": False}),
    ("no-fused-ce", {"fused_loss": False}),
    ("compile", {"compile": True}),
    ("no-compile", {"compile": False}),
    *((name, {"stack": "hf"}) for name in ("hf", "transformers", "peft", "stack=hf")),
    *(
        (name, {"stack": name})
        for name in (
            "unsloth",
            "torchtune",
            "litgpt",
            "torchtitan",
            "llm-foundry",
            "megatron",
            "trl",
            "llama-factory",
            "axolotl",
            "swift",
            "xtuner",
        )
    ),
    ("nemo", {"stack": "megatron"}),
    ("fsdp-qlora", {"stack": "fsdp-qlora"}),
    ("fsdp qlora", {**QLORA, "zero_stage": 3, "engine": "fsdp"}),
    ("aws", {"providers": ["aws"]}),
    ("aws gcp azure", {"providers": ["aws", "gcp", "azure"]}),
    *((name, {"providers": ["alibaba"]}) for name in ("alibaba", "aliyun", "阿里云", "provider=aliyun")),
    ("provider=aws,gcp", {"providers": ["aws", "gcp"]}),
    ("lambda runpod vast", {"providers": ["lambda", "runpod", "vast"]}),
    ("spot", {"market": "spot"}),
    *((name, {"market": "on_demand"}) for name in ("on-demand", "on demand", "market=on-demand")),
    ("region=cn-hangzhou", {"region": "cn-hangzhou"}),
    ("region US-East-1", {"region": "US-East-1"}),
    ("retry=3", {"retries": 3}),
    ("retries 2.5", {"retries": 2.5}),
    ("重试3", {"retries": 3}),
    ("mfu=0.45", {"mfu": 0.45}),
    ("mfu=45%", {"mfu": 0.45}),
    ("mfu=45", {"mfu": 0.45}),
    ("mfu=1", {"mfu": 1.0}),
    ("rank_by=time", {"rank_by": "time"}),
    ("rank by value", {"rank_by": "value"}),
    ("rule", {"rule_of_thumb": True}),
    ("method=rule", {"rule_of_thumb": True}),
    ("method=rule lora", {**LORA, "rule_of_thumb": True}),
    ("lang=zh", {"language": "zh"}),
    ("private", {"private": True}),
]

GPUS: list[tuple[str, dict[str, Any]]] = [
    ("a100", {"gpu": "a100-80gb"}),
    ("a100-80g", {"gpu": "a100-80gb"}),
    ("a100 80gb", {"gpu": "a100-80gb"}),
    ("a100 40g", {"gpu": "a100-40gb"}),
    ("A100-SXM4-80GB", {"gpu": "a100-80gb"}),
    ("h100", {"gpu": "h100-80gb"}),
    ("v100", {"gpu": "v100-16gb"}),
    ("v100-32gb", {"gpu": "v100-32gb"}),
    ("4090", {"gpu": "rtx-4090"}),
    ("rtx4090", {"gpu": "rtx-4090"}),
    ("RTX 4090", {"gpu": "rtx-4090"}),
    ("4090 24gb", {"gpu": "rtx-4090"}),
    ("l40s", {"gpu": "l40s"}),
    ("910b", {"gpu": "ascend-910b"}),
    ("gpu=a100", {"gpu": "a100-80gb"}),
    ("gpu=a100 80gb", {"gpu": "a100-80gb"}),
    *(
        (text, {"gpu": "h100-80gb", "num_gpus": 4})
        for text in (
            *("4xh100", "4x h100", "4 x h100", "4XH100", "h100x4", "h100 x4", "h100 x 4", "4*h100", "h100*4"),
            *(
                "4 × h100",
                "4×h100",
                "4 h100s",
                "4 h100",
                "four h100s",
                "四张h100",
                "4张h100",
                "4卡h100",
                "h100 4卡",
            ),
            *("gpu=4xh100", "gpu: 4 h100s", "h100 gpus=4", "4 gpus h100", "4 h100 gpus", "h100 4 cards"),
        )
    ),
    *(
        (text, {"gpu": "rtx-4090", "num_gpus": 2})
        for text in ("2x4090", "2 4090", "two 4090s", "两张4090", "双卡4090", "2x rtx 4090", "4090x2")
    ),
    ("8*4090", {"gpu": "rtx-4090", "num_gpus": 8}),
    ("2 × l40s", {"gpu": "l40s", "num_gpus": 2}),
    ("单卡a100", {"gpu": "a100-80gb", "num_gpus": 1}),
    ("8x910b", {"gpu": "ascend-910b", "num_gpus": 8}),
    *(
        (text, {"num_gpus": 8})
        for text in ("gpus=8", "gpus 8", "8 gpus", "8 gpu", "8 cards", "8卡", "8张", "八卡", "8gpus")
    ),
    ("nodes=2", {"num_nodes": 2}),
    ("2 nodes", {"num_nodes": 2}),
    ("2节点16卡", {"num_nodes": 2, "num_gpus": 16}),
    ("2 nodes of 8 h100s", {"gpu": "h100-80gb", "num_gpus": 16, "num_nodes": 2}),
    ("2 nodes of 8xh100", {"gpu": "h100-80gb", "num_gpus": 16, "num_nodes": 2}),
    ("2 nodes of 8 gpus", {"num_gpus": 16, "num_nodes": 2}),
    ("16 h100s 2 nodes", {"gpu": "h100-80gb", "num_gpus": 16, "num_nodes": 2}),
    ("gpu=any", {}),
    ("mbs=auto", {}),
]

MONEY: list[tuple[str, str, dict[str, str]]] = [
    *(
        (f"price={text}", "price_per_gpu_hour", {"amount": amount, "currency": currency})
        for text, amount, currency in (
            *(("27.08cny", "27.08", "CNY"), ("$1.99", "1.99", "USD"), ("¥27.08", "27.08", "CNY")),
            *(("￥27.08", "27.08", "CNY"), ("2.1usd/h", "2.1", "USD"), ("27.08元", "27.08", "CNY")),
            *(("27.08元/小时", "27.08", "CNY"), ("2.10 usd", "2.10", "USD"), ("eur2", "2", "EUR")),
        )
    ),
    ("price 2.5", "price_per_gpu_hour", {"amount": "2.5"}),
    ("budget=500usd", "budget", {"amount": "500", "currency": "USD"}),
    ("budget 500 usd", "budget", {"amount": "500", "currency": "USD"}),
    ("budget ¥5,000", "budget", {"amount": "5000", "currency": "CNY"}),
    ("budget=1万元", "budget", {"amount": "10000", "currency": "CNY"}),
]


@pytest.mark.parametrize(("typed", "model"), MODELS)
def test_a_model_is_read(names: Vocabulary, typed: str, model: str) -> None:
    assert _said(names, f"{typed} flash") == {"model": model, "attention": "flash"}


@pytest.mark.parametrize("setting", ["opt=sgd", "opt: sgd"])
def test_a_key_after_a_size_is_no_family_of_models(names: Vocabulary, setting: str) -> None:
    assert _said(names, f"13b {setting}") == {"model": "13b", "optimizer": "sgd"}


@pytest.mark.parametrize(("typed", "said"), [*SETTINGS, *GPUS])
def test_a_token_sets_its_fields_and_no_others(names: Vocabulary, typed: str, said: dict[str, Any]) -> None:
    assert _said(names, f"7b {typed}") == {"model": "7b", **said}
    assert _said(names, f"{typed} model=7b") == {"model": "7b", **said}


@pytest.mark.parametrize(("typed", "field", "money"), MONEY)
def test_money_keeps_its_digits_and_its_currency(
    names: Vocabulary, typed: str, field: str, money: dict[str, str]
) -> None:
    assert _said(names, f"7b {typed}") == {"model": "7b", field: money}


@pytest.mark.parametrize("typed", ["cur=usd", "currency=USD", "cur usd", "cur=$"])
def test_a_currency_is_an_iso_code(names: Vocabulary, typed: str) -> None:
    assert _said(names, f"7b {typed}") == {"model": "7b", "currency": "USD"}


@pytest.mark.parametrize(
    ("typed", "field", "seconds"),
    [
        ("deadline=24h", "deadline_seconds", 86400),
        ("deadline=2d", "deadline_seconds", 172800),
        ("deadline=90min", "deadline_seconds", 5400),
        ("deadline=24", "deadline_seconds", 86400),
        ("deadline 24 h", "deadline_seconds", 86400),
        ("deadline=2天", "deadline_seconds", 172800),
        ("deadline=24小时", "deadline_seconds", 86400),
        ("deadline=90分钟", "deadline_seconds", 5400),
        ("step=1.5s", "step_seconds", 1.5),
        ("step=900ms", "step_seconds", 0.9),
        ("step=1.5", "step_seconds", 1.5),
        ("step 1.5s", "step_seconds", 1.5),
    ],
)
def test_a_duration_is_in_seconds(names: Vocabulary, typed: str, field: str, seconds: float) -> None:
    assert _said(names, f"7b {typed}") == {"model": "7b", field: seconds}


def _said(names: Vocabulary, text: str) -> dict[str, Any]:
    reading = read(text, names)
    assert reading.request is not None, (text, reading.problems)
    return reading.request.said()
