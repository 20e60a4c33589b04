import { describe, expect, it } from "vitest";
import { asTyped, programOf, Screen } from "../../src/cli/terminal.ts";
import { capture, terminalDouble } from "./doubles.ts";

const red = (isTTY: boolean, env: Record<string, string>) => new Screen(capture({ isTTY }), env).paint("red", "x");

describe("colour", () => {
  it("is for terminals", () => {
    expect(red(true, {})).toBe("\u001b[31mx\u001b[39m");
    expect(red(false, {})).toBe("x");
  });

  it("stays away where NO_COLOR or a dumb terminal asks for it", () => {
    expect(red(true, { NO_COLOR: "1" })).toBe("x");
    expect(red(true, { TERM: "dumb" })).toBe("x");
    expect(red(true, { NO_COLOR: "" })).not.toBe("x");
  });

  it("comes back with FORCE_COLOR", () => {
    expect(red(false, { FORCE_COLOR: "1" })).not.toBe("x");
    expect(red(true, { FORCE_COLOR: "0" })).toBe("x");
  });
});

describe("a screen", () => {
  it("writes lines and JSON, one value a line", () => {
    const output = capture();
    const screen = new Screen(output, {});
    screen.line("one");
    screen.json({ two: "2\n" });
    expect(output.text).toBe('one\n{"two":"2\\n"}\n');
    expect(screen.columns).toBe(80);
  });

  it("shows what others wrote without what steers a terminal", () => {
    const output = capture();
    const screen = new Screen(output, {});
    screen.line("a\u001b[2J\u009b1m\u0007\t\u202eb\r\nc");
    screen.json({ name: "\u001b\u007f\u009b\u202e" });
    expect(output.text).toBe('a?[2J?1m???b?\n  c\n{"name":"\\u001b\\u007f\\u009b\\u202e"}\n');
  });

  it("keeps its own styles and no others", () => {
    const output = capture({ isTTY: true });
    const screen = new Screen(output, {});
    screen.line(`${screen.paint("red", "bad\u001b[8m")} \u001b[1mbold\u001b[0m`);
    expect(output.text).toBe("\u001b[31mbad?[8m\u001b[39m ?[1mbold?[0m\n");
  });
});

describe("what a person types for cider fleet", () => {
  const path = "/usr/bin:/home/ada/.npm/bin";

  it.each([
    ["/home/ada/.npm/bin/cider", "/tmp", "cider fleet"],
    ["/usr/bin/cider-fleet", "/tmp", "cider-fleet"],
    ["/src/cider-fleet/bin/cider.cjs", "/src/cider-fleet", "node bin/cider.cjs fleet"],
    ["/src/cider-fleet/bin/cider-fleet.cjs", "/src/cider-fleet", "node bin/cider-fleet.cjs"],
    ["/src/cider fleet/bin/cider.cjs", "/home/ada", "node '/src/cider fleet/bin/cider.cjs' fleet"],
    ["/src/cider-fleet/scripts/dev.ts", "/src/cider-fleet", "cider fleet"],
    ["/nowhere/on/the/path/cider", "/src", "cider fleet"],
  ])("of %s in %s is %s", (script, folder, program) => {
    expect(programOf(script, path, folder)).toBe(program);
  });

  it("stands in hints and in lines to paste", () => {
    const terminal = { ...terminalDouble(), program: "node bin/cider.cjs fleet" };
    expect(asTyped(terminal, 'start it with "cider fleet up"')).toBe('start it with "node bin/cider.cjs fleet up"');
    expect(asTyped(terminalDouble(), "cider fleet up")).toBe("cider fleet up");
  });
});
