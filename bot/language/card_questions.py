"""Questions for a field of the card: `what batch size did you use?`, `优化器用的什么`, `does that include evaluation?`.

A whole message of one of a few shapes, so that what people say to each other stays theirs.
"""
# ruff: noqa: E501  -- a list of words reads as text

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from bot.language import question_words
from bot.language.normalize import whole_message
from bot.language.question_words import OPENED_EN, OPENED_ZH
from bot.lazy_pattern import lazily
from estimator.spec import Engine

_TOPICS: Final = {
    "batch": r"(?:global |micro[- ]?|per[- ]device |per[- ]gpu |effective )?batch(?: ?sizes?)?|bs|mbs|gbs|(?:grad(?:ient)? )?accum(?:ulation)?(?: steps)?|批次(?:大小)?|(?:micro ?)?batch ?size|梯度累[积加](?:步数)?|每卡batch",
    "recipe": r"optimi[sz]er|optim|precision|dtype|number format|method|quanti[sz]ation|优化器|精度|数据类型|训练方[法式]|微调方[法式]|量化(?:方式|位数)?",
    "adapters": r"(?:lora )?rank|lora r|r|lora的?rank|lora的?秩|target modules?|targets?|lora targets?|lora modules?|(?:lora ?)?秩|目标模块|target_modules",
    "data": r"(?:max )?(?:seq(?:uence)?|context)(?: ?len(?:gth)?)?|seq|(?:samples?|examples?|tokens?)(?: count)?|data ?set size|epochs?|轮数?|(?:序列|上下文|文本)?长度|数据量|样本数?量?|条数据|数据集大小",
    "steps": r"(?:training |total )?steps?|step count|步数?|总步数",
    "price": r"sellers?|providers?|clouds?|vendors?|market|region|卖家|厂商|云(?:厂商|平台)?|平台|单价|区域|地区",
    "gpus": r"gpus?(?: type)?|cards?|nodes?|machines?|显卡|卡|机器|节点|gpu",
    "plan": r"zero stage|sharding|parallelism|framework|stack|trainer|attention(?: kernel| implementation)?|checkpointing|gradient checkpointing|并行(?:方式|策略)?|框架|注意力(?:实现)?|梯度检查点|zero ?级别",
    "tries": r"retries|tries|重试(?:次数)?",
    "slow": r"throughput|mfu|tokens? (?:per|a) sec(?:ond)?|tokens?/s(?:ec)?|tok/s|tps|speed in tokens|吞吐量?|吞吐率|训练速度|mfu|每秒token数?",
    "memory": r"(?:每|一)[张块]?(?:卡|gpu)的?(?:要|需要|用|占)?显存|显存占用",
}  # fmt: skip
"""What is asked for -> how it is called; the answers are those of `bot.cards.field_answers`."""
_PARTS_OF_A_RUN: Final = r"evaluations?|evals?|validation|checkpoints?|saving|checkpoint saving|start[- ]?up|loading|warm[- ]?up|评估|评测|验证|保存|存checkpoint|checkpoint|启动|加载"
_FEATURES: Final = {
    "run": _PARTS_OF_A_RUN,
    "tries": r"retries|the retries|重试",
    "price": r"spot(?: instances?| prices?)?|on[- ]?demand|(?:a )?marketplace|竞价(?:实例)?|按量|按需|spot价?",
    "plan": rf"flash(?:[- ]?attention)?|sdpa|(?:gradient |activation )?checkpointing|offload(?:ing)?|{'|'.join(Engine)}|zero[- ]?[0-3]|梯度检查点|重计算",
    "recipe": r"q?lora|dora|bf16|fp16|fp32|fp8|4[- ]?bit|8[- ]?bit|mixed precision|full fine[- ]?tuning|adamw?|量化|混合精度",
    "data": r"packing|sample packing|打包",
}  # fmt: skip
_OF_IT: Final = r"(?: (?:did|do|does|are|is|was|were|has|have) (?:you|it|that|this|these|they|we)(?: (?:use|used|using|assume|assumed|assuming|take|taken|set|pick|picked|choose|chose|count|counted|have|at|on|for))?(?: (?:that|this|it|here|there|for (?:this|that|it)|then|with))?)?"
_ASKED_EN: Final = rf"{OPENED_EN}(?:what|which|what'?s|what (?:is|was|are|were)|how (?:many|much|large|big|long|high)(?: (?:is|was|are|were))?)(?: the| your| its)? (?:<topics>){_OF_IT}(?: per (?:gpu|card|step|device|node))?(?: again| here)?"
_WHETHER_EN: Final = rf"{OPENED_EN}(?:is|was|does|did|has) (?:it|this|that|the (?:estimate|price|time|card))(?: (?:already|also|even))? (?:(?:with|using|use|uses|on|for|include|includes|including|count|counting|assume|assuming|have|running|run with)(?: the| any)?|the|a) (?:<topics>)(?: price)?"
_INCLUDED_EN: Final = rf"{OPENED_EN}(?:is|are|was|were) (?:the )?(?:<topics>)(?: time)? (?:included|counted|on|off|enabled|disabled|used|active|part of (?:it|this|that)|in (?:it|this|that|there))(?: (?:here|too|as well|in (?:it|this|that|there)))?"
_WHICH_OF_TWO: Final = lazily(
    r"(?:is|was) (?:it|this|that) (?:(?:full|q?lora|dora|full fine[- ]?tuning|bf16|fp16|fp32|4[- ]?bit|8[- ]?bit)(?: or )?){2}"
)
_WHOSE_EN: Final = lazily(
    r"(?:whose|which (?:seller|provider|cloud)'?s?) prices? (?:is|are) (?:that|this|it|these|those)"
)
_WHY_EN: Final = lazily(
    rf"{OPENED_EN}(?:why (?:(?:is|was) (?:it|this|that) (?:so |that )?|so |that |does (?:it|this|that) (?:take|cost) (?:so |that )|will (?:it|this) (?:take|cost) so )|how come (?:it'?s|it is|this is|that'?s) so )(?P<how>slow|long|much time|expensive|much)"
)
_ASKED_ZH: Final = rf"{OPENED_ZH}(?:这个|这|你|它)?的?(?:<topics>)(?:一共|总共)?(?:是|用的?是?|用了|设的?是?|设置的?是?|取的?是?|选的?是?|算的?是?|按){{0,3}}(?:多少|几|多大|什么|哪个|哪种|哪家|啥|多长|怎么设的|怎么选的)(?:步|轮|条|张|个)?(?:啊|呢|呀|的)?"
_WHAT_ZH: Final = rf"{OPENED_ZH}(?:这个|这|你|它)?(?:是)?(?:用的?是?|用了|选的?是?|取的?是?|按|训练?了?|跑了?)?(?:什么|哪个|哪种|哪家|啥|多少|几|多大)(?:个|张|种|条)?的?(?:<topics>)(?:算的|的|啊|呢|呀)?"
_WHETHER_ZH: Final = rf"{OPENED_ZH}(?:这个|这|它|这里|时间)?(?:里|里面)?(?:含|包含|包括|算上?了?|有没有算|算没算|计入|是不是|是|开|用的?|用的是|有没有开|有没有用|按)(?:了)?(?:<topics>)(?:的?时间|的?价格?|的)?(?:吗|了吗|没有|了没有|么|算的吗|的吗)"
_INCLUDED_ZH: Final = rf"{OPENED_ZH}(?:<topics>)(?:的?时间)?(?:算进去|算进来|算在内|包括在内|包含在内|算|含|计入|开|用)(?:了)?(?:吗|没有|没|么)"
_WHOSE_ZH: Final = lazily(
    r"(?:这个|这)?(?:用的?|是|按)?(?:的)?(?:哪家|谁|哪个(?:云|厂商|平台))的?(?:价格?|价钱|报价)(?:啊|呢)?"
)
_WHY_ZH: Final = lazily(
    rf"{OPENED_ZH}(?:为什么|为啥|怎么|咋)(?:会)?(?:要)?(?:这么|那么)(?P<how>慢|久|长时间|贵)(?:啊|呢|呀)?"
)
_LONGEST: Final = 80
"""Characters of such a question."""
_OF_COST: Final = frozenset(("expensive", "much", "贵"))


