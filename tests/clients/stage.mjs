// Where a scenario plays: a chat of its own, in a project of its own, and the pages that show it.
import { randomUUID } from "node:crypto";

import { Page } from "./page.mjs";

export class Stage {
  id = `chat-${randomUUID()}`;
  #pages = [];

  // client: `{ release, major, sdk, hooks }`; replaceServer: has the server ended and replaced, and gives the new URL.
  constructor({ client, url, strictMode, replaceServer }) {
    Object.assign(this, { ...client, client, url, strictMode, replaceServer });
    this.hangsOn204 = client.release === "5.0.0"; // mended in 5.0.2
  }

  async set() {
    const made = await fetch(`${this.url}/projects`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: this.id }),
    });
    this.projectId = (await made.json()).id;
  }

  // A page of the chat; `automatic` makes it send by itself when what its agent asked is settled.
  page({ automatic = false, ...options } = {}) {
    const { client, url, id, projectId, strictMode } = this;
    const sending = automatic ? { sendAutomaticallyWhen: (chat) => this.#isComplete(chat) } : {};
    const page = new Page({ ...client, url, id, projectId, strictMode, ...sending, ...options });
    this.#pages.push(page);
    return page;
  }

  // A page that was just loaded, and takes up the answer that is being written.
  async takeUp(options = {}) {
    return this.page({ messages: await this.history(), resume: true, ...options });
  }

  // A page that was just loaded, and knows that there is no answer to take up.
  async load(options = {}) {
    const page = await this.takeUp({ resume: !this.hangsOn204, ...options });
    await page.quiet();
    return page;
  }

  async history() {
    const response = await fetch(`${this.url}/ai/saga/${this.id}/messages`, {
      headers: { "x-saga-sdk": String(this.major) },
    });
    return (await response.json()).messages;
  }

  async entities() {
    const response = await fetch(`${this.url}/entities?projectId=${this.projectId}`);
    return (await response.json()).items.map((entity) => entity.name);
  }

  async serverReplaced() {
    this.url = await this.replaceServer();
  }

  clear() {
    for (const page of this.#pages) page.close();
  }

  // As the documentation tells pages to send by themselves; 5 has no approvals.
  #isComplete(chat) {
    const decided = this.sdk.lastAssistantMessageIsCompleteWithApprovalResponses?.(chat) ?? false;
    return decided || this.sdk.lastAssistantMessageIsCompleteWithToolCalls(chat);
  }
}
