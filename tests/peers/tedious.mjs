// tedious: JavaScript's own TDS, from the packets up.
import { createRequire } from 'module';
import { readFileSync } from 'fs';
const require = createRequire(process.env.PEER_MODULES + '/');
const { Connection, Request, TYPES, ISOLATION_LEVEL } = require('tedious');
const [host, port] = process.argv.slice(2);

function connect(password, encrypt) {
  const connection = new Connection({
    server: host,
    authentication: { type: 'default', options: { userName: 'sa', password } },
    options: { port: Number(port), encrypt, trustServerCertificate: true, database: 'SSISDB', appName: 'peer',
      cancelTimeout: 3000, requestTimeout: 30000, useUTC: true, rowCollectionOnRequestCompletion: true },
  });
  return new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve(connection))));
}

function run(connection, sql, params = {}, method = 'execSql') {
  return new Promise((resolve, reject) => {
    const request = new Request(sql, (error, count, rows) => (error ? reject(error) : resolve({ count, rows, outputs })));
    const outputs = {};
    for (const [name, [type, value, options]] of Object.entries(params))
      if (options?.output) request.addOutputParameter(name, type, value, options);
      else request.addParameter(name, type, value, options);
    request.on('returnValue', (name, value) => { outputs[name] = value; });
    connection[method](request);
  });
}

const value = async (connection, sql, params) => (await run(connection, sql, params)).rows[0][0].value;
const same = (found, wanted) => {
  if (String(found) !== String(wanted)) throw new Error(`${found} instead of ${wanted}`);
};
const fails = async (promise, number) => {
  try { await promise; } catch (error) { same(error.number ?? error.code, number); return error; }
  throw new Error(`no error ${number}`);
};

