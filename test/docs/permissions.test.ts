/** docs/permissions.md says what a running daemon does, for every operation, by everyone, over every surface. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATION_NAMES, type OperationName, operationOf } from "../../src/catalogue/operations.ts";
import { ROLES, SCOPES } from "../../src/foundation/vocabulary.ts";
import { scopesOfPermission } from "../../src/policy/permissions.ts";
import { GRANTABLE_SCOPES, ROLE_SCOPES } from "../../src/policy/rights.ts";
import { SCOPE_USES } from "../../src/policy/scope-use.ts";
import type { JsonObject } from "../../src/wire/parse.ts";
import { SettableClock } from "../support/clock.ts";
import { ask, asLocal, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { askSigned, pair, signedHeaders, type TestPeer } from "../support/peers.ts";
import { objectIn, openSocket, refusedUpgrade, type TestSocket } from "../support/sockets.ts";
import { documentText, rowsUnder } from "./tables.ts";

const TEXT = documentText("permissions.md");
const ROWS = rowsUnder(TEXT, "operation");
const WHO = ["nobody", "readOnly", "fullAccess", "expired", "revoked", "viewer", "operator", "admin", "local"] as const;
type Who = (typeof WHO)[number];

/** The codes that mean: not you. Everything else is about what was asked. */
const NOT_YOU = ["AUTHENTICATION_REQUIRED", "TOKEN_EXPIRED", "TOKEN_REVOKED", "INSUFFICIENT_SCOPE"];

/** An id that nothing has, in the form of every kind of id. */
const NOTHING = "00000000-0000-8000-8000-000000000000";

const clock = new SettableClock();
let node: TestNode;
const tokens = new Map<Who, string>();
const peers = new Map<Who, TestPeer>();

beforeAll(async () => {
  node = await startTestNode({ clock });
  const issue = (input: JsonObject) => asLocal(node, "GenerateAPIToken", { name: "x", permissions: "fullAccess", ...input });
  tokens.set("readOnly", textIn(await issue({ permissions: "readOnly" }), "token"));
  tokens.set("fullAccess", textIn(await issue({}), "token"));
  tokens.set("expired", textIn(await issue({ expires: "1s" }), "token"));
  const revoked = await issue({});
  tokens.set("revoked", textIn(revoked, "token"));
  await asLocal(node, "RevokeAPIToken", { id: revoked["id"] });
  for (const role of ROLES) peers.set(role, await pair(node, role));
  clock.ahead = 2_000;
});
afterAll(() => node.end());

/** How an operation was refused, as far as it concerns who asked: a code and the missing scope; undefined when it did not. */
function refusalIn({ code, scope }: JsonObject): string | undefined {
  if (!NOT_YOU.includes(String(code))) return undefined;
  return typeof scope === "string" ? `${String(code)} ${scope}` : String(code);
}

/** Resolves to the refusal of a request over HTTP by whoever it is. */
async function over(who: Who, what: string): Promise<string | undefined> {
  clock.passed += 60_000; // the minute in which failures are counted is over
  const peer = peers.get(who);
  const question = what.startsWith("GET") ? {} : { body: {} };
  if (peer !== undefined) return refusalIn((await askSigned(node, peer, what, question)).json);
  const token = tokens.get(who);
  const via = who === "local" ? "socket" : "loopback";
  return refusalIn((await ask(node, what, { ...question, via, ...(token !== undefined && { token }) })).json);
}

/** Opens a socket as whoever it is; one whose token has ended is nobody's. */
async function socketOf(who: Who): Promise<TestSocket> {
  const peer = peers.get(who);
  if (peer !== undefined) return openSocket(node, { headers: await signedHeaders(node, peer, "GET /v1/ws") });
  if (who === "readOnly" || who === "fullAccess") return openSocket(node, { token: tokens.get(who) ?? "" });
  return openSocket(node, { via: who === "local" ? "socket" : "tls" });
}

function methodOf(operation: OperationName): string {
  return operationOf(operation).kind === "stream" ? operation.charAt(0).toLowerCase() + operation.slice(1) : operation;
}

