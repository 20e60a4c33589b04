import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CheckpointFile } from "../../src/ledger/checkpoint.ts";
import { Badges, give, NODE, newFolder, OTHER_NODE, openLedger } from "./fixture.ts";

/** A folder stopped cleanly with two badges. */
async function stopped(): Promise<{ folder: string; file: string; text: string }> {
  const folder = newFolder();
  const { ledger } = await openLedger(folder);
  ledger.commit(give("ada"));
  ledger.commit(give("bob"));
  await ledger.close();
  const file = join(folder, "state.json");
  return { folder, file, text: readFileSync(file, "utf8") };
}

describe("a checkpoint", () => {
  test("spares the folds the lines it contains, and only those", async () => {
    const { folder } = await stopped();
    const again = await openLedger(folder);
    expect([again.badges.names, again.badges.folded]).toEqual([["ada", "bob"], 0]);
    again.ledger.commit(give("cyd"));
    await again.ledger.settled();
    const crashed = await openLedger(folder);
    expect([crashed.badges.names, crashed.badges.folded]).toEqual([["ada", "bob", "cyd"], 1]);
    await again.ledger.close();
  });

  test("is not rewritten when nothing changed", async () => {
    const { folder, file, text } = await stopped();
    writeFileSync(file, ` ${text}`);
    await (await openLedger(folder)).ledger.close();
    expect(readFileSync(file, "utf8")).toBe(` ${text}`);
  });

  test("may be missing", async () => {
    const { folder, file } = await stopped();
    writeFileSync(file, "null");
    expect((await openLedger(folder)).badges.folded).toBe(2);
  });

  test.each([
    ["zeroed", (text: string) => "\0".repeat(text.length)],
    ["cut", (text: string) => text.slice(0, -20)],
    ["edited", (text: string) => text.replace("ada", "eve")],
    ["moved to another line", (text: string) => text.replace('"seq":2', '"seq":1')],
    ["another node's", (text: string) => text.replace(NODE, OTHER_NODE)],
    ["without folds", (text: string) => text.replace('"folds"', '"folders"')],
    ["a list", () => "[]"],
  ])("that is %s is passed over: every line is replayed, and the log says so", async (_, spoil) => {
    const { folder, file, text } = await stopped();
    writeFileSync(file, spoil(text));
    const { badges, logged } = await openLedger(folder);
    expect([badges.names, badges.folded]).toEqual([["ada", "bob"], 2]);
    expect(logged.join()).toContain("unusable checkpoint");
  });

  test("of a newer form is refused", async () => {
    const { folder, file, text } = await stopped();
    writeFileSync(file, text.replace('"checkpoint":1', '"checkpoint":2'));
    await expect(openLedger(folder)).rejects.toMatchObject({ code: "FORMAT_NEWER" });
  });

  test("that a fold cannot read, or that lacks a fold, is passed over", async () => {
    const { folder } = await stopped();
    const picky = new Badges();
    picky.restore = (snapshot) => {
      picky.held.clear();
      if (snapshot !== undefined) throw new SyntaxError("an older shape");
    };
    await openLedger(folder, { folds: [picky] });
    expect([picky.names, picky.folded]).toEqual([["ada", "bob"], 2]);
    const [badges, more] = [new Badges(), new Badges()];
    await openLedger(folder, { folds: [badges, Object.assign(more, { name: "more" })] });
    expect([badges.names, more.names]).toEqual([
      ["ada", "bob"],
      ["ada", "bob"],
    ]);
  });

  test("that cannot be written costs nothing but time", async () => {
    const folder = newFolder();
    const { ledger, badges, logged } = await openLedger(folder);
    ledger.commit(give("ada"));
    badges.snapshot = () => {
      throw new RangeError("no snapshot");
    };
    await ledger.close();
    expect(logged.join()).toContain("could not write the checkpoint");
    expect((await openLedger(folder)).badges.names).toEqual(["ada"]);
  });
});

test("two folds of one name are a defect", async () => {
  await expect(openLedger(newFolder(), { folds: [new Badges(), new Badges()] })).rejects.toThrow(RangeError);
});

test("what was written is read back, whatever its keys", () => {
  const file = new CheckpointFile(join(newFolder(), "state.json"), NODE);
  expect(file.read()).toBeUndefined();
  const checkpoint = { head: { seq: 7, hash: "a".repeat(64) }, folds: { b: { 2: "two", 1: "one", ä: [null] }, a: 1 } };
  file.write(checkpoint);
  expect(file.read()).toEqual(checkpoint);
});
