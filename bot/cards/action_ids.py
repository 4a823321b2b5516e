"""The names by which buttons, menus and forms call back."""

from typing import Final

COMPARE: Final = "estimate_compare"
LORA: Final = "estimate_lora"
EDIT: Final = "estimate_edit"
MORE: Final = "estimate_more"
USE: Final = "estimate_use"
UNDO: Final = "estimate_undo"
FIX_PREFIX: Final = "estimate_fix_"
RUN_PREFIX: Final = "error_run_"
HELP: Final = "help_open"
EXAMPLE_PREFIX: Final = "help_example_"
HOME_NEW: Final = "home_new"
HOME_RUN_PREFIX: Final = "home_run_"
HOME_LANGUAGE: Final = "home_language"
HOME_CURRENCY: Final = "home_currency"

MATHS: Final = "maths"
ASSUMPTIONS: Final = "assumptions"
COPY: Final = "copy"
RECIPE: Final = "recipe"
MORE_CHOICES: Final = (MATHS, ASSUMPTIONS, COPY, RECIPE)
"""What the `…` menu of a card offers, in order."""

SHORTCUT: Final = "ftcost_new"
FORM: Final = "ftcost_form"
MODEL_OPTIONS: Final = "form_model"
GPU_OPTIONS: Final = "form_gpu"
SELLER_OPTIONS: Final = "form_seller"
METHOD_CHOICE: Final = "form_method"
