"""The end of the forward pass: final norm, output head, logits and the loss."""

from typing import NamedTuple

from estimator.framework.framework import Framework
from estimator.memory.block import norm_bytes
from estimator.memory.families import CAPPED_LOGITS, EMBEDDING_DROPOUT, SHORT_LOGITS
from estimator.memory.number_formats import NumberFormats
from estimator.model.arch import ModelArch
from estimator.workload import Workload

PLAIN_BYTES = 12
"""Log-softmax, its gradient and the logits' in fp32: the backward pass of a plain loss, a logit."""
SHORT_COPIES = 3
"""Logits, those with a label in one piece, their log-softmax; in backward it and two gradients."""
SHORT_LOGITS_BYTES, SHORT_LOGITS_AUTOCAST_BYTES = 8, 18
"""fms-acceleration refs/a100_80gb.csv, santacoder rows: 8.3 and 18.5 from slopes over the batch; Qwen's
tables of LoRA under autocast rise by 17 a token."""


class LossBytes(NamedTuple):
    """Bytes a token around the loss, and what the head keeps whatever the batch."""

    tail_token_bytes: float
    """Final norm and the head's input."""
    peak_token_bytes: float
    """Logits and their gradients at the worst moment of the loss."""
    alive_token_bytes: float
    """Logits that somebody holds until the step ends."""
    head_fixed_bytes: float
    """A 16-bit copy of an fp32 head, one unpacked, or the gradient of a fused loss."""
    chunk_token_bytes: float = 0.0
    """Logits of a fused loss that works through them chunk by chunk,"""
    chunk_bytes: float = 0.0
    """and what one chunk holds at most."""

    def peak_bytes(self, num_tokens: float) -> float:
        """Logits and their gradients of `num_tokens` at the worst moment."""
        return num_tokens * self.peak_token_bytes + min(num_tokens * self.chunk_token_bytes, self.chunk_bytes)


def loss_bytes(
    workload: Workload, framework: Framework, formats: NumberFormats, vocab_size: float
) -> LossBytes:
    """What the loss needs for `vocab_size` entries on this rank.

    Source: docs/formulas.md#logits; `transformers` src/transformers/loss/loss_utils.py for 12 bytes an entry.
    """
    arch = workload.arch
    tail = _tail_bytes(arch, formats)
    if runs_fused_loss(workload, framework):
        return LossBytes(
            tail_token_bytes=tail,
            peak_token_bytes=(2 * formats.compute_bytes + 6) * arch.hidden_size,
            alive_token_bytes=0.0,
            head_fixed_bytes=0.0 if formats.frozen else formats.compute_bytes * vocab_size * arch.hidden_size,
            chunk_token_bytes=framework.fused_logits_bytes_per_entry * vocab_size,
            chunk_bytes=framework.fused_logits_most_bytes,
        )
    capped = formats.compute_bytes * (arch.family in CAPPED_LOGITS)
    entry, held = logit_bytes(workload, framework, formats), held_logit_bytes(workload, formats)
    peak = max(entry, min(entry, PLAIN_BYTES) + held) + capped
    return LossBytes(
        tail_token_bytes=tail,
        peak_token_bytes=peak * vocab_size + 8,
        alive_token_bytes=max(framework.logits_alive_bytes_per_entry, held) * vocab_size,
        head_fixed_bytes=_head_copy_bytes(arch, framework, formats, vocab_size),
    )


def held_logit_bytes(workload: Workload, formats: NumberFormats) -> int:
    """Bytes a logit of the model's output where the loop holds it through the backward pass.

    A loop of one's own may (fitcheck) or may not (universal-llm-trainer deletes it): whoever does, says so.
    """
    return formats.compute_bytes if workload.keeps_logits else 0


def runs_fused_loss(workload: Workload, framework: Framework) -> bool:
    """Whether logits are never made: asked for, and the family is one for which the framework does it."""
    return workload.fused_loss and workload.arch.family not in framework.unfused_families


def logit_bytes(workload: Workload, framework: Framework, formats: NumberFormats) -> float:
    """Peak bytes a logit; none of them under a fused loss.

    Some models' own code hands 16-bit logits to the loss, which autocast then casts itself.
    """
    if runs_fused_loss(workload, framework):
        return 0.0
    if workload.short_logits:
        return SHORT_COPIES * formats.compute_bytes
    family = workload.arch.family
    if workload.fused_loss:
        return framework.unfused_logits_bytes_per_entry
    if family in SHORT_LOGITS and framework.loss_follows_model:
        return SHORT_LOGITS_AUTOCAST_BYTES if formats.autocast else SHORT_LOGITS_BYTES
    return framework.logits_bytes(family, compiled=workload.compile, whole=workload.whole_logits)


def _tail_bytes(arch: ModelArch, formats: NumberFormats) -> float:
    head_input = 0 if formats.frozen else formats.compute_bytes * arch.hidden_size
    dropout = arch.hidden_size * (arch.family in EMBEDDING_DROPOUT and not formats.frozen)
    return norm_bytes(arch, formats) + head_input + dropout


def _head_copy_bytes(
    arch: ModelArch, framework: Framework, formats: NumberFormats, vocab_size: float
) -> float:
    casts = formats.autocast and formats.weight_bytes == 4
    per_entry = 2 * casts + framework.quantized_head_bytes * formats.keeps_frozen_inputs
    return per_entry * vocab_size * arch.hidden_size
