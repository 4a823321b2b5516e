"""Parts of a step by hand: what one word of the command does to one part."""

from dataclasses import replace

import pytest
from time_jobs import CALIBRATION, job

from bot.files import load_catalog
from estimator.spec import Precision
from estimator.time.rates import rates
from estimator.units import GIGA

LLAMA = "llama-2-7b {} mbs=2 ga=1 seq=2048 {} ckpt sdpa"
PARAMS = 6_738_415_616
PLAIN = {"key": "uncapped", "family": "llama"}


def part(words: str, what: str, *, gpus: str = "1xa100-80gb") -> float:
    step = job(LLAMA.format(words, gpus)).step
    return next(each.seconds for each in step.parts if each.what == what)


def test_dora_moves_the_traffic_of_adapters_twice() -> None:
    assert part("dora bf16", "lora") == pytest.approx(2 * part("lora bf16", "lora"))


def test_a_padding_mask_computes_the_masked_half_too() -> None:
    """Twice the positions, by a kernel that reads a mask."""
    masked = 2 / CALIBRATION.value("attention_masked")
    assert part("lora bf16 padded", "attention") == pytest.approx(masked * part("lora bf16", "attention"))


def attention_a_flop(model: str, words: str, *, gpu: str = "a100-80gb") -> float:
    """Seconds of attention a FLOP of it, both against those of Llama-2-7B (heads of 128 features)."""
    command = "{} full bf16 pure mbs=2 ga=1 seq=2048 1x{} ckpt {}"

    def seconds(name: str) -> float:
        asked = job(command.format(name, gpu, words))
        part = next(each.seconds for each in asked.step.parts if each.what == "attention")
        arch = asked.workload.arch
        return part / arch.num_layers / arch.query_width

    return seconds(model) / seconds("llama-2-7b")


def test_narrow_heads_are_slower() -> None:
    """FlashAttention on an RTX 4090 reaches 142 and 151 TFLOP/s at 64 and 128 features: 1.06 times."""
    assert attention_a_flop("qwen2.5-0.5b", "flash") == pytest.approx(151 / 142, abs=0.01)


def test_the_kernel_that_reads_a_mask_pads_a_head_to_its_tile() -> None:
    """Heads of 96 features take tiles of 128; a window of 2,047 leaves one position of 2,048 out."""
    whole, padded = (attention_a_flop("phi-3-mini", f"sdpa {what}") for what in ("", "padded"))
    assert padded / whole == pytest.approx(128 / 96, rel=0.01)


def test_flash_attention_on_hopper_is_faster_than_the_triton_kernel_of_2023() -> None:
    flash, triton = (
        one_part(f"mpt-7b full bf16 amp mbs=2 ga=1 seq=8192 1xh100 no-ckpt flash {stack}", "attention")
        for stack in ("llm-foundry@0.7", "llm-foundry")
    )
    assert triton > 1.3 * flash


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("flash llm-foundry@0.22", "flash llm-foundry"),
        ("flash megatron", "flash megatron@2023-06"),
        ("flash megatron", "flash internevo"),
    ],
)
def test_flash_attention_1_takes_nearly_twice_as_long_on_an_a100(now: str, then: str) -> None:
    """Dao 2023, arXiv:2307.08691, section 4.1: the second is 1.7 to 3.0 times as fast."""
    newer, older = (
        one_part(f"llama-2-7b full bf16 amp mbs=1 ga=1 seq=4096 8xa100-80gb no-ckpt {words}", "attention")
        for words in (now, then)
    )
    assert 1.6 < older / newer < 3.0


@pytest.mark.parametrize("gpu", ["t4", "v100-32gb", "a100-80gb", "h100-80gb", "b200", "mi300x", "rtx-4090"])
def test_flash_attention_1_is_nowhere_faster(gpu: str) -> None:
    catalog = load_catalog()
    now, then = (
        rates(
            catalog.gpu(gpu),
            catalog.framework("megatron", release),
            Precision.FP16,
            catalog.time_calibration,
            compiled=False,
        ).kernels.attention_flops_per_second
        for release in (None, "2023-06")
    )
    assert then <= now


def test_products_on_an_a100_were_slower_before_flash_attention() -> None:
    command = "megatron-gpt2-1b full fp16 amp mbs=16 seq=1024 1x{} eager {}"
    for gpu, is_slower in (("a100-40gb", True), ("v100-32gb", False)):
        now, then = (
            one_part(command.format(gpu, stack), "gemm") for stack in ("megatron", "megatron@2022-06")
        )
        assert (then > 1.1 * now) is is_slower


