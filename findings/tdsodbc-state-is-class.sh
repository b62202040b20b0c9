#!/usr/bin/env bash
# Best guess: with FreeTDS's ODBC driver the diagnostic field SQL_DIAG_SS_MSGSTATE of a server's error is its state and
# SQL_DIAG_SS_SEVERITY its class, as with Microsoft's driver, whose fields they are. What really happens: MSGSTATE returns the
# class, SEVERITY is no field (SQL_ERROR), and the state can be had nowhere. A program that tells 18456's states apart (wrong
# password, database not there, login disabled) or 40544's reads 14 or 16 for every one of them.
# tdsodbc 1.3.17, Debian 12. Source: Microsoft's msodbcsql.h for the fields (-1150, -1151, -1154); FreeTDS src/odbc/odbc.c,
# SQLGetDiagField.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq libodbc2=2.3.11-2+deb12u1 libodbcinst2=2.3.11-2+deb12u1 tdsodbc=1.3.17+ds-2 freetds-common=1.3.17+ds-2 >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'PYTHON'
import socket, struct, threading

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def token(kind, body): return bytes([kind]) + struct.pack("<H", len(body)) + body
def done(kind, status): return bytes([kind]) + struct.pack("<HHQ", status, 0, 0)

ACK = token(0xAD, b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8")
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"
SAID = "Invalid object name 'nothing'."
ERROR = token(0xAA, struct.pack("<IBBH", 208, 7, 16, len(SAID)) + SAID.encode("utf-16le") + text("s") + text("") + struct.pack("<I", 1))
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
cat >client.py <<'PYTHON'
import ctypes, sys
odbc = ctypes.CDLL("libodbc.so.2")
odbc.SQLAllocHandle.argtypes = [ctypes.c_short, ctypes.c_void_p, ctypes.c_void_p]
def handle(kind, of=None):
    made = ctypes.c_void_p()
    assert odbc.SQLAllocHandle(kind, of, ctypes.byref(made)) == 0
    return made
environment = handle(1)
odbc.SQLSetEnvAttr(environment, 200, ctypes.c_void_p(3), 0)  # ODBC 3
connection = handle(2, environment)
assert odbc.SQLDriverConnect(connection, None, sys.argv[1].encode(), -3, None, 0, None, 0) in (0, 1)
statement = handle(3, connection)
assert odbc.SQLExecDirect(statement, b"SELECT 1 FROM nothing", -3) == -1
for name, field in ("MSGSTATE", -1150), ("SEVERITY", -1151), ("LINE", -1154):
    value = ctypes.c_int(0)
    status = odbc.SQLGetDiagField(ctypes.c_short(3), statement, ctypes.c_short(1), ctypes.c_short(field), ctypes.byref(value), ctypes.c_short(4), None)
    print(name, value.value if status in (0, 1) else "SQL_ERROR")
PYTHON
python3 client.py "Driver=$driver;Servername=s;UID=u;PWD=p;" | tee said
diff said - <<'WANTED'
MSGSTATE 16
SEVERITY SQL_ERROR
LINE 1
WANTED
