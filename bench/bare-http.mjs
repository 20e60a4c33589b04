// The bare side: node:http and nothing else, with the answer it is told to give. Prints its port when it listens.

import { createServer } from "node:http";

const { status, headers, body } = JSON.parse(process.argv[2]);

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(status, headers);
  response.end(body);
});

server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
