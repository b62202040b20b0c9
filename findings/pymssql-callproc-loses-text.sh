#!/usr/bin/env bash
# Best guess: cursor.callproc("p", (text,)) hands the text to the procedure, or says why it cannot. What really happens, without
# an error or a warning: '' arrives as NULL; of more than 8000 bytes of UTF-8 the first 8000 arrive; and with more than 4000 bytes
# the parameter is a varchar that holds UTF-8 bytes, where a shorter one is an nvarchar, so that the server reads letters beyond
# ASCII in its own code page. execute("EXEC p %s") with the same text sends all of it. A log line kept by such a call is not what
# was said.
# pymssql 2.2.2, FreeTDS 1.3.17 (DB-Library), Debian 12. Source: [MS-TDS] 2.2.6.6 for the parameters as they were seen on the
# wire; FreeTDS src/dblib/rpc.c, which picks the type on the wire by the length.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq python3-pymssql=2.2.2-1+b3 libsybdb5=1.3.17+ds-2 freetds-common=1.3.17+ds-2 >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'PYTHON'
import socket, struct

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def token(kind, body): return bytes([kind]) + struct.pack("<H", len(body)) + body
def done(kind=0xFD): return bytes([kind]) + struct.pack("<HHQ", 0, 0, 0)

ACK = token(0xAD, b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8")
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"
TYPES = {0xA7: "varchar", 0xE7: "nvarchar"}

def tell(body):  # of a remote procedure call with one parameter of up to 8000 bytes
    at = struct.unpack_from("<I", body)[0]
    at += 2 + 2 * struct.unpack_from("<H", body, at)[0] + 2  # name, options
    at += 1 + 2 * body[at] + 1  # name of the parameter, status
    kind, size = body[at], struct.unpack_from("<H", body, at + 8)[0]
    value = body[at + 10 : at + 10 + size]
    print(TYPES[kind], "NULL" if size == 0xFFFF else "%d bytes, the first %s" % (size, value[:4].hex()), flush=True)

def answer(kind, body):
    if kind == 0x12: return PRELOGIN
    if kind == 0x10: return ACK + done()
    if kind == 0x01 and "EXEC p" in (batch := body.decode("utf-16le")): print("a batch with", batch.count("x"), "x", flush=True)
    if kind != 0x03: return done()
    tell(body)
    return b"\x79\x00\x00\x00\x00" + done(0xFE)

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
stream, body = (connection := listener.accept()[0]).makefile("rb"), b""
while len(head := stream.read(8)) == 8:
    body += stream.read(struct.unpack(">H", head[2:4])[0] - 8)
    if head[1] & 1:
        said = answer(head[0], body)
        connection.sendall(struct.pack(">BBHHBB", 4, 1, len(said) + 8, 0, 1, 0) + said)
        body = b""
PYTHON
python3 server.py >heard &
server=$!
until [ -s heard ]; do sleep 0.1; done
cat >client.py <<'PYTHON'
import sys
import pymssql
cursor = pymssql.connect("127.0.0.1", "u", "p", "", port=sys.argv[1], charset="UTF-8").cursor()
for said in "a", "é", "x" * 4001, "é" * 2001, "x" * 9000, "":
    cursor.callproc("p", (said,))
cursor.execute("EXEC p %s", ("x" * 9000,))
PYTHON
libraries=$(dirname "$(find "$PWD/root" -name 'libsybdb.so.5')")
modules=$PWD/root/usr/lib/python3/dist-packages
LD_LIBRARY_PATH=$libraries PYTHONPATH=$modules FREETDSCONF=/dev/null /usr/bin/python3 client.py "$(head -1 heard)"
tail -n +2 heard | tee said
diff said - <<'WANTED'
nvarchar 2 bytes, the first 6100
nvarchar 2 bytes, the first e900
varchar 4001 bytes, the first 78787878
varchar 4002 bytes, the first c3a9c3a9
varchar 8000 bytes, the first 78787878
nvarchar NULL
a batch with 9000 x
WANTED
