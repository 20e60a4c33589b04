import { expect, it } from "vitest";
import { narrate } from "../../src/daemon/narrative.ts";
import type { Logger } from "../../src/foundation/logger.ts";
import type { Line } from "../../src/ledger/line.ts";

function told(...changes: Line["changes"]): readonly string[] {
  const said: string[] = [];
  const logger = { info: (_fields: object, text: string) => void said.push(text) } as unknown as Logger;
  narrate({ seq: 7, actor: "local", operation: "RevokeAPIToken", changes } as unknown as Line, logger);
  return said;
}

it("says what happened and not what was noted beside it", () => {
  expect(
    told({ type: "token.revoked", id: "01a20117-3e8d-7182-86d2-2a178eba5a4b" }, { type: "call.keyed", key: "k", input: "i" }),
  ).toEqual(["token ba5a4b was revoked"]);
});

it("names a change that a newer version wrote", () => {
  expect(told({ type: "lamp.lit" })).toEqual(["lamp.lit"]);
});
