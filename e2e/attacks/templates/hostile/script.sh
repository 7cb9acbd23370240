#!/bin/bash
# An app that means harm. It keeps every request that reaches it byte for byte (/_seen until /_forget), answers with any status, headers
# and body (/_answer), takes WebSockets (/_deaf: without ever reading them), and can forge its own connection file.
if [ -n "${BERTH_PARAM_RECORD:-}" ]; then
  (
    cd "$BERTH_JOB_DIR" || exit 1
    while :; do
      printf '%s\n' "${BERTH_PARAM_RECORD//JOB/$SLURM_JOB_ID}" > .forged && mv -f .forged connection
      sleep 0.05
    done
  ) &
fi
exec python3 -c '
import base64, hashlib, json, os, socket, threading, urllib.parse

seen = []
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

def read_head(file):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = file.readline(1 << 17)
        if not line:
            return None
        head += line
    return head

def fields(head):
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}

def read_chunks(file):
    body = b""
    while True:
        size = int(file.readline().split(b";")[0], 16)
        data = file.read(size)
        file.readline()
        if size == 0:
            return body
        body += data

def read_body(file, named):
    if "chunked" in named.get("transfer-encoding", ""):
        return read_chunks(file)
    return file.read(int(named.get("content-length", "0")))

def answer(connection, status, headers, body):
    lines = ["HTTP/1.1 %d Said" % status] + ["%s: %s" % (name, value) for name, value in headers]
    lines += ["Content-Length: %d" % len(body), "", ""]
    connection.sendall("\r\n".join(lines).encode("latin-1") + body)

def take_socket(connection, file, named, target):
    key = hashlib.sha1(named.get("sec-websocket-key", "").encode() + GUID).digest()
    accept = base64.b64encode(key).decode()
    head = "HTTP/1.1 101 Said\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n\r\n" % accept
    connection.sendall(head.encode())
    if target.startswith("/_deaf"):
        threading.Event().wait()
    while file.read1(1 << 16):
        pass

def one_request(connection, file, number):
    head = read_head(file)
    if head is None:
        return False
    named = fields(head)
    target = head.split(b" ")[1].decode("latin-1")
    entry = {"head": head.decode("latin-1"), "body": "", "connection": number}
    if not target.startswith("/_seen"):
        seen.append(entry)
        del seen[:-500]
    if named.get("upgrade", "").lower() == "websocket":
        take_socket(connection, file, named, target)
        return False
    entry["body"] = read_body(file, named).decode("latin-1")
    query = dict(urllib.parse.parse_qsl(target.partition("?")[2]))
    if target.startswith("/_forget"):
        seen.clear()
    if target.startswith("/_seen"):
        answer(connection, 200, [("Content-Type", "application/json")], json.dumps(seen).encode())
    elif target.startswith("/_answer"):
        headers = [tuple(pair) for pair in json.loads(query.get("headers", "[]"))]
        answer(connection, int(query.get("status", "200")), headers, query.get("body", "").encode())
    else:
        answer(connection, 200, [("Content-Type", "application/json")], json.dumps(entry).encode())
    return True

def serve(connection, number):
    file = connection.makefile("rb")
    try:
        while one_request(connection, file, number):
            pass
    except (OSError, ValueError, IndexError):
        pass
    finally:
        connection.close()

server = socket.socket(socket.AF_UNIX)
server.bind(os.environ["BERTH_SOCKET"])
server.listen(256)
number = 0
while True:
    number += 1
    threading.Thread(target=serve, args=(server.accept()[0], number), daemon=True).start()
'
