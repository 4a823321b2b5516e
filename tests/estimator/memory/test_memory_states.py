"""Weights, gradients, optimizer states, and what a framework keeps besides."""

import pytest
from memory_jobs import LLAMA_7B_PARAMS, job

from estimator.memory.result import Phase, Verdict
from estimator.spec import Checkpointing
from estimator.units import GIB


def states(text: str) -> tuple[float, float, float]:
    """W, G, O of the step, bytes a parameter of LLaMA-7B."""
    tensors = job(text).phases()[Phase.STEP]
    return (
        tensors.weights / LLAMA_7B_PARAMS,
        tensors.gradients / LLAMA_7B_PARAMS,
        tensors.optimizer_states / LLAMA_7B_PARAMS,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("llama-7b full bf16 pure mbs=1 1xa100-80gb", (2, 2, 4)),
        ("llama-7b full bf16 amp mbs=1 1xa100-80gb", (4, 4, 8)),
        ("llama-7b full fp32 mbs=1 1xa100-80gb", (4, 4, 8)),
        ("llama-7b full bf16 amp deepspeed mbs=1 1xa100-80gb", (2, 2, 12)),
        ("llama-7b full bf16 amp megatron mbs=1 1xa100-80gb", (2, 4, 12)),
        ("llama-7b full bf16 deepspeed mbs=1 1xa100-80gb", (2, 2, 12)),
        ("llama-7b full fp16 megatron mbs=1 1xa100-80gb", (2, 2, 12)),
        ("llama-7b full fp32 deepspeed mbs=1 1xa100-80gb", (4, 4, 8)),
        ("llama-7b full bf16 pure opt=sgd mbs=1 1xa100-80gb", (2, 2, 0)),
        ("llama-7b full bf16 pure opt=sgd-momentum mbs=1 1xa100-80gb", (2, 2, 2)),
        ("llama-7b full bf16 pure opt=lion mbs=1 1xa100-80gb", (2, 2, 2)),
        ("llama-7b full bf16 pure opt=adamw8bit mbs=1 1xa100-80gb", (2, 2, 2.03125)),
        ("llama-7b full bf16 pure opt=paged_adamw8bit mbs=1 1xa100-80gb", (2, 2, 0)),
        ("llama-7b full bf16 pure opt=adafactor mbs=1 1xa100-80gb", (2, 2, 0)),
        ("llama-7b full bf16 pure opt=galore mbs=1 1xa100-80gb", (2, 2, 0.29302)),
        ("llama-7b full bf16 pure opt=apollo mbs=1 1xa100-80gb", (2, 2, 0.33879)),
        ("llama-7b full bf16 pure opt=muon mbs=1 1xa100-80gb", (2, 2, 2.0779)),
        ("llama-7b full bf16 amp mbs=1 4xa100-80gb zero1", (2, 2, 3)),
        ("llama-7b full bf16 amp mbs=1 4xa100-80gb zero2", (2, 0.5, 3)),
        ("llama-7b full bf16 amp mbs=1 4xa100-80gb fsdp zero2", (4, 1, 2)),
        ("llama-7b full bf16 amp mbs=1 4xa100-80gb fsdp", (1, 1, 2)),
        ("llama-7b full bf16 amp mbs=1 4xa100-80gb fsdp offload", (0, 0, 0)),
        ("llama-7b full bf16 amp deepspeed mbs=1 4xa100-80gb zero3 offload", (0.5, 0, 0)),
    ],
)
def test_states_have_the_bytes_of_their_mode(text: str, expected: tuple[float, float, float]) -> None:
    assert states(text) == pytest.approx(expected, rel=1e-4)


def test_the_step_of_deepspeed_holds_fp32_gradients_of_its_shard() -> None:
    step = job("llama-7b full bf16 deepspeed zero2 mbs=1 4xa100-80gb").phases()[Phase.STEP]
    assert step.temporary / LLAMA_7B_PARAMS == pytest.approx(4 / 4)


def test_megatron_holds_its_largest_weight_gradient_in_fp32() -> None:
    loss = job("llama-7b full bf16 megatron mbs=1 1xa100-80gb").phases()[Phase.LOSS]
    assert loss.temporary == 4 * 32000 * 4096


def test_fp8_keeps_what_bf16_keeps() -> None:
    bf16 = job("llama-3.1-8b full bf16 amp mbs=1 seq=8192 8xh100 fsdp torchtitan").allocated_gib()
    fp8 = job("llama-3.1-8b full fp8 amp mbs=1 seq=8192 8xh100 fsdp torchtitan").allocated_gib()
    assert fp8 == bf16


