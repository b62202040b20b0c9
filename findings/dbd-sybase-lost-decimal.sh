#!/usr/bin/env bash
# Best guess: a decimal(38, s) that a SELECT gives is, to a Perl program, its digits. What really happens: with more than 36
# characters (digits and point counted) DBD::Sybase gives undef, which is what NULL is; no warning, no error, whatever RaiseError
# says. One digit less, and it is right. The sum of a column may so become "nothing" in a report.
# DBD::Sybase 1.14, FreeTDS 1.3.17 (CT-Library), Debian 12. Source: dbdimp.c, get_cwidth() and describe(), where numbers are bound
# as text of a width of their own (which half of the two draws the line at 36 was not looked up); [MS-TDS] 2.2.5.5.1.6 for the
# number.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq libdbd-sybase-perl=1.14-1+b10 libct4=1.3.17+ds-2 libsybdb5=1.3.17+ds-2 freetds-common=1.3.17+ds-2 libdbi-perl >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'PYTHON'
import re, socket, struct, threading

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def token(kind, body): return bytes([kind]) + struct.pack("<H", len(body)) + body
def done(status, count=0): return b"\xfd" + struct.pack("<HHQ", status, 0xC1, count)

ACK = token(0xAD, b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8")
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"

def answer(kind, body):
    if kind == 0x12: return PRELOGIN
    if kind == 0x10: return ACK + done(0)
    if kind == 0x06: return done(0x20)
    asked = re.search(r"decimal (\d+)", body.decode("utf-16le", "replace"))  # that many digits of 1, two of them behind the point
    if not asked: return done(0)
    column = b"\x81\x01\x00" + struct.pack("<IH", 0, 9) + b"\x6a\x11\x26\x02" + text("x")
    row = b"\xd1\x11\x01" + int("1" * int(asked[1])).to_bytes(16, "little")
    return column + row + done(0x10, 1)

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
cat >client.pl <<'PERL'
use strict;
use warnings;
use DBI;
my $dbh = DBI->connect('dbi:Sybase:server=s', 'u', 'p', { RaiseError => 1, PrintError => 1, PrintWarn => 1 });
for my $digits (34 .. 36) {
    my ($number) = $dbh->selectrow_array("SELECT decimal $digits");
    printf "%d characters: %s\n", $digits + 1, $number // 'undef';
}
PERL
libraries=$(dirname "$(find "$PWD/root" -name 'libct.so.4')")
modules=$(find "$PWD/root" -type d -path '*/perl5/*' -name '5.*' | head -1)
LD_LIBRARY_PATH=$libraries PERL5LIB=$modules FREETDSCONF=$PWD/freetds.conf SYBASE=/usr perl client.pl >said 2>&1
cat said
diff said - <<'WANTED'
35 characters: 11111111111111111111111111111111.11
36 characters: 111111111111111111111111111111111.11
37 characters: undef
WANTED