/** What this page says must come of it: the refusal, or undefined. */
function promised(row: Readonly<Record<string, string>>, who: Who): string | undefined {
  if (row[who] === "yes") return undefined;
  if (who === "nobody") return "AUTHENTICATION_REQUIRED";
  if (who === "expired") return "TOKEN_EXPIRED";
  if (who === "revoked") return "TOKEN_REVOKED";
  return `INSUFFICIENT_SCOPE ${row["takes"] ?? ""}`;
}

describe("the page", () => {
  it("has every operation once, in the section it belongs to, and no other", () => {
    expect(ROWS.map(({ operation }) => operation).sort()).toEqual([...OPERATION_NAMES].sort());
    const unbuilt = TEXT.slice(TEXT.indexOf("## Operations that are not built yet"));
    for (const name of OPERATION_NAMES)
      expect([name, unbuilt.includes(`| \`${name}\` |`)]).toEqual([name, operationOf(name).missing !== undefined]);
  });

  it("says yes or no in every cell, and what each takes", () => {
    for (const row of ROWS) {
      for (const who of WHO) expect(["yes", "no"]).toContain(row[who]);
      expect(["public", "any credential", ...SCOPES]).toContain(row["takes"]);
    }
  });

  it("lists every scope with who holds it and whether a token may", () => {
    const rows = rowsUnder(TEXT, "scope");
    expect(rows.map(({ scope }) => scope)).toEqual([...SCOPES]);
    const yes = (holds: boolean): string => (holds ? "yes" : "no");
    for (const scope of SCOPES) {
      expect(rows.find((row) => row["scope"] === scope)).toMatchObject({
        "viewer, readOnly": yes(ROLE_SCOPES.viewer.has(scope)),
        "operator, fullAccess": yes(ROLE_SCOPES.operator.has(scope)),
        "admin, local": yes(ROLE_SCOPES.admin.has(scope)),
        grantable: yes(GRANTABLE_SCOPES.includes(scope)),
        "in use": SCOPE_USES.find((use) => use.scope === scope)?.inUse === true ? "yes" : "not yet",
      });
    }
    expect([...ROLE_SCOPES.viewer]).toEqual(scopesOfPermission("readOnly", undefined));
    expect([...ROLE_SCOPES.operator]).toEqual(scopesOfPermission("fullAccess", undefined));
  });
});

describe.each(WHO)("what %s may do", (who) => {
  it("by RPC", async () => {
    for (const row of ROWS) {
      const operation = row["operation"] ?? "";
      if (operationOf(operation as OperationName).kind === "stream") continue;
      expect([operation, await over(who, `POST /rpc/${operation}`)]).toEqual([operation, promised(row, who)]);
    }
  });

  it("by REST", async () => {
    for (const row of ROWS) {
      const operation = row["operation"] ?? "";
      const { rest } = operationOf(operation as OperationName);
      if (rest === null) continue;
      const what = `${rest.method} ${rest.path.replaceAll(/:\w+/g, NOTHING)}`;
      expect([what, await over(who, what)]).toEqual([what, promised(row, who)]);
    }
  });

  it("by WebSocket", async () => {
    const ended = who === "expired" || who === "revoked";
    const token = tokens.get(who) ?? "";
    const refused = ended ? refusalIn((await refusedUpgrade(node, { token })).json) : undefined;
    const socket = await socketOf(who);
    for (const row of ROWS) {
      const operation = row["operation"] ?? "";
      const answer = await socket.ask(methodOf(operation as OperationName), {});
      const refusal = "error" in answer ? refusalIn(objectIn(objectIn(answer, "error"), "data")) : undefined;
      // With an ended token nobody gets further than showing it; what is public needs none.
      expect([operation, refusal === undefined ? undefined : (refused ?? refusal)]).toEqual([operation, promised(row, who)]);
    }
    if (ended) {
      expect((await socket.refused("authenticate", { apiToken: token }))["code"]).toBe(refused);
      expect((await socket.closed).code).toBe(4401);
    }
    socket.raw.close();
  });
});
