// The app's forms: drawn from their view, checked before they are sent, redrawn in place when the app changes them.

import { act } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { closeDialog, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { heldBy, inView } from "./holding.js";
import { t } from "./i18n.js";
import { state } from "./store.js";
import { textOf } from "./text.js";

let open = null;

/** Show the view that is on top, change the dialog to it, or close the dialog. */
export function showModal() {
  const view = state.view;
  if (!view) return dismiss();
  if (open && open.view.id !== view.id) dismiss();
  if (isChoosing()) return;
  const values = merged(view.state.values, open?.place.values);
  const place = inView("form", view, values);
  if (!open) open = { dialog: openShell(view) };
  Object.assign(open, { view, place });
  return redraw();
}

/** Whether a menu of the form is open: what is typed into it stays, and the form is shown anew when it closes. */
function isChoosing() {
  const menu = open?.dialog.querySelector(".menu");
  menu?.addEventListener("toggle", (event) => event.newState === "closed" && showModal());
  return Boolean(menu);
}

/** Show what the app has against some fields. */
export function showErrors(data) {
  if (open?.view.id === data.view_id) complain(data.errors);
}

/** The double's values, under those chosen here since. */
function merged(theirs, ours = {}) {
  const values = structuredClone(theirs);
  for (const [block, entries] of Object.entries(values)) {
    for (const [action, entry] of Object.entries(entries)) {
      const mine = ours[block]?.[action];
      if (mine?.type === entry.type) entries[action] = mine;
    }
  }
  return values;
}

function openShell() {
  const cancel = () => act("close", { view_id: open.view.id });
  return openDialog({ title: "", body: null, footer: h("footer", {}), onDismiss: cancel, onSubmit: submit });
}

/** Draw the form anew, with the focus and the scroll where they were. */
function redraw() {
  const { dialog, view, place } = open;
  const key = document.activeElement?.dataset?.focus;
  const [start, end] = [document.activeElement?.selectionStart, document.activeElement?.selectionEnd];
  const body = dialog.querySelector(".modal-body");
  const scroll = body.scrollTop;
  dialog.querySelector("h2").replaceChildren(...textOf(view.title));
  body.replaceChildren(...drawBlocks(view.blocks, place));
  const cancel = h(
    "button",
    { type: "button", class: "button", onclick: () => act("close", { view_id: view.id }) },
    view.close ? textOf(view.close) : t("cancel"),
  );
  const send = view.submit && h("button", { type: "submit", class: "button primary" }, textOf(view.submit));
  dialog.querySelector("footer").replaceChildren(cancel, ...(send ? [send] : []));
  body.scrollTop = scroll;
  const again = key && [...body.querySelectorAll("[data-focus]")].find((node) => node.dataset.focus === key);
  (again || body.querySelector("input, textarea, button") || send || cancel).focus({
    preventScroll: Boolean(again),
  });
  if (again && start !== null && start !== undefined && again.setSelectionRange)
    again.setSelectionRange(start, end);
}

function dismiss() {
  if (!open) return;
  const { dialog } = open;
  open = null;
  closeDialog(dialog);
}

async function submit() {
  const { view, place, dialog } = open;
  const errors = problemsOf(view.blocks, place);
  complain(errors);
  if (Object.keys(errors).length) return;
  const button = dialog.querySelector("footer .primary");
  button.setAttribute("aria-busy", "true");
  try {
    await act("submit", { view_id: view.id, values: place.values });
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function complain(errors) {
  const before = open.place.errors ?? {};
  open.place.errors = errors;
  if (!Object.keys(errors).length && !Object.keys(before).length) return;
  redraw();
  const first = open.dialog.querySelector(".invalid input, .invalid textarea, .invalid button");
  first?.focus();
  first?.scrollIntoView({ block: "nearest" });
}

/** What Slack checks before it sends a form, by block id. */
function problemsOf(blocks, place) {
  const problems = {};
  for (const block of blocks.filter(({ type }) => type === "input")) {
    const held = heldBy(place, block, block.element);
    const isEmpty = held === null || held === undefined || held === "" || held.length === 0;
    const problem = isEmpty
      ? !block.optional && t("required")
      : block.element.type === "number_input" && numberProblem(block.element, held);
    if (problem) problems[block.block_id] = problem;
  }
  return problems;
}

function numberProblem(element, text) {
  const value = Number(text);
  if (!/^[-+]?[\d.]+$/.test(text.trim()) || Number.isNaN(value)) return t("invalid_number");
  if (!element.is_decimal_allowed && !Number.isInteger(value)) return t("invalid_whole");
  if (element.min_value && value < Number(element.min_value))
    return t("too_small", { min: element.min_value });
  if (element.max_value && value > Number(element.max_value)) return t("too_big", { max: element.max_value });
  return null;
}
