"""`format_request` writes the command that reads back to the same request."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.files import load_catalog, load_sellers
from bot.language import Request, Vocabulary, change_text, format_request, read, vocabulary_of
from estimator.spec import SaidMoney, TrainingSpec

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


@given(st.tuples(others.map(_one_batch), methods, data, optimizers, hardware))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_reading_what_was_written_gives_the_same_request(parts: tuple[dict[str, Any], ...]) -> None:
    request = Request.of_fields({name: value for part in parts for name, value in part.items()})
    for command in (format_request(request), format_request(request, NAMES)):
        reading = read(command, NAMES)
        assert reading.request == request, (command, reading.problems)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (
            "epochs 3, batch of 32, FP16 full 7B with 10,000 samples seq 1k",
            "7b full fp16 n=10000 seq=1024 bs=32 epochs=3",
        ),
        ("用两张4090全参微调7b，长度2k", "7b full seq=2048 2xrtx-4090"),
        ("7b 4bit r=8 targets=attn", "7b qlora nf4 r=8 targets=qkvo"),
        ("7b price=27.080cny budget $500 deadline 2d", "7b price=27.080cny budget=500usd deadline=48h"),
        ("model=910b 910b gpus=8", "model=910b 8xascend-910b"),
        ("7b aws gcp spot region=us-east-1 private", "7b aws gcp spot region=us-east-1 private"),
        ("7b step 900ms mfu 45 retry=2.0", "7b step=0.9s retry=2 mfu=0.45"),
    ],
)
def test_the_canonical_command_is_short_and_in_one_order(names: Vocabulary, text: str, command: str) -> None:
    request = read(text, names).request
    assert request is not None
    assert format_request(request) == command


def test_an_amount_keeps_its_digits() -> None:
    spec = TrainingSpec(model="7b", price_per_gpu_hour=SaidMoney(amount=Decimal("1E+3"), currency="CNY"))
    assert format_request(Request(spec=spec)) == "7b price=1000cny"


def test_how_an_answer_is_shown_comes_last() -> None:
    request = Request(spec=TrainingSpec(model="7b"), language="zh", rule_of_thumb=True, private=False)
    assert format_request(request) == "7b lang=zh rule no-private"
    assert list(request.said()) == ["model", "rule_of_thumb", "language", "private"]


def test_a_change_is_written_as_it_reads_well_whatever_its_order() -> None:
    changes = {"fused_loss": True, "zero_stage": 3, "num_gpus": 8, "lora_rank": 16, "method": "lora"}
    assert change_text(changes) == "lora r=16 gpus=8 zero3 liger"
    assert change_text({**changes, "engine": "fsdp"}) == "lora r=16 gpus=8 fsdp liger"


SELLERS = load_sellers()
SOLD = vocabulary_of(CATALOG, SELLERS)


@pytest.mark.parametrize("seller", SELLERS)
def test_every_seller_is_read_from_its_command_and_by_its_names(seller: str) -> None:
    """With other sellers or without, taken or left out; `modal` and `together` are words of their own."""
    for fields in (
        {"providers": (seller,)},
        {"providers": tuple(dict.fromkeys(("aws", seller, "vast")))},
        {"excluded_providers": (seller,)},
        {"providers": (seller,), "gpu": "h100-80gb", "num_gpus": 8, "region": "us-east-1", "market": "spot"},
    ):
        request = Request.of_fields({"model": "7b", **fields})
        for command in (format_request(request), format_request(request, SOLD)):
            assert read(command, SOLD).request == request, command
    for name in (seller, *SELLERS[seller]):
        spec = read(f"7b provider={name}", SOLD).spec
        assert spec is not None, name
        assert spec.providers == (seller,), name


def test_every_gpu_is_read_from_its_command() -> None:
    for gpu in CATALOG.gpus:
        for num_gpus in (None, 1, 16):
            request = Request.of_fields(
                {"model": "7b", "gpu": gpu, **({"num_gpus": num_gpus} if num_gpus else {})}
            )
            for names in (None, SOLD):
                assert read(format_request(request, names), SOLD).request == request, gpu
