/** Runs the command line from its sources: `npm run dev` is `cider-fleet up` without a build. */

import { main } from "../src/cli/main.ts";

await main(process.argv.slice(2));
