// What Cube answers: compiles the data model of the file named first, reads a query (JSON) from
// each line, prints the rows of each. In process and without telemetry, so nothing leaves the
// machine.
const fs = require('fs');
const { CubejsServerCore } = require('@cubejs-backend/server-core');
const PostgresDriver = require('@cubejs-backend/postgres-driver');

console.log = console.error;    // where it warns
const { PGHOST: host, PGPORT: port, PGUSER: user, PGDATABASE: database } = process.env;
const files = [{ fileName: 'model.js', content: fs.readFileSync(process.argv[2], 'utf8') }];
const core = new CubejsServerCore({
  telemetry: false,
  devServer: false,
  scheduledRefreshTimer: false,
  cacheAndQueueDriver: 'memory',
  apiSecret: 'secret',
  logger: (message, { error }) => error && console.error(message, error),
  dbType: 'postgres',
  driverFactory: () => new PostgresDriver({ host, port, user, database }),
  repositoryFactory: () => ({ dataSchemaFiles: async () => files }),
});

(async () => {
  const api = core.apiGateway();
  const context = await api.contextByReq({}, {}, 'test');
  const load = (query) => new Promise((resolve, reject) => {
    const res = ({ error, data }) => {
      if (error === 'Continue wait') {          // the database takes its time: ask again
        api.load({ query, context, res });
      } else if (error) {
        reject(new Error(error));
      } else {
        resolve(data);
      }
    };
    api.load({ query, context, res });
  });
  for (const line of fs.readFileSync(0, 'utf8').trim().split('\n')) {
    process.stdout.write(`${JSON.stringify(await load(JSON.parse(line)))}\n`);
  }
  process.exit();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
