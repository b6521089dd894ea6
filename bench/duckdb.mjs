// duckdb.mjs FOLDER: the queries of the benchmark in DuckDB, on the rows of its tables
//
// FOLDER holds the tables as TABLE.csv, queries.csv (id, query) and DuckDB's
// npm package; results.csv (id, milliseconds, answer) is written there. Two
// threads, everything in memory, one round to warm up and five that count.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const folder = process.argv[2];
const { DuckDBInstance } = createRequire(`${folder}/`)('@duckdb/node-api');
const rounds = 5;

const db = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
const rows = async (query) => (await db.runAndReadAll(query)).getRowsJson();

await db.run(`CREATE TABLE orders AS
    SELECT * FROM read_csv('${folder}/orders.csv', header = false,
        columns = {'customer_id': 'BIGINT', 'ordered_at': 'TIMESTAMP'})`);
await db.run(`CREATE TABLE event AS
    SELECT * FROM read_csv('${folder}/event.csv', header = false,
        columns = {'visitor_id': 'BIGINT', 'seen_at': 'TIMESTAMP', 'step': 'INTEGER'})`);

const quote = (text) => `"${String(text).replaceAll('"', '""')}"`;
const results = [];
const queries = await rows(`
    SELECT id::text, query FROM read_csv('${folder}/queries.csv', header = false,
        columns = {'id': 'INTEGER', 'query': 'VARCHAR'}, quote = '"', escape = '"')`);
for (const [id, query] of queries) {
    // as the server writes rows, and in the order of its text
    const answer = (await rows(query))
        .map((row) => `(${row.map((x) => x ?? '').join(',')})`).sort().join('\n');
    for (let round = 0; round < rounds; round++) {
        const start = process.hrtime.bigint();
        await db.run(query);
        results.push([id, Number(process.hrtime.bigint() - start) / 1e6, quote(answer)].join(','));
    }
}
writeFileSync(`${folder}/results.csv`, results.join('\n') + '\n');
console.log(`  DuckDB ${(await rows('SELECT version()'))[0][0]}, 2 threads`);
