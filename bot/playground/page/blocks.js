// Block Kit as nodes: every block our cards, forms and home tab are made of.

import { drawChart } from "./chart.js";
import { drawElement } from "./controls.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { markdown } from "./markdown.js";
import { richText, textOf } from "./text.js";

/** Nodes of `blocks`; `place` is the message or view they stand in. */
export const drawBlocks = (blocks, place) =>
  blocks.map((block) => (BLOCKS[block.type] ?? unknown)(block, place));

const unknown = (block) => h("div", { class: "block unknown" }, `${block.type}?`);

const header = (block) => h("h2", { class: "block block-header" }, textOf(block.text));

function section(block, place) {
  const text = block.text && h("div", { class: "text" }, textOf(block.text));
  const fields =
    block.fields &&
    h(
      "div",
      { class: "fields" },
      block.fields.map((field) => h("div", { class: "text" }, textOf(field))),
    );
  const accessory =
    block.accessory && h("div", { class: "accessory" }, drawElement(block.accessory, block, place));
  return h(
    "div",
    { class: "block section", dataset: { block: block.block_id } },
    h("div", { class: "section-words" }, text, fields),
    accessory,
  );
}

function context(block) {
  const parts = block.elements.map((element) =>
    element.type === "image"
      ? h("img", { src: element.image_url, alt: element.alt_text })
      : h("span", { class: "text" }, textOf(element)),
  );
  return h("div", { class: "block context", dataset: { block: block.block_id } }, parts);
}

const actions = (block, place) =>
  h(
    "div",
    { class: "block actions", dataset: { block: block.block_id } },
    block.elements.map((element) => drawElement(element, block, place)),
  );

function table(block) {
  const align = (index) =>
    ` ${block.column_settings?.[index]?.align ?? "left"}${block.column_settings?.[index]?.is_wrapped ? " wrapped" : ""}`;
  const cell = (tag) => (content, index) =>
    h(tag, { class: `cell${align(index)}`, scope: tag === "th" ? "col" : null }, cellContent(content));
  const [first, ...rest] = block.rows;
  const head = h("thead", {}, h("tr", {}, first.map(cell("th"))));
  const body = h(
    "tbody",
    {},
    rest.map((row) => h("tr", {}, row.map(cell("td")))),
  );
  return h(
    "div",
    { class: "block table-box", tabindex: "0", role: "region", "aria-label": t("table") },
    h("table", {}, head, body),
  );
}

function cellContent(cell) {
  if (cell.type === "rich_text") return richText(cell);
  return String(cell.text ?? cell.value);
}

function image(block) {
  const picture = h("img", { src: block.image_url, alt: block.alt_text, loading: "lazy" });
  return h(
    "figure",
    { class: "block image" },
    block.title && h("figcaption", {}, textOf(block.title)),
    picture,
  );
}

/** A field with its label, hint and error. */
function input(block, place) {
  const base = `${place.prefix}-${block.block_id}`;
  const error = place.errors?.[block.block_id];
  const hint = block.hint && h("p", { class: "hint", id: `${base}-hint` }, textOf(block.hint));
  const told = error && h("p", { class: "error", id: `${base}-error` }, error);
  const describedby = [error && `${base}-error`, hint && `${base}-hint`].filter(Boolean).join(" ") || null;
  const names = { id: base, label: `${base}-label`, describedby };
  const field = drawElement(block.element, block, place, names);
  if (error)
    (field.matches("input, textarea, button") ? field : field.querySelector("input")).setAttribute(
      "aria-invalid",
      "true",
    );
  const label = h(
    "label",
    { id: names.label, for: base },
    textOf(block.label),
    block.optional && h("span", { class: "optional" }, t("optional")),
  );
  return h(
    "div",
    { class: `block input${error ? " invalid" : ""}`, dataset: { block: block.block_id } },
    label,
    field,
    told,
    hint,
  );
}

function container(block, place) {
  const inside = h("div", { class: "container-inside" }, drawBlocks(block.child_blocks, place));
  if (!block.is_collapsible)
    return h(
      "div",
      { class: "block container" },
      h("p", { class: "container-title" }, textOf(block.title)),
      inside,
    );
  const summary = h("summary", {}, icon("chevron"), textOf(block.title));
  return h("details", { class: "block container", open: !block.default_collapsed }, summary, inside);
}

function alert(block) {
  return h("div", { class: `block alert ${block.level ?? "default"}`, role: "note" }, textOf(block.text));
}

const BLOCKS = {
  actions,
  alert,
  container,
  context,
  data_visualization: drawChart,
  divider: () => h("hr", { class: "block" }),
  header,
  image,
  input,
  markdown: (block) => h("div", { class: "block markdown" }, markdown(block.text)),
  rich_text: (block) => h("div", { class: "block text" }, richText(block)),
  section,
  table,
};
