// data_visualization as bars: one group a category, one bar a series, the value on each.

import { h, svg } from "./dom.js";
import { currentLanguage } from "./i18n.js";

const HEIGHT = 132;
const SLOT = 92;

/** The chart block as a figure; assistive technology reads its numbers as a list. */
export function drawChart(block) {
  const { series, categories } = seriesOf(block.chart);
  const most = Math.max(...series.flatMap((one) => one.values), 0) || 1;
  const width = Math.max(categories.length * SLOT, SLOT);
  const bars = categories.flatMap((category, at) => group(category, at, series, most));
  const floor = svg("line", { class: "axis", x1: 0, x2: width, y1: HEIGHT + 18.5, y2: HEIGHT + 18.5 });
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT + 42}`, width, height: HEIGHT + 42, "aria-hidden": "true" },
    floor,
    bars,
  );
  const spoken = series.flatMap((one) =>
    categories.map((category, at) => h("li", {}, `${one.name}, ${category}: ${number(one.values[at])}`)),
  );
  const legend =
    series.length > 1 &&
    h(
      "p",
      { class: "legend" },
      series.map((one, at) => h("span", { class: `key series-${at % 6}` }, one.name)),
    );
  return h(
    "figure",
    { class: "block chart" },
    h("figcaption", {}, block.title),
    legend,
    h("div", { class: "chart-box" }, drawing),
    h("ul", { class: "unseen" }, spoken),
  );
}

function seriesOf(chart) {
  if (chart.segments) {
    return {
      categories: chart.segments.map((one) => one.label),
      series: [{ name: "", values: chart.segments.map((one) => one.value) }],
    };
  }
  const categories = chart.axis_config?.categories ?? chart.series[0].data.map((point) => point.label);
  const valueOf = (one, category) => one.data.find((point) => point.label === category)?.value ?? 0;
  return {
    categories,
    series: chart.series.map((one) => ({ name: one.name, values: categories.map((c) => valueOf(one, c)) })),
  };
}

function group(category, at, series, most) {
  const wide = Math.min(44, 64 / series.length);
  const left = at * SLOT + SLOT / 2 - (wide * series.length) / 2;
  const bars = series.flatMap((one, index) => {
    const tall = Math.max(2, (one.values[at] / most) * HEIGHT);
    const x = left + index * wide;
    const bar = svg("rect", {
      class: `bar series-${index % 6}`,
      x: x + 1,
      y: HEIGHT + 18 - tall,
      width: wide - 2,
      height: tall,
      rx: 3,
    });
    const value = svg(
      "text",
      { class: "value", x: x + wide / 2, y: HEIGHT + 12 - tall, "text-anchor": "middle" },
      number(one.values[at]),
    );
    return [bar, value];
  });
  return [
    ...bars,
    svg(
      "text",
      { class: "category", x: at * SLOT + SLOT / 2, y: HEIGHT + 36, "text-anchor": "middle" },
      category,
    ),
  ];
}

const number = (value) =>
  value.toLocaleString(currentLanguage() === "zh" ? "zh-CN" : "en-US", { maximumSignificantDigits: 4 });
