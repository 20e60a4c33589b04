// The bare side: node:http and nothing else, with the answer it is told to give: bare-http.mjs <answer> [port].
// Prints its port when it listens.

import { createServer } from "node:http";

const [, , answer, port = "0"] = process.argv;
const { status, headers, body } = JSON.parse(answer);

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(status, headers);
  response.end(body);
});

server.listen(Number(port), "127.0.0.1", () => console.log(server.address().port));
