/** Builds once before the tests that run what is shipped. */

import { build } from "../scripts/build.ts";

export async function setup(): Promise<void> {
  await build({ bundleOnly: false });
}
