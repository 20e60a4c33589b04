/** Random sequences of everything that can happen to tokens, restarts and a clock set back among them, against the model. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOUR } from "../../src/foundation/durations.ts";
import type { JsonObject } from "../../src/wire/parse.ts";
import { SettableClock } from "../support/clock.ts";
import { type Answer, ask, asLocal, listIn, rpc, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { linesOf } from "../support/record.ts";
import { objectIn } from "../support/sockets.ts";
import { Model, type ModelToken } from "./model.ts";

const LIVES: Readonly<Record<string, number | null>> = { never: null, "1h": HOUR, "3h": 3 * HOUR };
const PERMISSIONS = ["readOnly", "fullAccess"] as const;
const READING: unknown = expect.not.arrayContaining(["machines:write"]);
const WRITING: unknown = expect.arrayContaining(["machines:write"]);

const lives = fc.constantFrom("never", "1h", "3h");
const which = fc.nat({ max: 30 });
const permissions = fc.constantFrom(...PERMISSIONS);

/** What can happen; `at` picks one of the tokens ever issued. */
const events = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("issue" as const), expires: lives, permissions }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("edit" as const), at: which, expires: fc.option(lives), permissions }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("rotate" as const), at: which, grace: fc.constantFrom("0", "2h", "24h") }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("rotateTwice" as const), at: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("revoke" as const), at: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("revokeNamed" as const), at: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("burn" as const), at: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), at: which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), hours: fc.constantFrom(1, 2, 24) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const), back: fc.constantFrom(0, 1, 5) }) },
);
type Happening = typeof events extends fc.Arbitrary<infer T> ? T : never;

class Play {
  readonly model = new Model();
  readonly clock: SettableClock;
  readonly folder: string;
  node: TestNode;
  #named = 0;

  private constructor(node: TestNode, folder: string, clock: SettableClock) {
    this.node = node;
    this.folder = folder;
    this.clock = clock;
  }

  static async begin(): Promise<Play> {
    const folder = mkdtempSync(join(tmpdir(), "cider-model-"));
    const clock = new SettableClock();
    return new Play(await startTestNode({ folder, clock }), folder, clock);
  }

  async end(): Promise<void> {
    await this.node.end();
    rmSync(this.folder, { recursive: true });
  }

  async happen(event: Happening): Promise<void> {
    if (event.do === "issue") await this.#issue(event.expires, event.permissions);
    else if (event.do === "wait") this.clock.ahead += event.hours * HOUR;
    else if (event.do === "restart") await this.#restart(event.back);
    else {
      const token = this.model.tokens[event.at % Math.max(this.model.tokens.length, 1)];
      if (token !== undefined) await this.#change(event, token);
    }
  }

