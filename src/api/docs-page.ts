/**
 * `GET /docs`: the operations to read and try, drawn by two files of swagger-ui that the build copies. The page asks this
 * node for everything and nobody else for anything, and its policy makes the browser see to that.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { FleetError } from "../foundation/errors.ts";
import { OPENAPI_PATH } from "./openapi.ts";

const PATH = "/docs";

/** No script, style or request but this node's own; nothing frames the page, and it sends no form anywhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS = ["Content-Security-Policy", POLICY, "Referrer-Policy", "no-referrer"] as const;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>cider-fleet node</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${PATH}/swagger-ui.css">
</head>
<body>
<div id="operations"></div>
<script src="${PATH}/swagger-ui-bundle.js"></script>
<script src="${PATH}/start.js"></script>
</body>
</html>
`;

/** Without a validator: swagger-ui would send the document to one on the Internet. */
const START = `SwaggerUIBundle({
  url: ${JSON.stringify(OPENAPI_PATH)},
  dom_id: "#operations",
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
});
`;

/** A file of the page. */
export interface DocsFile {
  readonly type: string;
  readonly text: string;
  readonly headers: readonly string[];
}

/** Returns what reads the page's files, by path; it throws NOT_FOUND where the package was never built. */
export function docsPage(): ReadonlyMap<string, () => DocsFile> {
  const kept = new Map<string, string>();
  const copied = (name: string) => (): string => {
    const text = kept.get(name) ?? readCopied(name);
    kept.set(name, text);
    return text;
  };
  const file = (type: string, text: () => string) => (): DocsFile => ({ type, text: text(), headers: HEADERS });
  return new Map([
    [PATH, file("text/html; charset=utf-8", () => PAGE)],
    [`${PATH}/start.js`, file("text/javascript; charset=utf-8", () => START)],
    [`${PATH}/swagger-ui.css`, file("text/css; charset=utf-8", copied("swagger-ui.css"))],
    [`${PATH}/swagger-ui-bundle.js`, file("text/javascript; charset=utf-8", copied("swagger-ui-bundle.js"))],
  ]);
}

/** `#docs/` is a folder of `dist`, from the sources as from the bundle: package.json says where. */
function readCopied(name: string): string {
  try {
    return readFileSync(createRequire(import.meta.url).resolve(`#docs/${name}`), "utf8");
  } catch (error) {
    throw new FleetError("NOT_FOUND", 'this page is made by "npm run build"', {}, { cause: error });
  }
}
