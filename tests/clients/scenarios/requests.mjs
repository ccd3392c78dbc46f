// What the agent asks the writer, or the page: approvals, questions, tools that run on the page.
export const ADD = (name) => `/call create_entity {"type": "character", "name": "${name}"}`;
const QUESTION = JSON.stringify({
  question: "Which quay?",
  options: [
    { id: "old", label: "The old one" },
    { id: "new", label: "The new one" },
  ],
});

async function decided(stage, name, approved, reason) {
  const page = stage.page({ automatic: true });
  await page.send(ADD(name));
  const asked = page.asked;
  await page.decide([asked[0], approved, reason]);
  return { page, asked };
}

export const approve = (stage) => decided(stage, "Tove", true);
export const deny = (stage) => decided(stage, "Tove", false, "Not before chapter 2.");

// Nothing is sent until the last of them is decided; then all go in one post.
export async function several_approvals(stage) {
  const page = stage.page({ automatic: true });
  await page.send(["Tove", "Tam", "Mara"].map(ADD).join("\n"));
  const [first, second, third] = page.asked;
  await page.decide([first, true], [second, false], [third, true]);
  return { page };
}

// The writer answers by hand, in a page that never sends by itself.
export async function approve_by_hand(stage) {
  const page = stage.page();
  await page.send(ADD("Tove"));
  await page.decide([page.asked[0], true]);
  if (stage.major > 5) await page.chat.sendMessage(); // 5 has sent: its decision is a field of the body
  await page.quiet();
  return { page };
}

export async function approve_after_reload(stage) {
  const old = stage.page();
  await old.send(ADD("Tove"));
  old.close();
  const page = await stage.load({ automatic: true });
  await page.decide([page.asked[0], true]);
  return { page };
}

export async function several_after_reload(stage) {
  const old = stage.page();
  await old.send(["Tove", "Tam", "Mara"].map(ADD).join("\n"));
  old.close();
  const page = await stage.load({ automatic: true });
  const [first, second, third] = page.asked;
  await page.decide([first, false, "Not her."], [second, true], [third, false]);
  return { page };
}

// Two turns that ask: the second answer must not be confused by the first.
export async function approve_twice(stage) {
  const page = stage.page({ automatic: true });
  for (const name of ["Tove", "Tam"]) {
    await page.send(ADD(name));
    await page.decide([page.asked[0], true]);
  }
  return { page };
}

// A writer who goes on talking instead of deciding.
export async function talk_past_an_approval(stage) {
  const page = stage.page({ automatic: true });
  await page.send(ADD("Tove"));
  await page.send("/call list_documents {}");
  return { page };
}

// The page runs the tool as soon as it is called, as `onToolCall` is meant to be used.
export async function client_tool(stage) {
  const opened = [];
  const page = stage.page({
    automatic: true,
    onToolCall({ toolCall }) {
      if (toolCall.toolName !== "open_panel") return;
      opened.push(toolCall.input);
      page.settle({ type: "tool-open_panel", toolCallId: toolCall.toolCallId }, { output: { opened: true } });
    },
  });
  await page.send('/call open_panel {"panel": "map"}');
  const [call] = page.calls();
  return { page, opened, told: page.connections.tellsOf(call.toolCallId) };
}

export async function client_tool_fails(stage) {
  const page = stage.page({ automatic: true });
  await page.send('/call open_panel {"panel": "map"}');
  await page.settle(page.calls("input-available")[0], { errorText: "There is no map." });
  await page.quiet();
  return { page };
}

// A tool of the server's and one of the page's in one step.
export async function both_kinds_of_tools(stage) {
  const page = stage.page({ automatic: true });
  await page.send('/call list_documents {}\n/call open_panel {"panel": "map"}');
  const [panel] = page.calls("input-available");
  await page.settle(panel, { output: { opened: true } });
  await page.quiet();
  return { page, told: page.connections.tellsOf(panel.toolCallId) };
}

// The writer answers while the page's own tool is still at work: nothing is sent before both are done.
export async function question_and_client_tool(stage) {
  const page = stage.page({ automatic: true });
  await page.send(`/call ask_question ${QUESTION}\n/call open_panel {"panel": "map"}`);
  const [question, panel] = page.calls("input-available");
  await page.settle(question, { output: { option_ids: ["new"] } });
  await page.quiet();
  const early = page.connections.posts;
  await page.settle(panel, { output: { opened: true } });
  await page.quiet();
  return { page, early };
}

async function questioned(stage, outcome) {
  const page = stage.page({ automatic: true });
  await page.send(`/call ask_question ${QUESTION}`);
  const [question] = page.calls("input-available");
  await page.settle(question, outcome);
  await page.quiet();
  return { page, told: page.connections.tellsOf(question.toolCallId) };
}

const BY_THE_MILL = { option_ids: ["new"], note: "By the mill." };
export const answer_a_question = (stage) => questioned(stage, { output: BY_THE_MILL });
export const dismiss_a_question = (stage) => questioned(stage, { errorText: "Later." });

export async function answer_after_reload(stage) {
  const old = stage.page();
  await old.send(`/call ask_question ${QUESTION}`);
  old.close();
  const page = await stage.load({ automatic: true });
  await page.settle(page.calls("input-available")[0], { output: { option_ids: ["old"] } });
  await page.quiet();
  return { page };
}
