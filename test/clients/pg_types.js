// As what columns arrive in node pg: reads lines of a name and a query, prints a line for each
// column. By its own default, numeric and bigint are strings, as a number of JavaScript could not
// hold all of them, and dates are midnights of the time zone of the machine. Money of 15 digits and
// counts up to 2^53 are exact as numbers, so the three lines that the documentation shows are used
// here, if asked for with --parsers.
const pg = require('pg');

if (process.argv.includes('--parsers')) {
  pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
}

const kinds = {
  20: 'number', 23: 'number', 701: 'number', 1700: 'number',
  25: 'text', 1082: 'date', 16: 'boolean',
};
const fits = {
  number: Number.isFinite,
  text: (value) => typeof value === 'string',
  date: (value) => /^\d{4}-\d\d-\d\d$/.test(value),
  boolean: (value) => typeof value === 'boolean',
};

(async () => {
  const client = new pg.Client();
  await client.connect();
  for (const line of require('fs').readFileSync(0, 'utf8').trim().split('\n')) {
    const [name, query] = line.split('\t');
    const { fields, rows } = await client.query(query);
    for (const field of fields) {
      const kind = kinds[field.dataTypeID] || `type ${field.dataTypeID}`;
      const odd = rows.map((row) => row[field.name])
        .find((value) => value !== null && !(fits[kind] && fits[kind](value)));
      const seen = odd === undefined ? kind : `value ${typeof odd} ${odd}`;
      console.log([name, field.name, seen].join('\t'));
    }
  }
  await client.end();
})();
