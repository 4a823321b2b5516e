"""The words that carry nothing, those that only bind a value, and those that everybody says."""
# ruff: noqa: E501, SIM905  -- a list of words reads as text

ARTICLES = frozenset(("a", "an"))
"""`a 3090`, `an hour`: one of it, where what follows can be counted."""
FILLERS_EN = """
a an the and with for on in of to at by from using use via into my our this that is it be fit fits want what's would
will can could should do does i we you let's lets let us please pls how much many long what about if make try run
running train training fine-tune finetune fine-tuning finetuning tune tuning cost costs estimate price of take takes
need instead same but now then also only just go switch change set give me show per each model dataset data gpu-hours
""".split()
FILLERS_ZH = """
用 用于 在 上 训练 微调 请 请问 帮 帮我 算 一下 算一下 估算 多少钱 多少 要 需要 换成 改成 换 改 为 如果 试试 试 先
的 吧 呢 吗 那 和 加 张 一个 跑 来 这个 模型 数据 样本 几 几张
""".split()
MAKERS = ("nvidia", "英伟达", "amd", "geforce", "tesla")
"""Before the name of a GPU: who made it."""
FILLERS_MORE = (
    "ftcost",
    "@ftcost",
    "/ftcost",
    *MAKERS,
    "hour",
    "hours",
    "w",  # `w/ zero3`
    "over",
    "memory",
    "gpu memory",
    "vram",
    "enough",
    "how many gpus",
    "how many cards",
    "which gpu",
    "what gpu",
    "几张卡",
    "几卡",
    "显存",
    "数据集",
    "训练集",
    "训练数据",
    "成本",
    "费用",
    "时间",
    "多久",
    "多长时间",
    "大概",
    "能",
    "能不能",
    "够",
    "想",
    "我",
    "我想",
    "我们",
    "开启",
)
"""Carry nothing where the bot is spoken to; in a plain reply they are not fillers."""

CALLED = (
    "is",
    "are",
    "at",
    "was",
    "是",
)
"""Likewise, where the bot is spoken to: `what if the rank is 64`."""
ABOUT = ("估计", "around", "about", "approx", "approximately", "roughly", "大约", "大概", "约", "差不多")
"""Likewise between a key and its value: `budget around $100`."""
BESIDE_A_VALUE = frozenset(
    """
    the a an any your its at set to is still already really actually currently even also all only just now use uses using used with on
    for in have has having running assume assumes assuming assumed count counts include includes including priced based from by
    price prices 的 是 了 在 用 用的 按 还 价格 价
    """.split()
)
"""Words that may stand beside a value where somebody asks whether the card has it: `is it still using spot`."""
CHANGED_TO = (
    *(
        "to",
        "as",
        "set",
        "设置",
        "设置为",
        "设置成",
        "设定为",
        "设定",
        "修改为",
        "修改成",
        "修改到",
        "调整为",
        "调整到",
        "改成",
        "换成",
        "改",
        "换",
        "为",
        "设为",
        "设成",
        "调到",
        "调成",
        "降到",
        "降为",
        "加到",
        "提高到",
    ),
    *(
        *("已改成", "已改为", "已设为", "已设成", "已经改成", "改成了", "改为"),
        "升到",
        "开到",
        "拉到",
        "改到",
        "翻到",
        "翻倍到",
        "改小到",
        "改大到",
        "减到",
        "减小到",
        "增加到",
        "缩短到",
        "延长到",
    ),
)
"""Fillers that bind a good value to the key before them: `set bs to 16`, `批次改成16`."""

AFTER_RECIPE = frozenset(
    """
    please pls plz worked works failed looks seems changed updated thanks ready first again below above attached here book card
    question idea file soon tomorrow today
    """.split()
)
"""What people say of a recipe to each other; any other word is a tool that they name."""

EVERYDAY = """
full freeze flash spot eager selective private mixed offload compile packing lion muon apollo vast lambda swift sft hf composer
amp pure rule any on undo
""".split()
"""In a plain reply these count only beside another token, or as one of `reply_words.WHOLE_REPLIES`."""
EVERYDAY_NAMES = ("v3", "v4")
"""Likewise: TPUs to us, a version of something to everybody else."""
OF_ALL_GPUS = tuple(
    "for all|for all of them|for all gpus|for the machine|for the node|whole machine|for the whole machine|整机|整台|全部".split(
        "|"
    )
)
"""After the price of an hour: it is that of all GPUs."""
PER_OTHER_TIME = {
    24: tuple("per day|a day|each day|daily|每天|一天".split("|")),
    168: tuple("per week|a week|weekly|每周|一周".split("|")),
    720: tuple("per month|a month|monthly|每月|每个月|一个月".split("|")),
}
"""Hours -> after a price: it is none of an hour."""
