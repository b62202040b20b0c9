#!/usr/bin/env bash
# Best guess: `isql -b` and `tsql` in a nightly job exit with something else than 0 when the server refused the statement; -b
# looks like sqlcmd's -b, "on error batch abort". What really happens: both print the error and exit with 0; the statements behind
# the one that failed run all the same. -b of isql means "no prompt". (bsqldb, the third client of this kind, exits with the
# error's class.)
# unixODBC 2.3.11, FreeTDS 1.3.17, Debian 12. Source: isql(1), tsql(1), which name no exit codes.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq unixodbc=2.3.11-2+deb12u1 libodbc2=2.3.11-2+deb12u1 libodbcinst2=2.3.11-2+deb12u1 tdsodbc=1.3.17+ds-2 \
    freetds-bin=1.3.17+ds-2 libct4=1.3.17+ds-2 libsybdb5=1.3.17+ds-2 freetds-common=1.3.17+ds-2 >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'PYTHON'
import socket, struct, threading

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def token(kind, body): return bytes([kind]) + struct.pack("<H", len(body)) + body
def done(kind, status): return bytes([kind]) + struct.pack("<HHQ", status, 0, 0)

ACK = token(0xAD, b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8")
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"
SAID = "Invalid object name 'nothing'."
ERROR = token(0xAA, struct.pack("<IBBH", 208, 1, 16, len(SAID)) + SAID.encode("utf-16le") + text("s") + text("") + struct.pack("<I", 1))
HANDLE = b"\xac\x00\x00\x00\x01" + struct.pack("<IH", 0, 0) + b"\x26\x04\x04" + struct.pack("<I", 1)

def answer(kind, body):
    if kind == 0x12: return PRELOGIN
    if kind == 0x10: return ACK + done(0xFD, 0)
    if kind == 0x03 and b"S\0E\0L\0E\0C\0T\0" in body:  # sp_prepexec
        return ERROR + done(0xFF, 3) + b"\x79\x00\x00\x00\x00" + HANDLE + done(0xFE, 0)
    if kind == 0x01: return ERROR + done(0xFD, 2)
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
run() { # NAME COMMAND…
    local name=$1 status=0
    shift
    "$@" >"$name.out" 2>&1 || status=$?
    echo "$name: $(grep -c 'Invalid object name' "$name.out") errors, exit $status"
}
{
    printf 'SELECT 1 FROM nothing\nSELECT 2 FROM nothing\n' >lines
    printf 'SELECT 1 FROM nothing\ngo\nSELECT 2 FROM nothing\ngo\n' >batches
    run isql isql -b -v -k "Driver=$driver;Servername=s;UID=u;PWD=p;" <lines
    run tsql tsql -S s -U u -P p <batches
    run bsqldb bsqldb -S s -U u -P p <batches
} | tee said
diff said - <<'WANTED'
isql: 2 errors, exit 0
tsql: 2 errors, exit 0
bsqldb: 1 errors, exit 16
WANTED
