/** Stores in memory: one that can tell its names, and one that holds texts and nothing more. */

import type { Store } from "../../src/sdk/records.ts";

/** Knows `get` and `set` only, like a keychain behind a thin wrapper. */
export class PlainStore implements Store {
  readonly texts = new Map<string, string>();

  get(name: string): string | undefined {
    return this.texts.get(name);
  }

  set(name: string, text: string): void {
    if (name === "key" && this.texts.has(name)) return;
    this.texts.set(name, text);
  }
}

export class MemoryStore extends PlainStore {
  list(): readonly string[] {
    return [...this.texts.keys()].filter((name) => name.startsWith("nodes/"));
  }
}
