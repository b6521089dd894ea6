# As what columns arrive through psqlODBC: reads lines of a name and a query, prints a line for each
# column. Its default is to tell a boolean as text, so it is asked not to.
import datetime, decimal, math, os, pyodbc, sys

KINDS = {int: 'number', float: 'number', decimal.Decimal: 'number', str: 'text',
         datetime.date: 'date', bool: 'boolean'}

server = tuple(os.environ[name] for name in ('PGHOST', 'PGPORT', 'PGDATABASE', 'PGUSER'))
cursor = pyodbc.connect('Driver={PostgreSQL Unicode};Servername=%s;Port=%s;Database=%s;Username=%s;'
                        'BoolsAsChar=0' % server).cursor()
for line in sys.stdin:
    name, query = line.rstrip('\n').split('\t')
    cursor.execute(query)
    rows = cursor.fetchall()
    for i, column in enumerate(cursor.description):
        kind = KINDS.get(column[1], str(column[1]))
        values = [row[i] for row in rows if row[i] is not None]
        odd = [value for value in values if type(value) is not column[1]
               or kind == 'number' and not math.isfinite(value)]
        if odd:
            kind = 'value %r' % (odd[0],)
        elif column[1] is decimal.Decimal and column[5] != 4:
            kind = 'scale %s' % column[5]
        print(name, column[0], kind, sep='\t')
