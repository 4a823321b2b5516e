"""What each model family calls its matrices, and which projections share one.

Source: the module names of the `transformers` 5.23 model classes; Qwen 1, Baichuan, InternLM2 and ChatGLM
from the code published with their checkpoints; Megatron from `megatron.core`.
"""

from dataclasses import dataclass

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleNames:
    """Names by role; one name under `qkv` or `gate_up` is a fused matrix."""

    qkv: Names = ("q_proj", "k_proj", "v_proj")
    output: str = "o_proj"
    gate_up: Names = ("gate_proj", "up_proj")
    """Of a plain MLP only the last name is used."""
    down: str = "down_proj"


LLAMA = ModuleNames()
_PLAIN = ModuleNames(gate_up=("up_proj",))
_GPT2 = ModuleNames(qkv=("c_attn",), output="c_proj", gate_up=("c_fc",), down="c_proj")
_NEOX = ModuleNames(
    qkv=("query_key_value",), output="dense", gate_up=("dense_h_to_4h",), down="dense_4h_to_h"
)
_MPT = ModuleNames(qkv=("Wqkv",), output="out_proj", gate_up=("up_proj",))
_T5 = ModuleNames(qkv=("q", "k", "v"), output="o", gate_up=("wi_0", "wi_1"), down="wo")

NAMES: dict[str, ModuleNames] = {
    "baichuan": ModuleNames(qkv=("W_pack",)),
    "bert": ModuleNames(qkv=("query", "key", "value"), output="dense", gate_up=("dense",), down="dense"),
    "bloom": _NEOX,
    "chatglm": _NEOX,
    "dbrx": ModuleNames(qkv=("Wqkv",), output="out_proj", gate_up=("w1", "v1"), down="w2"),
    "exaone": ModuleNames(output="out_proj", gate_up=("c_fc_0", "c_fc_1"), down="c_proj"),
    "falcon": _NEOX,
    "glm4": ModuleNames(gate_up=("gate_up_proj",)),
    "gpt2": _GPT2,
    "gpt_bigcode": _GPT2,
    "gpt_neo": ModuleNames(output="out_proj", gate_up=("c_fc",), down="c_proj"),
    "gpt_neox": _NEOX,
    "gptj": ModuleNames(output="out_proj", gate_up=("fc_in",), down="fc_out"),
    "granitemoehybrid": ModuleNames(gate_up=("input_linear",), down="output_linear"),
    "granitemoeshared": ModuleNames(gate_up=("input_linear",), down="output_linear"),
    "internlm2": ModuleNames(qkv=("wqkv",), output="wo", gate_up=("w1", "w3"), down="w2"),
    "megatron_gpt": ModuleNames(
        qkv=("linear_qkv",), output="linear_proj", gate_up=("linear_fc1",), down="linear_fc2"
    ),
    "mpt": _MPT,
    "mpt_foundry": _MPT,
    "mt5": _T5,
    "nemotron": _PLAIN,
    "nemotron_h": _PLAIN,
    "opt": ModuleNames(output="out_proj", gate_up=("fc1",), down="fc2"),
    "phi": ModuleNames(output="dense", gate_up=("fc1",), down="fc2"),
    "phi3": ModuleNames(qkv=("qkv_proj",), gate_up=("gate_up_proj",)),
    "qwen": ModuleNames(qkv=("c_attn",), output="c_proj", gate_up=("w1", "w2"), down="c_proj"),
    "starcoder2": ModuleNames(gate_up=("c_fc",), down="c_proj"),
    "t5": _T5,
}


def _every(names: ModuleNames) -> Names:
    return (*names.qkv, names.output, *names.gate_up, names.down)


OUTSIDE_BLOCKS: Names = ("embed_tokens", "lm_head", "wte", "embed_out")
"""Embedding and head, which people list among the targets; adapters on them are not counted."""
KNOWN_NAMES: frozenset[str] = frozenset(
    (*(name for names in (LLAMA, *NAMES.values()) for name in _every(names)), *OUTSIDE_BLOCKS)
)
"""What a list of targets may be made of, over all families; Megatron's stand among them."""


def module_names(family: str) -> ModuleNames:
    """The names of a family; one that is not listed has LLaMA's."""
    return NAMES.get(family, LLAMA)
