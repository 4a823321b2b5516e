"""What is known and not estimated, by the sentence that says so."""
# ruff: noqa: E501  -- a list of words reads as text

from typing import Final

from bot.language.unwanted_words import phrases as _phrases

NOT_DONE: Final = {
    "reference": _phrases("dpo|kto|ipo|cpo|rdpo|偏好对齐|偏好优化"),
    "pairs": _phrases("orpo|simpo"),
    "rl": _phrases("ppo|grpo|rloo|rlhf|rlvr|dapo|gspo|reinforce|reinforcement learning|强化学习"),
    "reward": _phrases("rm|reward model|reward modeling|reward modelling|奖励模型"),
    "vision": _phrases(
        "vlm|vlms|vision|multimodal|multi modal|cross modal|image|images|video|videos|多模态|视觉|图片|图像|视频"
    ),
    "inference": _phrases("inference|serve|serving|inferencing|vllm|推理|部署"),
    "distillation": _phrases("distill|distillation|distilling|distil|gkd|蒸馏"),
    "soft_prompts": _phrases(
        "prefix tuning|prompt tuning|p-tuning|p-tuning v2|ptuning v2|soft prompt|soft prompts|ia3|bitfit|adapter tuning|adapter-tuning|软提示"
    ),
    "parts": _phrases("lisa|badam|lomo|adalomo"),
    "other_models": _phrases(
        "whisper|whisper large|whisper large v2|whisper large v3|flux dev|flux.1|sd1.5|sd15|sd3|tts|asr|speech|speech recognition|text to speech|voice cloning|sdxl|stable diffusion|dreambooth|diffusion|diffusion model|controlnet|flux|语音|语音识别|语音合成|文生图|扩散模型"
    ),
    "embedding": _phrases(
        "embedding model|embedding models|embeddings|reranker|sentence transformers|向量模型|嵌入模型|重排模型"
    ),
    "tokenizer": _phrases(
        "train a tokenizer|train tokenizer|training a tokenizer|train a new tokenizer|tokenizer training|tokenizer from scratch|训练分词器|训练tokenizer|训练一个tokenizer"
    ),
    "activations_offloaded": _phrases(
        "offload of activations|offload of the activations|cpu offload of activations|cpu offload for activations|offload for activations|activation offload|activation offloading|activations offload|activations offloading|activation cpu offload|offload activation|offload activations|offload the activations|offloading activations|offloading the activations|offloaded activations|activations offloaded|activations to cpu|激活卸载|激活值卸载|卸载激活|卸载激活值|激活offload|激活值offload|offload激活|offload激活值"
    ),
    "besides_training": _phrases(
        "evaluate|evaluating|merging|model merging|merge models|mergekit|评测|模型合并|合并模型"
    ),
    "hardware": _phrases(
        "mps|cpu only|cpu-only|on cpu|on a cpu|on my cpu|only cpu|纯cpu|只用cpu|用cpu|mac|macbook|mac studio|mac mini|apple silicon|mlx|mac pro|imac|m1|m2|m3|m4|m5|m1 pro|m2 pro|m3 pro|m4 pro|m5 pro|m1 max|m2 max|m3 max|m4 max|m5 max|m1 ultra|m2 ultra|m3 ultra|m4 ultra|iphone|ipad|intel arc|arc a770|arc b580|radeon|苹果电脑|苹果芯片|tpu|tpus|cloud tpu|google tpu|tpu pod|trainium|trainium1|trainium2|trn1|trn2|inferentia|inferentia2|npu|npus|ipu|ipus|graphcore|cerebras|groq|sambanova|dcu|海光|海光dcu|寒武纪|cambricon|摩尔线程|moore threads|沐曦|燧原|壁仞|天数智芯|昆仑芯|jetson|jetson orin|orin|orin nx|agx orin|strix halo|directml"
    ),
}
"""Code of the sentence -> words for what is not estimated."""
