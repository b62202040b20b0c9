#!/usr/bin/env bash
# Best guess: `freebcp "SELECT message …" queryout` writes an nvarchar(max) whole; freebcp(1) says of -T that without it, and
# without `text size` in freetds.conf, the full size is asked for. What really happens: it sends SET TEXTSIZE 4096 before the
# query, and a server that heeds it gives 2048 characters: "1 rows copied", exit code 0. `-T 2147483647` gives the whole. A log
# that was exported so has lost the ends of its longest messages.
# FreeTDS 1.3.17, Debian 12. Source: freebcp(1), "-T textsize"; the server below does what SET TEXTSIZE is documented to do.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq freetds-bin=1.3.17+ds-2 libct4=1.3.17+ds-2 libsybdb5=1.3.17+ds-2 freetds-common=1.3.17+ds-2 >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'PYTHON'
import re, socket, struct, threading

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def token(kind, body): return bytes([kind]) + struct.pack("<H", len(body)) + body
def done(status, count=0): return b"\xfd" + struct.pack("<HHQ", status, 0xC1, count)

ACK = token(0xAD, b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8")
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"
LIMIT = [2147483647]  # what the session said last; a server heeds it

def answer(kind, body):
    asked = body.decode("utf-16le", "replace")
    if kind == 0x12: return PRELOGIN
    if kind == 0x10: return ACK + done(0)
    if said := re.search(r"textsize (\d+)", asked): LIMIT[0] = int(said[1])
    if "message" not in asked: return done(0)
    column = b"\x81\x01\x00" + struct.pack("<IH", 0, 9) + b"\xe7\xff\xff\x09\x04\xd0\x00\x34" + text("message")  # nvarchar(max)
    if "FMTONLY ON" in asked: return column + done(1) + done(0)
    value = ("y" * 10000).encode("utf-16le")[: LIMIT[0]]
    return column + b"\xd1" + struct.pack("<QI", len(value), len(value)) + value + struct.pack("<I", 0) + done(0x10, 1)

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
lengths() {
    freebcp 'SELECT message' queryout rows -S s -U u -P p -c "$@" | grep copied
    echo "$(tr -d '\n' <rows | wc -c) characters${1:+ with $*}"
}
{ lengths && lengths -T 2147483647; } | tee said
diff said - <<'WANTED'
1 rows copied.
2048 characters
1 rows copied.
10000 characters with -T 2147483647
WANTED
