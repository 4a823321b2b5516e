"""Machines of clouds by name: so many cards of that kind, from that seller."""

from typing import Any

import pytest

from bot.files import load_catalog, load_machine_types, load_sellers
from bot.language import Request, read, read_plain, vocabulary_of
from estimator.spec import TrainingSpec

NAMES = vocabulary_of(load_catalog(), load_sellers())
BASE = Request(spec=TrainingSpec(model="7b"))


def hardware(text: str) -> tuple[Any, ...]:
    spec = read(text, NAMES).spec
    assert spec is not None, (text, read(text, NAMES).problems)
    return spec.gpu, spec.num_gpus, spec.num_nodes, spec.providers


@pytest.mark.parametrize(
    ("typed", "gpu", "num_gpus", "num_nodes", "seller"),
    [
        ("p4d.24xlarge", "a100-40gb", 8, None, "aws"),
        ("ml.p4de.24xlarge", "a100-80gb", 8, None, "aws"),
        ("2x p5.48xlarge", "h100-80gb", 16, 2, "aws"),
        ("2xp5.48xlarge", "h100-80gb", 16, 2, "aws"),
        ("p4d.24xlarge x 4", "a100-40gb", 32, 4, "aws"),
        ("two p4de.24xlarge nodes", "a100-80gb", 16, 2, "aws"),
        ("a G5.12xlarge instance", "a10g", 4, None, "aws"),
        ("a g5 instance", "a10g", None, None, "aws"),
        ("aws p5", "h100-80gb", None, None, "aws"),
        ("p4d", "a100-40gb", 8, None, "aws"),
        ("gpu=p4d.24xlarge", "a100-40gb", 8, None, "aws"),
        ("a3-highgpu-8g", "h100-80gb", 8, None, "gcp"),
        ("a2-ultragpu-1g", "a100-80gb", 1, None, "gcp"),
        ("a4-highgpu-8g", "b200", 8, None, "gcp"),
        ("g2-standard-48", "l4", 4, None, "gcp"),
        ("Standard_ND96asr_v4", "a100-40gb", 8, None, "azure"),
        ("ND96amsr_A100_v4", "a100-80gb", 8, None, "azure"),
        ("a Standard ND96isr H100 v5", "h100-80gb", 8, None, "azure"),
        ("NC24ads_A100_v4", "a100-80gb-pcie", 1, None, "azure"),
        ("阿里云 ecs.gn7i-c8g1.2xlarge", "a10", 1, None, "alibaba"),
        ("两台 ecs.gn7e-c16g1.32xlarge", "a100-80gb", 16, 2, "alibaba"),
        ("gn7i 实例", "a10", None, None, "alibaba"),
        ("GN10Xp.20XLARGE320", "v100-32gb", 8, None, "tencent"),
        ("gpu_8x_h100_sxm5", "h100-80gb", 8, None, "lambda"),
        ("BM.GPU.H100.8", "h100-80gb", 8, None, "oci"),
    ],
)
def test_a_machine_is_its_cards_and_its_seller(
    typed: str, gpu: str, num_gpus: int | None, num_nodes: int | None, seller: str
) -> None:
    for text in (f"7b lora on {typed}", f"{typed} 7b lora", f"7b {typed} lora bs=8"):
        assert hardware(text) == (gpu, num_gpus, num_nodes, (seller,)), text


def test_every_machine_of_a_card_that_is_known_is_read() -> None:
    for name, machine in load_machine_types().items():
        if machine.gpu in NAMES.gpus and ("." in name or "-" in name):
            assert hardware(f"7b lora {name}")[:2] == (machine.gpu, machine.num_gpus), name


@pytest.mark.parametrize("text", ["p5", "use p4d there", "the g5 is slow", "standard stuff", "m5.large"])
def test_chat_names_none(text: str) -> None:
    assert read_plain(text, NAMES, BASE).outcome == "conversation"


def test_a_reply_may_name_one() -> None:
    reply = read_plain("p4d.24xlarge", NAMES, BASE)
    assert reply.changes == ("gpu", "providers", "num_gpus")


def test_no_number_of_machines_is_none() -> None:
    assert [each.token for each in read("7b 0x p4d.24xlarge", NAMES).problems] == ["0x p4d.24xlarge"]
