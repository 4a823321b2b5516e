// Interactive elements of blocks: buttons, menus, fields. `place` knows whose they are and what they hold.

import { act } from "./api.js";
import { ask } from "./dialog.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { menuButton } from "./menu.js";
import { placeName, state } from "./store.js";
import { textOf, wordsOf } from "./text.js";

const CHOSEN = {
  static_select: "selected_option",
  external_select: "selected_option",
  radio_buttons: "selected_option",
  checkboxes: "selected_options",
  conversations_select: "selected_conversation",
  plain_text_input: "value",
  number_input: "value",
};
const INITIAL = { selected_option: "initial_option", selected_options: "initial_options", selected_conversation: "initial_conversation", value: "initial_value" };

/** What a field holds: what was chosen here, else what the double knows, else what it begins with. */
export function heldBy(place, block, element) {
  const field = CHOSEN[element.type];
  const entry = place.values?.[block.block_id]?.[element.action_id];
  if (entry && entry.type === element.type) return entry[field];
  return element[INITIAL[field]] ?? (field === "selected_options" ? [] : null);
}

/** Keep what was chosen or typed. */
function hold(place, block, element, chosen) {
  place.values ??= {};
  (place.values[block.block_id] ??= {})[element.action_id] = { type: element.type, [CHOSEN[element.type]]: chosen };
}

