// A page as the AI SDK's documentation writes them: a React component around `useChat`.
import { Connections } from "./browser.mjs"; // first: react-dom looks for a document when it is loaded
import { setTimeout as pause } from "node:timers/promises";

import { createElement, StrictMode, useEffect, useLayoutEffect } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";

const PATIENCE_MS = 60_000;
const LOOK_MS = 10;
const QUIET_LOOKS = 8; // a page that sends by itself does so as soon as an answer has ended

// `page.chat` is what the writer has before them: the chat of the last render that was shown.
function Chat({ page, options }) {
  const { sdk, hooks, api, major, projectId, connections } = page;
  const { prepare, ...rest } = options;
  const transport = new sdk.DefaultChatTransport({
    api,
    headers: { "x-saga-sdk": String(major) },
    body: { projectId },
    prepareSendMessagesRequest: prepare,
    fetch: (...request) => connections.fetch(...request),
  });
  const chat = hooks.useChat({
    id: page.id,
    transport,
    onError: (error) => page.errors.push(error.message),
    ...rest,
  });
  useLayoutEffect(() => {
    page.chat = chat;
  });
  useEffect(() => {
    page.mounts += 1;
  }, [page]);
  return chat.messages.map((message) => createElement("article", { key: message.id }, textOf(message)));
}

export class Page {
  errors = [];
  mounts = 0;
  connections = new Connections();
  #root;
  #element = document.createElement("main");

  // sdk, hooks: the imported modules `ai` and `@ai-sdk/react`; major: theirs; url: of the server; id: of the chat,
  // which belongs to a project. prepare: the transport's `prepareSendMessagesRequest`; the rest is for `useChat`.
  constructor({ sdk, hooks, major, url, id, projectId, strictMode, ...options }) {
    Object.assign(this, { sdk, hooks, major, url, id, projectId, api: `${url}/ai/saga` });
    document.body.append(this.#element);
    this.#root = createRoot(this.#element);
    const chat = createElement(Chat, { page: this, options });
    flushSync(() => this.#root.render(strictMode ? createElement(StrictMode, null, chat) : chat));
  }

  get messages() {
    return this.chat.messages;
  }

  get last() {
    return this.messages.at(-1);
  }

  get text() {
    return textOf(this.last);
  }

  get idle() {
    const settled = this.chat.status === "ready" || this.chat.status === "error";
    return settled && this.connections.opening === 0;
  }

  calls(state) {
    const parts = this.last?.role === "assistant" ? this.last.parts : [];
    return parts.filter((part) => part.type.startsWith("tool-") && (state === undefined || part.state === state));
  }

  async until(holds, what) {
    const end = Date.now() + PATIENCE_MS;
    while (!holds()) {
      if (Date.now() > end) throw new Error(`never ${what}: ${JSON.stringify(this.seen())}`);
      await pause(LOOK_MS);
    }
  }

  // Until nothing is under way and nothing more is sent.
  async quiet() {
    for (let looks = 0, posts = this.connections.posts; looks < QUIET_LOOKS; looks++) {
      await pause(LOOK_MS);
      if (!this.idle || this.connections.posts !== posts) [looks, posts] = [-1, this.connections.posts];
    }
  }

  // Sends a message and reads the answer to its end, what the page sends by itself included; `messageId` is of a
  // message that this one replaces.
  async send(text, { messageId } = {}) {
    await this.chat.sendMessage({ text, messageId });
    await this.quiet();
  }

  async regenerate(options) {
    await this.chat.regenerate(options);
    await this.quiet();
  }

  // Begins a turn and comes back when so much of the answer has come; `turn` ends with it.
  async begin(text, { characters = 12 } = {}) {
    const turn = this.chat.sendMessage({ text });
    await this.inMidAnswer({ characters });
    return { turn };
  }

  async inMidAnswer({ characters = 12 } = {}) {
    await this.until(() => this.last?.role === "assistant" && this.text.length >= characters, "in mid-answer");
  }

  // The approvals the page shows as open, in the order of their calls: 6 and 7 have parts for them, 5 gets a data part.
  get asked() {
    if (this.major > 5) {
      const parts = this.calls("approval-requested");
      return parts.map((part) => ({ approvalId: part.approval.id, toolCallId: part.toolCallId, input: part.input }));
    }
    const open = this.last.parts.filter((part) => part.type === "data-approval" && part.data.state === "requested");
    const asked = new Map(open.map(({ data }) => [data.toolCallId, data]));
    const waiting = this.calls().filter((part) => asked.has(part.toolCallId));
    return waiting.map((part) => ({ ...asked.get(part.toolCallId), input: part.input }));
  }

  // Decides as a click does; `decisions` are pairs of an open approval and a boolean.
  async decide(...decisions) {
    if (this.major > 5) {
      for (const [{ approvalId }, approved, reason] of decisions) {
        await this.chat.addToolApprovalResponse({ id: approvalId, approved, reason });
      }
    } else {
      const approvals = decisions.map(([{ approvalId, toolCallId }, approved, reason]) => ({
        approvalId,
        toolCallId,
        approved,
        reason,
      }));
      await this.chat.sendMessage(undefined, { body: { approvals } });
    }
    await this.quiet();
  }

  // Gives a call's outcome: `{ output }` or `{ errorText }`.
  async settle(part, { output, errorText }) {
    const give = this.chat.addToolOutput ?? this.chat.addToolResult;
    const call = { tool: part.type.slice("tool-".length), toolCallId: part.toolCallId };
    await give(errorText === undefined ? { ...call, output } : { ...call, state: "output-error", errorText });
  }

  async stop() {
    await this.chat.stop();
    const response = await fetch(`${this.api}/${this.id}/stop`, { method: "POST" });
    if (response.status !== 204) throw new Error(`a stop gave ${response.status}`);
  }

  // The page is left for another one of the same app: its component goes, its connections need not.
  leave() {
    flushSync(() => this.#root.unmount());
    this.#element.remove();
  }

  // The page is closed or loaded anew: its connections go with it.
  close() {
    this.connections.cut();
    this.leave();
  }

  // What the page shows, for the test to judge; `shown` is what stands in the document.
  seen() {
    const { chat, connections, errors, mounts } = this;
    const shown = [...this.#element.children].map((article) => article.textContent);
    return {
      messages: chat.messages,
      status: chat.status,
      shown,
      posts: connections.posts,
      statuses: connections.statuses,
      errors,
      mounts,
    };
  }
}

export function textOf(message) {
  const parts = message?.parts ?? [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
