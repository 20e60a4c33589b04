// Type-aware rules only: formatting and the cheap rules are biome's. No suppressions in code; what is relaxed stands here with its reason.
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "coverage/", "test/fixtures/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // tsc's noPropertyAccessFromIndexSignature asks for env["HOME"]; this rule would ask for the opposite.
      "@typescript-eslint/dot-notation": "off",
      // A number in a template literal reads as what it is; objects and undefined stay refused.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // `() => stream.end()` and `return reject(error)` are callbacks whose value nobody reads.
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // TypeScript's own enums are sets of bits, to be joined by |.
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      // [...text] walks code points, which is what is meant wherever it stands here.
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      // Every exhaustive union is checked, so that a new role or channel shows each place that must decide.
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // A synchronous method that satisfies an asynchronous interface may be declared async without awaiting.
      "@typescript-eslint/require-await": "off",
      // Static-only classes are refused, but a class with a private constructor and a static factory is our pattern for `open`.
      "@typescript-eslint/no-extraneous-class": ["error", { allowWithDecorator: false, allowStaticOnly: false }],
      // One unused name is allowed for: members taken out of an object so that the rest can be passed on.
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      // A `const` parameter keeps a literal type in an inferred return type, which the rule does not count as a use.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // A change of the ledger is an alias: an interface has no index signature and would not fit `Change`.
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    // `while (true)` is the honest form of a loop that ends by return; the rule would ask for a flag.
    files: ["**/*.ts"],
    rules: { "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: "only-allowed-literals" }] },
  },
  {
    // Tests take parts of honest fakes and of node:assert's kin by name; none of them uses `this`.
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/unbound-method": "off" },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      // One file reads the clock and one draws randomness (STYLE, habit 3); everybody else is handed a Clock or Random.
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "take a Clock (foundation/clock.ts)" },
        { object: "performance", property: "now", message: "take a Clock (foundation/clock.ts)" },
        { object: "Math", property: "random", message: "take a Random (foundation/random.ts)" },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "take a Clock (foundation/clock.ts)" },
        // `import { z }` costs 360 kB and 15 ms of start-up in the bundle.
        { selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier", message: 'write import * as z from "zod"' },
      ],
      "no-console": "error",
    },
  },
  // A page has no other place for a warning to who runs it.
  { files: ["src/sdk-browser/platform.ts"], rules: { "no-console": "off" } },
  { files: ["src/foundation/clock.ts", "src/foundation/random.ts"], rules: { "no-restricted-properties": "off" } },
);
