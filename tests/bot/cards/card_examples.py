"""Estimates to draw cards of: the worked example and its neighbours, with illustrative figures."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from card_setups import gpu_setups

from bot.cards.block import Card
from bot.cards.compare import compare_card, spec_setups
from bot.cards.delta import delta_card
from bot.cards.error import error_card
from bot.cards.estimate import estimate_card
from bot.cards.form import form_view
from bot.cards.help import help_card
from bot.cards.home import home_line, home_view
from bot.cards.listings import gpus_card, models_card, prices_card
from bot.cards.maths import assumptions_card, copy_card, maths_card
from bot.cards.notes import notice_card
from bot.cards.requested import RequestedEstimate, WrittenFix
from bot.cards.slack_limits import SlackSurface
from bot.conversation.recent import Asked, Recent
from bot.files import load_catalog
from bot.i18n import Texts
from bot.language import Request
from estimator.errors import Problem
from estimator.framework.engine import Join, Sharing
from estimator.memory.result import MemoryEstimate, MemoryParts, Phase, Term, Verdict
from estimator.money import Money, Offer
from estimator.plan import Plan
from estimator.ranges import Basis, Range
from estimator.result import (
    Converted,
    Estimate,
    MoneyRange,
    Nearest,
    Option,
    Quote,
    RuleOfThumb,
    Tag,
)
from estimator.spec import Checkpointing, Market, Method, Precision, TrainingSpec
from estimator.time.result import StepTime, TimeEstimate, TimeLine
from estimator.units import GIB
from estimator.workload import Assumption, Schedule, Workload

COMMAND = "7b full fp16 n=10000 seq=1024 bs=32 epochs=3"
LLAMA = load_catalog().models["llama-7b"]
DEFAULTS = load_catalog().defaults
FULL = Workload(arch=LLAMA, method=Method.FULL, sequence_length=1024, precision=Precision.FP16)
LORA = replace(FULL, method=Method.LORA, lora_rank=16)


def cny(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


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
            TimeLine(what="start-up", seconds=120.0),
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
        stack="hf",
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
    plan=Plan(
        stack="hf", gpu="h100-80gb", num_gpus=8, zero_stage=3, data_parallel_size=8, micro_batch_size=4
    ),
    joins=(Join(Sharing.FSDP, 8, ""),),
    workload=FULL,
    memory=memory(31.2, 79.1, Verdict.FITS),
    time=time(0.94),
    quotes=(RUNPOD,),
    tags=(Tag.FASTEST,),
)
L40S = Option(
    plan=Plan(
        stack="hf",
        gpu="l40s",
        num_gpus=4,
        zero_stage=3,
        data_parallel_size=4,
        micro_batch_size=2,
        gradient_accumulation_steps=4,
        activation_checkpointing=Checkpointing.SELECTIVE,
    ),
    joins=(Join(Sharing.FSDP, 4, ""),),
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
    price_source="reference: an article's reading for Alibaba Cloud, 2025",
    cost=cny("81.24"),
    notes=(
        Assumption(
            what="step_seconds",
            value="1.5",
            code="rule_step",
            parameters={"low": 1.0, "high": 2.0, "taken": 1.5},
        ),
    ),
)


def assumption(what: str, value: str, code: str = "", source: str = "") -> Assumption:
    return Assumption(what=what, value=value, code=code or what, source=source)


ASSUMPTIONS = (
    assumption("model", "llama-7b", "model_shape"),
    assumption("method", "full"),
    assumption("sequence_length", "1024"),
    assumption("num_epochs", "3"),
    assumption("retries", "3"),
    assumption("stack", "hf"),
    assumption("attention", "sdpa", "framework_default"),
    assumption("optimizer", "adamw (fused)", "framework_default"),
)
SPEC = TrainingSpec(model="7b", precision=Precision.FP16, num_examples=10_000, global_batch_size=32)
WORKED = RequestedEstimate(
    request=Request(spec=SPEC),
    estimate=Estimate(
        spec=SPEC,
        arch=LLAMA,
        num_params=7_000_000_000,
        workload=FULL,
        schedule=Schedule(num_examples=10_000, num_epochs=3, global_batch_size=32),
        currency="CNY",
        assumptions=ASSUMPTIONS,
        rule_of_thumb=RULE,
        options=(A100, H100S, L40S),
    ),
    command=COMMAND,
)


def but(of: RequestedEstimate, **changes: Any) -> RequestedEstimate:
    """`of` with another estimate."""
    return replace(of, estimate=replace(of.estimate, **changes))


UNPRICED = but(WORKED, options=(replace(A100, quotes=()),))
MEGATRON = replace(
    but(
        WORKED,
        options=(
            replace(
                H100S,
                plan=Plan(
                    gpu="h100-80gb",
                    num_gpus=64,
                    num_nodes=8,
                    zero_stage=1,
                    data_parallel_size=4,
                    tensor_parallel_size=8,
                    pipeline_parallel_size=2,
                    gradient_accumulation_steps=8,
                    stack="megatron",
                ),
                joins=(
                    Join(Sharing.DISTRIBUTED_OPTIMIZER, 4, "Megatron-LM"),
                    Join(Sharing.TENSOR_PARALLEL, 8, "Megatron-LM"),
                    Join(Sharing.PIPELINE_PARALLEL, 2, "Megatron-LM"),
                ),
                workload=replace(FULL, precision=Precision.BF16, mixed_precision=True),
            ),
        ),
    ),
    command=f"{COMMAND} gpu=h100-80gb gpus=64 tp=8 pp=2 stack=megatron",
)
RULED = replace(WORKED, request=Request(spec=SPEC, rule_of_thumb=True), command=f"{COMMAND} method=rule")
MULTI = replace(but(WORKED, options=(H100S, A100)), command=f"{COMMAND} gpu=h100-80gb gpus=8")
HALF_BATCH = replace(
    but(
        WORKED,
        spec=SPEC.model_copy(update={"global_batch_size": 16}),
        schedule=replace(WORKED.estimate.schedule, global_batch_size=16),
        options=(
            replace(
                A100,
                plan=A100.plan._replace(gradient_accumulation_steps=2),
                memory=memory(62.1, 79.3, Verdict.FITS),
                time=time(6.9, 1875),
                quotes=(
                    replace(
                        ALIBABA,
                        run_cost=money_range("107.6", "124.1", "147.2"),
                        with_retries=money_range("322.8", "372.3", "441.6"),
                    ),
                ),
            ),
        ),
    ),
    command="7b full fp16 n=10000 seq=1024 bs=16 epochs=3",
)
RTX_4090 = Option(
    plan=Plan(stack="hf", gpu="rtx-4090", activation_checkpointing=Checkpointing.FULL),
    workload=FULL,
    memory=memory(58.7, 23.5, Verdict.DOES_NOT_FIT),
    time=time(21.0),
    quotes=(),
)


def fix(change: str, option: Option, workload: Workload) -> WrittenFix:
    command = f"7b {change} fp16 n=10000 gpu=rtx-4090 gpus=1"
    return WrittenFix(change=change, command=command, option=replace(option, workload=workload))


LORA_4090 = replace(
    RTX_4090,
    workload=LORA,
    memory=memory(17.8, 23.5, Verdict.FITS),
    time=time(16.0),
    quotes=(replace(RUNPOD, num_gpus=1, price_per_hour=usd("0.34")),),
)
NEAREST = Nearest(
    gpu="rtx-4090",
    num_gpus=1,
    usable_bytes=int(23.5 * GIB),
    missing_bytes=int(35.2 * GIB),
    largest_part="optimizer_states",
)
UNHELD = replace(
    RULE,
    gpu="rtx-4090",
    price_per_hour=None,
    price_source="",
    cost=None,
    notes=(
        *RULE.notes,
        Assumption(what="num_gpus", value="1", code="rule_no_pool", parameters={"total_gb": RULE.total_gb}),
    ),
)
TOO_LARGE = replace(
    but(WORKED, options=(RTX_4090,), nearest=NEAREST, rule_of_thumb=UNHELD),
    command=f"{COMMAND} gpu=rtx-4090 gpus=1",
    fixes=(
        fix("lora r=16", LORA_4090, LORA),
        fix("qlora r=16", LORA_4090, replace(LORA, method=Method.QLORA)),
        fix("gpu=a100-80gb", A100, FULL),
    ),
)
TOO_LARGE_CHANGED = but(TOO_LARGE, spec=SPEC.model_copy(update={"gpu": "rtx-4090", "num_gpus": 1}))
LORA_SPEC = TrainingSpec(model="7b", method=Method.LORA, lora_rank=8, gpu="a100-80gb", num_examples=10_000)
OFFER = Offer(
    provider="alibaba",
    region="cn-hangzhou",
    instance_type="ecs.gn7e-c16g1.4xlarge",
    gpu="a100-80gb",
    num_gpus=1,
    price_per_hour=cny("34.742"),
    as_of=date(2024, 12, 30),
    source="Alibaba Cloud price list",
    stale=True,
)
TERMS = (
    Term(
        part="weights",
        code="weights",
        parameters={"base_params": 6_738_415_616, "ranks": 1, "weight_each": 2, "quantization": ""},
        size_bytes=int(12.55 * GIB),
        source="arXiv:1910.02054, section 3.1",
    ),
)
NO_WAY = replace(but(TOO_LARGE, options=(), nearest=None, rule_of_thumb=replace(UNHELD, gpu=None)), fixes=())
PROBLEMS = (
    Problem(code="unknown_key", token="batchsize:32", suggestions=("bs=32",)),
    Problem(
        code="out_of_range",
        token="ep=1e9",
        parameters={"key": "epochs", "low": "0.01", "high": "1000"},
        suggestions=("ep=3",),
    ),
)
TYPED = "7b fp16 n=10000 batchsize:32 ep=1e9 <!channel>"


@cache
def cards(texts: Texts) -> dict[str, tuple[Card | dict[str, object], SlackSurface]]:
    """Every card by name, with the surface that it goes to."""
    gpus = load_catalog().gpus
    setups = gpu_setups((WORKED, MULTI, but(WORKED, options=(L40S,)), TOO_LARGE), texts)
    at = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    first = Asked(command=COMMAND, said={texts.language: home_line(WORKED.estimate, texts)})
    then = Asked(
        command=HALF_BATCH.command,
        change="bs=16",
        said={texts.language: home_line(HALF_BATCH.estimate, texts)},
    )
    too_large = Asked(command=TOO_LARGE.command, said={texts.language: home_line(TOO_LARGE.estimate, texts)})
    recent = tuple(Recent(asked=each, asked_at=at) for each in (too_large, then, first))
    return {
        "cost": (estimate_card(WORKED, texts=texts, asker="U123"), "card"),
        "cost_converted": (estimate_card(MULTI, texts=texts, asker="U123"), "card"),
        "cost_unpriced": (estimate_card(UNPRICED, texts=texts), "card"),
        "cost_megatron": (estimate_card(MEGATRON, texts=texts, asker="U123"), "card"),
        "rule": (estimate_card(RULED, texts=texts, asker="U123"), "card"),
        "nofit": (estimate_card(TOO_LARGE, texts=texts, asker="U123"), "card"),
        "nofit_no_way": (estimate_card(NO_WAY, texts=texts), "card"),
        "delta": (
            delta_card(WORKED, HALF_BATCH, texts=texts, base_link="https://team.slack.com/archives/C1/p1"),
            "card",
        ),
        "delta_nofit": (delta_card(WORKED, TOO_LARGE_CHANGED, texts=texts), "card"),
        "unchanged": (delta_card(WORKED, WORKED, texts=texts), "card"),
        "compare": (compare_card(setups, texts=texts, command=COMMAND, asker="U123"), "card"),
        "compare_specs": (
            compare_card(spec_setups((WORKED, HALF_BATCH), texts), texts=texts, command=COMMAND),
            "card",
        ),
        "maths": (maths_card(WORKED, TERMS, texts=texts), "message"),
        "assumptions": (assumptions_card(WORKED, texts=texts), "message"),
        "copy": (copy_card(COMMAND, texts=texts), "message"),
        "error": (error_card(PROBLEMS, TYPED, texts=texts), "card"),
        "help": (help_card(texts, DEFAULTS), "card"),
        "help_fillers": (help_card(texts, DEFAULTS, topic="fillers"), "card"),
        "help_topic": (help_card(texts, DEFAULTS, topic="seq"), "card"),
        "notice": (notice_card("bug", texts=texts, reference="7f3a9c"), "card"),
        "gpus": (gpus_card([gpus["a100-80gb"], gpus["rtx-4090"], gpus["tpu-v5e"]], texts=texts), "message"),
        "models": (models_card([LLAMA], texts=texts), "message"),
        "prices": (prices_card(TrainingSpec(gpu="a100-80gb"), (OFFER,), texts=texts), "message"),
        "form": (
            form_view(
                LORA_SPEC,
                defaults=DEFAULTS,
                texts=texts,
                advanced="zero3 spot",
                channel="C123",
                metadata={"c": COMMAND},
            ),
            "modal",
        ),
        "home": (home_view(recent, texts=texts), "home"),
    }
