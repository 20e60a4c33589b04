/** Bodies in pieces, as whoever wants the node's memory would send them. */

import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { readBody } from "../../src/api/body.ts";
import { isFleetError } from "../../src/foundation/errors.ts";

const FIELDS = { hasBody: true, isSigned: false };

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A request whose body the test writes. */
function request(): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { complete: true }) as unknown as PassThrough & IncomingMessage;
}

describe("a body", () => {
  it("is what was sent, in whatever pieces", async () => {
    const sent = Buffer.from(Array.from({ length: 10_000 }, (_, i) => i % 251));
    for (const size of [1, 7, 4096, 10_000]) {
      const incoming = request();
      const body = readBody(incoming, FIELDS, sent.length);
      for (let from = 0; from < sent.length; from += size) incoming.write(sent.subarray(from, from + size));
      incoming.end();
      expect(sent.equals(await body)).toBe(true);
    }
  });

  it("may be as long as the limit, and not a byte longer", async () => {
    for (const [length, outcome] of [
      [5, "read"],
      [6, "PAYLOAD_TOO_LARGE"],
    ] as const) {
      const incoming = request();
      const body = readBody(incoming, FIELDS, 5).then(
        () => "read",
        (error: unknown) => isFleetError(error) && error.code,
      );
      for (let sent = 0; sent < length; sent++) incoming.write("x");
      incoming.end();
      expect(await body).toBe(outcome);
    }
  });

  it("keeps none of its pieces, of which a stranger could send one for each byte", async () => {
    const incoming = request();
    const body = readBody(incoming, FIELDS, 1000);
    const pieces: WeakRef<Buffer>[] = [];
    for (let sent = 0; sent < 100; sent++) {
      const piece = Buffer.from("x");
      pieces.push(new WeakRef(piece));
      incoming.write(piece);
      await turn();
    }
    collectGarbage();
    await turn();
    collectGarbage();
    expect(pieces.filter((piece) => piece.deref() !== undefined).length).toBeLessThan(10);
    incoming.end();
    expect((await body).length).toBe(100);
  });
});
