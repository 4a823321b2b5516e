"""torchtune: the YAML of `tune run`; the model is a builder, the method the recipe that runs it.

pytorch/torchtune@bd2a0fc7c (2026-04-23): recipes/*.py, recipes/configs.
"""

import re
from typing import Any, Final

from bot.language.tools import family
from bot.language.tools.argument import Arguments, Facet, Fields, Tool, Written, argument, name_set
from bot.language.tools.kinds import COUNT, SHARE, SWITCH, choice, switched
from bot.language.tools.launch import LAUNCH, PREFIX
from bot.language.tools.names import hub_name, model_key, targets_of
from bot.language.tools.render import yaml_text
from bot.language.tools.torchtune_models import MODELS, builder_of, config_key, key_of
from bot.language.tools.torchtune_parts import YOURS, launch, parts, says_shards, settled, several
from bot.language.vocabulary import Vocabulary
from estimator.spec import Engine

FILE: Final = "torchtune.yaml"
_ADAPTED: Final = ("lora", "qlora")
_ATTENTION_MODULES: Final = ("q_proj", "k_proj", "v_proj", "output_proj")


def _component(arguments: Arguments) -> tuple[str, str]:
    """The method and the builder of `torchtune.models.llama3_1.qlora_llama3_1_8b`."""
    last = str(arguments.peek("model._component_") or "").rpartition(".")[2]
    method, _, builder = last.partition("_")
    return (method, builder) if method in _ADAPTED else ("", last)


def _model_read(arguments: Arguments) -> Fields:
    method, builder = _component(arguments)
    key = key_of(builder, arguments.vocabulary) if builder else None
    if key is None:
        named = arguments.peek("checkpointer.checkpoint_dir", "tokenizer.path", "launch.config", "config")
        key = config_key(str(named), arguments.vocabulary)
        arguments.mark(*(["launch.config", "config"] if key else []))
        key = key or model_key(
            re.sub(r"/original/tokenizer\.model$|_(?:lora|full|qlora)\w*$", "", str(named)),
            arguments.vocabulary,
        )
        arguments.mark("checkpointer.checkpoint_dir")
    elif copy := _copy_of(key, arguments):
        key = copy
        arguments.mark("checkpointer.checkpoint_dir")
    fields: dict[str, Any] = {"model": key} if key else {}
    if builder:
        arguments.mark("model._component_")
        return {**fields, **_method_of(method, dora=bool(switched(arguments.take("model.use_dora"))))}
    return {**fields, **_recipe_method(arguments)}


def _copy_of(key: str, arguments: Arguments) -> str | None:
    """A copy is built as its model is; where its weights lie tells which it is."""
    named = model_key(arguments.peek("checkpointer.checkpoint_dir"), arguments.vocabulary)
    return named if named and arguments.vocabulary.copies.get(named) == key else None


def _method_of(method: str, *, dora: bool) -> Fields:
    stored = {"quantization": "nf4"} if method == "qlora" else {}
    return {"method": "dora" if dora else method or "full", **stored}


def _recipe_method(arguments: Arguments) -> Fields:
    """`tune run lora_finetune_distributed`."""
    said = str(arguments.peek("launch.recipe") or "")
    if said.startswith("lora_") and "_qlora" in str(arguments.peek("launch.config", "config")):
        return _method_of("qlora", dora=False)
    return {"method": said.partition("_")[0]} if said.startswith(("lora_", "full_")) else {}


def _model_write(fields: Fields, vocabulary: Vocabulary) -> Written:
    method, builder = fields.get("method"), builder_of(fields, vocabulary)
    nf4 = fields.get("quantization") == "nf4"
    if (
        not builder
        or method in (None, "freeze")
        or (fields.get("quantization") and not nf4)
        or (method == "qlora" and not nf4)
    ):
        return {}
    module, _, name = builder.partition(".")
    prefix = "" if method == "full" else "qlora_" if nf4 else "lora_"
    written: Written = {"model._component_": f"{MODELS}.{module}.{prefix}{name}"}
    if method == "dora":
        written["model.use_dora"] = True
    return written


