"""What a price is instead of what was asked for, what it was put together from, and what it leaves out."""

from collections.abc import Iterable, Iterator

from bot.cards import format as fmt
from bot.i18n import Texts
from estimator.result import Quote


def price_terms(quote: Quote, texts: Texts) -> Iterator[str]:
    """A phrase each; empty ones for what is as one would think."""
    paid = quote.machine_gpus or quote.num_gpus
    yield from instead_of_it(quote.instead, quote.region, (paid, quote.num_gpus), texts)
    listed, machines = quote.listed_gpus or quote.num_gpus, quote.num_machines
    counts = {"size": listed, "copies": quote.num_gpus // listed}
    shown = {name: fmt.count(each, texts) for name, each in counts.items()}
    yield texts("estimate.scaled", **shown) if quote.scaled else ""
    yield texts("estimate.cluster", count=fmt.count(machines, texts)) if machines > 1 else ""
    if machines > 1 or "larger" in quote.instead:
        yield texts("estimate.left_out", what=texts("estimate.extras"))


def instead_of_it(
    instead: Iterable[str], region: str, paid_and_used: tuple[int, int], texts: Texts
) -> Iterator[str]:
    """`not sold alone: the whole machine of 8 GPUs, 1 of them used`; nothing where it is just that."""
    paid, used = (fmt.count(each, texts) for each in paid_and_used)
    for each in instead:
        unnamed = "_unnamed" if each == "region" and not region else ""
        yield texts(f"estimate.instead_{each}{unnamed}", count=paid, used=used)
