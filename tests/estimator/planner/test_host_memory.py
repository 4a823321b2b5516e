"""Host memory of the machines: said where states rest there, warned of where it is too little or unknown."""

import pytest
from fake_physics import book, offer

from bot.cli.validate import reader_of
from bot.files import load_catalog
from estimator.memory.result import Verdict
from estimator.money import Offer
from estimator.planner.planner import search
from estimator.prices.book import PriceBook
from estimator.result import Option

CATALOG = load_catalog()
READ = reader_of(CATALOG)
OFFLOADED = "llama-2-7b full bf16 1xa100-80gb zero2 offload deepspeed mbs=1 seq=2048 ckpt"


def first_option(text: str, prices: PriceBook) -> Option:
    return search(READ(text), CATALOG, prices, currency="USD").options[0]


def codes(text: str, prices: PriceBook) -> set[str]:
    return {warning.code for warning in first_option(text, prices).warnings}


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


@pytest.mark.parametrize(("method", "warns"), [("qlora", False), ("full pure", True)])
def test_paged_states_are_a_matter_where_they_are_many(method: str, warns: bool) -> None:  # noqa: FBT001
    said = codes(f"llama-2-7b {method} opt=paged_adamw 1xa100-80gb mbs=1 seq=512 hf", sold_with(None))
    assert ("host_memory_unknown" in said) is warns


def test_a_machine_that_nobody_rents_out_is_the_askers_to_look_at() -> None:
    text = "llama-3.2-3b full 1xrtx-3060 zero3 offload=params deepspeed mbs=1 ckpt"
    assert "host_memory_of_own" in codes(text, book())
    assert not codes("llama-3.2-3b qlora 1xrtx-3060 mbs=1 seq=512", book()) & {"host_memory_of_own"}


@pytest.mark.parametrize(
    "text",
    [
        "llama-30b full 1xgb10 zero3 offload=params deepspeed mbs=1 ckpt",
        "llama-13b full 1xgb10 zero2 offload deepspeed mbs=1 ckpt",
        "llama-13b full 1xgb10 opt=paged_adamw mbs=1 ckpt hf",
    ],
)
def test_what_rests_on_the_host_takes_of_memory_that_cpu_and_gpu_share(text: str) -> None:
    shared, apart = (first_option(text.replace("gb10", gpu), book()).memory for gpu in ("gb10", "gh200-96gb"))
    assert shared.process_bytes.likely > apart.process_bytes.likely + 0.6 * shared.host_bytes
    assert shared.verdict is Verdict.DOES_NOT_FIT
    assert shared.parts.total_bytes == pytest.approx(shared.process_bytes.likely, abs=8)
    assert "unified_memory" in codes(text, book())


def test_the_release_that_is_counted_is_in_the_plan() -> None:
    said, newest = (
        search(READ(f"llama-2-7b lora {stack} 1xa100-80gb mbs=1 seq=512"), CATALOG, book(), currency="USD")
        for stack in ("hf@4.48", "hf")
    )
    assert said.options[0].stack_release == "4.48"
    assert newest.options[0].stack_release == CATALOG.framework("hf").newest


def machine(price: str, memory_gb: float | None, *, gpu: str = "a100-80gb", provider: str = "acme") -> Offer:
    return offer(gpu, price, provider=provider).model_copy(update={"host_memory_gb": memory_gb})


def test_a_price_of_a_machine_without_the_memory_is_none_of_the_plan() -> None:
    small, large = machine("1.00", 94.0), machine("3.00", 1000.0, provider="roomy")
    quoted = first_option(OFFLOADED, book((small, large))).quotes
    assert [quote.provider for quote in quoted] == ["roomy"]


def test_the_larger_machine_of_a_seller_takes_the_place_of_the_cheaper() -> None:
    sold = first_option(OFFLOADED, book((machine("1.00", 94.0), machine("3.00", 1000.0))))
    assert sold.quotes[0].price_per_hour.amount == 3
    assert not any(warning.code == "host_memory_too_small" for warning in sold.warnings)


def test_who_does_not_say_sells_no_place_for_states_where_others_are_too_small() -> None:
    unknown = machine("1.00", None, provider="silent")
    sold = (unknown, machine("2.00", 94.0, provider="small"), machine("3.00", 1000.0))
    assert [quote.provider for quote in first_option(OFFLOADED, book(sold)).quotes] == ["acme"]


def test_what_no_machine_has_the_memory_for_comes_after_what_runs() -> None:
    text = OFFLOADED.replace("1xa100-80gb", "gpus=1")
    sold = (machine("1.00", 94.0), machine("9.00", 1000.0, gpu="h100-80gb"))
    options = search(READ(text), CATALOG, book(sold), currency="USD").options
    assert [option.plan.gpu for option in options] == ["h100-80gb", "a100-80gb"]
    assert not options[1].tags
