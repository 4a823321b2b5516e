"""Everything that `estimate()` answers: values only, ready for a card, a terminal or JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from estimator.framework.engine import Join
from estimator.framework.states import States
from estimator.memory.result import MemoryEstimate, OnOneGpu, OtherReading
from estimator.model.arch import ModelArch
from estimator.money import Money
from estimator.plan import Plan
from estimator.spec import Market, TrainingSpec
from estimator.time.result import TimeEstimate
from estimator.workload import Assumption, Schedule, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRange:
    """p10, median and p90 of a cost, all in one currency."""

    low: Money
    likely: Money
    high: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOfThumb:
    """The paper arithmetic of one run, line by line; decimal GB as on paper."""

    weights_gb: float
    gradients_gb: float
    optimizer_gb: float
    fixed_gb: float
    dynamic_gb: float
    total_gb: float
    num_steps: int
    step_seconds: float
    train_seconds: float
    window_hours: int
    retries: float
    billed_hours: float
    gpu: str | None
    """None: no single GPU that somebody sells holds the total."""
    num_gpus: int
    price_per_hour: Money | None
    price_source: str
    cost: Money | None
    notes: tuple[Assumption, ...]
    cost_in_currency: Money | None = None
    """In the currency of the reader, where it is another one and a rate is known."""
    price_provider: str = ""
    """Whose price it is; empty where it is a reference price, or was said."""


class Converted(NamedTuple):
    """A cost in the currency of the reader."""

    currency: str
    rate: str
    """Decimal text: units of `currency` for one unit of the offer's."""
    rate_date: date
    rate_source: str
    run_cost: MoneyRange
    with_retries: MoneyRange


class Middle(NamedTuple):
    """The sellers whose median a price is, and from where to where they ask, per GPU-hour."""

    num_sellers: int
    low: Money
    high: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One plan at one seller's price."""

    provider: str
    region: str
    market: Market
    instance_type: str
    num_gpus: int
    price_per_hour: Money
    """For all `num_gpus`."""
    as_of: date | None
    fetched_at: datetime | None
    source: str
    stale: bool
    scaled: bool
    """The price is that of a smaller instance, times."""
    listed_gpus: int = 0
    """GPUs of the instance that is listed; 0: not known."""
    num_machines: int = 1
    """Machines of the plan."""
    tier: str = ""
    basis: str = "list"
    caveat: str = ""
    """As of the offer."""
    instead: tuple[str, ...] = ()
    """As of the priced offer: what it is instead of what was asked, if it is."""
    is_bookable: bool = False
    """As of the priced offer: whether it is the cheapest to book today, below the middle that leads."""
    machine_gpus: int = 0
    """GPUs in all that are paid for: more than `num_gpus` where only a larger machine is sold; 0: those."""
    host_memory_bytes: int | None = None
    """Memory of one machine of the plan beside its GPUs; None where the seller does not say."""
    middle: Middle | None = None
    """The sellers that it is the middle of; None where it is not."""
    run_cost: MoneyRange
    with_retries: MoneyRange
    in_currency: Converted | None = None
    """None where the offer is in the reader's currency, or no rate is known."""


class Tag(StrEnum):
    """What an option is best at."""

    CHEAPEST = "cheapest"
    FASTEST = "fastest"
    BALANCED = "balanced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One plan, judged: its memory, its time, its prices."""

    plan: Plan
    workload: Workload
    memory: MemoryEstimate
    time: TimeEstimate
    states: States = States.FP32
    """In which numbers what trains is kept."""
    stack_release: str = ""
    """Of the framework: said, or the newest that is known; empty where none is."""
    quotes: Sequence[Quote]
    """Cheapest first, multiplied when looked at; empty where nobody sells it, or it does not fit."""
    joins: tuple[Join, ...] = ()
    """What makes its GPUs one; nothing on one."""
    tags: tuple[Tag, ...] = ()
    warnings: tuple[Assumption, ...] = ()
    """Over budget, past the deadline, an impossible claim: said on the card, never a refusal."""

    @property
    def fits(self) -> bool:
        """Whether it runs: fits or is tight."""
        return self.memory.verdict != "does_not_fit"

    @property
    def cost(self) -> Money | None:
        """Of one clean run, likely, in the reader's currency where a rate is known; None without a price."""
        if not self.quotes:
            return None
        return (self.quotes[0].in_currency or self.quotes[0]).run_cost.likely

    def beats(self, other: "Option") -> bool:
        """Whether it costs no more, takes no longer, and is not its equal, as far as one currency can say."""
        if self.cost is None or other.cost is None or self.cost.currency != other.cost.currency:
            return False
        ours = self.cost.amount, self.time.run_seconds.likely
        theirs = other.cost.amount, other.time.run_seconds.likely
        return ours != theirs and ours[0] <= theirs[0] and ours[1] <= theirs[1]


