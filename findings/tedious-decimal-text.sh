#!/usr/bin/env bash
# Best guess: a decimal handed to tedious as text, which is what its users do because a JavaScript number is too small for it, arrives
# as it was written, as a bigint handed as text does. What really happens: the text is made a double and scaled as one, so digits
# behind the 16th are others; no error, no warning, whatever precision the parameter was given.
# tedious 19.2.2 (npm). Source: src/data-types/decimal.ts, validate() and generateParameterData(); the values on the wire, below.
set -eu
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts tedious@19.2.2
cat >server.py <<'PYTHON'
import socket, struct

def text(s): return struct.pack("<B", len(s)) + s.encode("utf-16le")
def done(kind=0xFD): return bytes([kind]) + struct.pack("<HHQ", 0, 0, 0)

ACK = b"\x01\x74\x00\x00\x04" + text("Microsoft SQL Server") + b"\x10\x00\x03\xe8"
PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"

def tell(body):  # the parameter @p of sp_executesql, the last of the call
    at = body.rindex("@p".encode("utf-16le")) + 5  # name, status
    if body[at] == 0x6A:
        precision, scale, size = body[at + 2], body[at + 3], body[at + 4]
        print("decimal(%d, %d)" % (precision, scale), int.from_bytes(body[at + 6 : at + 5 + size], "little"), flush=True)
    else:
        print("bigint", int.from_bytes(body[at + 3 : at + 11], "little"), flush=True)

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
const values = [
  ['BigInt', '9007199254740993'],
  ['Decimal', '9007199254740993', { precision: 38, scale: 0 }],
  ['Decimal', '12345678901234567890', { precision: 38, scale: 0 }],
  ['Decimal', '0.1234567890123456789', { precision: 38, scale: 19 }],
];
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
node --no-deprecation client.mjs "$(head -1 heard)"
tail -n +2 heard | tee said
diff said - <<'WANTED'
bigint 9007199254740993
decimal(38, 0) 9007199254740992
decimal(38, 0) 12345678901234567168
decimal(38, 19) 1234567890123456768
WANTED
