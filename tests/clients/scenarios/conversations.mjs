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
  await page.chat.regenerate();
  const second = page.last.id;
  await page.chat.regenerate({ messageId: second });
  return { page, first, second };
}

export async function edit(stage) {
  const page = stage.page();
  await page.send("What can you do?");
  await page.send("And then?");
  const messageId = page.chat.messages[0].id;
  await page.chat.sendMessage({ text: "/call list_documents {}", messageId });
  return { page };
}

// A page that keeps no history of its own sends the last message alone.
export async function last_message_only(stage) {
  const page = stage.page({ prepare: ({ id, messages, body }) => ({ body: { ...body, id, message: messages.at(-1) } }) });
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
  return { page, sentence };
}
