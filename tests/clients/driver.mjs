// Plays scenarios with one release of the AI SDK, and tells what their pages saw.
//
//   node driver.mjs RELEASE    reads lines {"scenario", "url", "strictMode"}, prints one line of JSON for each
//
// A scenario that needs something done to the server prints `{"ask": ...}` first and takes the next line as the answer.
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { format } from "node:util";

import { Stage } from "./stage.mjs";
import * as conversations from "./scenarios/conversations.mjs";
import * as interruptions from "./scenarios/interruptions.mjs";
import * as requests from "./scenarios/requests.mjs";
import * as tabs from "./scenarios/tabs.mjs";

const PATIENCE_MS = 90_000;
const scenarios = { ...conversations, ...interruptions, ...requests, ...tabs };
const [release] = process.argv.slice(2);
const [sdk, hooks] = await Promise.all([import(`ai-${release}`), import(`ai-react-${release}`)]);
const client = { release, major: Number(release.split(".")[0]), sdk, hooks };
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (what) => new Promise((written) => process.stdout.write(`${JSON.stringify(what)}\n`, written));

async function replaceServer() {
  await tell({ ask: "replace the server" });
  return (await lines.next()).value;
}

// What is shown and what is remembered must be what the page's own release takes for valid.
async function invalid(messages) {
  if (!sdk.validateUIMessages || messages.length === 0) return null;
  return await sdk.validateUIMessages({ messages }).then(
    () => null,
    (error) => error.message.slice(0, 2000),
  );
}

async function play({ scenario, url, strictMode }) {
  const complaints = [];
  console.error = (...words) => complaints.push(format(...words)); // React's own, of two articles with one id
  const stage = new Stage({ client, url, strictMode, replaceServer });
  try {
    await stage.set();
    const { page, ...extra } = await scenarios[scenario](stage);
    const history = await stage.history();
    const faults = [await invalid(history), await invalid(page.messages)].filter((fault) => fault !== null);
    return { ...page.seen(), ...extra, history, invalid: faults, complaints };
  } finally {
    stage.clear();
  }
}

const tooLate = () => pause(PATIENCE_MS, { failed: "it never came to an end" }, { ref: false });

for (let line = await lines.next(); !line.done; line = await lines.next()) {
  const playing = play(JSON.parse(line.value)).catch((error) => ({ failed: error.stack }));
  await tell(await Promise.race([playing, tooLate()]));
}
process.exit(0); // whatever is still open, such as a request that hangs, was judged above
