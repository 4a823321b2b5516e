"""xtuner: the Python file of `xtuner train`, read from its syntax tree and written whole.

InternLM/xtuner 0.1: xtuner/{model/sft.py, dataset/huggingface.py, configs, entry_point.py}, read 2026-11-29.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from bot.language.documents import nested
from bot.language.tools import adapters, family
from bot.language.tools.argument import Arguments, Facet, Fields, Tool, Written, argument, name_set
from bot.language.tools.kinds import COUNT, SWITCH, choice, switched
from bot.language.tools.launch import LAUNCH, PREFIX, torchrun_environment
from bot.language.tools.names import hub_name, model_key
from bot.language.tools.program import BareName, imports, python_text
from bot.language.vocabulary import Vocabulary

FILE: Final = "xtuner_config.py"
_MODEL: Final = "pretrained_model_name_or_path"
_SHIPPED: Final = re.compile(
    r"(?P<model>.+?)_(?P<method>qlora|lora|full)(?:_\w+?)?(?:_e(?P<epochs>\d{1,3}))?(?:_copy)?(?:\.py)?"
)
"""`internlm2_chat_7b_qlora_oasst1_e3`: a configuration that xtuner ships, named for what is in it."""
_OPTIMIZERS: Final = {
    "AdamW": "adamw",
    "AdamW8bit": "adamw8bit",
    "PagedAdamW": "paged_adamw",
    "PagedAdamW32bit": "paged_adamw",
    "PagedAdamW8bit": "paged_adamw8bit",
    "SGD": "sgd",
    "Lion32bit": "lion",
}
"""Class -> ours; of several for one the first is written."""
_USUAL: Final = "AdamW"
"""What a file has where nobody chose: as such it says nothing."""
_BITS: Final = {"nf4": "load_in_4bit", "int8": "load_in_8bit"}
_ZERO_STAGES: Final = (1, 2, 3)
_TRAINED_WHOLE: Final = ("SupervisedFinetune", "DPO", "ORPO", "RewardModel")
"""Classes of its models, all of which train where no adapter stands in them."""


def _model_read(arguments: Arguments) -> Fields:
    key = model_key(arguments.peek(_MODEL), arguments.vocabulary)
    if key is not None:
        arguments.mark(_MODEL, f"model.llm.{_MODEL}", f"tokenizer.{_MODEL}")
        return {"model": key}
    shipped = _shipped(arguments)
    key = _shipped_model(shipped["model"], arguments.vocabulary) if shipped else None
    return {"model": key} if key else {}


def _shipped_model(named: str, vocabulary: Vocabulary) -> str | None:
    """`internlm2_5_chat_7b`: what it is tuned for stands before its size."""
    plain = named.rpartition("/")[2].replace("_5_", ".5_").replace("_", "-")
    for spelled in (plain, plain.replace("-chat", "").replace("-instruct", "")):
        if (key := model_key(spelled, vocabulary)) in vocabulary.models:
            return key
    return model_key(plain, vocabulary)


def _shipped(arguments: Arguments) -> re.Match[str] | None:
    return _SHIPPED.fullmatch(str(arguments.peek("launch.config") or ""))


def _model_write(fields: Fields, vocabulary: Vocabulary) -> Written:
    model = fields.get("model")
    return {_MODEL: hub_name(model, vocabulary)} if model else {}


def _method_read(arguments: Arguments) -> Fields:
    """Adapters where `lora=dict(…)` stands in the model; everything trains where it does not."""
    dora = bool(switched(arguments.take("model.lora.use_dora")))
    quantization = adapters.loads_in_bits(arguments)
    if quantization or any(name.startswith("model.lora.") for name in arguments.values):
        arguments.mark("model.lora.type", "model.llm.quantization_config.type", "bnb_4bit_quant_type")
        return adapters.adapted(quantization, dora=dora)
    if arguments.peek("model.type") in _TRAINED_WHOLE:
        arguments.mark("model.type")
        return {"method": "full"}
    if (shipped := _shipped(arguments)) is None:
        return {}
    method = shipped["method"]
    return adapters.adapted("nf4", dora=False) if method == "qlora" else {"method": method}


def _method_write(fields: Fields, _: Vocabulary) -> Written:
    method, quantization = fields.get("method"), fields.get("quantization")
    if method == "full":
        return {"model.type": BareName("SupervisedFinetune")}
    unsaid = (method == "qlora" and not quantization) or (quantization and quantization not in _BITS)
    if method not in ("lora", "qlora", "dora") or unsaid:
        return {}
    written: Written = {
        "model.type": BareName("SupervisedFinetune"),
        "model.lora.type": BareName("LoraConfig"),
    }
    if method == "dora":
        written["model.lora.use_dora"] = True
    if quantization:
        base = "model.llm.quantization_config"
        written |= {f"{base}.type": BareName("BitsAndBytesConfig"), f"{base}.{_BITS[quantization]}": True}
    if quantization == "nf4":
        written["model.llm.quantization_config.bnb_4bit_quant_type"] = "nf4"
    return written


def _precision_read(arguments: Arguments) -> Fields:
    """`AmpOptimWrapper` with its dtype; the plain wrapper computes in what the weights are."""
    word = str(arguments.take("optim_wrapper.dtype") or "")
    precision = {"float16": "fp16", "bfloat16": "bf16"}.get(word)
    if precision:
        return {"precision": precision}
    if arguments.peek("optim_wrapper.type") == "OptimWrapper":
        arguments.mark("optim_wrapper.type")
        return {"precision": "fp32"}
    return {}


def _precision_write(fields: Fields, _: Vocabulary) -> Written:
    word = {"fp16": "float16", "bf16": "bfloat16"}.get(str(fields.get("precision")))
    if word:
        return {"optim_wrapper.type": BareName("AmpOptimWrapper"), "optim_wrapper.dtype": word}
    return {"optim_wrapper.type": BareName("OptimWrapper")} if fields.get("precision") == "fp32" else {}


def _optimizer_read(arguments: Arguments) -> Fields:
    inline = arguments.peek("optim_wrapper.optimizer.type")
    said = _OPTIMIZERS.get(str(arguments.peek("optim_type") or (inline if inline != _USUAL else "")))
    if said is None:
        return {}
    arguments.mark("optim_type", "optim_wrapper.optimizer.type")
    return {"optimizer": said}


def _optimizer_write(fields: Fields, _: Vocabulary) -> Written:
    said = fields.get("optimizer")
    word = next((word for word, ours in _OPTIMIZERS.items() if ours == said), None)
    return {"optim_type": BareName(word)} if word else {}


def _epochs_read(arguments: Arguments) -> Fields:
    epochs = arguments.take("max_epochs", kind=COUNT)
    shipped = _shipped(arguments)
    if epochs is None and shipped and shipped["epochs"]:
        epochs = int(shipped["epochs"])
    return {"num_epochs": epochs} if epochs else {}


def _epochs_write(fields: Fields, _: Vocabulary) -> Written:
    epochs = fields.get("num_epochs")
    return {"max_epochs": int(epochs)} if epochs and float(epochs).is_integer() else {}


def _sharding_write(fields: Fields, _: Vocabulary) -> Written:
    """`--deepspeed deepspeed_zero3_offload`; the files that xtuner ships."""
    stage, offload, params = (fields.get(name) for name in ("zero_stage", "offload", "offload_params"))
    if fields.get("engine") != "deepspeed" or stage not in _ZERO_STAGES:
        return {}
    if offload and ((stage == 2 and not params) or (stage == 3 and params)):
        return {"deepspeed": f"deepspeed_zero{stage}_offload"}
    return {} if offload else {"deepspeed": f"deepspeed_zero{stage}"}


_CONTEXT: Final = argument("context_parallel_size", COUNT, "sequence_parallel_size")


def _context_write(fields: Fields, vocabulary: Vocabulary) -> Written:
    """Its DeepSpeed strategy splits sequences; without one the number would do nothing."""
    return _CONTEXT.write(fields, vocabulary) if _sharding_write(fields, vocabulary) else {}


FACETS: Final = (
    Facet(_model_read, _model_write),
    Facet(_method_read, _method_write),
    family.rank("model.lora.r"),
    family.alpha("model.lora.lora_alpha"),
    family.targets("model.lora.target_modules"),
    family.dropout("model.lora.lora_dropout"),
    argument("sequence_length", COUNT, "max_length"),
    argument("packing", SWITCH, "pack_to_max_length"),
    argument("num_examples", COUNT, "train_dataset.max_dataset_length", "max_dataset_length"),
    argument("micro_batch_size", COUNT, "batch_size"),
    argument("gradient_accumulation_steps", COUNT, "accumulative_counts"),
    Facet(_epochs_read, _epochs_write),
    argument("num_steps", COUNT, "max_iters"),
    Facet(_precision_read, _precision_write),
    Facet(_optimizer_read, _optimizer_write),
    family.checkpointing("model.use_activation_checkpointing"),
    argument("attention", choice(family.ATTENTIONS), "model.llm.attn_implementation"),
    Facet(_CONTEXT.read, _context_write),
    Facet(family.sharding_read, _sharding_write),
    LAUNCH,
)


def _render(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> str:
    """The whole file: the settings by name first, as xtuner's own have them, then what is made of them."""
    values = tool.write(fields, vocabulary)
    deepspeed = values.pop("deepspeed", None)
    settings = {name: value for name, value in values.items() if "." not in name}
    inner = nested({name: value for name, value in values.items() if "." in name})
    launch = " ".join(
        (
            f"{torchrun_environment(fields)}xtuner train {FILE}".strip(),
            *((f"--deepspeed {deepspeed}",) if deepspeed else ()),
        )
    )
    document = _document(settings, inner)
    notes = [
        "Put your own data in train_dataset",
        *family.notes(fields, values, vocabulary),
    ]
    pieces = [f"# {each}" for each in (f"Launch: {launch}", *notes)] + [*imports(document, settings)]
    pieces += ["", *(f"{name} = {python_text(value, 0)}" for name, value in settings.items()), ""]
    pieces += [f"{name} = {python_text(value, 0)}" for name, value in document.items()]
    return "\n".join(pieces) + "\n"


