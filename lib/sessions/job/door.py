"""The door: stands in front of an app that cannot verify a secret, so that only its owner's portal reaches it.

Usage: door.py DIRECTORY UPSTREAM, where UPSTREAM is a Unix socket's path or a loopback port. Listens on a port of
the kernel's choice and writes it to DIRECTORY/door.port. Each side proves that it knows the content of
DIRECTORY/secret, which itself never travels; lines end in a line feed, N and M are 32 random hexadecimal digits:

    portal  BERTH-DOOR N
    door    M HMAC-SHA256(secret, "door N M")
    portal  HMAC-SHA256(secret, "portal N M")

So the portal does not take for the app who has come to its port after it. What follows is passed on byte for byte, in
both directions, whatever the protocol: checking the connection instead of each request means that there is no HTTP to
parse here, hence none to smuggle. Anything else is answered 403 and closed. Python standard library only, of 3.6 and
later: that is what nodes with RHEL 8 or SLES 15 have.
"""

import asyncio
import hmac
import os
import re
import resource
import secrets
import socket
import sys

CHUNK = 1 << 18
PREFIX = b"BERTH-DOOR "
SECRET = 64
PROOF = 64
GREETING_SECONDS = 3
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


def proof(secret: bytes, who: bytes, nonces: bytes) -> bytes:
    return hmac.new(secret, who + b" " + nonces, "sha256").hexdigest().encode()


def read_secret(directory: str) -> bytes:
    """Read for each connection: a job that was requeued has a new secret. Empty where there is none to be known."""
    with open(os.path.join(directory, "secret"), "rb") as file:
        secret = file.read().strip()
    return secret if len(secret) >= SECRET else b""


async def is_portal(client: asyncio.StreamReader, writer: asyncio.StreamWriter, directory: str) -> bool:
    theirs = (await greeting(client))[len(PREFIX) :]
    secret = read_secret(directory)
    if not secret or not re.fullmatch(rb"[0-9a-f]{32}", theirs):
        return False
    ours = secrets.token_hex(16).encode()
    nonces = theirs + b" " + ours
    writer.write(ours + b" " + proof(secret, b"door", nonces) + b"\n")
    await writer.drain()
    answer = await client.readexactly(PROOF + 1)
    return hmac.compare_digest(answer, proof(secret, b"portal", nonces) + b"\n")


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        data = await reader.read(CHUNK)
        while data:
            writer.write(data)
            await writer.drain()
            data = await reader.read(CHUNK)
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
        if not await asyncio.wait_for(is_portal(client, writer, directory), GREETING_SECONDS):
            writer.write(REFUSAL)
            await writer.drain()
            return
        app_reader, app_writer = await open_upstream(upstream)
        try:
            await asyncio.gather(pipe(client, app_writer), pipe(app_reader, writer))
        finally:
            app_writer.close()
    except (ConnectionError, OSError, EOFError, asyncio.TimeoutError):
        pass
    finally:
        writer.close()


def bound_socket(family: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind(("", 0))
        return sock
    except OSError:
        sock.close()
        raise


def listening_socket() -> socket.socket:
    """IPv6 and IPv4 on one port of the kernel's choice; IPv4 alone where the node has no IPv6."""
    try:
        return bound_socket(socket.AF_INET6)
    except OSError:
        return bound_socket(socket.AF_INET)


def allow_many_connections() -> None:
    """Whoever is on the network may hold some for as long as a greeting may take: they must not use up all there are."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def open_door(directory: str, upstream: str) -> asyncio.AbstractServer:
    allow_many_connections()
    server = await asyncio.start_server(
        lambda reader, writer: admit(reader, writer, directory, upstream), sock=listening_socket(), limit=CHUNK
    )
    port = server.sockets[0].getsockname()[1]
    beside = os.path.join(directory, ".door.port")
    with open(beside, "w", encoding="ascii") as file:
        file.write(f"{port}\n")
    os.replace(beside, os.path.join(directory, "door.port"))
    return server


if __name__ == "__main__":
    loop = asyncio.new_event_loop()
    door = loop.run_until_complete(open_door(sys.argv[1], sys.argv[2]))
    loop.run_forever()
