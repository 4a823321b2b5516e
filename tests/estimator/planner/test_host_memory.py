"""Host memory of the machines: said where states rest there, warned of where it is too little or unknown."""

import pytest
from fake_physics import book, offer

from bot.cli.validate import reader_of
from bot.files import load_catalog
from estimator.planner.planner import search
from estimator.prices.book import PriceBook

CATALOG = load_catalog()
READ = reader_of(CATALOG)
OFFLOADED = "llama-2-7b full bf16 1xa100-80gb zero2 offload deepspeed mbs=1 seq=2048 ckpt"


def codes(text: str, prices: PriceBook) -> set[str]:
    found = search(READ(text), CATALOG, prices, currency="USD")
    return {warning.code for warning in found.options[0].warnings}


def sold_with(memory_gb: float | None) -> PriceBook:
    sold = offer("a100-80gb", "2.00")
    return book((sold.model_copy(update={"host_memory_gb": memory_gb}),))


@pytest.mark.parametrize(
    ("memory_gb", "code"),
    [(94.0, "host_memory_too_small"), (None, "host_memory_unknown"), (1000.0, None)],
)
def test_a_machine_is_asked_for_the_memory_that_offload_takes(
    memory_gb: float | None, code: str | None
) -> None:
    said = codes(OFFLOADED, sold_with(memory_gb))
    assert {each for each in said if each.startswith("host_memory")} == ({code} if code else set())


def test_unknown_memory_is_no_matter_where_nothing_rests_on_the_host() -> None:
    said = codes("llama-2-7b lora 1xa100-80gb mbs=1 seq=512", sold_with(None))
    assert not any(code.startswith("host_memory") for code in said)


def test_the_release_that_is_counted_is_in_the_plan() -> None:
    said, newest = (
        search(READ(f"llama-2-7b lora {stack} 1xa100-80gb mbs=1 seq=512"), CATALOG, book(), currency="USD")
        for stack in ("hf@4.48", "hf")
    )
    assert said.options[0].stack_release == "4.48"
    assert newest.options[0].stack_release == CATALOG.stack("hf").newest
