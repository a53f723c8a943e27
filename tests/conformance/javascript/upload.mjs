// Uploads a file with Slack's own JavaScript client, and says its id.
import { WebClient } from "@slack/web-api";

const client = new WebClient(process.env.SLACK_BOT_TOKEN, { slackApiUrl: process.env.SLACK_API_URL });
const done = await client.filesUploadV2({
  channel_id: process.env.CHANNEL,
  filename: "task.log",
  title: "The task's log",
  content: process.env.CONTENT,
  initial_comment: "The last lines",
});
process.stdout.write(`${JSON.stringify({ what: "uploaded", file: done.files[0].files[0].id })}\n`);
