// Plays scenarios with one release of the AI SDK, and tells what their pages saw.
//
//   node driver.mjs RELEASE        reads lines {"scenario": NAME, "url": SERVER}, prints one line of JSON for each
//
// A scenario that needs something done to the server prints `{"ask": ...}` first and takes the next line as the answer.
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

import { Page } from "./page.mjs";
import * as conversations from "./scenarios/conversations.mjs";
import * as interruptions from "./scenarios/interruptions.mjs";
import * as requests from "./scenarios/requests.mjs";

const PATIENCE_MS = 90_000;
const scenarios = { ...conversations, ...interruptions, ...requests };
const [release] = process.argv.slice(2);
const major = Number(release.split(".")[0]);
const sdk = await import(`ai-${release}`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (what) => new Promise((written) => process.stdout.write(`${JSON.stringify(what)}\n`, written));

// As the documentation tells pages to send by themselves; 5 has no approvals.
const complete = [
  sdk.lastAssistantMessageIsCompleteWithApprovalResponses ?? (() => false),
  sdk.lastAssistantMessageIsCompleteWithToolCalls,
];
const sendAutomaticallyWhen = (chat) => complete.some((holds) => holds(chat));

// Where a scenario plays: a chat of its own, in a project of its own.
class Stage {
  major = major;
  hangsOn204 = release === "5.0.0"; // mended in 5.0.2

  static async at(url) {
    const stage = new Stage();
    Object.assign(stage, { url, id: `chat-${randomUUID()}` });
    const made = await fetch(`${url}/projects`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: stage.id }),
    });
    stage.projectId = (await made.json()).id;
    return stage;
  }

  // A page with an empty chat; `automatic` makes it send by itself when what its agent asked is settled.
  page({ automatic = false, ...options } = {}) {
    const { url, id, projectId } = this;
    const sending = automatic ? { sendAutomaticallyWhen } : {};
    return new Page({ sdk, major, url, id, projectId, ...sending, ...options });
  }

  // A page that was just loaded, with the history from the server; the answer under way is still to be resumed.
  async reload(options = {}) {
    const page = this.page(options);
    page.chat.messages = await page.history();
    return page;
  }

  // Has the server ended and replaced; gives the new one's URL.
  async serverReplaced() {
    await tell({ ask: "replace the server" });
    return (await lines.next()).value;
  }
}

// What is shown and what is remembered must be what the page's own release takes for valid.
async function invalid(messages) {
  if (!sdk.validateUIMessages || messages.length === 0) return null;
  return await sdk.validateUIMessages({ messages }).then(
    () => null,
    (error) => error.message.slice(0, 2000),
  );
}

async function play({ scenario, url }) {
  const { page, ...extra } = await scenarios[scenario](await Stage.at(url));
  const history = await page.history();
  const faults = [await invalid(history), await invalid(page.chat.messages)];
  return { ...page.seen(), ...extra, history, invalid: faults.filter((fault) => fault !== null) };
}

const tooLate = () => pause(PATIENCE_MS, { failed: "it never came to an end" }, { ref: false });

for (let line = await lines.next(); !line.done; line = await lines.next()) {
  const playing = play(JSON.parse(line.value)).catch((error) => ({ failed: error.stack }));
  await tell(await Promise.race([playing, tooLate()]));
}
process.exit(0); // whatever is still open, such as a request that hangs, was judged above
