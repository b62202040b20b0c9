#!/usr/bin/env bash
# Best guess: pymssql gives a datetimeoffset as a datetime with a time zone, as it gives a datetime2 as a datetime; or refuses the
# type. What really happens: the program gets `bytes`, 16 of them, which are FreeTDS's own struct in memory (ticks of the day in 8
# bytes, days since 1900 in 4, the offset's minutes in 2, bits), in the byte order of the machine and of no documented layout.
# Code that only passes values on (json's default=str, a CSV writer, an f-string) writes b'...' into its file. All times of SSISDB
# are of this type.
# pymssql 2.2.2, FreeTDS 1.3.17 (DB-Library), Debian 12. Source: include/freetds/proto.h and sybdb.h, DBDATETIMEALL.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq python3-pymssql=2.2.2-1+b3 libsybdb5=1.3.17+ds-2 freetds-common=1.3.17+ds-2 >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'PYTHON'
import datetime, socket, struct, threading

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def token(kind, body): return bytes([kind]) + struct.pack("<H", len(body)) + body
def done(status, count=0): return b"\xfd" + struct.pack("<HHQ", status, 0xC1, count)

ACK = token(0xAD, b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8")
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"
# 2026-03-01 00:11:12.1234567 +02:00: the clock goes as UTC, the offset beside it
DAY = (datetime.date(2026, 2, 28) - datetime.date(1, 1, 1)).days
TICKS = (22 * 3600 + 11 * 60 + 12) * 10**7 + 1234567
VALUE = TICKS.to_bytes(5, "little") + DAY.to_bytes(3, "little") + struct.pack("<h", 120)
COLUMN = b"\x81\x01\x00" + struct.pack("<IH", 0, 9) + b"\x2b\x07" + text("start_time")

def answer(kind, body):
    asked = body.decode("utf-16le", "replace")
    if kind == 0x12: return PRELOGIN
    if kind == 0x10: return ACK + done(0)
    if kind == 0x06: return done(0x20)
    if "start_time" not in asked: return done(0)
    if "FMTONLY ON" in asked: return COLUMN + done(1) + done(0)
    return COLUMN + b"\xd1\x0a" + VALUE + done(0x10, 1)

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
python3 server.py >port &
server=$!
until [ -s port ]; do sleep 0.1; done
printf '[s]\nhost = 127.0.0.1\nport = %s\ntds version = 7.4\n' "$(cat port)" >freetds.conf
export LD_LIBRARY_PATH FREETDSCONF=$PWD/freetds.conf PATH=$PWD/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(dirname "$(find "$PWD/root" -name 'libsybdb.so.5')")
cat >client.py <<'PYTHON'
import struct, sys
import pymssql
cursor = pymssql.connect("127.0.0.1", "u", "p", "", port=sys.argv[1]).cursor()
cursor.execute("SELECT start_time")
(value,) = cursor.fetchone()
print(type(value).__name__, len(value))
print("ticks %d, days %d, offset %d" % struct.unpack_from("<qih", value))
PYTHON
PYTHONPATH=$PWD/root/usr/lib/python3/dist-packages /usr/bin/python3 client.py "$(cat port)" | tee said
diff said - <<'WANTED'
bytes 16
ticks 798721234567, days 46079, offset 120
WANTED
