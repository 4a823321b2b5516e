// Building nodes. Text is always set as text: nothing on this page is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners (`onclick`…), `dataset`, and children; false and null are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "dataset") Object.assign(element.dataset, value);
  else if (name === "class") element.className = value;
  else if (name === "value" || name === "checked") element[name] = value;
  else element.setAttribute(name, value === true ? "" : value);
}

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat());
  return element;
}

const PATHS = {
  back: "M15 5l-7 7 7 7",
  bolt: "M13 3L5 13.5h6L10.5 21 19 10.5h-6.2z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M6.5 9.5l5.5 5.5 5.5-5.5",
  close: "M6 6l12 12M18 6L6 18",
  dots: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  down: "M12 5v14M6 13l6 6 6-6",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 14.8a2.8 2.8 0 100-5.6 2.8 2.8 0 000 5.6z",
  hash: "M9.5 4L7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16",
  link: "M10 14a4 4 0 005.7 0l3-3a4 4 0 00-5.7-5.7l-1 1M14 10a4 4 0 00-5.7 0l-3 3a4 4 0 005.7 5.7l1-1",
  lock: "M6.5 11h11v9h-11zM8.5 11V8a3.5 3.5 0 017 0v3",
  menu: "M4 6.5h16M4 12h16M4 17.5h16",
  moon: "M19.5 14.5A8 8 0 119.5 4.5a6.5 6.5 0 0010 10z",
  reply: "M5 5h14v10.5h-7L8 19v-3.5H5z",
  search: "M11 17a6 6 0 100-12 6 6 0 000 12zM15.5 15.5L20 20",
  send: "M4 12L4.5 4.5 21 12 4.5 19.5zM4 12h9",
  sun: "M12 16a4 4 0 100-8 4 4 0 000 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4",
  auto: "M12 4a8 8 0 100 16zM12 4a8 8 0 010 16",
};

/** A line icon, hidden from assistive technology: its button carries the name. */
export function icon(name) {
  const line = {
    d: PATHS[name],
    fill: "none",
    stroke: "currentColor",
    "stroke-width": name === "dots" ? 3 : 1.8,
  };
  const shape = svg("path", { ...line, "stroke-linecap": "round", "stroke-linejoin": "round" });
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, shape);
}

/** Make `parent` show `items` in order, keeping the nodes of those whose `signature` did not change. */
export function reconcile(parent, items, draw) {
  const before = parent.drawn ?? new Map();
  const after = new Map();
  for (const item of items) {
    const old = before.get(item.key);
    after.set(
      item.key,
      old?.signature === item.signature ? old : { signature: item.signature, node: draw(item) },
    );
  }
  const nodes = [...after.values()].map((entry) => entry.node);
  for (const node of [...parent.children]) if (!nodes.includes(node)) node.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
  parent.drawn = after;
}
