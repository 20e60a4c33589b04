#!/usr/bin/env node
"use strict";
require("./launch.cjs").launch(process.argv.slice(2));
