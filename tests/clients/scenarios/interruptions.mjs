// Pages that are loaded again, come second, stop, or lose their server.
const LONG = ["Tove", "Tam", "Mara", "Ilse", "Runa"].map((name) => `/call search_story {"query": "${name}"}`).join("\n");
const FOUR = ["Tove", "Tam", "Mara", "Ilse"]
  .map((name) => `/call create_entity {"type": "character", "name": "${name}"}`)
  .join("\n");

// The page is loaded anew while the answer is being written; the old one is gone.
export async function reload_in_mid_stream(stage) {
  const old = stage.page();
  await old.begin(LONG);
  await old.chat.stop(); // closes its connection, as a page that goes away does; the answer goes on
  const page = await stage.reload();
  const loaded = page.chat.messages.map((message) => message.role);
  await page.chat.resumeStream();
  await page.quiet();
  return { page, loaded };
}

export async function reload_after_the_end(stage) {
  const old = stage.page();
  await old.send(LONG);
  const page = await stage.reload();
  const resumed = page.chat.resumeStream();
  if (stage.hangsOn204) await page.until(() => page.statuses.length > 0, "answered");
  else await resumed;
  return { page };
}

// Two tabs show one answer.
export async function second_viewer(stage) {
  const first = stage.page();
  const { turn } = await first.begin(LONG);
  const page = await stage.reload();
  await page.chat.resumeStream();
  await turn;
  await Promise.all([first.quiet(), page.quiet()]);
  return { page, first: first.seen() };
}

export async function stop(stage) {
  const page = stage.page();
  const { turn } = await page.begin(LONG);
  await page.stop();
  await turn;
  await page.quiet();
  const stopped = await page.history();
  await page.send("/call list_documents {}");
  return { page, stopped };
}

// One tab stops the answer that another one is following.
export async function stopped_elsewhere(stage) {
  const page = stage.page();
  const { turn } = await page.begin(LONG);
  await stage.page().stop();
  await turn;
  await page.quiet();
  return { page };
}

// The answer goes on after an approval: a page loaded in the middle of what follows needs the message from its start.
export async function reload_after_an_approval(stage) {
  const old = stage.page({ automatic: true });
  await old.send(FOUR);
  const deciding = old.decide(...old.asked.map((approval) => [approval, true]));
  await old.until(() => old.text.length > 0, "going on");
  const page = await stage.reload({ automatic: true });
  await page.chat.resumeStream();
  await Promise.all([page.quiet(), deciding]);
  return { page, first: old.seen() };
}

// The server is killed in mid-answer, and another one takes its place.
export async function killed_in_mid_answer(stage) {
  const old = stage.page();
  const { turn } = await old.begin(LONG);
  const url = await stage.serverReplaced();
  await turn;
  await old.until(() => old.idle, "told of the lost connection");
  const page = await stage.reload({ url });
  const loaded = page.chat.messages.map((message) => message.role);
  await page.chat.resumeStream();
  await page.quiet();
  return { page, loaded, lost: old.seen() };
}

export async function approve_after_a_restart(stage) {
  const old = stage.page();
  await old.send('/call create_entity {"type": "character", "name": "Tove"}');
  const url = await stage.serverReplaced();
  const page = await stage.reload({ url, automatic: true });
  await page.decide([page.asked[0], true]);
  return { page };
}
