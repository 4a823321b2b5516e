"""axolotl: one YAML for `axolotl train`.

axolotl-ai-cloud/axolotl@067b021c8 (2026-07-24): src/axolotl/utils/schemas, deepspeed_configs, examples.
"""

from typing import Any, Final

from bot.language.tools import adapters, deepspeed, family
from bot.language.tools.argument import Arguments, Facet, Fields, Tool, Written, argument, name_set, reads
from bot.language.tools.kinds import COUNT, NUMBER, SWITCH, ArgumentKind, choice, switched
from bot.language.tools.launch import LAUNCH
from bot.language.tools.names import model_argument
from bot.language.tools.render import yaml_text
from bot.language.vocabulary import Vocabulary

FILE: Final = "axolotl.yaml"
_OPTIMIZERS: Final = {**family.OPTIMIZERS, "muon": "muon", "adamw_torch_8bit": "adamw8bit"}
_RULES: Final = family.optimizer("optimizer", words=_OPTIMIZERS)
_ATTENTION_SWITCHES: Final = {"flash_attention": "flash", "sdp_attention": "sdpa", "eager_attention": "eager"}
_FILES: Final = {
    (1, False, False): "zero1.json",
    (2, True, False): "zero2.json",
    (3, False, False): "zero3_bf16.json",
    (3, True, True): "zero3_bf16_cpuoffload_all.json",
}
"""Stage, offload, offload of the weights -> file; its zero2.json keeps the optimizer on the host."""


def _method_read(arguments: Arguments) -> Fields:
    adapter = str(arguments.take("adapter") or "").lower()
    quantization = adapters.loads_in_bits(arguments)
    if switched(arguments.take("gptq")):
        quantization = "gptq"
    dora = switched(arguments.take("peft_use_dora"))
    if adapter in ("lora", "qlora"):
        return adapters.adapted(quantization or ("nf4" if adapter == "qlora" else None), dora=bool(dora))
    if "adapter" in arguments.values and not adapter:
        arguments.mark("adapter")
        return {"method": "full"}
    return {}


def _method_write(fields: Fields, _: Vocabulary) -> Written:
    if fields.get("method") == "full":
        return {"adapter": None}
    qlora = fields.get("method") == "qlora" and fields.get("quantization") == "nf4"

    def bits(stored: int) -> Written:
        return {f"load_in_{stored}bit": True}

    words = {"lora": "qlora" if qlora else "lora"}
    return adapters.write_method(fields, "adapter", words, dora="peft_use_dora", bits=bits)


def _targets_read(arguments: Arguments) -> Fields:
    if switched(arguments.take("lora_target_linear")):
        arguments.mark("lora_target_modules")
        return {"lora_targets": "all-linear"}
    return family.targets("lora_target_modules").read(arguments)


def _targets_write(fields: Fields, _: Vocabulary) -> Written:
    said = fields.get("lora_targets")
    if said is None:
        return {}
    return {"lora_target_linear": True} if said == "all-linear" else {"lora_target_modules": list(said)}


def _attention_read(arguments: Arguments) -> Fields:
    for name, kernel in _ATTENTION_SWITCHES.items():
        if switched(arguments.peek(name)):
            arguments.mark(name)
            return {"attention": kernel}
    value = arguments.take("attn_implementation", kind=choice(family.ATTENTIONS))
    return {"attention": value} if value else {}


def _attention_write(fields: Fields, vocabulary: Vocabulary) -> Written:
    return family.attention("attn_implementation").write(fields, vocabulary)


def _fused_read(arguments: Arguments) -> Fields:
    names = ("cut_cross_entropy", "liger_fused_linear_cross_entropy", "chunked_cross_entropy")
    plugins = " ".join(map(str, arguments.peek("plugins") or ()))
    said = [name for name in names if arguments.peek(name) is not None]
    arguments.mark(*said, *(["plugins"] if "CutCrossEntropy" in plugins or "Liger" in plugins else []))
    if any(switched(arguments.peek(name)) for name in said) or "CutCrossEntropy" in plugins:
        return {"fused_loss": True}
    return {"fused_loss": False} if said else {}


def _fused_write(fields: Fields, _: Vocabulary) -> Written:
    said = fields.get("fused_loss")
    plugins = {"plugins": ["axolotl.integrations.liger.LigerPlugin"]} if said else {}
    return {} if said is None else {**plugins, "liger_fused_linear_cross_entropy": said}


def _rule_write(fields: Fields, vocabulary: Vocabulary) -> Written:
    """No Muon under DeepSpeed; under FSDP2 the 8-bit states are torchao's."""
    said, engine = fields.get("optimizer"), fields.get("engine")
    if said == "muon" and engine == "deepspeed":
        return {}
    if said == "adamw8bit" and engine == "fsdp":
        return {"optimizer": "adamw_torch_8bit"}
    return _RULES.write(fields, vocabulary)


def _context_write(fields: Fields, vocabulary: Vocabulary) -> Written:
    """Its ring attention wants FlashAttention 2, and FSDP or all of the GPUs: docs/nd_parallelism.qmd."""
    size = fields.get("context_parallel_size")
    joins = fields.get("engine") == "fsdp" or size == fields.get("num_gpus")
    return _CONTEXT.write(fields, vocabulary) if fields.get("attention") == "flash" and joins else {}


def _settled(fields: Fields) -> Fields:
    """The kernel that its ring attention needs, where none was chosen; it holds no more than another."""
    splits = int(fields.get("context_parallel_size") or 1) > 1
    return (
        {**fields, "attention": "flash"} if splits and fields.get("attention") in (None, "sdpa") else fields
    )