  /** Starts the node again, with the machine's clock set back by some hours. */
  async #restart(back: number): Promise<void> {
    await this.node.end();
    this.clock.ahead -= back * HOUR;
    this.node = await startTestNode({ folder: this.folder, clock: this.clock });
  }

  async #issue(expires: string, permissions: string): Promise<void> {
    const name = `token ${++this.#named}`;
    const answer = await asLocal(this.node, "GenerateAPIToken", { name, expires, permissions });
    const [id, text] = [textIn(answer, "id"), textIn(answer, "token")];
    this.model.tokens.push({
      id,
      text,
      name,
      permissions,
      expiresAt: endIn(answer),
      life: LIVES[expires] ?? null,
      state: "active",
    });
  }

  async #change(event: Exclude<Happening, { do: "issue" | "wait" | "restart" }>, token: ModelToken): Promise<void> {
    this.model.pass(this.clock.now());
    switch (event.do) {
      case "edit":
        return this.#edit(token, event.expires, event.permissions);
      case "rotate":
        return this.#rotate(token, event.grace);
      case "rotateTwice":
        return this.#rotateTwice(token);
      case "delete":
        return this.#end(token, "DeleteAPIToken", { id: token.id });
      case "revoke":
        return this.#end(token, "RevokeAPIToken", { id: token.id });
      case "burn":
        return this.#end(token, "BurnAPIToken", { token: token.text });
      case "revokeNamed":
        return this.#revokeNamed(token);
    }
  }

  async #edit(token: ModelToken, expires: string | null, permissions: string): Promise<void> {
    const input = { id: token.id, permissions, ...(expires !== null && { expires }) };
    const answer = await this.#ask("UpdateAPIToken", input, expected(token));
    if (answer.status !== 200) return;
    const end = endIn(answer.json);
    this.#oneLine(answer, end !== token.expiresAt || token.permissions !== permissions);
    if (expires === null) expect(end).toBe(token.expiresAt);
    else if (end !== token.expiresAt) token.life = LIVES[expires] ?? null;
    Object.assign(token, { permissions, expiresAt: end });
  }

  async #rotate(token: ModelToken, grace: string): Promise<void> {
    const answer = await this.#ask("RotateAPIToken", { id: token.id, grace }, expected(token, token.rotatedTo));
    if (answer.status === 200) this.#rotated(token, answer);
  }

  /** Of two rotations at once one wins. */
  async #rotateTwice(token: ModelToken): Promise<void> {
    const may = expected(token, token.rotatedTo) === "ok";
    const both = await Promise.all([0, 1].map(() => rpc(this.node, "RotateAPIToken", { id: token.id }, { via: "socket" })));
    const won = both.filter(({ status }) => status === 200);
    expect(won).toHaveLength(may ? 1 : 0);
    for (const answer of won) this.#rotated(token, answer);
  }

  #rotated(token: ModelToken, answer: Answer): void {
    const { json } = answer;
    const expiresAt = endIn(json);
    if (token.life === null) expect(expiresAt).toBeNull();
    else expect((expiresAt ?? 0) - Date.parse(textIn(json, "createdAt"))).toBeCloseTo(token.life, -3);
    const { graceUntil } = objectIn(json, "previous");
    const next = { id: textIn(json, "id"), text: textIn(json, "token"), expiresAt };
    this.model.rotate(token, next, typeof graceUntil === "string" ? Date.parse(graceUntil) : null);
    this.#oneLine(answer, true);
  }

  async #end(token: ModelToken, operation: string, input: JsonObject): Promise<void> {
    const deleted = operation === "BurnAPIToken" ? "TOKEN_INVALID" : "NOT_FOUND";
    const answer = await this.#ask(operation, input, token.state === "deleted" ? deleted : "ok");
    if (token.state === "deleted") return;
    this.#oneLine(answer, operation === "DeleteAPIToken" || token.state !== "revoked");
    if (operation === "DeleteAPIToken") this.model.revoke(token, "deleted");
    else if (token.state !== "revoked") this.model.revoke(token);
  }

  async #revokeNamed({ name }: ModelToken): Promise<void> {
    const meant = this.model.tokens.filter((token) => token.name === name && token.state === "active");
    const before = this.model.tokens.filter(({ state }) => state === "active").length;
    const answer = await this.#ask("RevokeAPITokens", { name }, "ok");
    for (const token of meant) this.model.revoke(token);
    const ended = before - this.model.tokens.filter(({ state }) => state === "active").length;
    expect(answer.json["tokens"]).toHaveLength(ended);
    this.#oneLine(answer, ended > 0);
  }

  async #ask(operation: string, input: JsonObject, code: string): Promise<Answer> {
    const answer = await rpc(this.node, operation, input, { via: "socket" });
    expect([operation, answer.json["code"] ?? "ok"]).toEqual([operation, code]);
    return answer;
  }

  /** A change leaves exactly one line, with who asked and the request's id; what changed nothing leaves none. */
  #oneLine({ headers }: Answer, changed: boolean): void {
    const lines = linesOf(this.node).filter(({ request }) => request === headers["x-request-id"]);
    expect(lines).toHaveLength(changed ? 1 : 0);
    for (const { actor, operation } of lines) expect(actor).toMatch(operation === "BurnAPIToken" ? /^token:/ : /^local$/);
  }

  /** Compares everything a person can see. */
  async check(): Promise<void> {
    this.model.pass(this.clock.now());
    for (const token of this.model.tokens) {
      const { json } = await ask(this.node, "GET /v1/self", { via: "socket", token: token.text });
      expect(json["code"] ?? "ok").toBe(this.model.answerTo(token));
      if (token.state === "active") expect(json["scopes"]).toEqual(this.model.mayWrite(token) ? WRITING : READING);
    }
    const listed = listIn(await asLocal(this.node, "ListAPITokens"), "tokens").map((token) => ({
      id: token["id"],
      name: token["name"],
      permissions: token["permissions"],
      status: token["status"],
      expiresAt: endIn(token),
      rotatedFrom: token["rotatedFrom"],
      rotatedTo: token["rotatedTo"],
    }));
    expect(listed).toEqual(this.model.listed());
  }
}

/** What a change of this token must be answered with. */
function expected({ state }: ModelToken, rotatedTo?: string): string {
  if (state === "deleted") return "NOT_FOUND";
  return state === "active" && rotatedTo === undefined ? "ok" : "CONFLICT";
}

function endIn(record: JsonObject): number | null {
  return record["expiresAt"] === null ? null : Date.parse(textIn(record, "expiresAt"));
}

describe("tokens", () => {
  it("are what a simple model says, after whatever happened", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(events, { minLength: 5, maxLength: 30, size: "max" }), async (happenings) => {
        const play = await Play.begin();
        try {
          for (const happening of happenings) {
            await play.happen(happening);
            await play.check();
          }
        } finally {
          await play.end();
        }
      }),
      { numRuns: 15 },
    );
  });
});
