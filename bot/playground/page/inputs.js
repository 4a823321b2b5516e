// Fields to type into and boxes to tick.

import { h } from "./dom.js";
import { chose, focusKey, heldBy, hold } from "./holding.js";
import { textOf, wordsOf } from "./text.js";

export function textInput(element, block, place, names) {
  const isNumber = element.type === "number_input";
  const node = h(element.multiline ? "textarea" : "input", {
    class: "field",
    id: names.id,
    rows: element.multiline ? 4 : null,
    type: element.multiline ? null : "text",
    inputmode: isNumber ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
    autocomplete: "off",
    placeholder: wordsOf(element.placeholder),
    maxlength: element.max_length,
    "aria-describedby": names.describedby,
    value: heldBy(place, block, element) ?? "",
    dataset: { action: element.action_id, ...focusKey(block, element) },
  });
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  node.addEventListener("input", () => {
    hold(place, block, element, node.value === "" ? null : node.value);
    if (block.dispatch_action && triggers.includes("on_character_entered"))
      later(node, () => chose(place, block, element, node.value));
  });
  node.addEventListener("keydown", (event) => {
    if (
      event.key !== "Enter" ||
      event.isComposing ||
      !block.dispatch_action ||
      !triggers.includes("on_enter_pressed")
    )
      return;
    event.preventDefault();
    chose(place, block, element, node.value);
  });
  return node;
}

/** Run `work` when typing has paused. */
function later(node, work) {
  clearTimeout(node.waiting);
  node.waiting = setTimeout(work, 350);
}

export function choices(element, block, place, names) {
  const many = element.type === "checkboxes";
  const values = () => [heldBy(place, block, element) ?? []].flat().map((option) => option.value);
  const group = `${block.block_id}/${element.action_id}`;
  const boxes = element.options.map((option) => {
    const box = h("input", {
      type: many ? "checkbox" : "radio",
      name: group,
      value: option.value,
      checked: values().includes(option.value),
      dataset: { focus: `${group}/${option.value}`, action: element.action_id },
    });
    box.addEventListener("change", () => {
      const on = element.options.filter((one, index) => boxes[index].querySelector("input").checked);
      chose(place, block, element, many ? on : on[0]);
    });
    return h(
      "label",
      { class: "choice" },
      box,
      h("span", {}, textOf(option.text), option.description && h("small", {}, textOf(option.description))),
    );
  });
  return h(
    "div",
    {
      role: many ? "group" : "radiogroup",
      class: "choices",
      "aria-labelledby": names.label,
      "aria-describedby": names.describedby,
    },
    boxes,
  );
}
