"""`seq=max`, `bs=max`, `mbs=max`: the largest number that still fits on what was said."""

from collections.abc import Callable
from typing import Final, NamedTuple

from estimator.catalog import Catalog
from estimator.defaults import resolve_model
from estimator.errors import Impossible
from estimator.memory.result import Verdict
from estimator.planner.feasibility import most_positions
from estimator.planner.planner import search
from estimator.prices.book import PriceBook
from estimator.result import Fix
from estimator.said import data_parallel_size
from estimator.spec import SizeField, TrainingSpec
from estimator.workload import Assumption

GRAINS: Final[dict[SizeField, int]] = {
    "sequence_length": 256,
    "global_batch_size": 1,
    "micro_batch_size": 1,
}
"""What a size is a multiple of."""
LARGEST: Final = "largest"
LARGEST_TOO_LARGE: Final = "largest_too_large"
"""Codes of the sentences that say what was found."""
MOST: Final[dict[SizeField, int]] = {
    "sequence_length": 10_000_000,
    "global_batch_size": 4096,
    "micro_batch_size": 4096,
}
NARROW: Final = 64
"""The search ends where what is left is so small a part of the number."""
KEYS: Final[dict[SizeField, str]] = {
    "sequence_length": "seq",
    "global_batch_size": "bs",
    "micro_batch_size": "mbs",
}


class Sized(NamedTuple):
    """A spec with its sizes found, and the sentence that says so."""

    spec: TrainingSpec
    assumptions: tuple[Assumption, ...] = ()


def with_largest(spec: TrainingSpec, catalog: Catalog, book: PriceBook, *, currency: str) -> Sized:
    """`spec` with the largest sizes that fit in the place of `max`; one GPU where no count was said.

    Raises:
        Impossible: two sizes to be found at once, or no GPU to find them on.
    """
    if not spec.largest:
        return Sized(spec=spec)
    name = _only(spec)
    plain = spec.model_copy(update={"largest": None, "num_gpus": spec.num_gpus or 1})

    def verdicts(value: int) -> frozenset[Verdict]:
        found = search(_with(plain, name, value), catalog, book, currency=currency)
        return frozenset(option.memory.verdict for option in found.options)

    most = MOST[name]
    if name == "sequence_length":
        arch = resolve_model(spec.model or "", catalog)[0]
        most = min(most, most_positions(spec, arch) or most)
    value = _largest(name, most, lambda size: Verdict.FITS in verdicts(size)) or _largest(
        name, most, lambda size: bool(verdicts(size) & {Verdict.FITS, Verdict.TIGHT})
    )
    found = value or GRAINS[name]
    said = Assumption(
        what=name,
        value=str(found),
        code=LARGEST if value else LARGEST_TOO_LARGE,
        parameters={"key": KEYS[name], "size": found},
    )
    return Sized(spec=_with(plain, name, found), assumptions=(said,))


_OF_A_SIZE: Final = (*GRAINS, "gradient_accumulation_steps", "largest")
"""What a size that is found may set."""


def found_again(
    fix: Fix, asked: TrainingSpec, sized: TrainingSpec, catalog: Catalog, book: PriceBook, *, currency: str
) -> Fix:
    """`fix` of `sized`, the smallest run, as one of `asked`: the largest that fits once it is made."""
    if not asked.largest:
        return fix
    changed = {
        name: getattr(fix.spec, name)
        for name in TrainingSpec.model_fields
        if name not in _OF_A_SIZE and getattr(fix.spec, name) != getattr(sized, name)
    }
    spec = asked.model_copy(update=changed)
    largest = with_largest(spec, catalog, book, currency=currency).spec
    options = search(largest, catalog, book, currency=currency).options
    best = next((option for option in options if option.memory.verdict is Verdict.FITS), None)
    said = {name: value for name, value in fix.changes.items() if name not in _OF_A_SIZE}
    return fix if best is None else Fix(changes=said, spec=spec, option=best)


def _only(spec: TrainingSpec) -> SizeField:
    names = spec.largest or ()
    if len(names) > 1:
        raise Impossible(
            "one_largest",
            field=f"{KEYS[names[1]]}=max",
            parameters={"first": f"{KEYS[names[0]]}=max", "second": f"{KEYS[names[1]]}=max"},
        )
    if spec.gpu is None and spec.gpu_memory_gb is None:
        raise Impossible(
            "largest_needs_gpu",
            field=f"{KEYS[names[0]]}=max",
            parameters={"size": f"{KEYS[names[0]]}=max", "example": f"{KEYS[names[0]]}=max 1xa100"},
            change={"gpu": "a100-80gb"},
        )
    return names[0]


def _with(spec: TrainingSpec, name: SizeField, value: int) -> TrainingSpec:
    """A whole batch is one pass of every rank."""
    if name != "global_batch_size":
        return spec.model_copy(update={name: value})
    batch = value * data_parallel_size(spec)
    return spec.model_copy(
        update={"micro_batch_size": value, "gradient_accumulation_steps": 1, "global_batch_size": batch}
    )


def _largest(name: SizeField, largest: int, fits: Callable[[int], bool]) -> int:
    """The largest multiple of the grain, up to `largest`, that fits; 0 where not even one does."""
    grain, most = GRAINS[name], largest // GRAINS[name]
    good, bad = 0, 1
    while bad <= most and fits(bad * grain):
        good, bad = bad, 2 * bad
    bad = min(bad, most + 1)
    while bad - good > max(1, good // NARROW):
        middle = (good + bad) // 2
        if fits(middle * grain):
            good = middle
        else:
            bad = middle
    return good * grain
