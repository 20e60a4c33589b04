import { describe, expect, it, vi } from "vitest";
import type * as Bytes from "../../src/foundation/bytes.ts";
import { fromBase64url, toBase64url } from "../../src/foundation/bytes.ts";
import { pairAsClient } from "../../src/pairing/asking.ts";
import { client, Play } from "./play.ts";

const compared: string[] = [];

vi.mock("../../src/foundation/bytes.ts", async (original) => {
  const real = await original<typeof Bytes>();
  return {
    ...real,
    constantTimeEqual: (a: Uint8Array, b: Uint8Array) => {
      compared.push(real.toBase64url(b));
      return real.constantTimeEqual(a, b);
    },
  };
});

describe("confirmations", () => {
  it("are compared without an early exit, on both sides", async () => {
    const play = new Play();
    play.open();
    const wire = play.exchange();
    const confirmations: string[] = [];
    await pairAsClient(
      client(play, "904817", {
        exchange: {
          begin: async (message) => {
            const answer = (await wire.begin(message)) as { confirm: string };
            confirmations.push(answer.confirm);
            return answer;
          },
          finish: (message) => {
            confirmations.push(String(message["confirm"]));
            return wire.finish(message);
          },
        },
      }),
    );
    expect(confirmations).toHaveLength(2);
    for (const confirm of confirmations) expect(compared).toContain(toBase64url(fromBase64url(confirm)));
  });
});
