#!/usr/bin/env bash
# Best guess: a Python datetime that knows its zone goes to the server as that instant, or is refused. What really happens: pymssql
# writes its clock without the zone into the statement, so the same instant in two zones becomes two texts, hours apart; beside a
# datetimeoffset (all times of SSISDB) the server takes either as +00:00. The microseconds are cut to milliseconds. "What failed
# since" asks so for another window than the program holds in its hand.
# pymssql 2.2.2, Debian 12. Source: the statements as they come over the wire, printed below.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq python3-pymssql=2.2.2-1+b3 libsybdb5=1.3.17+ds-2 freetds-common=1.3.17+ds-2 >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'PYTHON'
import socket, struct, threading

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def token(kind, body): return bytes([kind]) + struct.pack("<H", len(body)) + body
def done(status, count=0): return b"\xfd" + struct.pack("<HHQ", status, 0xC1, count)

ACK = token(0xAD, b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8")
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"

def answer(kind, body):
    if kind == 0x12: return PRELOGIN
    if kind == 0x10: return ACK + done(0)
    asked = body.decode("utf-16le", "replace")
    if "SINCE" in asked: print(asked[asked.index("SINCE") :], flush=True)
    return done(0)

def serve(connection):
    stream, body = connection.makefile("rb"), b""
    while len(head := stream.read(8)) == 8:
        body += stream.read(struct.unpack(">H", head[2:4])[0] - 8)
        if head[1] & 1:
            said = answer(head[0], body)
            connection.sendall(struct.pack(">BBHHBB", 4, 1, len(said) + 8, 0, 1, 0) + said)
            body = b""

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
PYTHON
python3 server.py >heard &
server=$!
until [ -s heard ]; do sleep 0.1; done
printf '[s]\nhost = 127.0.0.1\nport = %s\ntds version = 7.4\n' "$(head -1 heard)" >freetds.conf
export LD_LIBRARY_PATH FREETDSCONF=$PWD/freetds.conf PATH=$PWD/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(dirname "$(find "$PWD/root" -name 'libsybdb.so.5')")
cat >client.py <<'PYTHON'
import sys
from datetime import datetime, timedelta, timezone
import pymssql
cursor = pymssql.connect("127.0.0.1", "u", "p", "", port=sys.argv[1]).cursor()
east = datetime(2026, 3, 1, 0, 30, 0, 123956, tzinfo=timezone(timedelta(hours=2)))
for time in east, east.astimezone(timezone.utc):
    cursor.execute("SINCE %s", (time,))
PYTHON
PYTHONPATH=$PWD/root/usr/lib/python3/dist-packages /usr/bin/python3 client.py "$(head -1 heard)"
tail -n +2 heard | tee said
diff said - <<'WANTED'
SINCE '2026-03-01 00:30:00.123'
SINCE '2026-02-28 22:30:00.123'
WANTED