def test_muon_adds_five_steps_of_three_products_to_a_momentum() -> None:
    """30 h FLOPs a parameter, at the rate of products; SGD with momentum moves the same bytes."""
    extra = part("full bf16 opt=muon", "optimizer") - part("full bf16 opt=sgd-momentum", "optimizer")
    share = CALIBRATION.value("gemm_share.ampere")
    assert extra == pytest.approx(30 * 4096 * PARAMS / (312e12 * share))


def test_an_offloaded_step_moves_44_bytes_a_parameter_through_the_host() -> None:
    """And gradients and weights in 16 bit over the host's link."""
    link, memory = (CALIBRATION.value(f"host_{of}_gb_per_second") * GIGA for of in ("link", "memory"))
    expected = 4 * PARAMS / link + 44 * PARAMS / memory
    assert part("full bf16 amp deepspeed offload", "offload") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("gpus", "num_gpus", "num_hosts"), [("4xa100-80gb", 4, 1), ("8xa100-80gb nodes=2", 8, 2)]
)
def test_the_cards_of_a_host_have_links_of_their_own_and_share_its_memory(
    gpus: str, num_gpus: int, num_hosts: int
) -> None:
    link, memory = (CALIBRATION.value(f"host_{of}_gb_per_second") * GIGA for of in ("link", "memory"))
    expected = 4 * PARAMS / num_gpus / link + 44 * PARAMS / num_hosts / memory
    found = part("full bf16 amp deepspeed zero2 offload", "offload", gpus=gpus)
    assert found == pytest.approx(expected)


def test_a_pure_16_bit_step_on_the_host_moves_18_bytes_a_parameter() -> None:
    link, memory = (CALIBRATION.value(f"host_{of}_gb_per_second") * GIGA for of in ("link", "memory"))
    expected = 4 * PARAMS / link + 18 * PARAMS / memory
    assert part("full bf16 pure ddp offload", "offload") == pytest.approx(expected)


def one_part(command: str, what: str) -> float:
    return next(each.seconds for each in job(command).step.parts if each.what == what)


@pytest.mark.parametrize(("stack", "again"), [("megatron", 4.5 / 3.5), ("torchtitan fsdp", 1)])
def test_selective_checkpointing_runs_attention_again_in_megatron_alone(stack: str, again: float) -> None:
    command = f"llama-2-7b full bf16 amp mbs=1 ga=1 seq=4096 8xh100 {{}} flash {stack}"
    once, selective = (one_part(command.format(how), "attention") for how in ("no-ckpt", "selective"))
    assert selective / once == pytest.approx(again)


def test_scores_move_twice_as_much_kernel_by_kernel_as_in_one() -> None:
    """24 bytes forward and 32 backward, against 14 and 28; what the products take is the same."""
    command = "llama-2-7b full bf16 amp mbs=2 ga=1 seq=2048 1xa100-80gb no-ckpt eager {}"
    stock, fused = (one_part(command.format(framework), "attention") for framework in ("hf", "megatron"))
    assert 1.2 < stock / fused < 2


def test_bent_scores_move_half_as_much_again() -> None:
    one = job("gemma-2-9b lora bf16 mbs=1 ga=1 seq=2048 1xa100-80gb ckpt eager")
    plain = replace(one, workload=replace(one.workload, arch=one.workload.arch.model_copy(update=PLAIN)))
    attention = [
        next(each.seconds for each in each_job.step.parts if each.what == "attention")
        for each_job in (one, plain)
    ]
    assert 1.2 < attention[0] / attention[1] < 1.5


@pytest.mark.parametrize("what", ["attention", "lora", "loss"])
def test_a_prepared_base_without_autocast_runs_the_rest_in_fp32(what: str) -> None:
    command = "qlora bf16 nf4 prepare-kbit {}"
    assert part(command.format(""), what) > part(command.format("autocast"), what)


def test_a_prepared_base_without_autocast_is_several_times_slower_on_long_sequences() -> None:
    command = "llama-3.1-8b {} mbs=2 ga=1 seq=8192 1xa100-80gb ckpt sdpa padded r=8"
    prepared, plain = (
        job(command.format(words)).seconds for words in ("qlora bf16 nf4 prepare-kbit", "lora bf16")
    )
    assert 2 < prepared / plain < 7


def test_autocast_over_fp32_weights_casts_them_in_every_pass() -> None:
    assert part("full bf16 amp", "elementwise") > 1.5 * part("full bf16 pure", "elementwise")


