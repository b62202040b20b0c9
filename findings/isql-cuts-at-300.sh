#!/usr/bin/env bash
# Best guess: `isql -b -d'|'`, the delimited form that is meant for programs, writes each value whole; a limit on the width is what
# -m is for. What really happens: of a value of more than 300 characters the first 300 are written and "...", whatever -m says; the
# form with columns keeps 297. No warning, exit code 0. Many messages of SSISDB's event_messages that hold an error's text and its
# source are longer, so an export by isql loses the end of them, which is where the cause stands.
# unixODBC 2.3.11, FreeTDS 1.3.17, Debian 12. Source: isql(1), which gives -m no upper bound; seen in the output below.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq unixodbc=2.3.11-2+deb12u1 libodbc2=2.3.11-2+deb12u1 libodbcinst2=2.3.11-2+deb12u1 tdsodbc=1.3.17+ds-2 \
    freetds-common=1.3.17+ds-2 >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'PYTHON'
import socket, struct, threading

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def token(kind, body): return bytes([kind]) + struct.pack("<H", len(body)) + body
def done(kind, status): return bytes([kind]) + struct.pack("<HHQ", status, 0, 0)

ACK = token(0xAD, b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8")
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"
COLUMN = b"\x81\x01\x00" + struct.pack("<IH", 0, 9) + b"\xe7\x40\x1f\x09\x04\xd0\x00\x34" + text("x")  # nvarchar(4000)
def row(length): return b"\xd1" + struct.pack("<H", 2 * length) + ("y" * length).encode("utf-16le")
HANDLE = b"\xac\x00\x00\x00\x01" + struct.pack("<IH", 0, 0) + b"\x26\x04\x04" + struct.pack("<I", 1)

def answer(kind, body):
    if kind == 0x12: return PRELOGIN
    if kind == 0x10: return ACK + done(0xFD, 0)
    if kind == 0x03 and b"S\0E\0L\0E\0C\0T\0" in body:  # sp_prepexec
        return COLUMN + row(300) + row(301) + row(2000) + done(0xFF, 1) + b"\x79\x00\x00\x00\x00" + HANDLE + done(0xFE, 0)
    return b"\x79\x00\x00\x00\x00" + done(0xFE, 0)

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
LD_LIBRARY_PATH=$(dirname "$(find "$PWD/root" -name 'libodbc.so.2')")
driver=$(find "$PWD/root" -name libtdsodbc.so)
lengths() { isql -b -v -k "$@" "Driver=$driver;Servername=s;UID=u;PWD=p;" <<<'SELECT x' | awk -v how="$*" '/y/ {
    dots = sub(/[.][.][.]/, ""); print how ":", gsub("y", "y"), "characters" (dots ? " and three dots" : "") }'; }
{
    lengths '-d|'
    lengths '-d|' -m4000
    lengths -m4000
} | tee said
diff said - <<'WANTED'
-d|: 300 characters
-d|: 300 characters and three dots
-d|: 300 characters and three dots
-d| -m4000: 300 characters
-d| -m4000: 300 characters and three dots
-d| -m4000: 300 characters and three dots
-m4000: 300 characters
-m4000: 297 characters and three dots
-m4000: 297 characters and three dots
WANTED
