#!/usr/bin/env bash
# Best guess: a datetimeoffset, the type of every time in SSISDB, reaches a client of FreeTDS with its offset, or at least each
# client of the same library shows the same clock. What really happens: tsql and freebcp (DB-Library) show the local clock and
# drop the offset, Perl's DBD::Sybase (CT-Library) shows UTC and drops the offset too, here on another day; none says which it is.
# freebcp writes three of the seven digits, so rows in order of time may come to lie in another. Times exported by two tools so
# differ by the offset.
# FreeTDS 1.3.17, DBD::Sybase 1.14, Debian 12. Source: [MS-TDS] 2.2.5.5.1.8, the value goes as UTC with the offset beside it;
# output below.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq freetds-bin=1.3.17+ds-2 libct4=1.3.17+ds-2 libsybdb5=1.3.17+ds-2 freetds-common=1.3.17+ds-2 \
    libdbd-sybase-perl=1.14-1+b10 libdbi-perl >/dev/null
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
modules=$(find "$PWD/root" -type d -path '*/perl5/*' -name '5.*' | head -1)
{
    echo "tsql: $(printf 'SELECT start_time\ngo\n' | tsql -S s -U u -P p -o q 2>/dev/null | grep 2026)"
    freebcp 'SELECT start_time' queryout rows -S s -U u -P p -c >/dev/null
    echo "freebcp: $(cat rows)"
    echo "DBD::Sybase: $(PERL5LIB=$modules SYBASE=/usr perl -MDBI -e 'print DBI->connect("dbi:Sybase:server=s", "u", "p")->selectrow_array("SELECT start_time")')"
} | tee said
diff said - <<'WANTED'
tsql: Mar  1 2026 12:11AM
freebcp: 2026-03-01 00:11:12.123
DBD::Sybase: Feb 28 2026 10:11PM
WANTED