def _targets_read(arguments: Arguments) -> Fields:
    listed = arguments.take("model.lora_attn_modules")
    mlp = switched(arguments.take("model.apply_lora_to_mlp"))
    arguments.mark("model.apply_lora_to_output")
    if not isinstance(listed, list):
        return {}
    modules = ["o_proj" if each == "output_proj" else str(each) for each in listed]
    if mlp:
        modules += ["gate_proj", "up_proj", "down_proj"]
    return {"lora_targets": targets_of(modules)} if modules else {}


def _targets_write(fields: Fields, _: Vocabulary) -> Written:
    said = fields.get("lora_targets")
    if said is None or fields.get("method") not in ("lora", "qlora", "dora"):
        return {}
    if said == "all-linear":
        return {"model.lora_attn_modules": list(_ATTENTION_MODULES), "model.apply_lora_to_mlp": True}
    mlp = [each for each in said if each in ("gate_proj", "up_proj", "down_proj")]
    attention = ["output_proj" if each == "o_proj" else each for each in said if each not in mlp]
    if len(mlp) not in (0, 3) or not set(attention) <= set(_ATTENTION_MODULES) or not attention:
        return {}
    return {"model.lora_attn_modules": attention, "model.apply_lora_to_mlp": bool(mlp)}


def _optimizer_read(arguments: Arguments) -> Fields:
    last = str(arguments.peek("optimizer._component_") or "").rpartition(".")[2].lower()
    word = {
        "adamw": "adamw",
        "adamw8bit": "adamw8bit",
        "pagedadamw8bit": "paged_adamw8bit",
        "pagedadamw": "paged_adamw",
        "sgd": "sgd",
    }.get(last)
    if word is None:
        return {}
    arguments.mark("optimizer._component_", "optimizer.fused")
    fused = word == "adamw" and switched(arguments.peek("optimizer.fused"))
    return {"optimizer": word, **({"optimizer_implementation": "fused"} if fused else {})}


def _optimizer_write(fields: Fields, _: Vocabulary) -> Written:
    components = {
        "adamw": "torch.optim.AdamW",
        "adamw8bit": "bitsandbytes.optim.AdamW8bit",
        "paged_adamw": "bitsandbytes.optim.PagedAdamW",
        "paged_adamw8bit": "bitsandbytes.optim.PagedAdamW8bit",
        "sgd": "torch.optim.SGD",
    }
    said = fields.get("optimizer")
    if said not in components:
        return {}
    fused = (
        {"optimizer.fused": True}
        if said == "adamw" and fields.get("optimizer_implementation") == "fused"
        else {}
    )
    return {"optimizer._component_": components[said], **fused}


_OWN_LOSS: Final = "torchtune.modules.loss.CEWithChunkedOutputLoss"
"""Of its releases: what an estimate of torchtune takes where nobody says a loss."""


def _loss_read(arguments: Arguments) -> Fields:
    component = str(arguments.peek("loss._component_") or "")
    if not component:
        return {}
    arguments.mark("loss._component_")
    last = component.rpartition(".")[2]
    if last == _OWN_LOSS.rpartition(".")[2]:
        return {}
    return {"fused_loss": last in ("LinearCrossEntropyLoss", "LigerLinearCrossEntropy")}


def _loss_write(fields: Fields, _: Vocabulary) -> Written:
    """No release has a loss that is fused with the head."""
    return {"loss._component_": "torch.nn.CrossEntropyLoss"} if fields.get("fused_loss") is False else {}


def _examples_read(arguments: Arguments) -> Fields:
    found = re.fullmatch(r"\w{1,20}\[:(\d{1,11})\]", str(arguments.peek("dataset.split")))
    if not found or not int(found[1]):
        return {}
    arguments.mark("dataset.split")
    return {"num_examples": int(found[1])}


def _examples_write(fields: Fields, _: Vocabulary) -> Written:
    count = fields.get("num_examples")
    return {"dataset.split": f"train[:{count}]"} if count else {}


