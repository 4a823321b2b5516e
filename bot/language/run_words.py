"""Words of how a run goes: what it does now and then, where its adapters go, how long it may take."""
# ruff: noqa: E501  -- a list of words reads as text

from typing import Final

from bot.language.unwanted_words import phrases as _phrases

PER_NODE: Final = _phrases("per node|per machine|per server|per host|per box|a node|each node")
DONE_AT_TIMES: Final = _phrases(
    "save|saves|saving|save model|save a checkpoint|save checkpoint|save checkpoints|checkpoint|checkpoints|checkpointing|ckpt|eval|evals|evaluate|evaluates|evaluating|evaluation|validate|validation|log|logs|logging|print|report|test|sample|push|upload|resume|sync|merge|保存|保存一次|存|存一次|存档|存盘|评估|评估一次|验证|验证一次|打印|打印一次|记录|记录一次|测试|测一次|日志|评测|评测一次|看|看一下|模型|权重|loss"
)
"""What is done now and then in a run."""
EVERY: Final = _phrases(
    "every|each|after every|at every|per|每|每隔|隔|每过|after|first|the first|last|the last|in the first|前|最后"
)
"""Before steps that are not those of the run."""
ATTENTION_MODULES: Final = _phrases(
    "only train attention|train only attention|only train the attention|train attention only|only training attention|只微调注意力|只微调注意力层|只微调attention|只调注意力|只调attention|attention only|attn only|only attention|only attn|only the attention|attention layers only|attention layer only|attn layers only|only attention layers|only the attention layers|on attention layers only|on attention only|on attention layers|on the attention layers|on the attention|on attention|attention layers|attention modules|attention modules only|on attention modules|attention projections|attention blocks only|attention weights only|只训练attention|只训练attention层|只训attention|只训练注意力|只训练注意力层|只加attention|只在attention层|只加在attention上|只加在attention层|只加在注意力层|仅attention|仅注意力层|attention层|注意力层"
)
MLP_MODULES: Final = _phrases(
    "mlp only|only mlp|only the mlp|mlp layers only|mlp layers|mlp modules|on mlp layers|on mlp|on the mlp|mlp blocks only|ffn only|only ffn|ffn layers|ffn layers only|on ffn|feed forward layers|只训练mlp|只训练mlp层|只训mlp|mlp层|ffn层|只加在mlp上|仅mlp"
)
"""Parts of a layer that get adapters."""
TARGETING: Final = _phrases(
    "targets|target|targeting|target modules|target_modules|lora_target|lora targets|modules|only on|only|on|just on|just|to|applied to|apply to|adapting|在|只加在|加在|只在|只训练|只训|作用于|目标模块|只"
)
"""Before the names of modules."""
MODULES_AFTER: Final = _phrases(
    "only|targets|target modules|projections|projection|projections only|proj|proj only|modules|modules only|layers|layers only|matrices|alone|上|层|矩阵|模块"
)
"""After them."""
LENGTHS_OF_TIME: Final = {
    "一天半": "36h", "两天半": "60h", "一个半小时": "1.5h", "两个半小时": "2.5h", "三个半小时": "3.5h", "一天": "24h", "半天": "12h", "一周": "168h", "一星期": "168h", "一个星期": "168h", "两周": "336h", "两个星期": "336h", "半小时": "0.5h", "半个小时": "0.5h", "一个小时": "1h", "一个月": "720h",
    "tomorrow": "24h", "this time tomorrow": "24h", "明天": "24h", "明天这个时候": "24h",
    "half a day": "12h", "half an hour": "0.5h", "a couple of hours": "2h", "a couple of days": "48h", "a day and a half": "36h",
}  # fmt: skip
"""What people call a length of time in one phrase; a month is thirty days, tomorrow is a day away."""
THAN_BEFORE: Final = _phrases("more|fewer|less|extra|additional")
"""Between a number and what it counts: nobody says of how many it is more or fewer."""
DESCRIBING: Final = (
    *_phrases(
        "training|train|labeled|labelled|instruction|instruct|qa|q&a|question answer|question answering|prompt response|input output|multi turn|multi-turn|single turn|single-turn|unique|domain|chat|synthetic|custom|real|high quality|clean|preference|sft|fine tuning|finetuning|full|训练|的训练|指令|指令微调|的|高质量|标注"
    ),
    *THAN_BEFORE,
)
"""Between a number and what it counts: `10k training samples`."""
WARMING_UP: Final = _phrases("warmup|warm up|of warmup|warming up|预热|热身")
"""After steps that are not those of the run: `100 steps warmup`."""
IDLE_SETTINGS: Final = _phrases(
    "lr|learning rate|peak lr|max lr|min lr|lr scheduler|lr scheduler type|warmup|warm up|warmup ratio|warmup steps|warm up ratio|warm up steps|weight decay|wd|seed|random seed|lora alpha|beta1|beta2|adam beta1|adam beta2|max grad norm|grad norm|grad clip|grad clipping|gradient clip|gradient clipping|label smoothing|"
    "save steps|logging steps|eval steps|save total limit|eval batch size|eval bs|evaluation batch size|validation batch size|val batch size|test batch size|eval micro batch size|per device eval batch size|num proc|num workers|dataloader num workers|preprocessing num workers|"
    "学习率|最大学习率|最小学习率|学习率调度|学习率调度器|预热|预热步数|预热比例|热身步数|warmup步数|权重衰减|随机种子|种子|梯度裁剪|梯度范数|最大梯度范数|标签平滑|"
    "保存步数|保存间隔|存档步数|评估步数|评估间隔|评测步数|验证步数|验证间隔|日志步数|日志间隔|记录步数|打印步数|lora的alpha|验证batch size|评估batch size|测试batch size"
)
"""Settings that change neither memory, time nor cost: set aside with their values, answered where a reply is nothing else."""
IDLE_WITH_A_SIGN: Final = _phrases("alpha|beta|clip|temperature|温度")
"""Likewise, and words of much else: a whole reply says one of them only with a sign, `alpha=32`."""
WITHOUT_EFFECT: Final = (
    *IDLE_SETTINGS,
    *IDLE_WITH_A_SIGN,
    *_phrases(
        "evaluation strategy|eval strategy|save strategy|logging strategy|at step|after step|on step|around step|until step|from step|at epoch|after epoch|on epoch"
    ),
)
"""With what else stands beside a number that is none of the run's."""
SWITCHED_ON: Final = _phrases("add|adding|enable|enabling|turn on|turning on|打开|开启|加上|启用")
"""Before a switch: `add gradient checkpointing`."""
TURNED: Final = _phrases(
    "reduce|reducing|increase|increasing|raise|bump|bump up|lower|cut|cut down|shorten|lengthen|extend|decrease|shrink|grow|boost|drop|turn down|turn up|push|keep|降低|提高|增加|减少|缩短|延长|加大|减小|调小|调大|调高|调低|把|将"
)
"""Before a key with its value: what is changed."""
A_STEP: Final = _phrases(
    "per step|a step|each step|every step|one step|per iteration|per iter|an iteration|each iteration|step time|每步|每一步|一步|每个step|一个step|每iter|单步|单步耗时|每步耗时|步耗时"
)
"""Beside a length of time: how long a step takes."""
GPU_HOURS: Final = _phrases(
    "gpu hour|gpu hours|gpu-hours|gpu hrs|gpu hr|gpuh|gpu days|gpu day|gpu months|card hours|card hour|accelerator hours|卡时|卡小时|gpu小时|gpu时|卡天|机时"
)
"""What a run takes of GPUs: neither their number nor money."""
HELD_OUT: Final = _phrases(
    "eval set|evaluation set|validation set|val set|dev set|test set|testing set|holdout set|held out set|hold out set|eval dataset|evaluation dataset|validation dataset|test dataset|eval data|evaluation data|validation data|test data|validation split|val split|eval split|test split|holdout|held out|held-out|验证集|测试集|评估集|评测集|开发集|验证数据|测试数据|评估数据|评测数据|验证样本|测试样本"
)
"""Samples that are no part of the run."""
EVALUATING: Final = _phrases(
    "eval|evals|evaluation|evaluate|evaluating|validation|validate|validating|val|eval on|evaluate on|evaluated on|evaluation on|validate on|validated on|validation on|test on|tested on|testing on|验证|评估|评测"
)
"""Before or after their number."""
HELD_OUT_AS: Final = _phrases("for|as|of|做|作为|用于|用来|当作|留作")
"""Between the number and those words."""
OF_EACH_EPOCH: Final = _phrases(
    "in each epoch|in an epoch|in one epoch|/epoch|一个epoch|每一轮|每个轮次|一轮"
)
"""Beside steps: they are those of one epoch."""

OWN: Final = _phrases("own|my own|our own|we own|i own|自己的|自有的|自有|自家的|自己有|我们自己的|自建的")
"""Before a GPU: it is not rented."""
OWN_MACHINES: Final = _phrases(
    "on prem|on-prem|on premises|on-premises|onprem|in house gpus|in-house gpus|in house cluster|in-house cluster|自有显卡|自有机器|自有服务器|自有集群|自建机房|自建集群|本地机房"
)
"""Likewise, of whatever GPU."""
OWNED: Final = frozenset(
    _phrases(
        "gpu|gpus|card|cards|cluster|hardware|machine|machines|server|servers|box|rig|workstation|卡|显卡|机器|服务器|集群"
    )
)
"""After `own`: GPUs, of whatever kind."""
