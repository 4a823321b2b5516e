"""What the code of a model family does differently from LLaMA's, where autograd's memory notices.

Source: the model classes of `transformers` 5.23, each run on tensors without data.
"""

from enum import StrEnum

from estimator.model.arch import ModelArch


class NormStyle(StrEnum):
    """How a norm is written: what it keeps of its input."""

    FUSED = "fused"
    """One kernel: the 16-bit input and a scalar or two."""
    RMS = "rms"
    """fp32 copy of the input, 16-bit x-hat for the scale."""
    RMS_FP32 = "rms-fp32"
    """The scale multiplies in fp32: x-hat in fp32."""
    PLAIN_FP32 = "plain-fp32"
    """A norm without parameters on an fp32 copy."""
    CENTERED_FP32 = "centered-fp32"
    """Mean and variance by hand in fp32: two copies, and x-hat for the scale."""


NORMS_OF = {
    "gemma": NormStyle.RMS_FP32,
    "gemma2": NormStyle.RMS_FP32,
    "gemma3_text": NormStyle.RMS_FP32,
    "gemma4_text": NormStyle.RMS_FP32,
    "olmo2": NormStyle.RMS_FP32,
    "olmo3": NormStyle.RMS_FP32,
    "olmo": NormStyle.PLAIN_FP32,
    "cohere": NormStyle.CENTERED_FP32,
    "cohere2": NormStyle.CENTERED_FP32,
}
RESIDUAL_DROPOUT = ("gpt2", "opt", "bert", "gpt_bigcode", "starcoder2", "t5", "mt5")
"""Published configurations drop the outputs of attention and MLP while training: a byte mask each."""
SHORT_LOGITS = ("gpt_bigcode", "qwen")
"""Their own code hands 16-bit logits to the loss, shifted and copied: `modeling_gpt_bigcode.py` up to 4.45,
`modeling_qwen.py` beside the weights of Qwen/Qwen-7B."""
EMBEDDING_DROPOUT = ("gpt2", "gpt_bigcode", "starcoder2")
UNFUSED_GELU = ("gpt2", "gpt_neo", "gptj", "phi", "t5", "mt5")
"""`gelu_new` is five elementwise operations."""
CONCATENATED_ROTARY = ("gpt_neox", "phi", "phi3", "stablelm", "nemotron", "glm4", "chatglm", "gptj")
"""Rotary embeddings that concatenate: the flash kernel returns a layout that the output matrix copies."""
FUSED_ROTARY = ("gpt_neox", "phi3", "chatglm")
"""Values are a view of a fused matrix's output, while queries and keys are new tensors."""
EXPANDED_KEYS = ("falcon",)
"""Keys and values are broadcast to the query heads before attention."""
WITHOUT_SDPA = ("gemma2", "gpt_neo", "gptj", "bloom", "mpt", "mpt_foundry")
"""The class has no sdpa attention: it runs eagerly."""
POSITION_BIAS = ("t5", "mt5")
"""A trained bias is added to the scores: no fused kernel takes it, and the probabilities are kept."""
FP32_QUERIES = ("gpt_neo", "gptj")
"""Eager attention multiplies queries and keys in fp32."""
CAPPED_SCORES = ("gemma2",)
CAPPED_LOGITS = ("gemma2", "gemma4_text")
SIXTEEN_BIT_SCORES = ("gpt2", "megatron_gpt", "falcon")
"""Eager probabilities stay in the compute precision."""
DROPPED_SCORES = ("gpt2", "megatron_gpt", "t5", "mt5")
"""A share of the probabilities is dropped: a byte mask."""


def local_share(arch: ModelArch) -> float:
    """Share of the layers that see a window only: `5:1 local:global` is five sixths."""
    if arch.sliding_window is None:
        return 0.0
    for word in arch.attention_kind.split():
        local, _, whole = word.partition(":")
        if local.isdigit() and whole.isdigit():
            return int(local) / (int(local) + int(whole))
    return 1.0