def _of(shape: str, topics: dict[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """One expression a topic."""
    return tuple((name, lazily(shape.replace("<topics>", words))) for name, words in topics.items())


def _others(shapes: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, re.Pattern[str]]]:
    return ((topic, lazily(shape)) for topic, shape in shapes)


@cache
def _english() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Made when the first question is asked."""
    shapes = ((_ASKED_EN, _TOPICS), (_WHETHER_EN, _FEATURES), (_INCLUDED_EN, _FEATURES))
    asked = (each for shape, topics in shapes for each in _of(shape, topics))
    return (*asked, ("recipe", _WHICH_OF_TWO), ("price", _WHOSE_EN), *_others(question_words.SHAPES_EN))


@cache
def _chinese() -> tuple[tuple[str, re.Pattern[str]], ...]:
    shapes = ((_ASKED_ZH, _TOPICS), (_WHAT_ZH, _TOPICS), (_WHETHER_ZH, _FEATURES), (_INCLUDED_ZH, _FEATURES))
    asked = (each for shape, topics in shapes for each in _of(shape, topics))
    return (*asked, ("price", _WHOSE_ZH), *_others(question_words.SHAPES_ZH))


def field_asked(clean: str) -> str:
    """The topic of a message that asks for a field of the card and for nothing else; empty where it does not."""
    if len(clean) > _LONGEST:
        return ""
    said = whole_message(clean)
    if not said.isascii():
        chinese = _chinese()
        return _matching(chinese, _WHY_ZH, said.replace(" ", "")) or _matching(chinese, _WHY_ZH, said)
    return _matching(_english(), _WHY_EN, said) if "?" in clean else ""


def _matching(patterns: tuple[tuple[str, re.Pattern[str]], ...], why: re.Pattern[str], said: str) -> str:
    if found := why.fullmatch(said):
        return "cost_why" if found["how"] in _OF_COST else "slow"
    return next((name for name, pattern in patterns if pattern.fullmatch(said)), "")
