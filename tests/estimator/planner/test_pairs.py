"""Pairs of framework and engine that nobody wrote are refused; plans are pairs that exist."""

import re
from copy import copy

import pytest
from fake_physics import book
from shipped import shipped_names

from bot.cli.validate import reader_of
from bot.files import load_catalog
from bot.i18n import LANGUAGES, Language, load_texts
from bot.language import change_text, read
from estimator.estimate import estimate
from estimator.framework.engine import SHARINGS
from estimator.planner.instead import instead
from estimator.planner.pairs import missing_pairs
from estimator.said import said_runner
from estimator.spec import Method

CATALOG = load_catalog()
READ = reader_of(CATALOG)


@pytest.mark.parametrize(
    ("text", "code", "nearest"),
    [
        ("7b unsloth deepspeed", "no_engine", ["ddp", "stack=hf"]),
        ("7b torchtune deepspeed zero3 8xa100", "no_engine", ["fsdp", "stack=hf"]),
        ("7b torchtune ddp 8xa100", "no_engine", ["fsdp", "stack=hf"]),
        ("7b torchtune zero1 8xa100", "no_stage", ["fsdp", "stack=hf"]),
        ("7b unsloth fsdp 2xa100", "no_engine", ["ddp", "stack=hf"]),
        ("7b unsloth zero2 2xa100", "no_stage", ["ddp", "stack=hf"]),
        ("7b full pure bf16 deepspeed zero2 8xa100", "no_pure_states", ["fsdp", "amp"]),
        ("7b full pure megatron 8xa100", "no_pure_states", ["amp", "stack=hf"]),
        ("7b qlora unsloth offload 1x4090", "no_offload", ["no-offload", "stack=hf"]),
        ("7b llama-factory tp=2 2xa100", "no_split", ["stack=torchtune", "tp=1"]),
        ("7b lora torchtune tp=2 2xa100", "no_split", ["stack=torchtitan", "tp=1"]),
        ("7b torchtune cp=2 2xa100", "no_split", ["stack=hf", "cp=1"]),
        ("7b hf@4.50 cp=2 2xa100", "no_split", ["stack=hf", "cp=1"]),
        ("7b trl tp=2 zero1 4xa100", "no_split", ["stack=megatron", "tp=1"]),
        ("llama-2-70b qlora megatron tp=8 8xh100", "no_method", ["lora"]),
        ("llama-2-7b qlora megatron 1x4090", "no_method", ["stack=hf", "lora"]),
        ("llama-2-7b lora nf4 megatron 1xh100", "no_method", ["stack=hf", "lora"]),
        ("llama-2-7b dora nf4 megatron 1xh100", "no_method", ["stack=hf", "lora"]),
        ("llama-3.1-8b qlora torchtitan 8xh100", "no_method", ["stack=hf", "lora"]),
        ("7b dora litgpt", "no_method", ["stack=hf", "lora"]),
        ("internlm-7b lora internevo", "no_method", ["stack=hf"]),
        ("8b qlora int8 fsdp 2x4090", "no_shards_of_packed", ["nf4", "zero2"]),
        ("8b lora int8 zero3 8xa100", "no_shards_of_packed", ["nf4", "zero2"]),
        ("8b qlora gptq zero3 2x4090", "no_shards_of_packed", ["nf4", "fsdp"]),
        ("8b qlora gptq fsdp llama-factory 2x4090", "no_shards_of_packed", ["nf4", "zero2", "stack=hf"]),
        ("8b qlora zero3 hf@4.36 2x4090", "no_shards_of_packed", ["zero2", "stack=hf"]),
        ("70b full torchtune pp=2 16xh100", "no_split", ["stack=torchtitan", "pp=1"]),
        ("70b full torchtune@0.5 tp=8 8xh100", "no_split", ["stack=torchtune", "tp=1"]),
        ("gpt-oss-20b lora sdpa 1xh100", "no_sdpa", ["eager"]),
        ("8b full llama-factory opt=galore zero3 8xa100", "low_rank_of_shards", ["opt=adamw8bit"]),
        ("8b full opt=galore fsdp 8xa100", "low_rank_of_shards", ["opt=adamw8bit"]),
        ("8b full galore megatron tp=8 8xh200", "low_rank_of_shards", ["opt=adamw8bit"]),
        ("8b qlora litgpt nodes=2", "one_gpu_method", ["stack=hf", "gpus=1"]),
        ("8b lora opt=galore 1xa100", "low_rank_of_adapters", ["opt=adamw8bit"]),
        ("8b full axolotl cp=4 zero3 seq=64k 8xh100", "no_split_by_engine", ["cp=1", "fsdp", "stack=hf"]),
        ("8b qlora llm-foundry 1x4090", "no_method", ["stack=hf", "lora"]),
        ("8b qlora int8 torchtune 1x4090", "no_packed_base", ["nf4", "stack=hf"]),
        ("8b qlora gptq unsloth 1x4090", "no_packed_base", ["nf4", "stack=hf"]),
        ("8b qlora litgpt 2x4090", "one_gpu_method", ["stack=hf", "gpus=1"]),
        ("8b lora nf4 litgpt fsdp 8xa100", "one_gpu_method", ["stack=hf"]),
        ("7b full ddp offload 2xa100", "no_offload_of_copies", ["fsdp", "no-offload"]),
        ("7b full zero2 offload=params 8xa100", "no_offload_of_weights", ["zero3"]),
        ("7b full zero1 offload=params axolotl 2xa100", "no_offload_of_weights", ["zero3"]),
        ("7b full megatron offload=params 8xa100", "no_offload_of_megatron", ["offload"]),
        ("70b full tp=8 offload=params 8xh100", "no_offload_of_megatron", ["offload"]),
        ("7b full megatron zero3 offload 8xa100", "no_offload_of_megatron_shards", ["zero1 offload"]),
        ("7b full megatron fsdp offload 8xa100", "no_offload_of_shards", ["zero2", "no-offload", "stack=hf"]),
        ("7b full litgpt offload 8xa100", "no_offload_of_shards", ["no-offload", "stack=hf"]),
        (
            "7b lora llm-foundry fsdp offload=params 8xa100",
            "no_offload_of_shards",
            ["no-offload", "stack=hf"],
        ),
        ("7b full fp32 pure", "no_short_format", ["bf16"]),
        ("7b full tf32 amp", "no_short_format", ["bf16"]),
        ("7b hf@99", "no_release", ["stack=hf@5.24"]),
        ("7b hf@4.99", "no_release", ["stack=hf@5.24"]),
        ("7b hf@2019-01", "no_release", ["stack=hf@5.24"]),
        ("7b unsloth@2023-01", "no_release", ["stack=unsloth@2026-08"]),
        ("7b torchtitan@0.2", "no_release", ["stack=torchtitan@2026-08"]),
        ("7b torchtitan@2024-13", "no_release", ["stack=torchtitan@2026-08"]),
        ("7b fsdp-qlora@1.0", "no_releases", ["stack=fsdp-qlora"]),
    ],
)
def test_a_pair_that_does_not_exist_is_refused_with_those_that_do(
    text: str, code: str, nearest: list[str]
) -> None:
    spec = READ(text)
    problem = next(missing_pairs(spec, CATALOG))
    assert problem.code == code
    assert [change_text(change) for change in instead(spec, CATALOG, problem)] == nearest


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_refused_offload_is_told_to_say_helps_in_a_reply_too(language: Language) -> None:
    """`offload` alone would keep the weights of the card away."""
    (problem,) = missing_pairs(READ("7b full zero2 offload=params 8xa100"), CATALOG)
    sentence = load_texts(language)(f"problem.{problem.code}", stage=problem.field)
    said = re.findall(r"`([^`]+)`", sentence)[-1]
    card = read("7b full offload=params 8xa100", shipped_names()).request
    reply = read(f"zero2 {said}", shipped_names(), card).spec
    assert reply is not None
    assert tuple(missing_pairs(reply, CATALOG)) == ()


