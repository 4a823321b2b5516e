"""A recipe reads back as the run that it was written for, up to what its tool cannot say."""

from collections.abc import Callable
from random import Random

import pytest
from draws import draws

from bot.language import Vocabulary, read
from bot.language.pastes.paste import recognised
from bot.language.recipe import Recipe, completed, recipe_of
from bot.language.tools.argument import Fields
from bot.language.tools.registry import RECIPES, recipe_tool
from estimator.spec import Method, Optimizer, TrainingSpec

SPECS = draws(400, 4_000)
EITHER = (True, False)
MUST_SAY = {
    "llama-factory": (
        "model method lora_rank lora_targets lora_dropout sequence_length num_examples num_epochs "
        "micro_batch_size gradient_accumulation_steps precision packing fused_loss compile "
        "num_gpus"
    ),
    "axolotl": (
        "model lora_rank lora_targets sequence_length micro_batch_size "
        "gradient_accumulation_steps num_epochs precision attention packing fused_loss compile "
        "tensor_parallel_size num_gpus num_nodes"
    ),
    "trl": (
        "model lora_rank lora_targets sequence_length micro_batch_size "
        "gradient_accumulation_steps num_epochs attention packing fused_loss compile num_gpus "
        "num_nodes"
    ),
    "swift": (
        "model lora_rank lora_targets sequence_length num_examples micro_batch_size num_epochs "
        "attention packing fused_loss compile context_parallel_size num_gpus"
    ),
    "xtuner": (
        "lora_rank lora_targets lora_dropout sequence_length num_examples packing micro_batch_size "
        "gradient_accumulation_steps num_steps attention num_gpus"
    ),
    "torchtune": (
        "lora_dropout sequence_length num_examples micro_batch_size gradient_accumulation_steps "
        "packing compile num_gpus num_nodes tensor_parallel_size"
    ),
    "accelerate": ("num_gpus num_nodes"),
    "deepspeed": ("global_batch_size micro_batch_size gradient_accumulation_steps"),
    "sky": ("model sequence_length micro_batch_size num_nodes market"),
    "dstack": ("model sequence_length micro_batch_size num_nodes market"),
}
"""Tool -> fields that it can always say."""
SHARES = {"torchtune": {"zero_stage", "engine"}}
"""What a tool does its own way whatever is asked: over several GPUs torchtune shards."""
ADAPTERS = {"method", "lora_rank", "lora_targets", "lora_dropout"}
"""On a base that a tool cannot ask for (GPTQ) it is told nothing of adapters."""


def some_spec(random: Random, names: Vocabulary) -> TrainingSpec:
    """Any combination that makes sense, each field left out now and then."""
    fields: dict[str, object] = {}
    _method(random, names, fields)
    _run(random, fields)
    _hardware(random, names, fields)
    return TrainingSpec.model_validate(fields)


def _chooser(random: Random, fields: dict[str, object]) -> Callable[..., None]:
    def maybe(name: str, *values: object, often: float = 0.6) -> None:
        if random.random() < often:
            fields[name] = random.choice(values)

    return maybe


def _method(random: Random, names: Vocabulary, fields: dict[str, object]) -> None:
    maybe = _chooser(random, fields)
    maybe("model", random.choice(list(names.models)), "7b", "13b", "some-org/some-model", often=0.9)
    maybe("method", "full", "lora", "qlora", "dora", "freeze", often=0.9)
    if fields.get("method") in ("lora", "qlora", "dora"):
        maybe("lora_rank", 4, 8, 16, 64)
        maybe("lora_targets", "all-linear", ["q_proj", "v_proj"], ["q_proj", "k_proj", "v_proj", "o_proj"])
        maybe("lora_dropout", 0.0, 0.05, 0.1)
    if fields.get("method") in ("qlora", "dora"):
        maybe("quantization", "nf4", "int8", "gptq")
    maybe("precision", "bf16", "fp16", "fp32", "tf32", "fp8")
    maybe("mixed_precision", *EITHER, often=0.2)


def _run(random: Random, fields: dict[str, object]) -> None:
    maybe = _chooser(random, fields)
    maybe("num_examples", random.randint(1, 10**6))
    maybe("sequence_length", 512, 2048, 4096, 100_000)
    maybe("global_batch_size", 64, often=0.2)
    maybe("micro_batch_size", 1, 2, 4)
    maybe("gradient_accumulation_steps", 1, 4, 8)
    maybe("num_epochs", 1, 3, 0.5)
    maybe("num_steps", 500, often=0.2)
    maybe("optimizer", *(each.value for each in Optimizer))
    if fields.get("optimizer") == "adamw":
        maybe("optimizer_implementation", "fused", "foreach", "loop", often=0.3)
    maybe("activation_checkpointing", "full", "none", "selective")
    maybe("attention", "flash", "sdpa", "eager")
    for switch in ("packing", "fused_loss", "compile", "padded"):
        maybe(switch, *EITHER, often=0.3)
    maybe("tensor_parallel_size", 2, often=0.1)
    maybe("context_parallel_size", 2, often=0.1)


