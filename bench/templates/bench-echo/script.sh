#!/bin/bash
# A WebSocket echo on the portal's own Node.
cd -- "$BERTH_PARAM_RELEASE" || exit 66
exec node_modules/.bin/node --input-type=module -e '
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer((_request, response) => response.end("echo"));
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.listen(Number(process.env.BERTH_PORT), "0.0.0.0");
'
