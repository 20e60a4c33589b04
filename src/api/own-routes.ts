/** Answers that are not operations, because a file or a standard prescribes them and no state of the node decides them. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Source } from "../foundation/source.ts";
import { answerText } from "./answer.ts";
import { FilePlaces } from "./file-places.ts";
import { LIMITS } from "./limits.ts";
import { METADATA_PATH, oauthMetadata } from "./oauth-metadata.ts";
import { OPENAPI_PATH, openapiText } from "./openapi/document.ts";
import { answerFile } from "./static-answer.ts";
import { packagedFolder, StaticFolder } from "./static-folder.ts";

/** One read of such a path. */
export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly source: Source;
  /** Returns scheme and authority as the client asked under. */
  readonly issuer: () => string;
}

/** Writes the answer, at once or later; throws or rejects with NOT_FOUND or RATE_LIMITED before anything was written. */
export type OwnRoute = (asked: Asked) => void | Promise<void>;

/** Answers by path. */
export interface OwnRoutes {
  /** Returns what answers GET and HEAD at the path; undefined where it is none of these. */
  find(path: string): OwnRoute | undefined;
}

/** What those answers hold. */
export interface OwnRoutesOptions {
  readonly caPem: () => string;
  readonly version: string;
  /** The owner's pages, an absolute path without links in it. */
  readonly pages?: string | undefined;
}

/**
 * `/v1/node/ca.pem`: public, for `curl --cacert`; a certificate is no secret, and PEM is what every tool reads.
 * `/.well-known/oauth-authorization-server`: public, where OAuth clients look.
 * `/openapi.json`, and `/docs` with its files: public, for they say what every node of this version says, and whoever
 * wants to know how to get a credential has none yet.
 * `/pages/…`, `/sdk/…`: public, for a browser asks for a page before the page can show a credential.
 */
export function ownRoutes({ caPem, pages, version }: OwnRoutesOptions): OwnRoutes {
  const openapi = openapiText(version);
  const docs = packagedFolder("#docs/index.html");
  const places = new FilePlaces(LIMITS);
  const routes = new Map<string, OwnRoute>([
    ["/v1/node/ca.pem", text("application/x-pem-file", caPem)],
    [METADATA_PATH, text("application/json", ({ issuer }) => JSON.stringify(oauthMetadata(issuer())))],
    [OPENAPI_PATH, text("application/json", openapi)],
    ["/docs", file(places, docs, "index.html")],
    ...(pages === undefined ? [] : [["/pages", moved("/pages/")] as const]),
  ]);
  const folders = [
    below("/docs/", docs, places),
    below("/sdk/", packagedFolder("#sdk/index.js"), places),
    ...(pages === undefined ? [] : [below("/pages/", folderAt(pages), places)]),
  ];
  return {
    find(path) {
      const route = routes.get(path);
      if (route !== undefined) return route;
      for (const folder of folders) if (path.startsWith(folder.prefix)) return folder.route(path);
      return undefined;
    },
  };
}

function text(type: string, read: (asked: Asked) => string): OwnRoute {
  return (asked) => answerText(asked.response, 200, type, read(asked), asked.requestId);
}

/** Redirects to the folder's address with a slash, so that relative links of its index page resolve inside it. */
function moved(place: string): OwnRoute {
  return ({ requestId, response }) => answerText(response, 308, "text/plain", "", requestId, ["Location", place]);
}

function below(prefix: string, folder: () => StaticFolder, places: FilePlaces) {
  return { prefix, route: (path: string): OwnRoute => file(places, folder, path.slice(prefix.length)) };
}

function file(places: FilePlaces, folder: () => StaticFolder, name: string): OwnRoute {
  return (asked) => places.with(asked.source.network, async () => answerFile(asked, await folder().open(name)));
}

function folderAt(root: string): () => StaticFolder {
  const folder = new StaticFolder(root);
  return () => folder;
}