def told_and_wanted(recipe: Recipe, whole: Fields, key: str) -> tuple[Fields, Fields]:
    """What is read back of a recipe, and what it can say of what was asked."""
    own = {"stack", *(SHARES.get(key, set()) & set(recipe.unsaid))}
    told = {name: value for name, value in recipe.said.items() if name not in own}
    left = {"stack", *recipe.unsaid}
    return told, {name: value for name, value in whole.items() if name not in left}


def _hardware(random: Random, names: Vocabulary, fields: dict[str, object]) -> None:
    nodes = random.choice((1, 2, 4))
    if random.random() < 0.7:
        fields |= {"gpu": random.choice(list(names.gpus)), "num_gpus": nodes * random.choice((1, 2, 4, 8))}
        if random.random() < 0.5:
            fields["num_nodes"] = nodes
    if random.random() < 0.6:
        stage = random.choice((0, 1, 2, 3))
        fields["zero_stage"] = stage
        if random.random() < 0.7:
            fields["engine"] = random.choice(("fsdp", "deepspeed")) if stage else "ddp"
    if random.random() < 0.3:
        fields["offload"] = True
        if random.random() < 0.5:
            fields["offload_params"] = True
    if random.random() < 0.4:
        fields |= {"providers": random.choice((["aws"], ["runpod"], ["aws", "gcp"])), "market": "spot"}
        price = {"amount": random.choice(("2.49", "27.08")), "currency": random.choice(("USD", "CNY"))}
        fields["price_per_gpu_hour"] = price


@pytest.mark.parametrize("key", RECIPES)
def test_what_a_recipe_says_is_what_was_asked(key: str, names: Vocabulary) -> None:
    """Specs over the tools; each field that is read back is the one that was written."""
    random, tool = Random(key), RECIPES[key]
    for _ in range(SPECS // len(RECIPES) + 1):
        spec = some_spec(random, names)
        recipe = recipe_of(spec, tool, names)
        told, wanted = told_and_wanted(recipe, completed(spec, tool), key)
        assert told == wanted, recipe.text
        owed = set(MUST_SAY[key].split()) - (ADAPTERS if "method" in recipe.unsaid else set())
        assert not set(recipe.unsaid) & owed, (recipe.unsaid, recipe.text)


@pytest.mark.parametrize("key", RECIPES)
def test_a_recipe_is_of_its_tool_and_says_how_to_start_it(key: str, names: Vocabulary) -> None:
    spec = TrainingSpec.model_validate(
        {"model": "llama-3.1-8b", "method": "lora", "num_gpus": 4, "zero_stage": 3}
    )
    recipe = recipe_of(spec, RECIPES[key], names)
    paste = recognised(recipe.text, names)
    assert paste is not None
    assert paste.kind == key
    assert key in ("deepspeed", "swift") or recipe.file_name in recipe.text.splitlines()[0]


@pytest.mark.untraced
@pytest.mark.parametrize("key", sorted(RECIPES.keys() - {"accelerate", "deepspeed"}))
def test_a_recipe_trains_the_copy_that_was_asked_for(key: str, names: Vocabulary) -> None:
    """Not the model whose shape it has; the two others name no model."""
    assert len(names.copies) > 200
    for copy in names.copies:
        spec = TrainingSpec(model=copy, method=Method.LORA, num_gpus=1)
        recipe = recipe_of(spec, RECIPES[key], names)
        assert recipe.said.get("model") == copy, recipe.text
        assert names.models[copy][0] in recipe.text


def test_tools_are_known_by_their_other_names() -> None:
    assert [
        getattr(recipe_tool(each), "key", None)
        for each in ("LLaMA-Factory", "llamafactory", "ms-swift", "nope")
    ] == [
        "llama-factory",
        "llama-factory",
        "swift",
        None,
    ]


@pytest.mark.parametrize("key", sorted(RECIPES.keys() - {"accelerate", "deepspeed"}))
@pytest.mark.parametrize(
    ("asked", "note"),
    [
        (
            "qwen2.5-7b-chat lora",
            "For a copy of Qwen/Qwen2.5-7B (chat, instruct, your own)",
        ),
        ("7b lora", "Put the name or the path of your own model in the place of your-7b-model"),
        ("qwen2.5-7b-instruct lora", ""),
    ],
)
def test_a_recipe_says_which_name_to_put_where_it_loads_another(
    key: str, asked: str, note: str, names: Vocabulary
) -> None:
    """No catalogue lists `qwen2.5-7b-chat`: it is estimated, and loaded, as the model in its shape."""
    spec = read(asked, names).spec
    assert spec is not None
    notes = [line for line in recipe_of(spec, RECIPES[key], names).text.splitlines() if line.startswith("# ")]
    told = [line for line in notes if "put its name there" in line or "in the place of" in line]
    assert [line.removeprefix("# ").partition(" put ")[0] for line in told] == ([note] if note else [])