def _sharding_read(arguments: Arguments) -> Fields:
    """The distributed recipes are FSDP2; without resharding after the forward pass it is stage 2."""
    reshards = switched(arguments.take("fsdp_reshard_after_forward"))
    offload = switched(arguments.take("fsdp_cpu_offload"))
    recipe = str(arguments.peek("launch.recipe") or "")
    if reshards is None and not offload and not recipe.endswith("_distributed"):
        return {"num_gpus": 1} if recipe.endswith("_single_device") else {}
    fields: dict[str, Any] = {"zero_stage": 2 if reshards is False else 3, "engine": "fsdp"}
    return {**fields, "offload": True, "offload_params": True} if offload else fields


def _sharding_write(fields: Fields, _: Vocabulary) -> Written:
    offload, params = bool(fields.get("offload")), bool(fields.get("offload_params"))
    if not says_shards(fields):
        return {}
    written: Written = {"fsdp_reshard_after_forward": fields["zero_stage"] == 3}
    return {**written, "fsdp_cpu_offload": True} if offload and params else written


FACETS: Final = (
    Facet(_model_read, _model_write),
    argument("lora_rank", COUNT, "model.lora_rank"),
    family.alpha("model.lora_alpha"),
    argument("lora_dropout", SHARE, "model.lora_dropout"),
    Facet(_targets_read, _targets_write),
    argument("sequence_length", COUNT, "tokenizer.max_seq_len", "dataset.max_seq_len"),
    argument("packing", SWITCH, "dataset.packed"),
    Facet(_examples_read, _examples_write),
    argument("micro_batch_size", COUNT, "batch_size"),
    argument("gradient_accumulation_steps", COUNT, "gradient_accumulation_steps"),
    argument("num_epochs", COUNT, "epochs"),
    argument("precision", choice({"bf16": "bf16", "fp32": "fp32"}), "dtype"),
    Facet(_optimizer_read, _optimizer_write),
    Facet(_loss_read, _loss_write),
    family.checkpointing("enable_activation_checkpointing"),
    argument("compile", SWITCH, "compile"),
    argument("tensor_parallel_size", COUNT, "tensor_parallel_dim"),
    argument("context_parallel_size", COUNT, "context_parallel_dim"),
    Facet(_sharding_read, _sharding_write),
    LAUNCH,
)


def _render(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> str:
    values = tool.write(fields, vocabulary)
    named = hub_name(str(fields.get("model", "")), vocabulary)
    place = f"/tmp/{named}"  # noqa: S108  -- torchtune's own place
    builder = builder_of(fields, vocabulary) if "model._component_" in values else ""
    values |= parts(fields, builder, place, several_gpus=several(fields))
    if "loss._component_" not in values:
        values["loss._component_"] = _OWN_LOSS
    download = f'tune download {named} --output-dir {place} --ignore-patterns "original/consolidated*"'
    yours = [
        "Put your own data under dataset",
        *([] if builder else [YOURS]),
        *family.notes(fields, values, vocabulary),
    ]
    return yaml_text(
        values, [f"Launch: {launch(fields)} --config {FILE}", f"Once before: {download}", *yours]
    )


TOOL: Final = Tool(
    key="torchtune",
    name="torchtune",
    stack="torchtune",
    facets=FACETS,
    signs=name_set(
        "model._component_ tokenizer._component_ checkpointer._component_ "
        "optimizer._component_ dataset._component_ loss._component_ "
        "enable_activation_checkpointing enable_activation_offloading max_steps_per_epoch "
        "checkpointer.checkpoint_dir metric_logger._component_ fsdp_cpu_offload "
        "log_peak_memory_stats"
    ),
    programs=frozenset({"tune"}),
    command="tune",
    launches=True,
    said_by_words=lambda words: {f"{PREFIX}recipe": words[-1]},
    engine=Engine.FSDP,
    defaults={"gradient_accumulation_steps": 1},
    settles=settled,
    file_name=FILE,
    render=_render,
)
