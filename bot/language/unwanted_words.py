"""The words of refusing: before what is not wanted, after it, and negations that may mean it."""
# ruff: noqa: E501  -- a list of words reads as text

from typing import Final


def phrases(text: str) -> tuple[str, ...]:
    """The phrases of a list that `|` parts."""
    return tuple(text.split("|"))


BEFORE: Final = phrases(
    "avoiding|skipping|ignore|ignoring|forbid|forbids|prohibit|prohibits|bans|disallow|disallows|nothing from|no more|out of|ran out of|run out of|besides|aside from|everywhere but|anywhere but|everything but|nobody but|none but|leave out|leaving out|rule out|ruling out|ruled out|ban|banning|boycott|refuse|drop|dropping|hate|minus|stay away from|staying away from|steer clear of|switch off|switching off|opt out of|"
    "只要不是|只要不在|不开启|不启用|不能用|用不了|不让用|不准用|不许用|不给用|没法用|没办法用|无法使用|没权限用|上不了|不准|不许|不让|不想|不愿|不愿意|不打算|不考虑|不是|不走|不选|不租|不做|不在|不去|不买|不支持|不允许|不推荐|不喜欢|不信任|不该|不应|不应该|禁用|禁止|拒绝|避开|避免|绕开|跳过|别|别选|别去|别租|非|除|除去|除开|除掉|去掉|剔除|撇开|停用|取消|关"
)
"""What follows is not wanted."""
UNABLE: Final = phrases(
    "can't|cant|cannot|can not|could not|couldn't|mustn't|must not|may not|won't|wont|will not|wouldn't|would not|shouldn't|should not|do not|did not|didn't|does not|doesn't|not allowed|not permitted|not able|unable|not going|rather not|prefer not|no longer|isn't|aren't|no access|have no access|no account|no quota|no credits|no contract|no permission|no approval|no budget|no support|haven't|have not|"
    "不能|不可以|不可|没法|没办法|无法"
)
"""Likewise, where a word of using stands between."""
USING: Final = phrases(
    "to use|use|using|rent|rent from|rent on|to rent|buy|buy from|go|go with|go to|go for|going with|to go with|have|have access to|access|access to|to access|get|get access to|like|trust|do|take|afford|support|want|want to|want to use|to|at|for|on|with|from|run on|run with|train on|train with|need|need to use|consider|considering|choose|pick|touch|be on|enable|into|work with|deal with|"
    "用|使用|租|选|选用|走|去|上|跑|开|买|要|考虑|访问|开启|启用|用到|采用|做|在|到"
)
"""Between a negation and what is not wanted."""
RUNNING: Final = phrases(
    "do|run on|run with|train on|train with|to|at|for|on|with|from|into|be on|跑|做|在|上|到"
)
"""Of these, what one may be unable to do with a GPU that one has."""
AFTER: Final = phrases(
    "is not allowed|are not allowed|not allowed|isn't allowed|aren't allowed|is not permitted|not permitted|isn't permitted|is banned|are banned|banned|is forbidden|are forbidden|forbidden|is prohibited|prohibited|is blocked|are blocked|blocked|is blacklisted|blacklisted|is not an option|not an option|isn't an option|is no option|no option|are not an option|are no option|are not options|aren't an option|aren't options|is out|are out|is out of the question|out of the question|is off the table|are off the table|off the table|off limits|is off limits|are off limits|is excluded|are excluded|excluded|is ruled out|are ruled out|ruled out|is not available|are not available|not available|isn't available|aren't available|unavailable|is unavailable|is not possible|not possible|isn't possible|is not supported|not supported|isn't supported|is not approved|not approved|isn't approved|are not approved|is not acceptable|not acceptable|is unacceptable|does not work for us|doesn't work for us|won't work for us|will not work for us|is a no go|no go|is not wanted|not wanted|is not usable|not usable|can't be used|cannot be used|can not be used|must not be used|may not be used|should not be used|shouldn't be used|is not for us|not for us|no thanks|no thank you|no way|ran out|credits ran out|has run out|have run out|"
    "除外|不行|不可以|不能用|不能|不可用|不可|用不了|不让用|不准用|不许用|不能选|不能开|不支持|不考虑|不要|不用|不想用|不允许|不被允许|被禁|被禁用|被禁了|被禁止|禁用|禁止|没有权限|没权限|没有账号|没账号|不在考虑范围|就算了|算了|排除|不合规|不可信|不合适|没法用|没办法用|无法使用|上不了|不给用|不批|以外|之外|以外的|之外的|也不行|都不行|就不用了|不用了|不要了|就不要了|不开|不启用"
)
"""What stands before is not wanted."""
OFF: Final = phrases(
    "off|is off|are off|turned off|is turned off|disabled|is disabled|are disabled|switched off|is switched off|deactivated|关闭|关掉|关了|关|已关闭|设为关闭|停用"
)
"""Likewise of what is switched: `packing off`."""
BUT: Final = phrases("but|save|bar")
EVERYBODY: Final = frozenset(
    phrases(
        "any|every|all|anything|anyone|anybody|anywhere|everything|everyone|everybody|everywhere|none|nobody|nothing|whatever|whoever"
    )
)
"""Some words before `but`: `any cloud but aws`."""
NEGATIVE: Final = frozenset(
    phrases(
        "nothing|none|not|cant|cannot|dont|wont|isnt|arent|wasnt|doesnt|didnt|shouldnt|wouldnt|couldnt|mustnt|havent|hasnt|never|neither|nor|hardly|banned|forbidden|prohibited|blocked|blacklisted|disallowed|unavailable|except|besides|excluding|refuse|refused|除|除外|用不了|上不了"
    )
)
"""A word that denies something; which thing, is not always said."""
NEGATIVE_CHARACTERS: Final = "不没无非别勿莫禁未"
"""With which Chinese words of denying begin."""
HARMLESS: Final = phrases(
    "sure|only|too|enough|much|certain|yet|know|care|mind|matter|more|less|bad|least|fewer|longer|necessarily|just|cheap|cheaper|fast|faster|better|slower|slow|expensive|urgent|important|worse|worth|"
    "够|够用|足|超过|知道|确定|清楚|懂|太|仅|只|多|了解|一定|明白|低于|高于|小于|大于|贵|便宜"
)
"""After a negative word: it denies no thing that is named."""
ASKING_BY_DENYING: Final = frozenset(
    phrases(
        "cant|isnt|arent|wasnt|doesnt|didnt|shouldnt|wouldnt|couldnt|wont|dont|havent|hasnt|why|howcome|how"
    )
)
"""At the head of a question: `isn't aws cheaper?`, `why can't we use aws`."""
BREAKS: Final = frozenset(
    phrases(
        "but|so|then|because|since|although|though|however|therefore|while|whereas|但|但是|所以|因此|因为|而|而是|不过|就|那|那就"
    )
)
"""Between two clauses."""
WHOLE_WORDS: Final = phrases(
    "区别|差别|性别|不同|不少|不错|不够|不足|不足以|不太|不知道|不确定|不清楚|不限|无所谓|没问题|没关系|没事|特别|别的|别人|别家|非常|除非|关于|相关|关键|开关|无关|类别|级别|分别|个别|识别|删除|别处|无非"
)
"""Words that hold one of these characters and deny nothing: Chinese is cut around them."""
