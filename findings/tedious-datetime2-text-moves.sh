#!/usr/bin/env bash
# Best guess: the text '2026-03-01 00:30:00.1234567' as a DateTime2 parameter, a type without a zone, arrives as that clock, on whatever
# machine the program runs; all the more as tedious' useUTC is true unless told. What really happens: the text is read in the zone
# of the process and sent as UTC's clock: from New York it arrives five hours later, from Tokyo on the day before. The digits
# behind the milliseconds are zeros. A filter "since" that is right at home moves when the same job runs in a container on UTC.
# tedious 19.2.2 (npm). Source: src/data-types/datetime2.ts, validate(); the values on the wire, printed below.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts tedious@19.2.2
cat >server.py <<'PYTHON'
import datetime, socket, struct

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def done(kind=0xFD): return bytes([kind]) + struct.pack("<HHQ", 0, 0, 0)

ACK = b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8"
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"

def tell(body):  # the parameter @p of sp_executesql, the last of the call
    at = body.rindex("@p".encode("utf-16le")) + 5  # name, status
    scale, size = body[at + 1], body[at + 2]
    ticks, days = int.from_bytes(body[at + 3 : at + size], "little"), int.from_bytes(body[at + size : at + 3 + size], "little")
    day = datetime.datetime(1, 1, 1) + datetime.timedelta(days=days, seconds=ticks // 10**scale)
    print(day, "and %07d" % (ticks % 10**scale), flush=True)

def answer(kind, body):
    if kind == 0x12: return PRELOGIN
    if kind == 0x10: return b"\xad" + struct.pack("<H", len(ACK)) + ACK + done()
    if kind != 0x03: return done()
    tell(body)
    return b"\x79\x00\x00\x00\x00" + done(0xFE)

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
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
cat >client.mjs <<'JS'
import tedious from 'tedious';
const { Connection, Request, TYPES } = tedious;
const connection = new Connection({
  server: '127.0.0.1', authentication: { type: 'default', options: { userName: 'u', password: 'p' } },
  options: { port: Number(process.argv[2]), encrypt: false },
});
const values = [['DateTime2', '2026-03-01 00:30:00.1234567', { scale: 7 }]];
const next = () => {
  if (!values.length) return connection.close();
  const [type, value, options] = values.shift();
  const request = new Request('SELECT @p', (error) => { if (error) console.log(error.message); next(); });
  request.addParameter('p', TYPES[type], value, options);
  connection.execSql(request);
};
connection.on('connect', next);
connection.connect();
JS
for zone in UTC America/New_York Asia/Tokyo; do TZ=$zone node --no-deprecation client.mjs "$(head -1 heard)"; done
tail -n +2 heard | tee said
diff said - <<'WANTED'
2026-03-01 00:30:00 and 1230000
2026-03-01 05:30:00 and 1230000
2026-02-28 15:30:00 and 1230000
WANTED
