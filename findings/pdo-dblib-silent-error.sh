#!/usr/bin/env bash
# Best guess: under PDO::ERRMODE_EXCEPTION a SELECT that the server ends with an error (8134, a deadlock's 1205) throws, whenever
# the error comes and however the rows are fetched. What really happens: when it comes before the first row, behind the
# description of the columns, as SQL Server sends it, fetch() and fetchAll() tell of nothing: no exception, no rows, errorInfo()
# 00000; foreach over the same statement throws. Behind a row fetch() throws as well, fetchAll() still does not. So a monitor that
# asks for failed packages by fetchAll() takes a query that failed for "nothing failed".
# PHP 8.2.36 (pdo_dblib), FreeTDS 1.3.17, Debian 12. Source: ext/pdo_dblib/dblib_stmt.c, pdo_dblib_stmt_fetch, which takes the end
# of the rows for a success; [MS-TDS] 2.2.7.10, ERROR may stand between COLMETADATA and DONE.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq php8.2-cli=8.2.36-1~deb12u1 php8.2-common=8.2.36-1~deb12u1 php8.2-sybase=8.2.36-1~deb12u1 \
    libsybdb5=1.3.17+ds-2 freetds-common=1.3.17+ds-2 libargon2-1 libedit2 libbsd0 libmd0 libsodium23 libmagic1 libxml2 libicu72 >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'PYTHON'
import socket, struct, sys

def text(s, size): return struct.pack("<B" if size == 1 else "<H", len(s)) + s.encode("utf-16le")
def token(kind, body): return bytes([kind]) + struct.pack("<H", len(body)) + body
def done(status, count=0): return b"\xfd" + struct.pack("<HHQ", status, 0xC1, count)

COLUMNS = b"\x81\x01\x00" + struct.pack("<IH", 0, 9) + b"\x26\x04" + text("x", 1)
ROW = b"\xd1\x04" + struct.pack("<i", 7)
ERROR = token(0xAA, struct.pack("<IBB", 8134, 1, 16) + text("Divide by zero error encountered.", 2) + text("s", 1) + text("", 1) + struct.pack("<I", 1))
ACK = token(0xAD, b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server", 1) + b"\x10\x00\x03\xe8")
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"

def answer(kind, body):
    if kind == 0x12: return PRELOGIN
    if kind == 0x10: return ACK + done(0)
    if "before".encode("utf-16le") in body: return COLUMNS + ERROR + done(2)
    if "behind".encode("utf-16le") in body: return COLUMNS + ROW + ERROR + done(2)
    return done(0)

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    connection = listener.accept()[0]
    stream, body = connection.makefile("rb"), b""
    while len(head := stream.read(8)) == 8:
        body += stream.read(struct.unpack(">H", head[2:4])[0] - 8)
        if head[1] & 1:
            said = answer(head[0], body)
            connection.sendall(struct.pack(">BBHHBB", 4, 1, len(said) + 8, 0, 1, 0) + said)
            body = b""
PYTHON
python3 server.py >port &
server=$!
until [ -s port ]; do sleep 0.1; done
cat >client.php <<'PHP'
<?php
foreach (['behind', 'before'] as $where) {
    foreach (['fetchAll', 'fetch', 'foreach'] as $how) {
        $pdo = $statement = $error = null; // the server has one client at a time
        $pdo = new PDO("dblib:host=127.0.0.1:$argv[1];version=7.4", 'u', 'p', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
        $rows = 0;
        try {
            $statement = $pdo->query("SELECT $where");
            if ($how === 'fetchAll')
                $rows = count($statement->fetchAll());
            elseif ($how === 'fetch')
                while ($statement->fetch())
                    $rows++;
            else
                foreach ($statement as $row)
                    $rows++;
            $end = 'error ' . $statement->errorInfo()[0];
        } catch (PDOException $error) {
            $end = 'it throws';
        }
        echo "$where, $how: $rows rows, $end\n";
    }
}
PHP
extensions=$(dirname "$(find root -name pdo_dblib.so)")
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libsybdb.so.5')") FREETDSCONF=/dev/null root/usr/bin/php8.2 -n \
    -d "extension_dir=$extensions" -d extension=pdo.so -d extension=pdo_dblib.so client.php "$(cat port)" >said
cat said
diff said - <<'WANTED'
behind, fetchAll: 1 rows, error HY000
behind, fetch: 1 rows, it throws
behind, foreach: 1 rows, it throws
before, fetchAll: 0 rows, error 00000
before, fetch: 0 rows, error 00000
before, foreach: 0 rows, it throws
WANTED
