"""Questions about a card that have a shape of their own: `why 3 tries?`, `会爆显存吗`."""
# ruff: noqa: E501  -- a list of words reads as text

OPENED_EN = r"(?:(?:ok|okay|and|so|but|well|wait|hey|hm+)[, ]+)*"
"""What stands before a question among people."""
OPENED_ZH = r"(?:请问|那么|那)?"
SHAPES_EN = (
    ("slow", r"(?:tokens?/s(?:ec)?|tok/s|tokens? per sec(?:ond)?|throughput|how many tokens (?:per|a|each) sec(?:ond)?(?: (?:is|will|does) (?:it|that|this)(?: (?:do|make|be|get))?)?)"),
    ("tries", r"why (?:(?:do|does|would) (?:it|we|you|i) (?:need|count|take|assume|run) |are there |is it )?(?:\d+|two|three|four|five|several|so many) (?:tries|runs|times|retries|attempts)"),
    ("memory", r"(?:will|would|does|is|could) (?:it|this|that) (?:going to )?(?:go )?(?:oom|run out of (?:gpu )?(?:memory|vram))|how much (?:gpu )?(?:memory|vram) (?:is|will be|would be) (?:left|free)|(?:any|is there any) (?:memory|vram) left"),
)  # fmt: skip
"""What of the card is asked for, and the whole question."""
SHAPES_ZH = (
    ("slow", r"(?:一秒|每秒钟?)(?:能|可以)?(?:跑|处理|训)?(?:多少|几)个?tokens?|tokens?/s(?:是)?多少|吞吐(?:量)?(?:怎么样|如何)"),
    ("tries", r"(?:为什么|为啥|怎么|干嘛|凭什么)(?:会)?(?:要|得|是|按)?(?:跑|算|试|重试|训练?)?(?:\d+|[两三四五])(?:次|遍|回)(?:算)?(?:啊|呢)?"),
    ("price", r"(?:这个?|这里的?)?(?:价格?|价钱|报价|单价)(?:用?的?是|来自|按)?(?:哪家|谁家?|哪个(?:云|厂商|平台))的?(?:的|啊|呢)?"),
    ("memory", r"(?:这样|这个?|那)?(?:会不会|会|是不是会|是否会)(?:爆|oom|爆显存|爆掉|炸显存|显存不够|显存溢出)(?:吗|么|啊|呢)?|(?:还)?(?:剩|余|空)(?:下|余)?多少显存|显存(?:还)?(?:剩|余|富余|空)(?:下|余)?(?:了)?(?:多少|几)(?:g|gb)?"),
)  # fmt: skip
