"""Parts of a step by hand: what one word of the command does to one part."""

import pytest
from time_jobs import CALIBRATION, job

from estimator.units import GIGA

LLAMA = "llama-2-7b {} mbs=2 ga=1 seq=2048 {} ckpt sdpa"
PARAMS = 6_738_415_616


def part(words: str, what: str, *, cards: str = "1xa100-80gb") -> float:
    step = job(LLAMA.format(words, cards)).step
    return next(each.seconds for each in step.parts if each.what == what)


def test_dora_moves_the_traffic_of_adapters_twice() -> None:
    assert part("dora bf16", "lora") == pytest.approx(2 * part("lora bf16", "lora"))


def test_a_padding_mask_computes_the_masked_half_too() -> None:
    assert part("lora bf16 padded", "attention") == pytest.approx(2 * part("lora bf16", "attention"))


def test_muon_adds_five_steps_of_three_products_to_a_momentum() -> None:
    """30 h FLOPs a parameter, at the rate of products; SGD with momentum moves the same bytes."""
    extra = part("full bf16 opt=muon", "optimizer") - part("full bf16 opt=sgd-momentum", "optimizer")
    assert extra == pytest.approx(30 * 4096 * PARAMS / (312e12 * CALIBRATION.value("gemm_share.ampere")))


def test_an_offloaded_step_moves_44_bytes_a_parameter_through_the_host() -> None:
    """And gradients and weights in 16 bit over the host's link."""
    link, memory = (CALIBRATION.value(f"host_{of}_gb_per_second") * GIGA for of in ("link", "memory"))
    expected = 4 * PARAMS / link + 44 * PARAMS / memory
    assert part("full bf16 amp deepspeed offload", "offload") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("cards", "num_gpus", "num_hosts"), [("4xa100-80gb", 4, 1), ("8xa100-80gb nodes=2", 8, 2)]
)
def test_the_cards_of_a_host_have_links_of_their_own_and_share_its_memory(
    cards: str, num_gpus: int, num_hosts: int
) -> None:
    link, memory = (CALIBRATION.value(f"host_{of}_gb_per_second") * GIGA for of in ("link", "memory"))
    expected = 4 * PARAMS / num_gpus / link + 44 * PARAMS / num_hosts / memory
    found = part("full bf16 amp deepspeed zero2 offload", "offload", cards=cards)
    assert found == pytest.approx(expected)
