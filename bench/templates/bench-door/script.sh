#!/bin/bash
# As bench-web, on the socket that the door forwards to.
folder=$(mktemp -d /tmp/berth-bench.XXXXXX) || exit 73
trap 'rm -rf "$folder"' EXIT
head -c 33554432 /dev/zero > "$folder/bulk"
kilobyte=$(printf 'x%.0s' $(seq 1024))
cat > "$folder/nginx.conf" <<END
daemon off; worker_processes 1; pid $folder/pid; error_log $folder/error.log;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; sendfile on; default_type text/plain;
  client_body_temp_path $folder/a; proxy_temp_path $folder/b; fastcgi_temp_path $folder/c;
  uwsgi_temp_path $folder/d; scgi_temp_path $folder/e;
  server {
    listen unix:$BERTH_SOCKET;
    location = /1k { return 200 "$kilobyte"; }
    location = /bulk { root $folder; }
  }
}
END
/usr/sbin/nginx -e "$folder/error.log" -c "$folder/nginx.conf"
