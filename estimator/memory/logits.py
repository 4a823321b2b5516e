"""The end of the forward pass: final norm, output head, logits and the loss."""

from dataclasses import dataclass

from estimator.arch import ModelArch
from estimator.framework import TrainingStack
from estimator.memory.families import CAPPED_LOGITS, EMBEDDING_DROPOUT
from estimator.memory.norms import norm_bytes
from estimator.memory.numerics import Numerics
from estimator.workload import Workload

BIGCODE_BYTES, BIGCODE_AUTOCAST_BYTES = 8, 18
"""fms-acceleration refs/a100_80gb.csv, santacoder rows: 8.3 and 18.5 from slopes over the batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossBytes:
    """Bytes a token around the loss, and what the head keeps whatever the batch."""

    tail_token_bytes: float
    """Final norm and the head's input."""
    peak_token_bytes: float
    """Logits and their gradients at the worst moment of the loss."""
    alive_token_bytes: float
    """Logits that somebody holds until the step ends."""
    head_fixed_bytes: float
    """A 16-bit copy of an fp32 head, one unpacked, or the gradient of a fused loss."""


def loss_bytes(workload: Workload, stack: TrainingStack, form: Numerics, vocab_size: float) -> LossBytes:
    """What the loss needs for `vocab_size` entries on this rank.

    Source: docs/formulas.md#logits; `transformers` src/transformers/loss/loss_utils.py for 12 bytes an entry.
    """
    arch = workload.arch
    tail = _tail_bytes(arch, form)
    if workload.fused_loss:
        return LossBytes(
            tail_token_bytes=tail,
            peak_token_bytes=(2 * form.compute_bytes + 6) * arch.hidden_size,
            alive_token_bytes=0.0,
            head_fixed_bytes=0.0 if form.frozen else form.compute_bytes * vocab_size * arch.hidden_size,
        )
    capped = form.compute_bytes * (arch.family in CAPPED_LOGITS)
    peak = _entry_bytes(arch, stack, form) + capped
    return LossBytes(
        tail_token_bytes=tail,
        peak_token_bytes=peak * vocab_size + 8,
        alive_token_bytes=stack.logits_alive_bytes_per_entry * vocab_size,
        head_fixed_bytes=_head_copy_bytes(arch, stack, form, vocab_size),
    )


def _entry_bytes(arch: ModelArch, stack: TrainingStack, form: Numerics) -> float:
    """Peak bytes a logit. GPT-BigCode hands 16-bit logits to the loss, which autocast then casts itself."""
    if arch.family != "gpt_bigcode" or not stack.loss_follows_model:
        return stack.logits_bytes_per_entry
    return BIGCODE_AUTOCAST_BYTES if form.autocast else BIGCODE_BYTES


def _tail_bytes(arch: ModelArch, form: Numerics) -> float:
    head_input = 0 if form.frozen else form.compute_bytes * arch.hidden_size
    dropout = arch.hidden_size * (arch.family in EMBEDDING_DROPOUT and not form.frozen)
    return norm_bytes(arch, form) + head_input + dropout


def _head_copy_bytes(arch: ModelArch, stack: TrainingStack, form: Numerics, vocab_size: float) -> float:
    casts = form.autocast and form.weight_bytes == 4
    per_entry = 2 * casts + stack.quantized_head_bytes * form.keeps_frozen_inputs
    return per_entry * vocab_size * arch.hidden_size
