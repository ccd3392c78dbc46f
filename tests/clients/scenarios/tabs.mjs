// Two tabs that show one chat.
import { LONG } from "./interruptions.mjs";
import { ADD } from "./requests.mjs";

// A second tab is opened while the first one's answer is being written.
export async function second_viewer(stage) {
  const first = stage.page();
  const { turn } = await first.begin(LONG);
  const page = await stage.takeUp();
  await turn;
  await Promise.all([first.quiet(), page.quiet()]);
  return { page, first: first.seen() };
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

async function twoThatAsk(stage) {
  const first = stage.page({ automatic: true });
  await first.send(ADD("Tove"));
  const second = await stage.load({ automatic: true });
  return [first, second];
}

export async function same_yes_at_once(stage) {
  const [first, page] = await twoThatAsk(stage);
  await Promise.all([first, page].map((tab) => tab.decide([tab.asked[0], true])));
  return { page, first: first.seen(), entities: await stage.entities() };
}

// The second tab still shows the request that the first one has answered.
export async function same_yes_later(stage) {
  const [first, page] = await twoThatAsk(stage);
  await first.decide([first.asked[0], true]);
  await page.decide([page.asked[0], true]);
  return { page, first: first.seen(), entities: await stage.entities() };
}

export async function no_after_yes(stage) {
  const [first, page] = await twoThatAsk(stage);
  await first.decide([first.asked[0], true]);
  await page.decide([page.asked[0], false]);
  return { page, first: first.seen(), entities: await stage.entities() };
}