RejectedCode = Literal["over_memory", "beaten", "not_weighed", "more_machines", "rarely_rented"]


class Rejected(NamedTuple):
    """A plan that lost: why, and by how much."""

    plan: Plan
    code: RejectedCode
    figures: Mapping[str, Any]
    """`missing_bytes`; `cost_ratio` and `time_ratio` to the plan that leads; what that one takes.

    Of what was not weighed they are the least that they can be.
    """


class Nearest(NamedTuple):
    """Where nothing fits: the plan that misses by least."""

    gpu: str
    num_gpus: int
    usable_bytes: int
    missing_bytes: int
    largest_part: str
    other_reading: OtherReading | None = None
    """What it would need in the numbers that were not counted, where nobody said in which."""
    warnings: tuple[Assumption, ...] = ()
    """What its need leaves out, and what it has in it of the host."""


class Fix(NamedTuple):
    """A smallest change that makes it fit."""

    changes: Mapping[str, Any]
    """What it sets, by field of the spec."""
    spec: TrainingSpec
    """The whole spec with the change."""
    option: Option


class NoteCode(StrEnum):
    """What an answer has to say about its prices."""

    SOURCE_DOWN = "source_down"
    """`source` cannot be asked, for the reason `why`; its prices of `as_of` stand in, or bundled ones."""
    SOURCE_PARTLY = "source_partly"
    """`source` gave the rest and not its `parts`, for the reason `why`; of these older prices stand in."""
    REFRESHING = "refreshing"
    """`source` is being asked; the next answer will have its prices."""
    OLD_RATES = "old_rates"
    """The exchange rates are those of `as_of`: newer ones could not be had."""
    SETTINGS_HELD = "settings_held"
    """`scope` (a channel or the workspace) chose `said`, which holds where the spec says nothing."""
    PUBLIC_PRICES = "public_prices"
    """The installation's own prices are left out: another company reads along, or may."""
    NO_PRICE = "no_price"
    """Nobody is known to sell `gpu`."""
    SOLD_ELSEWHERE = "sold_elsewhere"
    """Nobody sells `num_gpus` of `gpu` as asked for; `provider` is the nearest who does."""
    NO_SUCH_REGION = "no_such_region"
    """No price of anybody names `region`; this seller's holds everywhere."""
    NO_SUCH_REGION_BUT = "no_such_region_but"
    """Likewise; the price is one of `provider` in `place`."""
    LAST_SEEN = "last_seen"
    """Those who were asked for have a price of `gpu`, too old to count: that of `provider`, of `as_of`."""


class Note(NamedTuple):
    """One such word, with what its sentence names."""

    code: NoteCode
    parameters: Mapping[str, str | int | date | Money]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The whole answer to one spec."""

    spec: TrainingSpec
    arch: ModelArch
    num_params: int
    """As typed for a bare size, exact for a named model."""
    workload: Workload
    schedule: Schedule
    currency: str
    """The reader's."""
    assumptions: tuple[Assumption, ...]
    rule_of_thumb: RuleOfThumb
    options: tuple[Option, ...]
    """Ranked; the first is the headline. A whole plan that was said and does not fit stands alone."""
    rejected: tuple[Rejected, ...] = ()
    nearest: Nearest | None = None
    on_one_gpu: OnOneGpu | None = None
    """Beside a headline on several, where nobody said in which numbers states are kept."""
    fixes: tuple[Fix, ...] = ()
    least_seconds_unweighed: float = math.inf
    """No plan that was not weighed, and may keep the limits, takes less: slower is not fastest."""
    notes: tuple[Note, ...] = ()
    """What its prices have to say; whoever gathered them knows."""

    @property
    def headline(self) -> Option | None:
        """The option that the card leads with."""
        return self.options[0] if self.options else None

    @property
    def fits(self) -> bool:
        """Whether something fits."""
        return any(option.fits for option in self.options)
