// Draws one message: who, when, what, for whom, and what hangs on it.

import { drawKit } from "./blocks.js";
import { clockTime, dateOfTs, fullMoment } from "./dates.js";
import { avatar, element, icon } from "./dom.js";
import { openMenu } from "./menu.js";
import { parseMrkdwn } from "./mrkdwn.js";
import { drawBlocks } from "./prose.js";

/** `options`: {channelId, pane, isCompact, isReply, news, surfaces, shortcuts, openThread, runShortcut, mentionsMe}. */
export function drawMessage(message, options) {
  const surface = options.surfaces.message(message, options.channelId, options.pane);
  const { reader } = surface;
  const author = reader.directory.user(message.user, message.username);
  const body = element("div", { class: "message-body" },
    message.ephemeral && element("p", { class: "only-you" }, icon("eye"), "Only visible to you"),
    options.isCompact ? null : drawHead(message, author, reader),
    drawContent(message, surface),
    surface.presses.drawNotice(surface.key),
    options.isReply ? null : drawThreadLink(message, options));
  return element("li", { class: classesOf(message, options), tabindex: -1, "data-ts": message.ts },
    drawGutter(message, author, options, reader),
    body,
    drawTools(message, options, author));
}

function classesOf(message, { isCompact, mentionsMe }) {
  const names = { "is-compact": isCompact, "is-private": message.ephemeral, "is-mention": mentionsMe && !message.ephemeral };
  return ["message", ...Object.keys(names).filter((name) => names[name])].join(" ");
}

function drawGutter(message, author, { isCompact }, reader) {
  if (!isCompact) return avatar(author);
  const date = dateOfTs(message.ts);
  const zone = reader.viewer.tz;
  return element("time", { class: "gutter-time", datetime: date.toISOString(), title: fullMoment(date, zone) }, clockTime(date, zone));
}

function drawHead(message, author, reader) {
  const date = dateOfTs(message.ts);
  const zone = reader.viewer.tz;
  return element("p", { class: "message-head" },
    element("strong", { class: "author" }, author.real_name),
    author.is_bot && element("span", { class: "tag" }, "App"),
    author.id === reader.viewer.id && element("span", { class: "tag is-plain" }, "you"),
    element("time", { datetime: date.toISOString(), title: fullMoment(date, zone) }, clockTime(date, zone)));
}

function drawContent(message, surface) {
  const blocks = message.blocks ?? [];
  const edited = message.edits > 0 && !blocks.length ? element("span", { class: "edited" }, "(edited)") : null;
  const words = blocks.length
    ? drawKit(blocks, surface)
    : element("div", { class: "prose" }, drawBlocks(parseMrkdwn(message.text ?? ""), surface.reader), edited);
  const attachments = (message.attachments ?? []).map((attachment) => drawAttachment(attachment, surface));
  return element("div", { class: "message-content" }, words, attachments);
}

function drawAttachment(attachment, surface) {
  const text = attachment.text ?? attachment.fallback;
  const drawWords = () => element("div", { class: "prose" }, drawBlocks(parseMrkdwn(text ?? ""), surface.reader));
  return element("div", { class: "attachment" }, attachment.blocks ? drawKit(attachment.blocks, surface) : drawWords());
}

function drawThreadLink(message, { news, openThread }) {
  const count = message.reply_count ?? 0;
  if (!count) return null;
  const words = `${count} ${count === 1 ? "reply" : "replies"}`;
  const fresh = news ? element("span", { class: "badge" }, `${news} new`) : null;
  return element("button", {
    class: "thread-link", type: "button", "data-focus-key": `thread/${message.ts}`, on: { click: () => openThread(message.ts) },
  }, icon("reply"), words, fresh);
}

function drawTools(message, options, author) {
  const mayReply = !options.isReply && !message.ephemeral;
  const reply = mayReply && element("button", {
    class: "tool", type: "button", title: "Reply in thread", "aria-label": `Reply in thread to ${author.real_name}`,
    "data-focus-key": `reply/${message.ts}`, on: { click: () => options.openThread(message.ts) },
  }, icon("reply"));
  const shortcuts = message.ephemeral ? [] : options.shortcuts;
  const more = shortcuts.length > 0 && element("button", {
    class: "tool", type: "button", title: "More", "aria-label": `More for this message of ${author.real_name}`, "aria-haspopup": "menu",
    "data-focus-key": `more/${message.ts}`,
  }, icon("more"));
  const choices = shortcuts.map((shortcut) => ({ words: shortcut.name, choose: () => options.runShortcut(shortcut, message) }));
  if (more) more.addEventListener("click", () => openMenu(more, choices));
  return reply || more ? element("div", { class: "tools" }, reply, more) : null;
}
