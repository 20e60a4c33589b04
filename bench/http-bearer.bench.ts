/**
 * What remains of bare node:http when every request carries a bearer token that is checked: found by its hash, and its
 * status, end, address, scope and quota looked at, the call counted, a request id made. The answer of GET /v1/node is the
 * same text until the node is renamed, and kept until then; it is neither computed nor written anew for each request.
 */

import type { Comparison } from "./harness.ts";
import { ask, requestBytes } from "./load.ts";
import { NodeUnderTest } from "./node.ts";
import { ServerUnderTest } from "./server.ts";

const CONNECTIONS = 16;

/** Tokens the node holds, and how many are asked for at the same time. */
const TOKENS = 10_000;
const AT_ONCE = 64;

/** Where the tokens may be used from: the bench's own address is found last. */
const ALLOWED = ["10.0.0.0/8", "192.168.0.0/16", "fd00::/8", "127.0.0.1"];

const comparison: Comparison = {
  name: "http-bearer",
  claim: `GET /v1/node with one of ${TOKENS.toLocaleString("en")} bearer tokens, each with an allow-list and counted, against node:http with the same fields in and out`,
  target: { atLeast: 0.75 },
  unit: "requests per server CPU second",
  prepare: async () => {
    const node = await NodeUnderTest.start();
    const token = await issueTokens(node);
    const request = requestBytes("GET", "/v1/node", { host: node.authority, authorization: `Bearer ${token}` });
    const bare = await ServerUnderTest.bare(await ask(node.server.at, request));
    const load = (seconds: number) => ({ connections: CONNECTIONS, seconds, next: () => request });
    return {
      subject: ({ seconds }) => node.server.rate(load(seconds)),
      baseline: ({ seconds }) => bare.rate(load(seconds)),
      close: async () => {
        await bare.stop();
        await node.stop();
      },
    };
  },
};

/** Issues all tokens and returns the text of the last. */
async function issueTokens({ local }: NodeUnderTest): Promise<string> {
  let text = "";
  for (let issued = 0; issued < TOKENS; issued += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, TOKENS - issued) }, () =>
      local.generateAPIToken("bench", "readOnly", { allowedIps: ALLOWED }),
    );
    for (const { token } of await Promise.all(some)) text = token;
  }
  return text;
}

export default [comparison];
