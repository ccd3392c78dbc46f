// What pages have of a browser: a document, and connections that end when their page goes away.
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>", { url: "http://127.0.0.1/", pretendToBeVisual: true });
for (const [name, value] of Object.entries({ window, document: window.document, navigator: window.navigator })) {
  Object.defineProperty(globalThis, name, { value, configurable: true }); // newer Nodes have a navigator of their own
}

export class Connections {
  posts = 0;
  statuses = []; // of the answers that came
  streams = []; // of each answer, the chunks that have come
  opening = 0;
  #page = new AbortController();

  async fetch(input, init = {}) {
    this.posts += init.method === "POST" ? 1 : 0;
    this.opening += 1;
    const signals = [this.#page.signal, init.signal].filter(Boolean);
    try {
      const response = await fetch(input, { ...init, signal: AbortSignal.any(signals) });
      this.statuses.push(response.status);
      if (response.body !== null) this.#listen(response.clone().body);
      return response;
    } finally {
      this.opening -= 1;
    }
  }

  // For each answer, which chunks spoke of the call.
  tellsOf(toolCallId) {
    const types = (chunks) => chunks.filter((chunk) => chunk.toolCallId === toolCallId).map((chunk) => chunk.type);
    return this.streams.map(types);
  }

  cut() {
    this.#page.abort();
  }

  async #listen(body) {
    const chunks = [];
    this.streams.push(chunks);
    let rest = "";
    try {
      for await (const text of body.pipeThrough(new TextDecoderStream())) {
        const events = (rest + text).split("\n\n");
        rest = events.pop();
        const data = events.filter((event) => event.startsWith("data: {"));
        chunks.push(...data.map((event) => JSON.parse(event.slice("data: ".length))));
      }
    } catch {
      // the page's own reading of it tells what went wrong
    }
  }
}