@pytest.mark.parametrize("stack", ["torchtitan", "xtuner"])
def test_who_shards_on_one_gpu_too_casts_no_weights(stack: str) -> None:
    """`fully_shard` gathers 16-bit weights and is no autocast: norms and residuals are short too."""
    amp, pure = (part(f"full bf16 {how} {stack}", "elementwise") for how in ("amp", "pure"))
    assert amp == pytest.approx(pure)


def test_layernorm_under_autocast_beside_quantised_products_is_an_fp32_stream() -> None:
    command = "{} qlora nf4 {} mbs=4 ga=1 seq=2048 1xa100-80gb ckpt flash"

    def ratio(model: str) -> float:
        with_, without = (one_part(command.format(model, word), "elementwise") for word in ("autocast", ""))
        return with_ / without

    assert ratio("gpt2-medium") > 1.5
    assert ratio("llama-3.2-1b") == pytest.approx(1)


def test_int8_products_code_their_inputs_and_decode_their_outputs() -> None:
    """Of twice the tokens twice the traffic; what unpacks a weight does not grow with them."""
    command = "llama-7b lora {} r=8 targets=qv seq={} mbs=4 ga=1 1xrtx-4090 ckpt"
    shares = [
        one_part(command.format(kind, 2048), "dequantization")
        / one_part(command.format(kind, 1024), "dequantization")
        for kind in ("8bit", "nf4")
    ]
    assert shares == [pytest.approx(2, rel=0.1), pytest.approx(1)]


def test_a_non_reentrant_checkpoint_skips_the_last_product() -> None:
    """Of a LLaMA layer the way down is a good fifth, of five passes' four with recomputation."""
    one = job(LLAMA.format("full bf16", "1xa100-80gb"))
    whole = replace(one, framework=one.framework.model_copy(update={"reentrant_checkpointing": True}))
    gemm = [
        next(each.seconds for each in each_job.step.parts if each.what == "gemm") for each_job in (one, whole)
    ]
    last = 4096 * 11008 / (4 * 4096**2 + 3 * 4096 * 11008)
    assert gemm[0] / gemm[1] == pytest.approx((4 - last) / 4, rel=0.01)


def test_a_window_is_a_mask_for_torchs_dispatcher() -> None:
    command = "mistral-7b lora bf16 mbs=1 ga=1 seq={} 1xa100-80gb ckpt {}"
    windowed = job(command.format(8192, "flash")).workload.arch.sliding_window
    assert windowed
    long = 2 * windowed
    assert one_part(command.format(long, "sdpa"), "attention") > 2 * one_part(
        command.format(long, "flash"), "attention"
    )


def test_many_experts_run_one_by_one() -> None:
    """A 30B with 3B active is no faster than a dense 32B where a framework loops over its experts."""
    command = "{} lora bf16 mbs=1 ga=1 seq=2048 8xh100 zero3 ckpt flash deepspeed hf{}"
    sparse, dense = (job(command.format(model, "@4.57")).seconds for model in ("qwen3-30b-a3b", "qwen3-32b"))
    assert sparse > dense
    assert job(command.format("qwen3-30b-a3b", "")).seconds < sparse


def test_only_what_is_packed_is_unpacked() -> None:
    command = "mixtral-8x7b {} bf16 mbs=1 ga=1 seq=2048 8xh100 ckpt flash hf{} targets=qkvo"
    for words in ("qlora nf4", "lora int8"):
        loose, packed = (
            one_part(command.format(words, release), "dequantization") for release in ("", "@4.57")
        )
        assert 0 < loose < 0.2 * packed


def test_time_counts_the_mean_of_samples_unless_they_are_packed() -> None:
    one = job("llama-3-8b lora bf16 autocast mbs=4 ga=2 seq=4096 1xa100-80gb ckpt flash")
    short = replace(one, workload=replace(one.workload, mean_length=1024))
    packed = replace(one, workload=replace(one.workload, mean_length=1024, packing=True))
    expected = job("llama-3-8b lora bf16 autocast mbs=4 ga=2 seq=1024 1xa100-80gb ckpt flash").seconds
    assert short.seconds == pytest.approx(expected)
    assert packed.seconds == pytest.approx(one.seconds)


def test_no_mean_is_longer_than_the_longest() -> None:
    one = job("llama-3-8b lora bf16 mbs=1 ga=1 seq=1024 1xa100-80gb")
    assert replace(one.workload, mean_length=4096).time_length == 1024
