// A page without a framework: the AI SDK's own chat, its own transport, and a count of what it posts.
import { setTimeout as pause } from "node:timers/promises";

const PATIENCE_MS = 60_000;
const LOOK_MS = 10;
const QUIET_LOOKS = 8; // a page that sends by itself does so as soon as an answer has ended

class State {
  status = "ready";
  error = undefined;
  messages = [];

  pushMessage(message) {
    this.messages = [...this.messages, message];
  }

  popMessage() {
    this.messages = this.messages.slice(0, -1);
  }

  replaceMessage(index, message) {
    this.messages = this.messages.with(index, structuredClone(message));
  }

  snapshot(thing) {
    return structuredClone(thing);
  }
}

export class Page {
  // sdk: the imported module; major: of that module; url: of the server; id: of the chat, which belongs to a project.
  // prepare: the transport's `prepareSendMessagesRequest`; anything else is the chat's.
  constructor({ sdk, major, url, id, projectId, prepare, ...chat }) {
    Object.assign(this, { sdk, major, url, id });
    this.posts = 0;
    this.errors = [];
    this.data = [];
    this.statuses = [];
    const transport = new sdk.DefaultChatTransport({
      api: `${url}/ai/saga`,
      headers: { "x-saga-sdk": String(major) },
      body: { projectId },
      prepareSendMessagesRequest: prepare,
      fetch: (...request) => this.#fetch(...request),
    });
    class Chat extends sdk.AbstractChat {}
    this.chat = new Chat({
      id,
      state: new State(),
      transport,
      onError: (error) => this.errors.push(error.message),
      onData: (part) => this.data.push(part),
      ...chat,
    });
  }

  async #fetch(input, init) {
    this.posts += init?.method === "POST" ? 1 : 0;
    const response = await fetch(input, init);
    this.statuses.push(response.status);
    return response;
  }

  get last() {
    return this.chat.lastMessage;
  }

  get text() {
    return textOf(this.last);
  }

  get idle() {
    return this.chat.status === "ready" || this.chat.status === "error";
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
    for (let looks = 0, posts = this.posts; looks < QUIET_LOOKS; looks++) {
      await pause(LOOK_MS);
      if (!this.idle || this.posts !== posts) [looks, posts] = [-1, this.posts];
    }
  }

  // Sends a message and reads the answer to its end, what the page sends by itself included.
  async send(text, options) {
    await this.chat.sendMessage({ text }, options);
    await this.quiet();
  }

  // Begins a turn and comes back when so much of the answer has come; `turn` ends with it.
  async begin(text, { characters = 12 } = {}) {
    const turn = this.chat.sendMessage({ text });
    await this.until(() => this.text.length >= characters && this.last.role === "assistant", "in mid-answer");
    return { turn };
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
      await this.until(() => this.calls("approval-responded").length === 0 || this.idle === false, "sent by itself");
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
    const give = (this.chat.addToolOutput ?? this.chat.addToolResult).bind(this.chat);
    const call = { tool: part.type.slice("tool-".length), toolCallId: part.toolCallId };
    await give(errorText === undefined ? { ...call, output } : { ...call, state: "output-error", errorText });
  }

  async history() {
    const response = await fetch(`${this.url}/ai/saga/${this.id}/messages`, {
      headers: { "x-saga-sdk": String(this.major) },
    });
    return (await response.json()).messages;
  }

  async stop() {
    await this.chat.stop();
    const response = await fetch(`${this.url}/ai/saga/${this.id}/stop`, { method: "POST" });
    if (response.status !== 204) throw new Error(`a stop gave ${response.status}`);
  }

  // What the page shows, for the test to judge.
  seen() {
    const { messages, status } = this.chat;
    return { messages, status, posts: this.posts, errors: this.errors, statuses: this.statuses };
  }
}

export function textOf(message) {
  const parts = message?.parts ?? [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
