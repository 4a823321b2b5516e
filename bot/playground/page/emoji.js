// Slack's short codes that our cards and people use, as characters.

const CODES = {
  abacus: "🧮", alarm_clock: "⏰", arrow_down: "⬇️", arrow_right: "➡️", arrow_up: "⬆️", bar_chart: "📊", bell: "🔔",
  bookmark: "🔖", books: "📚", bulb: "💡", calendar: "📆", chart_with_downwards_trend: "📉",
  chart_with_upwards_trend: "📈", clipboard: "📋", coin: "🪙", computer: "💻", construction: "🚧", dollar: "💵",
  earth_asia: "🌏", exclamation: "❗", eyes: "👀", fire: "🔥", floppy_disk: "💾", gear: "⚙️", globe_with_meridians: "🌐",
  grey_exclamation: "❕", grey_question: "❔", hammer_and_wrench: "🛠️", heavy_check_mark: "✔️", heavy_minus_sign: "➖",
  heavy_plus_sign: "➕", hourglass: "⌛", hourglass_flowing_sand: "⏳", house: "🏠", information_source: "ℹ️",
  ladder: "🪜", large_blue_circle: "🔵", large_green_circle: "🟢", large_orange_circle: "🟠", large_yellow_circle: "🟡",
  leftwards_arrow_with_hook: "↩️", link: "🔗", lock: "🔒", mag: "🔍", memo: "📝", money_with_wings: "💸",
  moneybag: "💰", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", ok_hand: "👌", package: "📦",
  paperclip: "📎", pencil: "📝", pencil2: "✏️", point_right: "👉", pushpin: "📌", question: "❓", red_circle: "🔴",
  repeat: "🔁", robot_face: "🤖", rocket: "🚀", rotating_light: "🚨", scales: "⚖️", scissors: "✂️", scroll: "📜",
  seedling: "🌱", small_blue_diamond: "🔹", small_orange_diamond: "🔸", small_red_triangle: "🔺",
  small_red_triangle_down: "🔻", snail: "🐌", sparkles: "✨", speech_balloon: "💬", stopwatch: "⏱️", straight_ruler: "📏",
  tada: "🎉", thinking_face: "🤔", thumbsup: "👍", timer_clock: "⏲️", trophy: "🏆", turtle: "🐢", twisted_rightwards_arrows: "🔀",
  "+1": "👍", "-1": "👎", warning: "⚠️", wastebasket: "🗑️", wave: "👋", white_check_mark: "✅", white_circle: "⚪",
  wrench: "🔧", x: "❌", yen: "💴", zap: "⚡",
};

/** The character of `name`, or the code as it was written. */
export const emoji = (name) => CODES[name] ?? `:${name}:`;

/** `text` with every short code it knows replaced. */
export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => CODES[name] ?? whole);
