// How long the portal waits for a request's body. What is read into memory must be there soon, all of it; what streams on to a
// cluster takes as long as it takes, as long as it moves or waits for us.
import type { IncomingMessage, ServerResponse } from "node:http";

const streams = /^\/api\/(uploads|files\/content)([/?]|$)/;
/** Less than this in one wait is not moving: about 500 bytes a second. */
const leastBytes = 16 * 1024;

/** Ends a request whose body does not come. Counted at the socket, so that nobody's reading is disturbed. */
export function cutSlowBody(request: IncomingMessage, response: ServerResponse, waitMs: number): void {
  const { socket, url = "" } = request;
  let before = socket.bytesRead;
  // What lies here unread: then it is the reader who is slow, and once there is enough of it we take no more from the client.
  let unread = 0;
  const timer = setInterval(() => {
    const moved = socket.bytesRead - before;
    before = socket.bytesRead;
    const isWaitingForUs = unread > 0 || request.readableLength > 0;
    unread = request.readableLength;
    if (request.complete) clearInterval(timer);
    else if (!streams.test(url) || (moved < leastBytes && !isWaitingForUs)) request.destroy();
  }, waitMs).unref();
  response.once("close", () => clearInterval(timer));
}