/** Tell the app, after asking the visitor where the app wants them asked. */
async function use(place, block, element, chosen, button) {
  if (element.confirm && !(await ask(element.confirm))) return;
  button?.setAttribute("aria-busy", "true");
  try {
    await place.use(block, element, chosen);
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

/** Chosen in a form only when the block says so; elsewhere always. */
function chose(place, block, element, chosen, anchor) {
  hold(place, block, element, chosen);
  if (block.type !== "input" || block.dispatch_action) return use(place, block, element, chosen, anchor);
  return null;
}

const focusKey = (block, element) => ({ focus: `${block.block_id}/${element.action_id}` });

/** One element as a node. */
export function drawElement(element, block, place, names = {}) {
  return (ELEMENTS[element.type] ?? unknown)(element, block, place, names);
}

const unknown = (element) => h("span", { class: "unknown" }, element.type);

function button(element, block, place) {
  const style = element.style ? ` ${element.style}` : "";
  const attributes = { class: `button${style}`, "aria-label": element.accessibility_label, dataset: { action: element.action_id, ...focusKey(block, element) } };
  if (element.url) return h("a", { ...attributes, href: element.url, target: "_blank", rel: "noopener noreferrer" }, textOf(element.text));
  const node = h("button", { ...attributes, type: "button" }, textOf(element.text));
  node.addEventListener("click", () => use(place, block, element, element.value, node));
  return node;
}

const asMenu = (option, chosen) => ({
  label: wordsOf(option.text), detail: option.description && wordsOf(option.description), option,
  value: option.value, chosen: option.value === chosen?.value,
});

function overflow(element, block, place) {
  const node = menuButton(
    { class: "button square", "aria-label": t("more"), dataset: { action: element.action_id, ...focusKey(block, element) } },
    icon("dots"),
    () => ({ label: t("more"), options: element.options.map((option) => asMenu(option)), side: "end",
      onChoose: ({ option }) => use(place, block, element, option.value, node) }),
  );
  return node;
}

/** The button of a menu: what is chosen, or the placeholder. */
function picker(element, block, place, names, menu, shown) {
  const words = h("span", { class: "picker-words" });
  const show = () => {
    const chosen = heldBy(place, block, element);
    words.textContent = chosen ? shown(chosen) : wordsOf(element.placeholder) || t("choose");
    words.classList.toggle("placeholder", !chosen);
  };
  const label = element.placeholder ? wordsOf(element.placeholder) : t("choose");
  const named = names.label ? { "aria-labelledby": `${names.label} ${names.id}` } : { "aria-label": label };
  const node = menuButton(
    { class: "picker", ...named, id: names.id, "aria-describedby": names.describedby, dataset: { action: element.action_id, ...focusKey(block, element) } },
    [words, icon("chevron")],
    () => {
      const chosen = heldBy(place, block, element);
      const set = (now) => {
        chose(place, block, element, now, node);
        show();
      };
      return { ...menu(chosen, set), onClear: block.optional && chosen ? () => set(null) : null };
    },
  );
  show();
  return node;
}

function staticSelect(element, block, place, names) {
  const options = element.options ?? element.option_groups.flatMap((group) => group.options);
  const label = wordsOf(element.placeholder) || t("choose");
  return picker(element, block, place, names, (chosen, set) => ({
    label, options: options.map((option) => asMenu(option, chosen)), onChoose: ({ option }) => set(option),
  }), (option) => wordsOf(option.text));
}

function externalSelect(element, block, place, names) {
  const label = wordsOf(element.placeholder) || t("choose");
  return picker(element, block, place, names, (chosen, set) => ({
    label, minQuery: element.min_query_length ?? 3, onChoose: ({ option }) => set(option),
    load: async (query) => {
      const where = { ...place.id, action_id: element.action_id, value: query };
      return ((await act("suggest", where)).options ?? []).map((option) => asMenu(option, chosen));
    },
  }), (option) => wordsOf(option.text));
}

function conversationsSelect(element, block, place, names) {
  const named = (id) => placeName(state.channels.find((channel) => channel.id === id) ?? { kind: "im", name: id });
  const wanted = element.filter?.include;
  const channels = state.channels.filter((channel) => !wanted || wanted.includes(channel.kind));
  return picker(element, block, place, names, (chosen, set) => ({
    label: t("channels"), onChoose: ({ value }) => set(value),
    options: channels.map(({ id }) => ({ label: named(id), value: id, chosen: id === chosen })),
  }), named);
}

const typing = (event) => event.isComposing;

function textInput(element, block, place, names) {
  const isNumber = element.type === "number_input";
  const node = h(element.multiline ? "textarea" : "input", {
    class: "field", id: names.id, rows: element.multiline ? 4 : null, type: element.multiline ? null : "text",
    inputmode: isNumber ? (element.is_decimal_allowed ? "decimal" : "numeric") : null, autocomplete: "off",
    placeholder: wordsOf(element.placeholder), maxlength: element.max_length, "aria-describedby": names.describedby,
    value: heldBy(place, block, element) ?? "", dataset: { action: element.action_id, ...focusKey(block, element) },
  });
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  node.addEventListener("input", () => {
    hold(place, block, element, node.value === "" ? null : node.value);
    if (block.dispatch_action && triggers.includes("on_character_entered")) later(node, () => chose(place, block, element, node.value));
  });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || typing(event) || !block.dispatch_action || !triggers.includes("on_enter_pressed")) return;
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

function choices(element, block, place, names) {
  const many = element.type === "checkboxes";
  const values = () => [heldBy(place, block, element) ?? []].flat().map((option) => option.value);
  const group = `${block.block_id}/${element.action_id}`;
  const boxes = element.options.map((option) => {
    const box = h("input", { type: many ? "checkbox" : "radio", name: group, value: option.value,
      checked: values().includes(option.value), dataset: { focus: `${group}/${option.value}`, action: element.action_id } });
    box.addEventListener("change", () => {
      const on = element.options.filter((one, index) => boxes[index].querySelector("input").checked);
      chose(place, block, element, many ? on : on[0]);
    });
    return h("label", { class: "choice" }, box, h("span", {}, textOf(option.text),
      option.description && h("small", {}, textOf(option.description))));
  });
  return h("div", { role: many ? "group" : "radiogroup", class: "choices", "aria-labelledby": names.label, "aria-describedby": names.describedby }, boxes);
}

const ELEMENTS = {
  button,
  overflow,
  static_select: staticSelect,
  external_select: externalSelect,
  conversations_select: conversationsSelect,
  plain_text_input: textInput,
  number_input: textInput,
  radio_buttons: choices,
  checkboxes: choices,
  image: (element) => h("img", { class: "accessory-image", src: element.image_url, alt: element.alt_text }),
};
