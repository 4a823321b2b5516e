"""Slack's blocks and elements as tables: fields, surfaces, limits.

Source: docs.slack.dev/reference/block-kit (block and element pages), read 2026-11-24.
"""

Surface = str
MESSAGE: Surface = "message"
MODAL: Surface = "modal"
HOME: Surface = "home"

BLOCKS_MOST = {MESSAGE: 50, MODAL: 100, HOME: 100}
MESSAGE_CHARACTERS_MOST = 13_200
MARKDOWN_CHARACTERS_MOST = 12_000
ACTION_ID_MOST = 255
CHARTS_MOST = 2

_EVERYWHERE = frozenset({MESSAGE, MODAL, HOME})
_MESSAGES = frozenset({MESSAGE})

# type: (required fields, optional fields, surfaces)
BLOCKS: dict[str, tuple[str, str, frozenset[Surface]]] = {
    "actions": ("elements", "", _EVERYWHERE),
    "alert": ("text", "level", frozenset({MODAL})),
    "container": ("title child_blocks", "is_collapsible default_collapsed subtitle icon width", _MESSAGES),
    "context": ("elements", "", _EVERYWHERE),
    "data_visualization": ("title chart", "", _MESSAGES),
    "divider": ("", "", _EVERYWHERE),
    "header": ("text", "level", _EVERYWHERE),
    "image": ("alt_text", "image_url slack_file title", _EVERYWHERE),
    "input": ("label element", "dispatch_action hint optional", _EVERYWHERE),
    "markdown": ("text", "", _MESSAGES),
    "rich_text": ("elements", "", _EVERYWHERE),
    "section": ("", "text fields accessory expand", _EVERYWHERE),
    "table": ("rows", "column_settings", _MESSAGES),
}

_CHOICE = "placeholder confirm focus_on_load"
ELEMENTS: dict[str, tuple[str, str]] = {
    "button": ("text", "value url style confirm accessibility_label"),
    "checkboxes": ("options", "initial_options confirm focus_on_load"),
    "conversations_select": (
        "",
        _CHOICE + " initial_conversation default_to_current_conversation response_url_enabled filter",
    ),
    "external_select": ("", _CHOICE + " initial_option min_query_length"),
    "image": ("alt_text", "image_url slack_file"),
    "number_input": (
        "is_decimal_allowed",
        "initial_value min_value max_value dispatch_action_config focus_on_load placeholder",
    ),
    "overflow": ("options", "confirm"),
    "plain_text_input": (
        "",
        "initial_value multiline min_length max_length dispatch_action_config focus_on_load placeholder",
    ),
    "radio_buttons": ("options", "initial_option confirm focus_on_load"),
    "static_select": ("", _CHOICE + " options option_groups initial_option"),
}
IN_ACTIONS = frozenset(ELEMENTS) - {"image", "plain_text_input", "number_input"}
IN_INPUTS = frozenset(ELEMENTS) - {"image", "button", "overflow"}

# (type, field): (least, most) characters of a text, or entries of a list
LIMITS: dict[tuple[str, str], tuple[int, int]] = {
    ("actions", "elements"): (1, 25),
    ("alert", "text"): (1, 200),
    ("button", "accessibility_label"): (1, 75),
    ("button", "text"): (1, 75),
    ("button", "url"): (1, 3000),
    ("button", "value"): (0, 2000),
    ("checkboxes", "options"): (1, 10),
    ("container", "child_blocks"): (1, 10),
    ("container", "title"): (1, 150),
    ("context", "elements"): (1, 10),
    ("data_visualization", "title"): (1, 50),
    ("header", "text"): (1, 150),
    ("image", "alt_text"): (1, 2000),
    ("image", "image_url"): (1, 3000),
    ("image", "title"): (1, 2000),
    ("input", "hint"): (1, 2000),
    ("input", "label"): (1, 2000),
    ("markdown", "text"): (1, MARKDOWN_CHARACTERS_MOST),
    ("overflow", "options"): (1, 5),
    ("radio_buttons", "options"): (1, 10),
    ("section", "fields"): (1, 10),
    ("section", "text"): (1, 3000),
    ("static_select", "options"): (1, 100),
    ("table", "column_settings"): (1, 20),
    ("table", "rows"): (1, 100),
}
PLAIN_ONLY = {
    ("button", "text"),
    ("container", "title"),
    ("header", "text"),
    ("input", "label"),
    ("input", "hint"),
}
