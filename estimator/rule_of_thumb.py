"""The arithmetic that people do on paper before a fine-tune: one function a line of the table.

Source: the worked example of docs/formulas.md#rule-of-thumb (7B, FP16, full, 10 000 samples of
1 024 tokens, batch 32, 3 epochs -> 65 GB, 939 steps, 23 min, 3 h, 81.24 CNY).
"""

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from estimator.catalog import Catalog, Defaults, RuleOfThumbDefaults
from estimator.model.arch import ModelArch
from estimator.money import SAID_PRICE, Money, Offer, convert
from estimator.prices.book import PriceBook, Size
from estimator.result import RuleOfThumb
from estimator.spec import Precision, SaidMoney, TrainingSpec
from estimator.units import GB, HOUR_SECONDS
from estimator.workload import Assumption, Schedule

_BYTES_PER_PARAM = {
    Precision.FP32: 4,
    Precision.TF32: 4,
    Precision.FP16: 2,
    Precision.BF16: 2,
    Precision.FP8: 1,
}


def weights_bytes(num_params: int, precision: Precision) -> int:
    """Parameters x bytes of their format."""
    return num_params * _BYTES_PER_PARAM[precision]


def gradients_bytes(weights: int) -> int:
    """As much as the weights."""
    return weights


def optimizer_bytes(gradients: int) -> int:
    """Two moments, each as large as the gradients."""
    return 2 * gradients


def fixed_bytes(weights: int) -> int:
    """What does not depend on the batch: weights x 4."""
    return weights + gradients_bytes(weights) + optimizer_bytes(gradients_bytes(weights))


def dynamic_bytes(arch: ModelArch, *, batch_size: int, sequence_length: int, precision: Precision) -> int:
    """Batch x sequence x hidden size x layers x bytes."""
    return batch_size * sequence_length * arch.hidden_size * arch.num_layers * _BYTES_PER_PARAM[precision]


def rule_num_steps(num_examples: int, batch_size: int, num_epochs: float) -> int:
    """ceil(examples / batch) x epochs, a fraction of an epoch rounded up."""
    return math.ceil(math.ceil(num_examples / batch_size) * num_epochs)


def train_seconds(steps: int, step_seconds: float) -> float:
    """Steps x the guessed seconds of one."""
    return steps * step_seconds


def window_hours(seconds: float) -> int:
    """Evaluation and checkpoints included: whole hours, at least one."""
    return max(1, math.ceil(seconds / HOUR_SECONDS))


def billed_hours(window: int, retries: float) -> float:
    """The window, as often as it is expected to be run."""
    return _whole_if_whole(window * retries)


def cheapest_holder(total_bytes: int, offers: Iterable[Offer], catalog: Catalog) -> Offer | None:
    """The first (cheapest) single GPU of a list whose box holds the total."""
    return next((offer for offer in offers if _holds(catalog, offer.gpu, total_bytes)), None)


def _holds(catalog: Catalog, gpu: str | None, total_bytes: int) -> bool:
    return gpu is not None and gpu in catalog.gpus and catalog.gpus[gpu].memory_bytes >= total_bytes


def rule_of_thumb(  # noqa: PLR0913  -- the eight facts of the paper's own table
    spec: TrainingSpec,
    *,
    arch: ModelArch,
    num_params: int,
    precision: Precision,
    schedule: Schedule,
    sequence_length: int,
    catalog: Catalog,
    book: PriceBook,
    reference: Iterable[Offer],
    currency: str,
    priced: bool = True,
) -> RuleOfThumb:
    """All lines of the paper for one run; a pinned GPU, price, step time or retry factor is used.

    Money stands only where its GPU holds the total, and where `priced`: the run fits somewhere.
    """
    memory = _memory(arch, num_params, schedule.global_batch_size, sequence_length, precision)
    time = _time(spec, schedule, sequence_length, catalog.defaults)
    listed = tuple(sorted(reference, key=lambda offer: book.comparable(offer.price_per_hour)))
    choice = _gpu_choice(spec, memory.total, catalog, listed, book, currency)
    price = choice.price_per_hour if priced and choice.holds else None
    cost = price.times(Decimal(str(time.billed_hours))) if price else None
    return RuleOfThumb(
        weights_gb=_gb(memory.weights),
        gradients_gb=_gb(memory.gradients),
        optimizer_gb=_gb(memory.optimizer),
        fixed_gb=_gb(memory.fixed),
        dynamic_gb=_gb(memory.dynamic),
        total_gb=_gb(memory.total),
        num_steps=time.num_steps,
        step_seconds=time.step_seconds,
        train_seconds=time.train_seconds,
        window_hours=time.window_hours,
        retries=time.retries,
        billed_hours=time.billed_hours,
        gpu=choice.gpu,
        num_gpus=choice.num_gpus,
        price_per_hour=price,
        price_source=choice.source if price else "",
        price_provider=choice.provider if price else "",
        cost=cost,
        notes=_notes(spec, catalog.defaults.rule_of_thumb, choice, memory.total, priced=priced),
        cost_in_currency=_converted(cost, currency, book),
    )


class _Memory(NamedTuple):
    """The lines of memory, in bytes."""

    weights: int
    gradients: int
    optimizer: int
    dynamic: int

    @property
    def fixed(self) -> int:
        return fixed_bytes(self.weights)

    @property
    def total(self) -> int:
        return self.fixed + self.dynamic


