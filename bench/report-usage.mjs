// Preloaded into a server under test (`node --import`), so that it can be asked for the CPU time it has used.

process.on("message", (message) => {
  if (message === "usage") process.send({ usage: process.cpuUsage() });
});

// Asking must not keep a server alive that wants to end.
process.channel.unref();
