"""Whole replies to a card, and what people say before and after what they want."""
# ruff: noqa: E501  -- a list of words reads as text

_LANGUAGE_ASKED = (
    "in {0}|in {0} please|switch to {0}|用{1}|请用{1}|说{1}|换成{1}|改成{1}|切换到{1}|用{1}回答|用{1}显示"
)
WHOLE_REPLIES = {
    "undo": "go back|go back please|go back one|go back one step|step back|take that back|back to the previous one|previous one|上一个|回到上一个|上一步|回到上一步|退回上一步|返回上一步|撤回|撤回吧|撤销吧|回退|退回去|改回去|换回去|改回来|换回来|撤回上一步",
    "reset": "back to the first one|go back to the first one|back to the first card|go back to the first card|back to the original|back to the start|start over|回到第一个|回到最初|回到最开始|回到第一张卡片|恢复最初的",
    "vs root": "compare with the first one|compare to the first one|compared with the first one|compared to the first one|versus the first one|vs the first one|跟第一个比|和第一个比|跟第一个比呢|和第一个比呢|跟最初比|和最初比|跟最开始比|和最开始比|跟第一个对比|和第一个对比",
    "budget add": "add to budget|add to the budget|add it to budget|add it to the budget|add this to budget|add this to the budget|please add to budget|加入预算|计入预算|记入预算|加到预算|加到预算里|加进预算|放进预算|加入预算吧|把它加入预算|把这个加入预算|算进预算",
    "budget drop": "remove from budget|remove from the budget|remove it from the budget|take it out of the budget|drop it from the budget|移出预算|从预算移除|从预算里移除|从预算里去掉|从预算里拿掉",
    "budget": "how much budget is left|how much budget is left in this channel|how much budget do we have left|how much of the budget is left|what's left of the budget|what is left of the budget|budget left|remaining budget|how much budget remains|预算还剩多少|还剩多少预算|预算剩多少|剩多少预算|预算还有多少|还有多少预算|预算还剩多少钱|剩余预算|剩余预算多少",
    "method=full": "no lora|not lora|without lora|without the lora|drop lora|drop the lora|skip lora|skip the lora|no adapters|without adapters|full instead|去掉lora|不用lora了|不要lora了|full|full ft|full fine-tune|full finetune|full fine-tuning|full finetuning|full ft instead|full fine-tune instead|full finetune instead|full fine-tuning instead|full finetuning instead|do full ft|what about full fine-tuning|what about a full fine-tune|how about full fine-tuning|全参呢|换成全参微调",
    "market=on_demand": "no spot|not spot|don't use spot|no spot instances|without spot|不用spot|不要spot|别用spot|不用竞价|不要竞价|别用竞价|go with on demand|let's go with on demand|switch to on demand|use on demand instead|on demand instead|换成按需|改用按需|换成按需实例|用按需吧|用按需",
    "market=spot": "go with spot|let's go with spot|lets go with spot|go for spot|switch to spot|use spot instead|spot instead|go with spot instances|switch to spot instances|用spot吧|换成spot|改用spot|改用竞价|用竞价吧|what about spot|how about spot|what about spot instances|how about spot instances|on spot|on spot instances|竞价呢|换成竞价|换成竞价实例|用竞价|用竞价实例",
    "quant=none": "no quantization|no quantisation|without quantization|without quantisation|what about no quantization|how about without quantization|turn off quantization|disable quantization|don't quantize|do not quantize|unquantized|not quantized|no 4bit|without 4bit|without 4-bit|不量化|不量化呢|不用量化|不要量化|去掉量化|关掉量化|不做量化|非量化|不量化的话|不用4bit|不要4bit|不用4比特",
    "attn=sdpa": "no flash|no flash attention|without flash|without flash attention|turn off flash|turn off flash attention|disable flash attention|关掉flash|关闭flash|不用flash|不开flash|不要flash|关掉flash attention|不用flash attention|不开flash attention",
    "ckpt=none": "不开checkpointing|不用checkpointing|不要checkpointing|去掉checkpointing|关掉checkpointing|关闭checkpointing|不开重计算|不开重算|去掉重计算|drop checkpointing|drop gradient checkpointing|no checkpointing|no gradient checkpointing|no activation checkpointing|without checkpointing|without gradient checkpointing|turn off checkpointing|turn off gradient checkpointing|disable checkpointing|disable gradient checkpointing|不用重算|不用重算呢|不要重算|关掉重算|不用重计算|不用重计算呢|关掉重计算|不用梯度检查点|不开梯度检查点|关掉梯度检查点",
    "cheaper": "too expensive|that's too expensive|that is too expensive|still too expensive|it's too expensive|way too expensive|太贵|太贵了|还是太贵|还是太贵了|这也太贵了",
    "faster": "too slow|that's too slow|that is too slow|still too slow|it's too slow|way too slow|太慢|太慢了|还是太慢|还是太慢了|这也太慢了",
    "private=yes": "private",
    "lang=en": "|".join(_LANGUAGE_ASKED.format("english", name) for name in ("英文", "英语")),
    "lang=zh": "|".join(_LANGUAGE_ASKED.format("chinese", name) for name in ("中文", "汉语")),
}
"""What a whole reply to a card means whose words mean something else, or nothing, among others."""
ASKED_ALONE = {
    "spot?": "market=spot",
    "竞价?": "market=spot",
    "on demand?": "market=on_demand",
    "按需?": "market=on_demand",
}
"""A word that is talk without its question mark."""
OPENINGS = (
    r"(?:ok|okay|yes|sure|right|cool|nice|fine|good|great|hm+)[,.]? (?:but|now|then)[, ]+",
    r"(?:好的?|行|嗯|ok)[,，。 ]*(?:那就|那么|那|但是?|不过)[, ]*",
    r"(?:oops|ups|whoops|my bad|no wait|scratch that)[,.! ]+(?:i meant? )?",
    r"(?:啊|哦)?(?:错了|不对|打错了|写错了|说错了|搞错了)[,，。! ]+(?:应该)?是?(?:说)? *",
    r"(?:hm+|um+|uh|oh|well|wait|actually|thanks|thank you|thx|ty|cheers|cool|nice|great)[,.! ]+(?=(?:and |so )?(?:what|how) (?:if|about) )",
    r"(?:ok(?:ay)?|alright|fine)[, ]+(?=(?:let'?s|try|use|make it|go with|switch to) )",
    r"(?:hm+[,. ]+)?(?:that's |it's )?(?:still |way )?too (?:slow|expensive|pricey|much|long)[,.;! ]+(?=(?:try|use|what|how|with|on|let'?s) )",
    r"(?:the )?[\w.-]{2,20} (?:is|are) (?:way |still )?(?:too (?:slow|expensive|pricey)|sold out|out of stock|unavailable|not available)[,.;:]+ (?:so |then )?",
    r"[\w.-]{2,20} ?(?:还是)?(?:太贵|太慢|不够|装不下|放不下|跑不动|没货|没有|抢不到|用不了)了?(?:的话)?[,，。;；]+ ?(?:那就|那|就)?(?=用|换|改|试|上)",
    r"那就 ?(?:用|换成|改成|试试)?[,， ]*",
    r"(?:改回|换回)到? *",
    r"let'?s say ",
    r"(?:(?:actually|sorry|no)[,.! ]+(?:i meant? )?|i meant? )(?=(?:bs|r|n|seq|mbs|ga)?[ =]?\d)",
    r"so[,]? (?=(?:let'?s|try|use|with|on|what if|what about|how about) )",
    r"(?:同样的?|一样的?|相同的?)(?:配置|设置)?[,，。 ]*(?:但是?|不过|只是)(?:换成|改成|用)?|(?:同样的?|一样的?|相同的?)(?:配置|设置)[,，。 ]*|(?:其[他它余]|别的)(?:都)?不变[,，。 ]*",
)
"""What people say before they go on: `ok but on h100s`, `好的那换成h100`, `oops seq=4k`."""
_VALUE = r"(?:[\w.-]{0,12}\d[\w.-]{0,12}(?<!\.)|q?lora|dora|full|全参|fsdp|ddp|spot|adamw)"
"""What a card may say by a word of its own: a GPU, a model, a method; no key."""
_COULD = r"(?:what if|how about|can|could|should|let'?s|lets)(?: we| you| i)?"
"""Before what is wished, in English."""
_COUNTED = r"gpus?|cards?|nodes?|machines?|epochs?|steps?|samples?|examples?|rows?|tokens?"
_MONEY = r"(?:[$€£¥] ?\d[\d.,]*k?|\d[\d.,]*k? ?(?:usd|dollars?|bucks|eur|euros?|gbp|pounds?|cny|rmb|yuan|元|块|块钱|美元|美金))"
_DURATION = r"\d[\d.]{0,5} ?(?:hours?|hrs?|h|days?|d|minutes?|mins?|小时|个小时|天|分钟)"
AROUND = (
    r"(?:ok(?:ay)?|alright|fine)[, ]+(?:so )?(?P<then>\S.*) then",
    rf"(?:is|would|will) (?P<enough>{_MONEY}) (?:be )?(?:enough|do)",
    r"(?:能|可以|能不能)?(?:塞进|塞得进|放进|放得进|装进|装得进)去? ?(?P<into>\d.*?)(?:显存)?(?:里)?(?:吗|么)?",
    r"(?P<now>[\w ]{1,20}[=:] ?\S+?)[, ]+(?:not|instead of|rather than|而不是|不是) ?[$]?\d\S*",
    r"(?P<key>[^\s=:→>-]{1,20} ?[=: ]) ?[^\s=→>-]+ ?(?:→|->|=>|-->) ?(?P<after>[^\s=→>-]+)",
    rf"(?:(?:let'?s )?(?:change|switch|go|move|upgrade|downgrade)(?: it| the gpus?| the cards?| the model)? )?from (?:the )?{_VALUE} to (?:the )?(?P<changed_to>[\w.-]{{0,12}}[a-z]\S*(?: \S+){{0,3}})",
    r"(?:change |set |raise |increase |reduce |lower |把)?(?:the )?(?P<changed>[^\s=:>\d-][^=:>\d-]{0,19}?) ?(?:[=:]|from |从) ?\d[^\s=>-]*? ?(?:to |(?:改|提高|降低|增加|减少|加|减|升|降|换)?[到成为]) ?(?P<into_number>\d[^\s=>-]*)",
    r"(?:go |scale |scale up |scale down |switch |change )?(?:from |从) ?\d[\d,.]*[km万]? ?(?:张|块|个)?(?:gpus?|cards?|卡)? ?(?:->|to|(?:改|增加|加|减|升|降|换)?[到成为]) ?(?P<to>\d[\d,.]*[km万]? ?\S.{0,20})",
    r"(?:请|麻烦)?把 ?(?P<off>[^ ]{1,20}(?: [^ ]{1,20})?) ?(?:给)?(?:关了|关掉|关闭|去掉|去了|停掉|取消)(?:吧)?",
    r"(?:如果|要是|假如)?(?P<if_zh>(?:用|换|换成|改用|选|只有|只用|有)\S.{0,30}?)的话(?:呢)?",
    r"(?:那)?还是(?:用|换成|改成|选)?(?P<still>[^还是]+?)吧",
    r"(?:(?:let'?s |can we |could we )?(?:swap|replace|exchange|trade)(?: out)? (?:the |our |my |those |these )?)[\w.-]{2,20}(?: gpus?| cards?)? (?:for|with|by) (?:the |some )?(?P<instead>\S.*)",
    rf"{_VALUE} ?(?:->|=>|-->) ?(?P<arrow>[\w.-]{{0,12}}[a-z\d]\S*(?: \S+){{0,2}})",
    rf"(?:把|将)?{_VALUE} ?(?:换|改|升级|切换)(?:成|为|到|用)? ?(?P<into_other>[\w.-]{{0,12}}[a-z\d].*?)(?:吧|呢|试试)?",
    rf"(?:{_COULD} )?(?:(?:scale|go|move|bump|drop|reduce|increase|cut|shorten|extend|limit)(?: it| that| the run)?(?: up| down| back)? to|up to|down to|back to) (?:just |only )?(?P<count_to>\d[\d.,]{{0,9}}[km]? ?(?:{_COUNTED})\b.*)",
    rf"(?:(?:let'?s |we )?(?:go|switch|change|move) |and |then |now )?back (?:to|on) (?:the |a )?(?P<back>{_VALUE}(?: fine-?tun(?:e|ing))?|(?:bs|seq|n|r|mbs|ga|epochs)[ =]?\d[\w.]{{0,8}})(?: again)?",
    r"(?:加|增加|扩|扩展|扩容|减|减少|缩|缩减|缩短|延长|升|降)到 ?(?P<count_to_zh>\d{1,4} ?(?:张|卡|块|台|个节点|轮|步|条|个epoch|epoch)\S*)",
    rf"(?:{_COULD} |please )?(?:make|keep|get|bring|finish|do|run)(?: it| this| that| the (?:cost|price|time|run))?(?: to)?(?: be)? (?:under|below|within|in under|for under|for less than|in less than|less than|down to) (?P<limit>{_MONEY}|{_DURATION})",
    rf"(?:把)?(?:费用|成本|价格|时间)?(?:能不能|可以|能)?(?:控制|压|降|压缩|限制)(?:在|到) ?(?P<limit_zh>{_MONEY}|{_DURATION}) ?(?:以内|之内|以下|内)?(?:吗|吧)?",
    rf"(?:能不能|可以|能|要|必须|最好)?(?:在)? ?(?P<limit_done>{_DURATION}) ?(?:以内|之内|内)(?:能)?(?:跑完|训完|训练完|搞定|完成|结束)(?:吗|吧)?",
)
"""Likewise on both sides of it: `ok qlora then`, `还是 runpod 吧`."""
THANKS = "thanks|thank you|thanks a lot|thanks so much|thank you so much|many thanks|great thanks|perfect thanks|ok thanks|thx|ty|tysm|cheers|谢谢|多谢|感谢|谢啦|谢了|谢谢你|谢谢啦|谢谢了|好的谢谢|辛苦了|辛苦啦"
"""Of these none asks for anything."""
RECIPE_ASKED = (
    r"(?:(?:can i|could i|can you|could you|please|pls)? ?(?:have|get|give me|show me|show|send me|need|i need|generate|make|write|export|给我|给个|来个|来份|生成|导出|输出|看看|看下)(?: me)? ?)?"
    r"(?:the |an? |一个|一份|个)?(?P<tool>[a-z][a-z0-9_ -]{1,18}?) ?的?(?:config|configs|configuration|config file|yaml|yml|yaml config|recipe|配置文件|配置|配方|训练配置)(?: for (?:this|it))?(?: please| pls)?(?:吧|呢)?",
    r"(?:the |an? )?(?:config|configuration|yaml) (?:for|of|in) (?P<of_tool>[a-z][a-z0-9_ -]{1,18}?)(?: please| pls)?",
)
"""In a thread: the card's plan as a tool's configuration, `give me the axolotl config`."""
PRICE_ASKED = r"多少钱|什么价|费用|成本|价格|花多少|how much|costs?\b|price"
"""In a question whose value the card has already: its price is wanted."""
