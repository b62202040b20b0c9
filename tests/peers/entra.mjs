// tedious logs in with an access token: node entra.mjs MODULES HOST PORT CA TOKEN-FILE require|strict [QUERY]
import { createRequire } from 'module';
import { readFileSync } from 'fs';
const [modules, server, port, ca, token, encrypt, query] = process.argv.slice(2);
const { Connection, Request } = createRequire(modules + '/')('tedious');

const connection = new Connection({
  server,
  authentication: { type: 'azure-active-directory-access-token', options: { token: readFileSync(token, 'utf8').trim() } },
  options: { port: Number(port), encrypt: encrypt === 'strict' ? 'strict' : true, trustServerCertificate: false, database: 'SSISDB',
    appName: process.env.PEER_APPLICATION ?? 'peer', connectTimeout: 5000, rowCollectionOnRequestCompletion: true,
    cryptoCredentialsDetails: { ca: readFileSync(ca) } },
});
connection.on('error', () => {});
connection.connect((error) => {
  if (error) {
    console.log(`${error.code}: ${error.message}`);
    process.exit(1);
  }
  if (!query) {
    console.log('logged in');
    process.exit(0);
  }
  connection.execSql(new Request(query, (failure, count, rows) => {
    console.log(failure ? failure.message : rows[0][0].value);
    process.exit(failure ? 1 : 0);
  }));
});
