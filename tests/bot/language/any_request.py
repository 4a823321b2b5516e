"""Requests of every kind, as the property tests draw them."""

from typing import Any

from hypothesis import strategies as st

from bot.files import load_catalog
from bot.language import Request, vocabulary_of
from estimator.spec import SaidMoney

CATALOG = load_catalog()
NAMES = vocabulary_of(
    CATALOG, dict.fromkeys(("alibaba", "aws", "azure", "gcp", "lambda", "runpod", "vast"), ())
)
OPTIMIZERS = (
    "adamw8bit",
    "paged_adamw",
    "paged_adamw8bit",
    "adafactor",
    "sgd",
    "sgd-momentum",
    "lion",
    "muon",
)

money = st.builds(
    SaidMoney,
    amount=st.decimals(min_value="0.01", max_value=10**5, places=2),
    currency=st.sampled_from([None, "USD", "CNY", "EUR"]),
)
counts = st.integers(1, 4096)
adapters = st.fixed_dictionaries(
    {},
    optional={
        "lora_rank": st.integers(1, 512),
        "lora_targets": st.sampled_from(
            [
                "all-linear",
                ("q_proj", "v_proj"),
                ("gate_proj", "up_proj", "down_proj"),
                ("W_pack",),
                ("c_attn", "Wo"),
            ]
        ),
        "lora_dropout": st.floats(0, 0.9),
        "adapter_precision": st.sampled_from(["fp32", "bf16"]),
    },
)
quantizations = st.sampled_from(["nf4", "gptq", "int8"])
methods = st.one_of(
    st.sampled_from([{}, {"method": "full"}, {"method": "freeze"}]),
    st.builds(lambda parts: {"method": "lora", **parts}, adapters),
    st.builds(
        lambda parts, quant: {"method": "qlora", "quantization": quant, **parts}, adapters, quantizations
    ),
    st.builds(
        lambda parts, kbit: {"method": "qlora", "prepare_kbit": kbit, **parts}, adapters, st.booleans()
    ),
    st.builds(
        lambda parts, quant: {"method": "dora", "quantization": quant, **parts}, adapters, quantizations
    ),
)
data = st.one_of(
    st.just({}),
    st.builds(lambda n: {"num_examples": n}, st.integers(1, 10**12)),
    st.builds(lambda n: {"num_tokens": n}, st.integers(1, 10**12)),
)
optimizers = st.one_of(
    st.just({}),
    st.builds(lambda name: {"optimizer": name}, st.sampled_from(OPTIMIZERS)),
    st.builds(
        lambda how: {"optimizer": "adamw", **({"optimizer_implementation": how} if how else {})},
        st.sampled_from([None, "foreach", "fused", "loop"]),
    ),
)
hardware = st.one_of(
    st.just({}),
    st.builds(lambda gpu: {"gpu": gpu}, st.sampled_from(sorted(CATALOG.gpus))),
    st.builds(
        lambda gpu, tp, pp, cp, nodes, dp: {
            **({"gpu": gpu} if gpu else {}),
            "num_gpus": tp * pp * cp * nodes * dp,
            "tensor_parallel_size": tp,
            "pipeline_parallel_size": pp,
            "context_parallel_size": cp,
            "num_nodes": nodes,
        },
        st.sampled_from([None, *sorted(CATALOG.gpus)]),
        *([st.integers(1, 4)] * 5),
    ),
)
models = st.one_of(
    st.sampled_from(sorted(CATALOG.models)),
    st.sampled_from(["7b", "0.5b", "1.5b", "125m", "8x7b", "910b", "8x22b", "2t"]),
    st.sampled_from(["some-org/New-9B", "a1/b2", "lora/full", "aa/bb", "Org.x/na_me.v2", "h100/a100"]),
)
others = st.fixed_dictionaries(
    {"model": models},
    optional={
        "precision": st.sampled_from(["fp32", "tf32", "fp16", "bf16", "fp8"]),
        **dict.fromkeys(
            ("mixed_precision", "offload", "packing", "padded", "fused_loss", "compile", "autocast"),
            st.booleans(),
        ),
        **dict.fromkeys(("rule_of_thumb", "private"), st.booleans()),
        "sequence_length": st.integers(1, 10**7),
        **dict.fromkeys(
            ("global_batch_size", "micro_batch_size", "gradient_accumulation_steps", "num_steps"), counts
        ),
        "num_epochs": st.one_of(st.integers(1, 1000), st.floats(1e-9, 1000, exclude_min=True)),
        "step_seconds": st.floats(1e-6, 1e5),
        "providers": st.sampled_from([("aws",), ("vast", "gcp"), ("alibaba", "lambda", "runpod")]),
        "market": st.sampled_from(["spot", "on_demand"]),
        "region": st.sampled_from(["cn-hangzhou", "us-east-1", "US_x.1"]),
        "zero_stage": st.integers(0, 3),
        "activation_checkpointing": st.sampled_from(["none", "selective", "full"]),
        "attention": st.sampled_from(["flash", "sdpa", "eager"]),
        "stack": st.sampled_from(
            ["hf", "trl", "unsloth", "torchtune", "llm-foundry", "megatron", "axolotl", "fsdp-qlora"]
        ),
        "engine": st.sampled_from(["ddp", "deepspeed", "megatron"]),
        "retries": st.one_of(st.integers(1, 10), st.floats(1, 10)),
        "mfu": st.floats(1e-3, 1),
        "price_per_gpu_hour": money,
        "budget": money,
        "currency": st.sampled_from(["USD", "CNY", "JPY"]),
        "deadline_seconds": st.one_of(st.integers(1, 10**6).map(float), st.floats(1e-3, 1e6)),
        "rank_by": st.sampled_from(["cost", "time", "value"]),
        "language": st.sampled_from(["en", "zh"]),
    },
)


def _one_batch(fields: dict[str, Any]) -> dict[str, Any]:
    """Of three numbers that make a batch the third follows."""
    made = {"global_batch_size", "micro_batch_size", "gradient_accumulation_steps"}
    return {k: v for k, v in fields.items() if k != "global_batch_size"} if made <= fields.keys() else fields


requests = st.tuples(others.map(_one_batch), methods, data, optimizers, hardware).map(
    lambda parts: Request.of_fields({name: value for part in parts for name, value in part.items()})
)
"""Of every field, each now and then."""