const cases = {
  async 'log-in'() {
    for (const encrypt of [false, true]) (await connect(process.env.PEER_PASSWORD, encrypt)).close();
    const error = await fails(connect('wrong', true), 'ELOGIN');
    same(error.message, "Login failed for user 'sa'.");
  },
  async types(connection) {
    const { rows } = await run(connection, readFileSync(new URL('cases.sql', import.meta.url), 'utf8'));
    const found = Object.fromEntries(rows[0].map((c) => [c.metadata.colName, c.value]));
    const names = Object.fromEntries(rows[0].map((c) => [c.metadata.colName, c.metadata.type.name]));
    const wanted = { a_bit: true, a_tinyint: 255, a_smallint: -32768, an_int: -2147483648, a_bigint: '9007199254740993',
      a_real: 0.5, a_float: 0.1, a_char: 'ab ', a_varchar: 'Größe', an_nvarchar: '日😀', a_max: 'long',
      a_guid: '00112233-4455-6677-8899-AABBCCDDEEFF', a_varbinary: Buffer.from([1, 2, 255]), a_null: null };
    for (const [name, wish] of Object.entries(wanted)) same(found[name], wish);
    same(found.a_decimal.toPrecision(15), '1.23456789012346e+27'); // to tedious a number is a double
    same(found.a_date.toISOString(), '2026-03-01T00:00:00.000Z');
    same(found.a_datetime.toISOString(), '2026-03-01T10:11:12.123Z');
    same(found.a_datetime2.toISOString(), '2026-03-01T10:11:12.123Z');
    same(found.a_datetimeoffset.toISOString(), '2026-03-01T08:11:12.123Z');
    same([names.a_char, names.a_varchar, names.an_nvarchar, names.a_varbinary], 'Char,VarChar,NVarChar,VarBinary');
    same(await value(connection, 'SELECT HOST_NAME()'), (await import('os')).hostname());
  },
  async parameters(connection) {
    same(await value(connection, 'SELECT DATALENGTH(@v)', { v: [TYPES.VarChar, 'abc'] }), 3);
    same(await value(connection, 'SELECT DATALENGTH(@v)', { v: [TYPES.NVarChar, 'abc'] }), 6);
    same(await value(connection, 'SELECT @v', { v: [TYPES.BigInt, '9007199254740993'] }), '9007199254740993');
    same(await value(connection, 'SELECT CONVERT(nvarchar(40), @v)', { v: [TYPES.Decimal, 12.5, { precision: 9, scale: 2 }] }), '12.50');
    same(await value(connection, 'SELECT DATALENGTH(@v)', { v: [TYPES.Real, 0.5] }), 4);
    same(await value(connection, 'SELECT CONVERT(nvarchar(40), @v)', { v: [TYPES.Money, 12.5] }), '12.5000');
    same(await value(connection, 'SELECT CONVERT(nvarchar(40), @v, 126)', { v: [TYPES.SmallDateTime, new Date('2026-03-01T10:11:00Z')] }), '2026-03-01T10:11:00');
    same(await value(connection, 'SELECT @v', { v: [TYPES.Text, 'abc'] }), 'abc');
    same(await value(connection, 'SELECT DATALENGTH(@v)', { v: [TYPES.Image, Buffer.from([1, 2])] }), 2);
    const { outputs } = await run(connection, 'SET @o = @o * 2', { o: [TYPES.Int, 21, { output: true }] });
    same(outputs.o, 42);
    await fails(run(connection, 'SELECT @t', { t: [TYPES.Time, new Date()] }), 2715);
    same(await value(connection, 'SELECT 1'), 1); // a type that is refused ends nothing
  },
  async errors(connection) {
    const error = await fails(run(connection, "RAISERROR(N'a peer asked for it', 16, 7)"), 50000);
    same([error.message, error.class, error.state], 'a peer asked for it,16,7');
    await fails(run(connection, 'SELECT nothing FROM catalog.executions'), 207);
    await fails(run(connection, 'SELECT 1/0'), 8134);
    await fails(run(connection, 'SELECT 1; BREAK'), 135);
    same(await value(connection, 'SELECT 1'), 1);
  },
  async cancel(connection) {
    const begin = Date.now();
    const slow = run(connection, "WAITFOR DELAY '00:00:20'");
    setTimeout(() => connection.cancel(), 200);
    await fails(slow, 'ECANCEL');
    if (Date.now() - begin > 5000) throw new Error('it took too long');
    same(await value(connection, 'SELECT 1'), 1);
  },
  async transactions(connection) {
    await run(connection, 'CREATE TABLE dbo.peer_tedious (n int NOT NULL)');
    const step = (method, ...args) => new Promise((resolve, reject) => connection[method]((e) => (e ? reject(e) : resolve()), ...args));
    await step('beginTransaction', 'outer', ISOLATION_LEVEL.READ_COMMITTED);
    await run(connection, 'INSERT INTO dbo.peer_tedious (n) VALUES (1)');
    same(await value(connection, 'SELECT @@TRANCOUNT'), 1);
    await fails(run(connection, 'ROLLBACK TRANSACTION stranger'), 6401);
    await fails(step('rollbackTransaction', 'stranger'), 6401);
    await step('rollbackTransaction', 'outer');
    same(await value(connection, 'SELECT COUNT(*) FROM dbo.peer_tedious'), 0);
    await step('beginTransaction');
    await run(connection, 'INSERT INTO dbo.peer_tedious (n) VALUES (1)');
    await step('commitTransaction');
    same(await value(connection, 'SELECT COUNT(*) FROM dbo.peer_tedious'), 1);
  },
  async 'prepared statements'(connection) {
    const request = new Request('SELECT @a + 1 AS n', () => {});
    request.addParameter('a', TYPES.Int);
    await new Promise((resolve, reject) => { request.once('prepared', resolve); request.once('error', reject); connection.prepare(request); });
    for (const a of [1, 2]) {
      const rows = [];
      await new Promise((resolve, reject) => {
        request.userCallback = (error) => (error ? reject(error) : resolve());
        request.callback = request.userCallback;
        request.removeAllListeners('row');
        request.on('row', (columns) => rows.push(columns[0].value));
        connection.execute(request, { a });
      });
      same(rows, a + 1);
    }
    const wrong = new Request('SELECT nothing FROM catalog.executions', () => {});
    const told = new Promise((resolve) => wrong.once('error', resolve));
    connection.prepare(wrong);
    same((await told).errors.map((e) => e.number), '207,8180');
    same(await value(connection, 'SELECT 1'), 1);
  },
};

for (const [name, body] of Object.entries(cases)) {
  let connection;
  try {
    connection = name === 'log-in' ? undefined : await connect(process.env.PEER_PASSWORD, true);
    await body(connection);
    console.log(`${name}\tok\t`);
  } catch (error) {
    console.log(`${name}\tnot ok\t${error.message}`);
  }
  connection?.close();
}