def test_the_implementation_of_adamw_decides_the_peak_of_a_full_fine_tune() -> None:
    foreach = job("llama-7b full bf16 pure opt=adamw-foreach mbs=1 seq=512 1xa100-80gb ckpt").allocated_gib()
    fused = job("llama-7b full bf16 pure opt=adamw-fused mbs=1 seq=512 1xa100-80gb ckpt").allocated_gib()
    assert foreach * GIB / LLAMA_7B_PARAMS == pytest.approx(10, rel=0.01)
    assert fused * GIB / LLAMA_7B_PARAMS == pytest.approx(8, rel=0.01)


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("full opt=paged_adamw8bit ga=1 1xrtx-4090", False),  # meta-pytorch/torchtune PR#961: 20.2 to 22.3 GB
        ("full opt=paged_adamw8bit ga=2 1xrtx-4090", True),
        ("full opt=adamw ga=1 1xa100-80gb", True),
        ("full opt=paged_adamw8bit ga=1 2xrtx-4090 ddp", True),
    ],
)
def test_recipes_that_step_in_the_backward_pass_hold_one_gradient(said: str, whole: bool) -> None:  # noqa: FBT001
    phases = job(f"llama-2-7b bf16 torchtune mbs=1 seq=512 ckpt {said}").phases()
    assert (phases[Phase.STEP].gradients > 2 * 0.5 * LLAMA_7B_PARAMS) is whole


def test_litgpt_unties_the_head() -> None:
    tied = job("gemma-2b lora bf16 mbs=1 1xa100-80gb").phases()[Phase.STEP].weights
    untied = job("gemma-2b lora bf16 mbs=1 1xa100-80gb litgpt").phases()[Phase.STEP].weights
    assert untied - tied == pytest.approx(2 * 256000 * 2048, rel=0.05)


def test_eager_attention_has_a_backward_moment_of_its_own() -> None:
    """fitcheck-052 and -049, 4.79 and 5.55 GiB measured on a T4."""
    said = "mbs=1 ga=1 seq=4096 1xt4 ckpt eager r=32 targets=qkvo opt=adamw-foreach"
    lora, kbit = (
        job(f"smollm2-360m {how} {said}") for how in ("lora fp16", "qlora fp16 nf4 prepare-kbit keeps-logits")
    )
    assert lora.allocated_gib() == pytest.approx(4.79 - 0.375, rel=0.04)
    assert kbit.allocated_gib() == pytest.approx(5.55, rel=0.03)


def test_internevo_casts_gradients_and_steps_masters_in_one_piece() -> None:
    """internevo-0067, 20B over 8 A800 by its matrices: 71 GiB measured; Megatron's way 55."""
    said = "internlm-20b full bf16 amp mbs=1 ga=4 seq=2048 8xa800-80gb tp=8 ckpt flash opt=adamw"
    here, megatron = (job(f"{said} {name}") for name in ("internevo", "megatron"))
    assert here.estimate().process_bytes.likely / GIB == pytest.approx(71, rel=0.05)
    step, other = (each.phases()[Phase.STEP] for each in (here, megatron))
    assert step.temporary == pytest.approx(12 / 2 * step.weights)
    assert other.temporary == 0
    assert step.gradients == pytest.approx(other.gradients / 2)


def test_gptq_without_checkpoints_holds_what_it_unpacked() -> None:
    """optimum-benchmark, 2023: out of memory at 4 x 256 on an RTX 4090."""
    said = "llama-2-7b qlora fp16 gptq mbs=4 ga=1 seq=256 1xrtx-4090 eager r=8 targets=qv dropout=0"
    graphed, checkpointed = (job(f"{said} {how}") for how in ("no-ckpt", "ckpt"))
    matrices_gib = 2 * 6_476_005_376 / GIB
    assert graphed.allocated_gib() - checkpointed.allocated_gib() > 0.9 * matrices_gib
    assert graphed.estimate().verdict is not Verdict.FITS


def test_who_cannot_run_without_checkpoints_runs_with_them() -> None:
    said = "megatron-gpt2-1b full fp16 amp mbs=16 ga=1 seq=1024 1xa100-40gb eager megatron"
    assert job(said).plan.activation_checkpointing is Checkpointing.FULL
    assert job(f"{said} no-ckpt").plan.activation_checkpointing is Checkpointing.NONE
    assert job(said.replace("mbs=16", "mbs=1")).plan.activation_checkpointing is Checkpointing.NONE


def test_deepspeed_leaves_two_bytes_a_parameter_on_the_gpu() -> None:
    """DeepSpeed PR 1536: 14 to 15 GiB for a 7B."""
    estimate = job("llama-2-7b full bf16 1x4090 zero2 offload deepspeed mbs=1 seq=1024 ckpt").estimate()
    assert 13 < estimate.process_bytes.likely / GIB < 16


@pytest.mark.parametrize(("gpus", "least"), [("1xh800-80gb", 47), ("8xh800-80gb", 27)])
def test_deepspeed_lets_go_of_offloaded_gradients_late_where_no_step_follows(gpus: str, least: float) -> None:
    """llm-action: a 13B on one GPU has 59 GiB as nvidia-smi shows it."""
    said = f"llama-13b full fp16 {gpus} zero2 offload deepspeed mbs=2 seq=512 ckpt"
    assert job(f"{said} ga=4").allocated_gib() == pytest.approx(least, rel=0.06)
    assert job(f"{said} ga=1").allocated_gib() < 27