def test_who_has_no_copies_shards_over_several_gpus() -> None:
    """The distributed recipes of torchtune are FSDP2 throughout; on one GPU nothing is shared."""
    answer = estimate(READ("llama-3.1-8b lora torchtune 8xh100 n=10k seq=2048"), CATALOG)
    shared = {(each.plan.num_gpus > 1, each.plan.zero_stage > 0) for each in answer.options}
    assert (True, True) in shared
    assert shared <= {(True, True), (False, False)}
    left_open = estimate(READ("llama-3.1-8b lora torchtune zero0 n=10k seq=2048"), CATALOG)
    assert {each.plan.num_gpus for each in left_open.options} == {1}


def test_two_things_change_where_one_alone_does_not_help() -> None:
    spec = READ("7b torchtune deepspeed zero3 tp=2 8xa100")
    changes = instead(spec, CATALOG, next(missing_pairs(spec, CATALOG)))
    assert changes
    for change in changes:
        assert tuple(missing_pairs(spec.model_copy(update=dict(change)), CATALOG)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "7b full zero1 8xa100",
        "7b full fsdp zero2 8xa100",
        "7b full pure zero3 8xa100",
        "7b llama-factory deepspeed zero3 8xa100",
        "7b full tp=2 2xa100",
        "7b full cp=4 seq=64k 8xa100",
        "7b full llm-foundry fsdp zero2 8xa100",
        "7b full megatron zero1 tp=2 8xa100",
        "7b dora megatron tp=2 8xa100",
        "7b lora torchtitan 8xa100",
        "7b full offload 1x4090",
        "7b full megatron offload 8xa100",
        "7b full megatron zero1 tp=2 offload 8xa100",
        "7b full torchtune offload 8xa100",
        "7b lora xtuner deepspeed zero2 4xa100",
        "7b full axolotl cp=4 seq=64k 8xh100",
        "70b full torchtune tp=8 2 nodes 16xh100",
        "7b full swift cp=4 seq=64k 8xh100",
        "7b full trl fsdp cp=2 seq=64k 8xh100",
        "8b qlora nf4 zero3 llama-factory 4x4090",
        "8b lora int8 zero2 axolotl 4x4090",
        "8b qlora int8 litgpt 1x4090",
        "8b qlora gptq fsdp hf 2x4090",
    ],
)
def test_a_pair_that_exists_is_let_through(text: str) -> None:
    assert tuple(missing_pairs(READ(text), CATALOG)) == ()


