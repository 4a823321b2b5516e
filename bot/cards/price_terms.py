"""What a price is instead of what was asked for, what it was put together from, and what it leaves out."""

from collections.abc import Iterator

from bot.cards import format as fmt
from bot.i18n import Texts
from estimator.result import Quote


def price_terms(quote: Quote, texts: Texts) -> Iterator[str]:
    """A phrase each; empty ones for what is as one would think."""
    yield _instead(quote, texts)
    listed, machines = quote.listed_gpus or quote.num_gpus, quote.num_machines
    counts = {"size": listed, "copies": quote.num_gpus // listed, "machine": quote.num_gpus // machines}
    shown = {name: fmt.count(each, texts) for name, each in counts.items()}
    yield texts("estimate.scaled", **shown) if quote.scaled else ""
    yield texts("estimate.cluster", count=fmt.count(machines, texts)) if machines > 1 else ""
    if machines > 1 or quote.instead == "larger":
        yield texts("estimate.left_out", what=texts("estimate.extras"))


def _instead(quote: Quote, texts: Texts) -> str:
    """`not sold alone: the whole machine of 8 GPUs`; nothing where it is what was asked for."""
    if not quote.instead:
        return ""
    unnamed = "_unnamed" if quote.instead == "region" and not quote.region else ""
    counts = {"count": quote.machine_gpus or quote.num_gpus, "used": quote.num_gpus}
    return texts(
        f"estimate.instead_{quote.instead}{unnamed}",
        **{name: fmt.count(each, texts) for name, each in counts.items()},
    )