_CONTEXT: Final = argument(
    "context_parallel_size", COUNT, "context_parallel_size", "sequence_parallel_degree"
)


def _sharding_read(arguments: Arguments) -> Fields:
    fields = dict(family.sharding_read(arguments))
    name = str(arguments.peek("deepspeed") or "").rpartition("/")[2]
    if name == "zero2.json":
        fields["offload"] = True
    if name.endswith("cpuoffload_params.json"):
        fields.pop("offload", None)
    return fields


def _sharding_write(fields: Fields, _: Vocabulary) -> Written:
    stage, engine = fields.get("zero_stage"), fields.get("engine")
    offload, params = bool(fields.get("offload")), bool(fields.get("offload_params"))
    if engine == "fsdp" and stage in (2, 3) and offload == params:
        config: Written = {"fsdp_version": 2, "fsdp_config.reshard_after_forward": stage == 3}
        return {**config, "fsdp_config.offload_params": True} if offload else config
    file = _FILES.get((stage or 0, offload, params)) if engine == "deepspeed" else None
    if file or fields.get("tensor_parallel_size"):  # which opens the file: schemas/validation.py
        return {"deepspeed": f"deepspeed_configs/{file}"} if file else {}
    return deepspeed.inline(fields)


def _accumulation_read(arguments: Arguments) -> Fields:
    """`batch_size` of its first configurations: utils/config divides it by the micro batch."""
    micro = COUNT.read(arguments.peek("micro_batch_size"))
    batch = COUNT.read(arguments.peek("batch_size"))
    if arguments.peek("gradient_accumulation_steps") is not None or not (micro and batch):
        return {}
    arguments.mark("batch_size")
    return {"gradient_accumulation_steps": max(1, batch // micro)}


def _pure_read(arguments: Arguments) -> Fields:
    """`float16: true` and `bfloat16: true`: without automatic mixed precision."""
    for name, precision in (("bfloat16", "bf16"), ("float16", "fp16")):
        if switched(arguments.take(name)):
            return {"precision": precision, "mixed_precision": False}
    return {}


def _pure_write(fields: Fields, _: Vocabulary) -> Written:
    pure = {"bf16": "bfloat16", "fp16": "float16"}.get(str(fields.get("precision")))
    if fields.get("mixed_precision") is not False or not pure:
        return {}
    return {"bf16": False, "fp16": False, pure: True}


FACETS: Final = (
    model_argument("base_model"),
    Facet(_method_read, _method_write),
    argument("lora_rank", COUNT, "lora_r"),
    family.alpha(),
    Facet(_targets_read, _targets_write),
    family.dropout(),
    argument("sequence_length", COUNT, "sequence_len"),
    argument("packing", SWITCH, "sample_packing"),
    argument("micro_batch_size", COUNT, "micro_batch_size"),
    argument("gradient_accumulation_steps", COUNT, "gradient_accumulation_steps"),
    reads(_accumulation_read),
    argument("num_epochs", NUMBER, "num_epochs"),
    argument("num_steps", COUNT, "max_steps"),
    family.FP8_PRECISION,
    Facet(_pure_read, _pure_write),
    Facet(_RULES.read, _rule_write),
    family.checkpointing("gradient_checkpointing"),
    Facet(_attention_read, _attention_write),
    Facet(_fused_read, _fused_write),
    family.COMPILE,
    argument("tensor_parallel_size", ArgumentKind(COUNT.read), "tensor_parallel_size"),
    Facet(_CONTEXT.read, _context_write),
    Facet(_sharding_read, _sharding_write),
    LAUNCH,
)
_RATES: Final = (0.0002, 0.00002)
"""Of adapters and of all weights, as in axolotl's examples: it asks for one, and it costs nothing."""
_DATA: Final[Written] = {"datasets": ["path: your/dataset"], "output_dir": "outputs/ftcost"}


def _render(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> str:
    values: dict[str, Any] = tool.write(fields, vocabulary)
    gpus = f" --num-processes {fields['num_gpus']}" if fields.get("num_gpus") is not None else ""
    nodes = f" --num-machines {fields['num_nodes']}" if fields.get("num_nodes") is not None else ""
    launch = f"Launch: axolotl train {FILE}{f' --{nodes}{gpus}' if nodes or gpus else ''}"
    notes = [
        "Put your own data under datasets",
        *family.notes(fields, values, vocabulary),
    ]
    fetched = isinstance(values.get("deepspeed"), str)
    once = ["Once before: axolotl fetch deepspeed_configs"] if fetched else []
    rate = _RATES[fields.get("method") == "full"]
    return (
        yaml_text(
            {**values, "learning_rate": rate, "output_dir": _DATA["output_dir"]}, [launch, *once, *notes]
        )
        + "datasets:\n  - path: your/dataset\n    type: alpaca\n"
    )


TOOL: Final = Tool(
    key="axolotl",
    name="axolotl",
    stack="axolotl",
    facets=FACETS,
    signs=name_set(
        "base_model micro_batch_size sequence_len sample_packing adapter lora_r "
        "pad_to_sequence_len flash_attention val_set_size lora_target_linear "
        "dataset_prepared_path num_epochs eval_sample_packing train_on_inputs"
    ),
    programs=frozenset({"axolotl", "axolotl.cli.train"}),
    command="axolotl",
    on_several_gpus=family.REPLICAS,
    defaults={"method": "full", "gradient_accumulation_steps": 1, "sequence_length": 512},
    settles=_settled,
    file_name=FILE,
    render=_render,
)
