"""The door: stands in front of an app that cannot verify a secret, so that only its owner's portal reaches it.

Usage: door.py DIRECTORY UPSTREAM, where UPSTREAM is a Unix socket's path or a loopback port. Listens on a port of
the kernel's choice and writes it to DIRECTORY/door.port. A connection must begin with the line `BERTH-DOOR <secret>`
(the content of DIRECTORY/secret); what follows is passed on byte for byte, in both directions, whatever the protocol.
Checking the connection instead of each request means that there is no HTTP to parse here, hence none to smuggle, and
that the app never sees the secret. Anything else is answered 403 and closed. Python standard library only.
"""

import asyncio
import hmac
import os
import socket
import sys

CHUNK = 1 << 18
PREFIX = b"BERTH-DOOR "
SECRET = 64
REFUSAL = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 35\r\n"
    b"Connection: close\r\n\r\nThis app is its owner's own place.\n"
)


async def greeting(reader: asyncio.StreamReader) -> bytes:
    """The first line, read byte by byte so that nothing of what follows is taken; at most 128 bytes."""
    line = b""
    while len(line) < 128:
        byte = await reader.read(1)
        if byte in (b"", b"\n"):
            break
        line += byte
        if not (PREFIX.startswith(line) or line.startswith(PREFIX)):
            break
    return line


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except (ConnectionError, OSError):
        writer.close()


async def unix_socket(path: str) -> socket.socket:
    """A full queue of the app's is EAGAIN (connect(2)), which asyncio would take for a connection on its way."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    for left in range(200, -1, -1):
        try:
            sock.connect(path)
            return sock
        except BlockingIOError:
            if left == 0:
                sock.close()
                raise
        except OSError:
            sock.close()
            raise
        await asyncio.sleep(0.05)


async def open_upstream(upstream: str):
    if upstream.isdigit():
        return await asyncio.open_connection("127.0.0.1", int(upstream), limit=CHUNK)
    return await asyncio.open_unix_connection(sock=await unix_socket(upstream), limit=CHUNK)


async def admit(client, writer, directory: str, upstream: str) -> None:
    try:
        line = await asyncio.wait_for(greeting(client), 10)
        # Read for each connection: a job that was requeued has a new secret.
        with open(os.path.join(directory, "secret"), "rb") as file:
            wanted = PREFIX + file.read().strip()
        # An empty file (a full disk) is no secret that anybody could know.
        if len(wanted) < len(PREFIX) + SECRET or not hmac.compare_digest(line, wanted):
            writer.write(REFUSAL)
            await writer.drain()
            return
        app_reader, app_writer = await open_upstream(upstream)
        try:
            await asyncio.gather(pipe(client, app_writer), pipe(app_reader, writer))
        finally:
            app_writer.close()
    except (ConnectionError, OSError, asyncio.TimeoutError):
        pass
    finally:
        writer.close()


def listening_socket() -> socket.socket:
    """IPv6 and IPv4 on one port of the kernel's choice; IPv4 alone where the node has no IPv6."""
    try:
        return socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=100)
    except (OSError, ValueError):
        return socket.create_server(("", 0), backlog=100)


async def main(directory: str, upstream: str) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: admit(reader, writer, directory, upstream), sock=listening_socket(), limit=CHUNK
    )
    port = server.sockets[0].getsockname()[1]
    beside = os.path.join(directory, ".door.port")
    with open(beside, "w", encoding="ascii") as file:
        file.write(f"{port}\n")
    os.replace(beside, os.path.join(directory, "door.port"))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
