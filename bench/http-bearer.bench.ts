/** What remains of bare node:http when every request carries a bearer token that is checked, and an answer that is computed. */

import type { Comparison } from "./harness.ts";
import { ask, requestBytes } from "./load.ts";
import { NodeUnderTest } from "./node.ts";
import { ServerUnderTest } from "./server.ts";

const CONNECTIONS = 16;

const comparison: Comparison = {
  name: "http-bearer",
  claim: "GET /v1/node with a bearer token, against node:http with the same fields in and out",
  target: { atLeast: 0.75 },
  unit: "requests per server CPU second",
  prepare: async () => {
    const node = await NodeUnderTest.start();
    const { token } = await node.local.generateAPIToken("bench", "readOnly");
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

export default [comparison];
