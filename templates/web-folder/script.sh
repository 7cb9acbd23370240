#!/bin/bash
# Serves a folder over a Unix socket in the session directory; the door in front of it knows who may come in.
folder=${BERTH_PARAM_FOLDER:-$BERTH_WORKDIR}
folder=${folder/#\~/$HOME}
cd -- "$folder" || { echo "the folder $folder is not there"; exit 66; }
echo "serving $folder"
# Isolated: the folder may be somebody else's, and a socketserver.py in it must not be what we import.
exec python3 -I -c '
import http.server, os, socketserver

class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128

class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def address_string(self):
        return "portal"

# Whatever the person has for files: the socket is for the door alone.
os.umask(0o077)
Server(os.environ["BERTH_SOCKET"], Handler).serve_forever()
'
