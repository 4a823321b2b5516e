"""Estimates to draw cards of: the worked example and its neighbours, with illustrative figures."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from bot.files import load_catalog
from estimator.memory.estimate import MemoryEstimate, MemoryParts, Phase, Verdict
from estimator.money import Money
from estimator.outcome import (
    Converted,
    Estimate,
    Fix,
    MoneyRange,
    Nearest,
    Option,
    Quote,
    Rejected,
    RuleOfThumb,
    Tag,
)
from estimator.parallel import Plan
from estimator.ranges import Basis, Range
from estimator.spec import Checkpointing, Market, Method, Precision, TrainingSpec
from estimator.time.estimate import StepTime, TimeEstimate, TimeLine
from estimator.units import GIB
from estimator.workload import Assumption, Schedule, Workload

COMMAND = "7b full fp16 n=10000 seq=1024 bs=32 epochs=3"
LLAMA = load_catalog().models["llama-7b"]
FULL = Workload(arch=LLAMA, method=Method.FULL, sequence_length=1024, precision=Precision.FP16)
LORA = replace(FULL, method=Method.LORA, lora_rank=16)


def cny(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


def money_range(low: str, likely: str, high: str, currency: str = "CNY") -> MoneyRange:
    ends = (Money(amount=Decimal(each), currency=currency) for each in (low, likely, high))
    return MoneyRange(**dict(zip(("low", "likely", "high"), ends, strict=True)))


def memory(likely_gib: float, usable_gib: float, verdict: Verdict) -> MemoryEstimate:
    process = Range.around(likely_gib * GIB, 0.97, 1.045)
    states = likely_gib * GIB * 0.8
    return MemoryEstimate(
        allocated_bytes=process.map(lambda size: size * 0.96),
        reserved_bytes=process.map(lambda size: size * 0.98),
        process_bytes=process,
        usable_bytes=int(usable_gib * GIB),
        parts=MemoryParts(
            weights_bytes=int(states / 4),
            gradients_bytes=int(states / 4),
            optimizer_states_bytes=int(states / 2),
            activations_bytes=int(likely_gib * GIB * 0.06),
            logits_bytes=int(likely_gib * GIB * 0.11),
            temporary_bytes=0,
            overhead_bytes=int(likely_gib * GIB * 0.03),
        ),
        phase=Phase.LOSS,
        verdict=verdict,
        basis=Basis("full-single", 41),
        phase_bytes={Phase.LOSS: int(process.likely * 0.96), Phase.STEP: int(process.likely * 0.9)},
    )


def time(step_seconds: float, num_steps: int = 939, mfu: float = 0.337) -> TimeEstimate:
    step = Range.around(step_seconds, 0.87, 1.19)
    run = step.map(lambda seconds: seconds * num_steps + 120)
    return TimeEstimate(
        step_seconds=step,
        tokens_per_second_per_gpu=Range.around(32 * 1024 / step_seconds, 0.84, 1.15),
        num_steps=num_steps,
        run_seconds=run,
        mfu=mfu,
        bound_by="compute",
        lines=(
            TimeLine(what="training", seconds=step_seconds * num_steps),
            TimeLine(what="start_up", seconds=120.0),
        ),
        step=StepTime(
            total_seconds=step_seconds,
            parts=(
                TimeLine(what="gemm", seconds=step_seconds * 0.85),
                TimeLine(what="attention", seconds=step_seconds * 0.15),
            ),
            bound_by="compute",
            model_flops=1.38e15,
            hardware_flops=1.8e15,
        ),
        basis=Basis("a100-full", 66),
    )


ALIBABA = Quote(
    provider="alibaba",
    region="cn-hangzhou",
    market=Market.ON_DEMAND,
    instance_type="ecs.gn7e-c16g1.4xlarge",
    num_gpus=1,
    price_per_hour=cny("34.742"),
    as_of=date(2024, 12, 30),
    fetched_at=datetime(2026, 11, 24, 8, 30, tzinfo=UTC),
    source="Alibaba Cloud price list",
    stale=True,
    scaled=False,
    run_cost=money_range("101.9", "117.25", "139.4"),
    with_retries=money_range("305.7", "351.75", "418.2"),
)
RUNPOD = replace(
    ALIBABA,
    provider="runpod",
    region="",
    instance_type="NVIDIA H100 80GB HBM3",
    num_gpus=8,
    price_per_hour=Money(amount=Decimal("21.52"), currency="USD"),
    as_of=date(2026, 11, 20),
    source="gpuhunt",
    stale=False,
    run_cost=money_range("5.1", "6.02", "7.3", "USD"),
    with_retries=money_range("15.3", "18.06", "21.9", "USD"),
    in_currency=Converted(
        currency="CNY",
        rate="7.1132",
        rate_date=date(2026, 11, 23),
        rate_source="ECB",
        run_cost=money_range("36.3", "42.8", "51.9"),
        with_retries=money_range("109", "128.5", "156"),
    ),
)
A100 = Option(
    plan=Plan(
        gpu="a100-80gb",
        micro_batch_size=8,
        gradient_accumulation_steps=4,
        activation_checkpointing=Checkpointing.FULL,
    ),
    workload=FULL,
    memory=memory(63.9, 79.3, Verdict.FITS),
    time=time(13.1),
    quotes=(ALIBABA,),
    tags=(Tag.CHEAPEST,),
)
H100S = Option(
    plan=Plan(gpu="h100-80gb", num_gpus=8, zero_stage=3, data_parallel_size=8, micro_batch_size=4),
    workload=FULL,
    memory=memory(31.2, 79.1, Verdict.FITS),
    time=time(0.94),
    quotes=(RUNPOD,),
    tags=(Tag.FASTEST,),
)
L40S = Option(
    plan=Plan(
        gpu="l40s",
        num_gpus=4,
        zero_stage=3,
        data_parallel_size=4,
        micro_batch_size=2,
        gradient_accumulation_steps=4,
        activation_checkpointing=Checkpointing.SELECTIVE,
    ),
    workload=FULL,
    memory=memory(43.1, 44.4, Verdict.TIGHT),
    time=time(7.6),
    quotes=(
        replace(
            RUNPOD,
            num_gpus=4,
            instance_type="L40S",
            price_per_hour=Money(amount=Decimal("3.16"), currency="USD"),
            in_currency=Converted(
                currency="CNY",
                rate="7.1132",
                rate_date=date(2026, 11, 23),
                rate_source="ECB",
                run_cost=money_range("39.1", "45.0", "53.7"),
                with_retries=money_range("117", "135", "161"),
            ),
        ),
    ),
)
RULE = RuleOfThumb(
    weights_gb=14.0,
    gradients_gb=14.0,
    optimizer_gb=28.0,
    fixed_gb=56.0,
    dynamic_gb=8.59,
    total_gb=64.59,
    num_steps=939,
    step_seconds=1.5,
    train_seconds=1408.5,
    window_hours=1,
    retries=3,
    billed_hours=3,
    gpu="a100-80gb",
    num_gpus=1,
    price_per_hour=cny("27.08"),
    price_source="an article's reading for Alibaba Cloud, 2025",
    cost=cny("81.24"),
    notes=(
        Assumption(
            what="step_seconds",
            value="1.5",
            why="a step takes 1 to 2 s by the rule; 1.5 s is taken",
            code="rule_step",
            parameters={"low": "1", "high": "2", "taken": "1.5"},
        ),
    ),
)


def assumption(what: str, value: str, why: str, code: str = "", source: str = "") -> Assumption:
    return Assumption(
        what=what, value=value, why=why, code=code or what, source=source, parameters={"value": value}
    )


ASSUMPTIONS = (
    assumption("model", "llama-7b", "a bare size has the shape of llama-7b", "model_shape"),
    assumption("method", "full", "full fine-tuning unless said otherwise"),
    assumption("sequence_length", "1024", "no sequence length was given"),
    assumption("num_epochs", "3", "no number of epochs was given"),
    assumption("retries", "3", "runs fail and are started again"),
    assumption("stack", "hf", "Hugging Face Trainer + PEFT unless said otherwise"),
    assumption("attention", "sdpa", "the default of Hugging Face Trainer + PEFT", "stack_default"),
    assumption("optimizer", "adamw (fused)", "the default of Hugging Face Trainer + PEFT", "stack_default"),
)
WORKED = Estimate(
    spec=TrainingSpec(model="7b", precision=Precision.FP16, num_examples=10_000, global_batch_size=32),
    command=COMMAND,
    arch=LLAMA,
    num_params=7_000_000_000,
    workload=FULL,
    schedule=Schedule(num_examples=10_000, num_epochs=3, global_batch_size=32),
    currency="CNY",
    assumptions=ASSUMPTIONS,
    rule_of_thumb=RULE,
    options=(A100, H100S, L40S),
)
UNPRICED = replace(WORKED, options=(replace(A100, quotes=()),))
