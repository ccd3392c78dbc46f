// Pages that are loaded again, left, stopped, or lose their server.
import { ADD } from "./requests.mjs";

export const LONG = ["Tove", "Tam", "Mara", "Ilse", "Runa"]
  .map((name) => `/call search_story {"query": "${name}"}`)
  .join("\n");
const FOUR = ["Tove", "Tam", "Mara", "Ilse"].map(ADD).join("\n");

// The page takes up the answer that is being written, from a history without it.
async function taken_up(stage) {
  const page = await stage.takeUp();
  const loaded = page.messages.map((message) => message.role);
  await page.inMidAnswer();
  await page.quiet();
  return { page, loaded };
}

export async function reload_in_mid_answer(stage) {
  const old = stage.page();
  await old.begin(LONG);
  old.close();
  return await taken_up(stage);
}

// The component is mounted anew, in the same document: the old one's connection may still be open.
export async function come_back_in_mid_answer(stage) {
  const old = stage.page();
  await old.begin(LONG);
  old.leave();
  return await taken_up(stage);
}

export async function reload_after_the_end(stage) {
  const old = stage.page();
  await old.send(LONG);
  old.close();
  const page = await stage.takeUp();
  await page.until(() => page.connections.statuses.length > 0, "answered");
  if (!stage.hangsOn204) await page.quiet();
  return { page };
}

// As the documentation's pages do: they take up what there is, and before the first message there is nothing.
export async function resume_before_the_first_message(stage) {
  const page = await stage.load();
  await page.send("What can you do?");
  return { page };
}

export async function stop(stage) {
  const page = stage.page();
  const { turn } = await page.begin(LONG);
  await page.stop();
  await turn;
  await page.quiet();
  const stopped = await stage.history();
  await page.send("/call list_documents {}");
  return { page, stopped };
}

// A page that took an answer up stops it.
export async function stop_after_reload(stage) {
  const old = stage.page();
  await old.begin(LONG);
  old.close();
  const page = await stage.takeUp();
  await page.inMidAnswer();
  await page.stop();
  await page.quiet();
  return { page, stopped: await stage.history() };
}

// The answer goes on after an approval: a page loaded in the middle of what follows needs the message from its start.
export async function reload_after_an_approval(stage) {
  const old = stage.page({ automatic: true });
  await old.send(FOUR);
  const deciding = old.decide(...old.asked.map((approval) => [approval, true]));
  await old.until(() => old.text.length > 0, "going on");
  const page = await stage.takeUp({ automatic: true });
  await Promise.all([page.quiet(), deciding]);
  return { page, first: old.seen() };
}

// The server is killed in mid-answer, and another one takes its place.
export async function killed_in_mid_answer(stage) {
  const old = stage.page();
  const { turn } = await old.begin(LONG);
  await stage.serverReplaced();
  await turn;
  await old.until(() => old.idle, "told of the lost connection");
  const lost = old.seen();
  old.close();
  return { ...(await taken_up(stage)), lost };
}

export async function approve_after_a_restart(stage) {
  const old = stage.page();
  await old.send(ADD("Tove"));
  await stage.serverReplaced();
  old.close();
  const page = await stage.load({ automatic: true });
  await page.decide([page.asked[0], true]);
  return { page };
}
