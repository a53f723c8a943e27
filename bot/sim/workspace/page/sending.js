// What becomes of a typed text: a slash command, or a message (which reaches the app if it mentions it).

/** Sends `text` as `person` into a place. Resolves to null, or to words about what went wrong. */
export async function sendText(text, { api, workspace, personId, channelId, threadTs }) {
  try {
    if (text.startsWith("/")) return await sendCommand(text, { api, workspace, personId, channelId, threadTs });
    await api.say({ user_id: personId, channel_id: channelId, text, ...(threadTs ? { thread_ts: threadTs } : {}) });
    return null;
  } catch (error) {
    return error.message;
  }
}

async function sendCommand(text, { api, workspace, personId, channelId, threadTs }) {
  const [command] = text.split(/\s/, 1);
  const known = workspace.commands.map((one) => one.command);
  const refusal = refuseCommand(command, known, threadTs, workspace);
  if (refusal) return refusal;
  await api.slash({ user_id: personId, channel_id: channelId, command, text: text.slice(command.length).trim() });
  return null;
}

/** Why this command cannot run here, or null. Slack runs no slash commands in threads. */
export function refuseCommand(command, known, threadTs, workspace) {
  if (!known.includes(command)) return `${command} is not a valid command here. This workspace knows ${known.join(", ") || "no commands"}.`;
  if (!threadTs) return null;
  const bot = workspace.users.find((user) => user.id === workspace.bot.user_id);
  return `${command} is not supported in threads. Mention the app instead: @${bot?.name ?? "oec"} …`;
}
