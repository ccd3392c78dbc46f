// Turns, as a writer who sends, edits and asks again sees them.
export async function send(stage) {
  const page = stage.page();
  await page.send("What can you do?");
  return { page };
}

export async function two_turns(stage) {
  const page = stage.page();
  await page.send("What can you do?");
  await page.send("/call list_documents {}");
  return { page };
}

export async function regenerate(stage) {
  const page = stage.page();
  await page.send("What can you do?");
  const first = page.last.id;
  await page.regenerate();
  const second = page.last.id;
  await page.regenerate({ messageId: second });
  return { page, first, second };
}

export async function edit(stage) {
  const page = stage.page();
  await page.send("What can you do?");
  await page.send("And then?");
  const messageId = page.messages[0].id;
  await page.send("/call list_documents {}", { messageId });
  return { page, edited: messageId };
}

// The edited message is edited again, and then its answer is given anew, by a page that was loaded in between.
export async function edit_again_after_reload(stage) {
  const old = stage.page();
  await old.send("What can you do?");
  await old.send("And how?", { messageId: old.messages[0].id });
  old.close();
  const page = await stage.load();
  const messageId = page.messages[0].id;
  await page.send("/call list_documents {}", { messageId });
  await page.regenerate();
  return { page, edited: messageId };
}

// A page that keeps no history of its own sends the last message alone.
export async function last_message_only(stage) {
  const prepare = ({ id, messages, body }) => ({ body: { ...body, id, message: messages.at(-1) } });
  const page = stage.page({ prepare });
  await page.send("What can you do?");
  await page.send("/call list_documents {}");
  return { page };
}

// Calls that the server ran itself are complete in the page's eyes, too; it must not take them for a reason to send.
export async function automatic_sending(stage) {
  const page = stage.page({ automatic: true });
  await page.send("/call list_documents {}\n/call list_documents {}");
  await page.send("/call no_such_tool {}");
  await page.send('/call read_document {"document": "Nowhere"}');
  return { page };
}

// A server whose model fails.
export async function failing_model(stage) {
  const page = stage.page({ automatic: true });
  await page.send("Begin.");
  return { page };
}

// A message the server refuses: a sentence for the writer, and the page can go on.
export async function refused(stage) {
  const page = stage.page();
  await page.send("   ");
  const [sentence] = page.errors;
  const { status } = page.chat;
  page.chat.setMessages([]); // as a page does that lets its writer try again
  await page.send("What can you do?");
  return { page, sentence, refused: status };
}