def test_gradients_that_stay_are_there_while_the_first_block_runs_backward() -> None:
    """Its activations come on top of them, so that a larger micro batch needs more."""
    said = "llama-13b full fp16 1xh800 zero2 offload deepspeed ga=4 seq=512 ckpt mbs={}"
    small, large = (job(said.format(size)) for size in (16, 64))
    gradients = [each.phases()[Phase.BLOCK].gradients for each in (small, large)]
    assert gradients[0] == gradients[1] > 0.95 * small.phases()[Phase.EMBEDDING].gradients
    assert large.allocated_gib() > 1.1 * small.allocated_gib()


@pytest.mark.parametrize("gpus", ["1xa100-80gb", "2xa100-80gb"])
def test_weights_that_left_the_gpu_come_back_for_their_pass(gpus: str) -> None:
    """DeepSpeed's pool of a billion parameters and a layer, on one GPU as on several."""
    asked = job(f"llama-7b full zero3 deepspeed offload=params mbs=1 seq=512 ckpt {gpus}")
    assert asked.phases()[Phase.BLOCK].temporary > 2e9


@pytest.mark.parametrize("how", ["fsdp zero2", "torchtune zero2", "megatron zero1", "megatron zero1 tp=2"])
def test_weights_stay_where_each_gpu_has_them_whole(how: str) -> None:
    said = f"llama-7b full mbs=1 seq=512 8xa100-80gb ckpt {how}"
    states, everything = (job(f"{said} {word}").allocated_gib() for word in ("offload", "offload=params"))
    assert everything == states


def test_megatron_on_ascend_is_mindspores_and_holds_no_whole_gradients() -> None:
    """mindformers: Qwen-14B ran on 910B of 64 GB under optimizer parallelism over eight."""
    said = "qwen-14b full bf16 amp mbs=1 ga=1 seq=2048 zero1 ckpt flash megatron packing"
    ascend, nvidia = (job(f"{said} {gpu}").estimate() for gpu in ("8xascend-910b", "8xa100-80gb"))
    assert ascend.verdict is not Verdict.DOES_NOT_FIT
    assert nvidia.parts.gradients_bytes > 7 * ascend.parts.gradients_bytes


def test_megatron_recomputes_as_few_layers_as_will_do() -> None:
    """dgxc-benchmarking: 405B on 512 H100 ran at 53 % of the peak, as its truncated kin."""
    said = "llama-3.1-405b full bf16 amp mbs=1 ga=64 seq=8192 512xh100 zero1 tp=8 pp=8 cp=2 flash megatron"
    unsaid, all_of_them = job(said), job(f"{said} ckpt")
    assert unsaid.plan.activation_checkpointing is Checkpointing.FULL
    assert 0 < unsaid.plan.recomputed_share < 0.5
    assert all_of_them.plan.recomputed_share == 1
    assert all_of_them.allocated_gib() < unsaid.allocated_gib() < job(f"{said} no-ckpt").allocated_gib()


@pytest.mark.parametrize(
    ("release", "tokens", "gib"),
    [
        ("2024-10", 4096, 6 * 4096 * 128256 / 2**30),
        ("2025-07", 4096, 0),
        ("2025-08", 4096, 2.5),
        ("2025-12", 4096, 10 * 4096 * 128256 / 2**30),
        ("2025-12", 65536, 10),
    ],
)
def test_a_chunked_loss_holds_one_chunk_of_logits(release: str, tokens: int, gib: float) -> None:
    """unsloth_zoo/fused_losses/cross_entropy_loss.py by release; llama-3.1-8b has 128,256 entries."""
    said = f"llama-3.1-8b qlora bf16 mbs=1 seq={tokens} 1xa100-80gb ckpt unsloth@{release}"
    fused = 0 if release == "2024-10" else 10 * 4096 * tokens
    logits = job(said).phases()[Phase.LOSS].logits - fused
    assert logits / GIB == pytest.approx(gib, abs=1e-3)


def test_a_full_chunk_grows_no_smaller_with_its_tokens() -> None:
    """Under autocast 16-bit copies of the weights are alive beside it, less what plain logits lack yet."""
    said = "llama-3.1-8b full fp16 mbs=2 seq={} 1xh200 ckpt unsloth"
    shorter, longer = (job(said.format(tokens)).phases()[Phase.LOSS].total for tokens in (4096, 8192))
    assert longer > shorter


def test_growing_segments_hold_what_is_alive_and_no_more() -> None:
    """expandable_segments:True: unsloth/__init__.py since 2024-03-17, Axolotl's command line since 0.6."""
    said = "llama-3.1-8b qlora bf16 mbs=2 seq=2048 1xa100-80gb ckpt no-packing"
    for after, before in (("unsloth@2024-04", "unsloth@2024-03"), ("axolotl", "axolotl@0.5")):
        grown, apart = (job(f"{said} {stack}").estimate() for stack in (after, before))
        assert grown.reserved_bytes.likely == grown.allocated_bytes.likely
        assert apart.reserved_bytes.likely > 1.5 * apart.allocated_bytes.likely