def _document(settings: Written, inner: dict[str, Any]) -> dict[str, Any]:
    """What mmengine builds, each part of the settings that are said."""

    def of(*names: str) -> dict[str, Any]:
        return {name: BareName(name) for name in names if name in settings}

    loads = {
        "type": BareName("AutoModelForCausalLM.from_pretrained"),
        **of(_MODEL),
        "trust_remote_code": True,
    }
    model = dict(inner.get("model", {}))  # without a type where xtuner has none for the method
    model["llm"] = {**loads, **model.pop("llm", {})}
    optimizer = {"type": BareName("optim_type" if "optim_type" in settings else _USUAL), "lr": 2e-4}
    sampler = "SequenceParallelSampler" if settings.get("sequence_parallel_size", 1) > 1 else "DefaultSampler"
    return {
        "tokenizer": {
            "type": BareName("AutoTokenizer.from_pretrained"),
            **of(_MODEL),
            "padding_side": "right",
        },
        "model": model,
        "train_dataset": _data_set(
            {**of("max_length", "pack_to_max_length"), **inner.get("train_dataset", {})}
        ),
        "train_dataloader": {
            **of("batch_size"),
            "dataset": BareName("train_dataset"),
            "sampler": {"type": BareName(sampler), "shuffle": True},
            "collate_fn": {"type": BareName("default_collate_fn")},
        },
        "optim_wrapper": {
            "type": BareName("AmpOptimWrapper"),
            **inner.get("optim_wrapper", {}),
            "optimizer": optimizer,
            **of("accumulative_counts"),
        },
        "train_cfg": {"type": BareName("TrainLoop"), **of("max_epochs", "max_iters")},
    }


