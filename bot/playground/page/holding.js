// What fields hold until they are sent, and telling the app when something was used.

import { act } from "./api.js";
import { ask } from "./dialog.js";

const CHOSEN = {
  static_select: "selected_option",
  external_select: "selected_option",
  radio_buttons: "selected_option",
  checkboxes: "selected_options",
  conversations_select: "selected_conversation",
  plain_text_input: "value",
  number_input: "value",
};
const INITIAL = {
  selected_option: "initial_option",
  selected_options: "initial_options",
  selected_conversation: "initial_conversation",
  value: "initial_value",
};

/** What a field holds: what was chosen here, else what the double knows, else what it begins with. */
export function heldBy(place, block, element) {
  const field = CHOSEN[element.type];
  const entry = place.values?.[block.block_id]?.[element.action_id];
  if (entry && entry.type === element.type) return entry[field];
  return element[INITIAL[field]] ?? (field === "selected_options" ? [] : null);
}

/** Keep what was chosen or typed. */
export function hold(place, block, element, chosen) {
  place.values ??= {};
  (place.values[block.block_id] ??= {})[element.action_id] = {
    type: element.type,
    [CHOSEN[element.type]]: chosen,
  };
}

/** Tell the app, after asking the visitor where the app wants them asked. */
export async function use(place, block, element, chosen, button) {
  if (element.confirm && !(await ask(element.confirm))) return;
  button?.setAttribute("aria-busy", "true");
  try {
    await place.use(block, element, chosen);
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

/** Chosen in a form only when the block says so; elsewhere always. */
export function chose(place, block, element, chosen, anchor) {
  hold(place, block, element, chosen);
  if (block.type !== "input" || block.dispatch_action) return use(place, block, element, chosen, anchor);
  return null;
}

export const focusKey = (block, element) => ({ focus: `${block.block_id}/${element.action_id}` });

/** The place of what stands in a view, a form or Home; each use tells the app all that is held there. */
export function inView(prefix, view, values) {
  const place = {
    prefix,
    id: { view_id: view.id },
    values,
    use: (block, element, chosen) =>
      act("action", {
        view_id: view.id,
        block_id: block.block_id,
        action_id: element.action_id,
        chosen,
        values: place.values,
      }),
  };
  return place;
}
