// The few `:names:` that chat-ops messages use. A name that is not here stays as it was written.

const SIGNS = {
  "+1": "👍", "-1": "👎", alarm_clock: "⏰", arrow_down: "⬇️", arrow_forward: "▶️", arrow_right: "➡️", arrow_up: "⬆️",
  arrows_counterclockwise: "🔄", bar_chart: "📊", beetle: "🪲", bell: "🔔", black_medium_square: "◼️", bug: "🐛", bulb: "💡",
  calendar: "📅", chart_with_upwards_trend: "📈", clipboard: "📋", clock3: "🕒", construction: "🚧", eyes: "👀", fire: "🔥",
  gear: "⚙️", grey_question: "❔", hammer_and_wrench: "🛠️", heart: "❤️", heavy_check_mark: "✔️", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", information_source: "ℹ️", key: "🔑", large_blue_circle: "🔵", large_green_circle: "🟢",
  large_yellow_circle: "🟡", link: "🔗", lock: "🔒", mag: "🔍", memo: "📝", no_entry: "⛔", no_entry_sign: "🚫", ok_hand: "👌",
  package: "📦", point_right: "👉", pushpin: "📌", question: "❓", raised_hands: "🙌", red_circle: "🔴", repeat: "🔁",
  robot_face: "🤖", rocket: "🚀", rotating_light: "🚨", slightly_smiling_face: "🙂", sparkles: "✨", stopwatch: "⏱️",
  tada: "🎉", thumbsdown: "👎", thumbsup: "👍", unlock: "🔓", warning: "⚠️", wave: "👋", white_check_mark: "✅",
  white_circle: "⚪", wrench: "🔧", x: "❌", zap: "⚡",
};

/** The sign of an emoji's name, or null. */
export function emojiSign(name) {
  return Object.hasOwn(SIGNS, name) ? SIGNS[name] : null;
}
