"""A pipeline: how many layers each of its stages holds."""


def stage_layers(num_layers: int, stages: int) -> tuple[int, ...]:
    """Layers of each stage, the first first: as many each where they divide over them.

    Else the head stands for a layer, or the embedding and the head, where they divide then: Llama 3,
    arXiv:2407.21783, section 3.3.2 (126 layers over 16 stages); NVIDIA/Megatron-LM
    megatron/core/transformer/transformer_block.py, `account_for_loss_in_pipeline_split` and
    `account_for_embedding_in_pipeline_split`, which takes no other split by itself.
    What still does not divide pytorch/torchtitan (`generate_llm_fqn_per_model_part`) gives to the first
    stages and InternLM/InternEvo (`partition_uniform`) to the last: each is counted as the longest.
    """
    most = -(-num_layers // stages)
    spare = most * stages - num_layers
    if spare > 2 or spare == 0:
        return (most,) * stages
    short_first = spare == 2
    return (most - short_first, *[most] * (stages - 2), most - 1)