@pytest.mark.parametrize("text", ["7b full", "13b full tokens=1b", "7b full 8x4090", "70b lora"])
@pytest.mark.parametrize("stack", ["", "trl", "llama-factory", "torchtune", "unsloth", "megatron"])
def test_every_plan_is_a_pair_that_exists(text: str, stack: str) -> None:
    for option in estimate(READ(f"{text} {stack}"), CATALOG, book()).options:
        plan = option.plan
        assert plan.engine in CATALOG.framework(plan.stack).engines
        assert not plan.zero_stage or plan.zero_stage in SHARINGS[plan.engine]


@pytest.mark.parametrize("text", ["7b pure deepspeed zero2 8xa100", "7b pure zero3 8xa100"])
def test_what_trains_by_an_installations_own_default_decides_whether_it_is_pure(text: str) -> None:
    """Adapters over a 16-bit base are no pure full fine-tune, whoever said that adapters train."""
    spec, catalog = READ(text), copy(CATALOG)
    catalog.defaults = catalog.defaults.model_copy(update={"method": Method.LORA})
    said = spec.model_copy(update={"method": Method.LORA})
    assert tuple(missing_pairs(spec, catalog)) == tuple(missing_pairs(said, CATALOG)) == ()
    assert said_runner(spec, catalog) == said_runner(said, CATALOG)
