#!/bin/bash
# The smallest app with HTTP and a WebSocket (RFC 6455; messages of up to 125 bytes), on the session's Unix socket.
exec python3 -c '
import asyncio, base64, hashlib, os

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.split(b"\r\n")
            names = dict((line.lower().split(b":")[0], line.split(b":", 1)[1].strip()) for line in lines[1:] if b":" in line)
            if b"sec-websocket-key" in names:
                return await echo(reader, writer, names[b"sec-websocket-key"])
            # A request that is in flight for long enough to be interrupted; the file says that it is.
            if b"/slow" in lines[0]:
                open(os.path.join(os.path.dirname(os.environ["BERTH_SOCKET"]), "slow"), "w").close()
                await asyncio.sleep(5)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(lines[0]), lines[0]))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def echo(reader, writer, key):
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n" % accept)
    while True:
        first, second = await reader.readexactly(2)
        mask = await reader.readexactly(4)
        body = bytes(byte ^ mask[at % 4] for at, byte in enumerate(await reader.readexactly(second & 127)))
        writer.write(bytes([first, len(body)]) + body)
        await writer.drain()
        if first & 15 == 8:
            return writer.close()

async def main():
    server = await asyncio.start_unix_server(serve, os.environ["BERTH_SOCKET"])
    await server.serve_forever()

asyncio.run(main())
'
