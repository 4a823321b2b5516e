"""Estimates and problems at random: hostile names, absurd sizes, everything that may be absent absent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from card_examples import A100, ALIBABA, FULL, LORA, RULE, RUNPOD, WORKED, memory, time

from bot.cards.requested import RequestedEstimate, WrittenFix
from bot.language import Request
from estimator.errors import Problem
from estimator.framework.engine import Join, Sharing
from estimator.memory.result import Verdict
from estimator.money import Money
from estimator.plan import Plan
from estimator.result import MoneyRange, Nearest, Option, Quote, Tag
from estimator.spec import Attention, Checkpointing, Market, TrainingSpec
from estimator.workload import Assumption, Schedule

HOSTILE = (
    "<!channel>",
    "<@U123>",
    "<https://evil.example|click>",
    "`code` *bold* _it_ ~x~",
    "&lt;!here&gt;",
    ":tada::fire:",
    "\u202egnp.exe\u202c",
    "שלום",
    "模型" * 40,
    "x" * 300,
    "🦙" * 50,
    "\x00\n\t",
    "{braces} {0} %s",
)
GPUS = ("a100-80gb", "rtx-4090", "h100-96gb", "tpu-v5e", "ascend-910b")
Item = TypeVar("Item")


class Any(Random):
    """Draws the parts of an estimate."""

    def name(self) -> str:
        return self.choice((*HOSTILE, "7b", "llama-3.1-8b", "meta-llama/Llama-2-7b-hf"))

    def command(self) -> str:
        length = self.choice((20, 80, 300, 700, 1900))
        filled = {"ascii": "7b lora r=16 n=10000 ", "chinese": "模型训练"}[self.choice(("ascii", "chinese"))]
        return self.choice((f"{self.name()} lora r=16", (filled * length)[:length]))

    def maybe(self, made: Callable[[], Item]) -> Item | None:
        return made() if self.random() < 0.6 else None

    def many(self, made: Callable[[], Item], most: int) -> tuple[Item, ...]:
        return tuple(made() for _ in range(self.randint(0, most)))

    def size(self, low: float = -3, high: float = 6) -> float:
        return float(10 ** self.uniform(low, high))

    def count(self, most: int = 10_000) -> int:
        return self.randint(1, self.choice((1, 8, most)))

    def money(self, currency: str) -> Money:
        return Money(amount=round(Decimal(self.size(-5, 12)), 6), currency=currency)

    def costs(self, currency: str) -> MoneyRange:
        low, likely, high = sorted((self.money(currency) for _ in range(3)), key=lambda each: each.amount)
        return MoneyRange(low=low, likely=likely, high=high)

    def quote(self) -> Quote:
        currency = self.choice(("USD", "CNY", "JPY", "XTS"))
        return replace(
            self.choice((ALIBABA, RUNPOD)),
            provider=self.name(),
            region=self.choice(("", self.name())),
            market=self.choice(tuple(Market)),
            price_per_hour=self.money(currency),
            as_of=self.maybe(lambda: date(2020, 1, 1) + timedelta(days=self.randint(0, 3000))),
            source=self.name(),
            stale=self.random() < 0.5,
            scaled=self.random() < 0.5,
            run_cost=self.costs(currency),
            with_retries=self.costs(currency),
        )

    def plan(self) -> Plan:
        return Plan(
            gpu=self.choice(GPUS),
            num_gpus=self.count(),
            zero_stage=self.randint(0, 3),
            data_parallel_size=self.count(),
            tensor_parallel_size=self.choice((1, 8)),
            pipeline_parallel_size=self.choice((1, 4)),
            context_parallel_size=self.choice((1, 2)),
            offload=self.random() < 0.3,
            micro_batch_size=self.count(),
            gradient_accumulation_steps=self.count(),
            activation_checkpointing=self.choice(tuple(Checkpointing)),
            attention=self.choice(tuple(Attention)),
            stack="hf",
        )

    def join(self) -> Join:
        return Join(self.choice(tuple(Sharing)), self.count(), self.name())

    def option(self, verdict: Verdict | None = None) -> Option:
        return replace(
            A100,
            plan=self.plan(),
            workload=self.choice((FULL, LORA)),
            memory=memory(self.size(), self.size(), verdict or self.choice(tuple(Verdict))),
            time=time(self.size(-4, 6), self.count(10**9), self.uniform(0.001, 1)),
            quotes=self.many(self.quote, 2),
            joins=self.many(self.join, 3),
            tags=self.choice(((), (Tag.CHEAPEST,), (Tag.FASTEST, Tag.BALANCED))),
            warnings=self.many(self.assumption, 2),
        )

    def assumption(self) -> Assumption:
        value = self.name()
        return Assumption(
            what=self.choice(("num_gpus", "sequence_length", "no_such_field")),
            value=value,
            source=self.name(),
            code=self.choice(("model_shape", "over_budget", "past_deadline", "planner", "", "no.such")),
            parameters={"late_seconds": self.size(), "over": self.money("USD"), "gpu": value, "by": value},
        )

    def fix(self) -> WrittenFix:
        return WrittenFix(change=self.name(), command=self.command(), option=self.option(Verdict.FITS))

    def spec(self) -> TrainingSpec:
        return TrainingSpec(
            model=self.name(),
            num_examples=self.maybe(lambda: self.count(10**12)),
            global_batch_size=self.maybe(self.count),
            num_epochs=self.maybe(lambda: self.size(-2, 3)),
            providers=self.maybe(lambda: (self.name(), self.name())),
            region=self.maybe(self.name),
        )

    def schedule(self) -> Schedule:
        return Schedule(
            num_examples=self.count(10**12),
            num_epochs=self.size(-2, 3),
            global_batch_size=self.count(),
            num_steps=self.maybe(lambda: self.count(10**9)),
            num_tokens=self.maybe(lambda: self.count(10**15)),
            retries=self.uniform(1, 10),
        )

    def nearest(self) -> Nearest:
        missing = self.randint(0, 10**15)
        return Nearest(
            gpu=self.choice(GPUS),
            num_gpus=self.count(),
            usable_bytes=self.randint(0, 10**15),
            missing_bytes=missing,
            largest_part="logits",
        )

    def request(self, spec: TrainingSpec) -> Request:
        return Request(
            spec=spec,
            rule_of_thumb=self.maybe(lambda: self.random() < 0.5),
            private=self.maybe(lambda: self.random() < 0.5),
        )

    def estimate(self) -> RequestedEstimate:
        rules = (RULE, replace(RULE, cost=None, price_per_hour=None), replace(RULE, gpu=None))
        estimate = replace(
            WORKED.estimate,
            spec=self.spec(),
            schedule=self.schedule(),
            assumptions=self.many(self.assumption, 25),
            rule_of_thumb=replace(self.choice(rules), total_gb=self.size(), price_source=self.name()),
            options=self.many(self.option, 3),
            nearest=self.maybe(self.nearest),
        )
        return RequestedEstimate(
            request=self.request(estimate.spec),
            estimate=estimate,
            command=self.command(),
            fixes=self.many(self.fix, 3),
        )

    def problem(self) -> Problem:
        return Problem(
            code=self.choice(("unknown_word", "out_of_range")),
            token=self.name(),
            parameters={"key": "epochs", "low": self.name(), "high": self.name()},
            suggestions=self.many(self.name, 3),
        )
