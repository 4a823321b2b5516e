"""What samples of a data set are called."""

MORE_SAMPLES = (
    *(
        "pair",
        "pairs",
        "conversation",
        "conversations",
        "convos",
        "dialogue",
        "dialogues",
        "dialog",
        "dialogs",
    ),
    *("instance", "instances", "prompt", "prompts", "record", "records", "entry", "entries", "datapoints"),
    *(
        "document",
        "documents",
        "doc",
        "docs",
        "question",
        "questions",
        "instructions",
        "articles",
        "reviews",
        "chats",
        "sequences",
        "seqs",
        *("case", "cases"),
        "样本",
        "数据",
        "条对话",
        "对话",
        "问答对",
        "数据集",
        "条指令",
    ),
)
"""What samples are called, where the bot is spoken to."""
