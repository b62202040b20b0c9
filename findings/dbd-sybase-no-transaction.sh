#!/usr/bin/env bash
# Best guess: DBI->connect("dbi:Sybase:...", ..., { AutoCommit => 0 }) begins with a transaction that rollback() undoes; that is
# what DBI says of AutoCommit, and $dbh->{AutoCommit} is false. What really happens: the driver says SET IMPLICIT_TRANSACTIONS OFF
# and opens nothing, so the first statement is committed as it runs, and rollback() fails with the server's 3903. The same option
# set after the connection is made, or with syb_chained_txn => 1 or 0 beside it, does begin one. A purge that means to try a delete
# first and take it back has deleted.
# DBD::Sybase 1.14, FreeTDS 1.3.17 (CT-Library), Debian 12. Source: perldoc DBI, "AutoCommit"; output below.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
apt-get download -qq libct4=1.3.17+ds-2 libsybdb5=1.3.17+ds-2 freetds-common=1.3.17+ds-2 libdbd-sybase-perl=1.14-1+b10 libdbi-perl >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'PYTHON'
import socket, struct, threading

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def token(kind, body): return bytes([kind]) + struct.pack("<H", len(body)) + body
def done(status, count=0): return b"\xfd" + struct.pack("<HHQ", status, 0xC1, count)

ACK = token(0xAD, b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8")
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"
VERSION = "Microsoft SQL Server 2019"
SAID = "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION."
ERROR_3903 = token(0xAA, struct.pack("<IBBH", 3903, 1, 16, len(SAID)) + SAID.encode("utf-16le") + text("s") + text("") + struct.pack("<I", 1))

class Session:  # of a server: whether statements open a transaction, and whether one is open
    implicit = is_open = False

    def run(self, batch):
        if "IMPLICIT_TRANSACTIONS" in batch: self.implicit = batch.rstrip().endswith(" ON")
        elif "BEGIN TRAN" in batch: self.is_open = True
        elif "COMMIT" in batch: self.is_open = False
        elif "DELETE" in batch:
            self.is_open |= self.implicit
            print("DELETE inside a transaction" if self.is_open else "DELETE committed at once", flush=True)
        elif "ROLLBACK" in batch:
            print("ROLLBACK of it" if self.is_open else "ROLLBACK of nothing", flush=True)
            if not self.is_open: return ERROR_3903 + done(2)
            self.is_open = False
        elif "@@version" in batch:
            column = b"\x81\x01\x00" + struct.pack("<IH", 0, 9) + b"\xe7\x90\x01\x09\x04\xd0\x00\x34" + text("")
            return column + b"\xd1" + struct.pack("<H", 2 * len(VERSION)) + VERSION.encode("utf-16le") + done(0x10, 1)
        return done(0)

def answer(session, kind, body):
    if kind == 0x12: return PRELOGIN
    if kind == 0x10: return ACK + done(0)
    return session.run(body.decode("utf-16le", "replace")) if kind == 0x01 else done(0x20)

def serve(connection):
    stream, body, session = connection.makefile("rb"), b"", Session()
    while len(head := stream.read(8)) == 8:
        body += stream.read(struct.unpack(">H", head[2:4])[0] - 8)
        if head[1] & 1:
            said = answer(session, head[0], body)
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
modules=$(find "$PWD/root" -type d -path '*/perl5/*' -name '5.*' | head -1)
cat >client.pl <<'PERL'
use strict;
use warnings;
use DBI;
my %how = (RaiseError => 1, PrintError => 0, map { split /=/ } @ARGV);
my $dbh = DBI->connect('dbi:Sybase:server=s', 'u', 'p', \%how);
print "AutoCommit is off\n" unless $dbh->{AutoCommit};
$dbh->do('DELETE FROM log');
eval { $dbh->rollback; 1 } and print "rollback said that all is well\n";
$dbh->{RaiseError} = 0;
$dbh->disconnect;
PERL
seen=2
run() {
    echo "with $*:"
    PERL5LIB=$modules SYBASE=/usr perl client.pl "$@"
    tail -n "+$seen" heard
    seen=$(($(wc -l <heard) + 1))
}
{
    run AutoCommit=0
    run AutoCommit=0 syb_chained_txn=1
} | tee said
diff said - <<'WANTED'
with AutoCommit=0:
AutoCommit is off
DELETE committed at once
ROLLBACK of nothing
ROLLBACK of nothing
with AutoCommit=0 syb_chained_txn=1:
AutoCommit is off
rollback said that all is well
DELETE inside a transaction
ROLLBACK of it
ROLLBACK of nothing
WANTED
