"""Words of what somebody tells beside a run: what it used of memory, its processors, its libraries."""
# ruff: noqa: E501  -- a list of words reads as text

from typing import Final

from bot.language.catalogued import FRAMEWORKS
from bot.language.unwanted_words import phrases as _phrases
from bot.language.words import ENGINES

USED: Final = _phrases(
    "was using|is using|were using|it was using|it is using|needed|only needed|consumption|memory consumption|before at|uses|used|it uses|it used|using up|used up|consumes|consumed|consuming|consume|take|takes|took|takes up|took up|taking up|occupies|occupied|occupying|eats|ate|eats up|peak|peaks|peaked|peaking|peaks at|peaked at|peak is|peak was|sits at|sitting at|sat at|hovers around|hovering around|usage|utilization|footprint|memory usage|vram usage|memory footprint|nvidia-smi|nvidia smi|max memory allocated|memory allocated|memory reserved|allocated|reserved|"
    "实测|实测显存|实际显存|实际占用|占用|占用了|占用率|占了|占|占到|用了|只用了|用掉|用掉了|用到了|实际用|实际用了|吃了|吃掉|吃掉了|吃|峰值|峰值是|峰值为|峰值达到|消耗|消耗了|耗费|跑到|跑到了|涨到|涨到了|升到了|达到|达到了|稳定在|维持在|保持在|一直在|显存占用|显存消耗|显存峰值|峰值显存|显存使用|使用量"
)
"""Before an amount of memory: a run needed so much, which is no GPU."""
USED_BETWEEN: Final = _phrases(
    "shoot|shot|shoots|goes|went|going|jumps|jumped|rises|rose|climbs|climbed|increases|increased|stays|stayed|stable|showing|now|still|from|already|memory|vram|gpu memory|gpu|usage|of|is|was|are|were|at|to|about|around|roughly|approximately|only|just|up|shows|showed|says|said|reports|reported|showing|by|reached|hit|显存|大概|大约|约|差不多|到|了|是|为|只|才|就|达到|在|也|都|仅|显示|不到|不足|将近|接近|超过"
)
"""Between them."""
USED_AFTER: Final = _phrases(
    "already allocated|already used|already reserved|reserved in total|used|was used|were used|is used|being used|in use|peak|at peak|peak usage|at the peak|usage|consumed|allocated|reserved|occupied|memory usage|footprint|peak memory|"
    "占用|峰值|显存占用|占满|占满了|占用率"
)
"""After it, with or without the word for a GPU's memory."""
MEMORY_WORDS: Final = _phrases(
    "vram|of vram|gpu memory|of gpu memory|memory|of memory|gpu ram|video memory|显存"
)
"""Between an amount and those words; what else stands after it is a GPU."""

PROCESSORS: Final = _phrases(
    "epyc|xeon|threadripper|ryzen|athlon|opteron|core ultra|intel core|鲲鹏|kunpeng|i3|i5|i7|i9|至强|锐龙|线程撕裂者|霄龙"
)
"""Names of a machine's own processors."""
CORES: Final = _phrases(
    "core|cores|cpu core|cpu cores|physical core|physical cores|core cpu|vcpu|vcpus|v-cpu|v-cpus|thread|threads|cpu|cpus|cpu threads|socket|sockets|核|核心|核cpu|核的cpu|个核|物理核|线程|核处理器|cpu核心|cpu核"
)
"""After their number."""
LIBRARIES: Final = (
    *_phrases(
        "torch|pytorch|cuda|cuda toolkit|cudnn|nccl|python|py|bitsandbytes|bnb|datasets|tokenizers|flash-attn|flash attn|flash attention|flashattention|xformers|triton|apex|transformer engine|sentencepiece|safetensors|megatron core|rocm|driver|nvidia driver|driver version|gcc|ubuntu|centos|debian|windows|wsl|wsl2|linux kernel|kernel|docker|conda|numpy|gradio|"
        "驱动|驱动版本|显卡驱动|python版本|cuda版本|torch版本|pytorch版本"
    ),
    *(name for word in (*FRAMEWORKS, *ENGINES) for name in (*word.spellings, *word.more)),
)
"""Before the number of a version."""

TRAINING_WHOLE: Final = _phrases(
    "train|training|also train|also training|unfreeze|unfreezing|trainable|with trainable|fully train|fully trained|fully trainable|tuning|resize|resizing|训练|也训练|同时训练|解冻|放开"
)
"""Before modules that get no adapter."""
TRAINED_WHOLE: Final = _phrases(
    "trainable|are trainable|is trainable|trained|are trained|is trained|unfrozen|in full|fully trained|fully trainable|be trainable|be trained|可训练|也训练|也训|一起训练|一起训|不冻结|参与训练|解冻|放开"
)
"""After them."""
WHOLE_MODULES: Final = _phrases("embeddings|embedding|head|词嵌入|词表|嵌入层")
"""What people call them."""
MODULES_TO_SAVE: Final = _phrases("modules to save|additional target|additional targets")
"""PEFT's and LLaMA-Factory's names of the argument that lists them."""

SEVERAL: Final = frozenset(("几", "好几", "数", "若干"))
"""Before `千`, after `十`: nobody knows how many."""
ROUGHLY: Final = {
    "十来": 10,
    "百来": 100,
    "百十": 100,
    "千把": 1000,
    "千来": 1000,
    "万把": 10**4,
    "万来": 10**4,
}
"""`百来条`: about so many."""

EVERY_TABLE: Final = (
    ROUGHLY,
    TRAINING_WHOLE,
    TRAINED_WHOLE,
    WHOLE_MODULES,
    MODULES_TO_SAVE,
    USED,
    USED_BETWEEN,
    USED_AFTER,
    MEMORY_WORDS,
    PROCESSORS,
    CORES,
    LIBRARIES,
)