def _data_set(said: dict[str, Any]) -> dict[str, Any]:
    """Samples of a public set in the template of every model, cut as was said."""
    return {
        "type": BareName("process_hf_dataset"),
        "dataset": {"type": BareName("load_dataset"), "path": "tatsu-lab/alpaca"},
        "tokenizer": BareName("tokenizer"),
        **said,
        "dataset_map_fn": BareName("alpaca_map_fn"),
        "template_map_fn": {
            "type": BareName("template_map_fn_factory"),
            "template": BareName("PROMPT_TEMPLATE.default"),
        },
        "remove_unused_columns": True,
    }


def _said_by_words(words: Sequence[str]) -> Written:
    """`xtuner train CONFIG`: by its name, or the file that it is."""
    return {f"{PREFIX}config": words[-1]} if tuple(words[1:2]) == ("train",) else {}


TOOL: Final = Tool(
    key="xtuner",
    name="xtuner",
    stack="xtuner",
    facets=FACETS,
    signs=name_set(
        "pack_to_max_length accumulative_counts prompt_template use_varlen_attn evaluation_freq "
        "model.llm.type model.lora.type optim_wrapper.type train_cfg.type train_dataset.type optim_type "
        "sequence_parallel_size max_dataset_length"
    ),
    programs=frozenset({"xtuner"}),
    command="xtuner",
    files=(".py",),
    said_by_words=_said_by_words,
    defaults={"activation_checkpointing": "full", "packing": True},
    file_name=FILE,
    render=_render,
)
