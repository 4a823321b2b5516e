"""A world that fits on a page: memory and time as simple sums, and a market of a few cards."""

from decimal import Decimal

from estimator.catalog import Catalog
from estimator.defaults import ResolvedJob
from estimator.hardware import GPU
from estimator.memory.result import MemoryEstimate, MemoryParts, Phase, Verdict
from estimator.money import Money, Offer
from estimator.plan import Plan
from estimator.planner.evaluate import Physics
from estimator.prices.book import PriceBook
from estimator.ranges import Basis, Range
from estimator.spec import Checkpointing, Market, Precision
from estimator.time.result import StepTime, TimeEstimate, TimeLine
from estimator.units import GIB
from estimator.workload import Schedule

SPREAD = 1.1
"""The upper end of a memory range over its middle."""


def simple_memory(settled: ResolvedJob, plan: Plan, gpu: GPU, catalog: Catalog) -> MemoryEstimate:
    """8 bytes a trained parameter (2 a frozen one) over the ranks that share them, and 1 MiB a token kept."""
    workload = settled.workload
    frozen = workload.has_adapters
    shared = plan.tensor_parallel_size * plan.pipeline_parallel_size
    shards = shared * (plan.shard_size if plan.zero_stage == 3 else 1)
    states = settled.arch.num_params * (2 if frozen else 8) // shards
    if workload.quantization is not None:
        states //= 4
    tokens = plan.micro_batch_size * workload.sequence_length
    kept = 2**20 if plan.activation_checkpointing is Checkpointing.NONE else 2**17
    activations = tokens * kept // shared // (2 if workload.fused_loss else 1)
    likely = states + activations + GIB
    process = Range(0.9 * likely, likely, SPREAD * likely)
    return MemoryEstimate(
        allocated_bytes=process,
        reserved_bytes=process,
        process_bytes=process,
        usable_bytes=gpu.usable_memory_bytes,
        parts=MemoryParts(
            weights_bytes=states,
            gradients_bytes=0,
            optimizer_states_bytes=0,
            activations_bytes=activations,
            logits_bytes=0,
            temporary_bytes=0,
            overhead_bytes=GIB,
        ),
        phase=Phase.STEP,
        verdict=verdict_of(process, gpu.usable_memory_bytes),
        basis=Basis("made up", 1),
    )


def verdict_of(process: Range, usable_bytes: int) -> Verdict:
    """Upper end fits, only the middle fits, neither."""
    if process.high <= usable_bytes:
        return Verdict.FITS
    return Verdict.TIGHT if process.likely <= usable_bytes else Verdict.DOES_NOT_FIT


def simple_time(
    settled: ResolvedJob, schedule: Schedule, plan: Plan, gpu: GPU, catalog: Catalog
) -> TimeEstimate:
    """6 FLOPs a parameter and token at half the peak, a third more with recomputation, 1 % more a card."""
    peak = gpu.peak_flops_per_second(Precision.BF16) or gpu.peak_flops_per_second(Precision.FP16) or 1e13
    tokens = plan.sequences_per_step * settled.workload.sequence_length
    flops = 6 * settled.arch.num_params * tokens / plan.num_gpus
    recompute = 1 if plan.activation_checkpointing is Checkpointing.NONE else 4 / 3
    seconds = flops / (peak / 2) * recompute * (1 + 0.01 * plan.num_gpus)
    seconds += 0.02 * plan.gradient_accumulation_steps
    steps = -(-schedule.num_examples // schedule.global_batch_size) * int(schedule.num_epochs)
    run = steps * seconds
    line = TimeLine(what="training", seconds=run)
    step = StepTime(
        total_seconds=seconds,
        parts=(TimeLine(what="gemm", seconds=seconds),),
        bound_by="compute",
        model_flops=flops,
        hardware_flops=flops * recompute,
    )
    return TimeEstimate(
        step_seconds=Range(seconds, seconds, seconds),
        tokens_per_second_per_gpu=Range(1.0, 1.0, 1.0),
        num_steps=steps,
        run_seconds=Range(run, run, run),
        mfu=0.5,
        bound_by="compute",
        lines=(line,),
        step=step,
        basis=Basis("made up", 1),
    )


SIMPLE = Physics(memory=simple_memory, time=simple_time)


def offer(gpu: str, price: str, *, num_gpus: int = 1, provider: str = "acme", spot: bool = False) -> Offer:
    """A price in USD for the whole instance."""
    return Offer(
        provider=provider,
        gpu=gpu,
        num_gpus=num_gpus,
        price_per_hour=Money(amount=Decimal(price), currency="USD"),
        market=Market.SPOT if spot else Market.ON_DEMAND,
        source="made up",
    )


MARKET = (
    offer("rtx-4090", "0.40"),
    offer("l40s", "1.00"),
    offer("a100-80gb", "1.50"),
    offer("h100-80gb", "3.00"),
    offer("h100-80gb", "2.00", provider="other"),
    offer("h100-80gb", "26.00", num_gpus=8),
    offer("h200", "4.00"),
)


def book(offers: tuple[Offer, ...] = MARKET) -> PriceBook:
    """A market without exchange rates."""
    return PriceBook(offers, ())


def with_capacity(catalog: Catalog, gpu: str, usable_gib: float) -> Catalog:
    """A catalog in which one card has another size."""
    changed = catalog.gpus[gpu].model_copy(update={"usable_memory_gib": usable_gib})
    copy = object.__new__(Catalog)
    copy.__dict__.update(catalog.__dict__)
    copy.gpus = catalog.gpus.with_entry(changed)
    return copy
