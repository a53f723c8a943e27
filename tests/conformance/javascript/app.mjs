// An app written with Slack's own JavaScript framework, for the pretend workspace: a command, a button, a modal with errors,
// shortcuts, events, the Home tab. It says on standard output, one JSON object a line, what it was told.
//
// MODE is `socket` or `http`; with `http` it listens on a free loopback port and says which.
import bolt from "@slack/bolt";

const { App, HTTPReceiver, LogLevel, SocketModeReceiver } = bolt;

const tell = (what, more = {}) => process.stdout.write(`${JSON.stringify({ what, ...more })}\n`);
const words = (text) => ({ type: "plain_text", text });

const clientOptions = { slackApiUrl: process.env.SLACK_API_URL };
const logLevel = LogLevel.ERROR;
const receiver = process.env.MODE === "http"
  ? new HTTPReceiver({ signingSecret: process.env.SLACK_SIGNING_SECRET, logLevel })
  : new SocketModeReceiver({
    appToken: process.env.SLACK_APP_TOKEN,
    clientPingTimeout: 1000, // it is also the pause before coming back, five seconds unless said otherwise
    installerOptions: { clientOptions },
    logLevel,
  });
const app = new App({ token: process.env.SLACK_BOT_TOKEN, clientOptions, receiver, logLevel });

const card = [
  { type: "section", text: { type: "mrkdwn", text: "Deploy `prod`?" } },
  {
    type: "actions",
    elements: [
      { type: "button", text: words("Approve"), action_id: "approve", value: "7", style: "primary" },
      { type: "button", text: words("Decline"), action_id: "decline", value: "7" },
    ],
  },
];

const reason = (title) => ({
  type: "modal",
  callback_id: "reason",
  private_metadata: "run 7",
  notify_on_close: true,
  title: words(title),
  submit: words("Send"),
  blocks: [
    { type: "input", block_id: "why", label: words("Why?"), element: { type: "plain_text_input", action_id: "text" } },
  ],
});

// Everything that reaches the app, as it reaches it.
app.use(async ({ body, context, next }) => {
  tell("heard", { body, retry: context.retryNum ?? null, reason: context.retryReason ?? null });
  await next();
});

app.command("/oec", async ({ command, ack, client, respond }) => {
  if (command.text === "later") {
    await ack();
    await respond({ text: "Later it is." });
    return;
  }
  await ack({ text: `Heard: ${command.text}` });
  await client.chat.postMessage({ channel: command.channel_id, text: "Deploy prod?", blocks: card });
});

app.action("approve", async ({ ack, body, client, respond }) => {
  await ack();
  const text = `Approved by <@${body.user.id}>`;
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text, blocks: [card[0]] });
  await respond({ text: "Thank you.", replace_original: false });
});

app.action("decline", async ({ ack, body, client }) => {
  await ack();
  await client.views.open({ trigger_id: body.trigger_id, view: reason("Decline") });
});

app.view("reason", async ({ ack, view, body, client }) => {
  const said = view.state.values.why.text.value;
  if (said.length < 5) {
    await ack({ response_action: "errors", errors: { why: "Say a little more." } });
  } else if (said === "something else") {
    await ack({ response_action: "update", view: reason("Once more") });
  } else {
    await ack();
    await client.chat.postMessage({ channel: "C0DEPLOYS", text: `Declined by ${body.user.id}: ${said}` });
  }
});

app.view({ callback_id: "reason", type: "view_closed" }, async ({ ack }) => {
  await ack();
});

app.shortcut("oec_message", async ({ ack, shortcut, respond }) => {
  await ack();
  await respond({ text: `About: ${shortcut.message.text}` });
});

app.event("app_mention", async ({ event, say }) => {
  await say({ text: `You said ${event.text}`, thread_ts: event.thread_ts ?? event.ts });
});

app.event("app_home_opened", async ({ event, client }) => {
  await client.views.publish({
    user_id: event.user,
    view: { type: "home", blocks: [{ type: "section", text: words("Welcome home") }] },
  });
});

app.error(async (error) => tell("error", { message: String(error), code: error.code ?? null }));

const started = await app.start({ port: 0, host: "127.0.0.1" });
tell("ready", { port: process.env.MODE === "http" ? started.address().port : null });