def _memory(
    arch: ModelArch, num_params: int, batch_size: int, sequence_length: int, precision: Precision
) -> _Memory:
    weights = weights_bytes(num_params, precision)
    gradients = gradients_bytes(weights)
    dynamic = dynamic_bytes(arch, batch_size=batch_size, sequence_length=sequence_length, precision=precision)
    return _Memory(weights, gradients, optimizer_bytes(gradients), dynamic)


class _Time(NamedTuple):
    """The lines of time."""

    num_steps: int
    step_seconds: float
    train_seconds: float
    window_hours: int
    retries: float
    billed_hours: float


def _time(spec: TrainingSpec, schedule: Schedule, sequence_length: int, defaults: Defaults) -> _Time:
    steps = schedule.num_steps or rule_num_steps(
        _sequences(schedule, sequence_length), schedule.global_batch_size, schedule.num_epochs
    )
    step_seconds = spec.step_seconds or defaults.rule_of_thumb.step_seconds
    seconds, retries = train_seconds(steps, step_seconds), spec.retries or defaults.retries
    window = window_hours(seconds)
    return _Time(
        steps, step_seconds, seconds, window, _whole_if_whole(retries), billed_hours(window, retries)
    )


def _whole_if_whole(number: float) -> float:
    """3 and not 3.0, as it is written on paper."""
    return int(number) if float(number).is_integer() else number


def _converted(cost: Money | None, currency: str, book: PriceBook) -> Money | None:
    if cost is None or cost.currency == currency:
        return None
    found = convert(cost, currency, book.rates)
    return found[0] if found else None


def _sequences(schedule: Schedule, sequence_length: int) -> int:
    """Examples of one epoch; a data set counted in tokens is packed to the sequence length."""
    if schedule.num_tokens is None:
        return schedule.num_examples
    return math.ceil(schedule.num_tokens / sequence_length)


def _gb(size_bytes: int) -> float:
    return round(size_bytes / GB, 2)


class _GpuChoice(NamedTuple):
    """The GPU of the paper with its price for all GPUs of the run, and who says so."""

    gpu: str | None
    num_gpus: int
    price_per_hour: Money | None
    source: str
    holds: bool
    provider: str = ""
    """Whose price; empty where it is the reference, or said."""


def _gpu_choice(
    spec: TrainingSpec,
    total_bytes: int,
    catalog: Catalog,
    reference: tuple[Offer, ...],
    book: PriceBook,
    currency: str,
) -> _GpuChoice:
    """The pinned GPU, else the cheapest reference GPU that holds the total, else the cheapest on sale.

    What is no reference costs what it costs on the card: the price that leads (`prices/policy.py`).
    """
    num_gpus = (spec.num_gpus or 1) if spec.gpu else 1
    held = cheapest_holder(total_bytes, reference, catalog)
    listed = next((offer for offer in reference if offer.gpu == spec.gpu), None) if spec.gpu else held
    gpu = spec.gpu or (
        listed.gpu if listed else _cheapest_on_sale(spec, total_bytes, catalog, book, currency)
    )
    holds = _holds(catalog, gpu, total_bytes)
    if gpu is None:
        return _GpuChoice(None, num_gpus, None, "", holds)
    if spec.price_per_gpu_hour is not None:
        said = _said(spec.price_per_gpu_hour, currency).times(num_gpus)
        return _GpuChoice(gpu, num_gpus, said, SAID_PRICE, holds)
    if listed is not None:
        return _GpuChoice(gpu, num_gpus, listed.price_per_hour.times(num_gpus), listed.source, holds)
    most = catalog.gpus[gpu].max_gpus_per_node
    in_machine = num_gpus // (spec.num_nodes or max(1, math.ceil(num_gpus / most)))
    leading = next(iter(book.priced_size(spec, Size(gpu, num_gpus, in_machine), currency=currency)), None)
    if leading is None:
        return _GpuChoice(gpu, num_gpus, None, "", holds)
    offer = leading.offer
    return _GpuChoice(gpu, num_gpus, leading.price_per_hour, offer.source, holds, offer.provider)


def _cheapest_on_sale(
    spec: TrainingSpec, total_bytes: int, catalog: Catalog, book: PriceBook, currency: str
) -> str | None:
    """The GPU that holds the total whose leading price is the least."""
    found = {
        gpu: leading.comparable
        for gpu in book.sold_alone
        if _holds(catalog, gpu, total_bytes)
        for leading in book.priced_size(spec, Size(gpu, 1, 1), currency=currency)[:1]
    }
    return min(found, key=found.__getitem__, default=None)


def _said(price: SaidMoney, currency: str) -> Money:
    return Money(amount=price.amount, currency=price.currency or currency)


def _notes(
    spec: TrainingSpec, guesses: RuleOfThumbDefaults, choice: _GpuChoice, total_bytes: int, *, priced: bool
) -> tuple[Assumption, ...]:
    notes = []
    low, high = guesses.step_seconds_range
    if spec.step_seconds is None:
        notes.append(
            Assumption(
                what="step_seconds",
                value=f"{guesses.step_seconds:g}",
                code="rule_step",
                parameters={"low": low, "high": high, "taken": guesses.step_seconds},
            )
        )
    if choice.gpu is None or not choice.holds:
        notes.append(
            Assumption(
                what="num_gpus",
                value=str(choice.num_gpus),
                code="rule_no_pool",
                parameters={"total_gb": total_bytes / GB},
            )
        )
    elif not priced:
        notes.append(Assumption(what="price", value="", code="rule_no_money"))
    return tuple(notes)
