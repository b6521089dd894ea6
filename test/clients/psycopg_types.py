# As what columns arrive in psycopg, 3 or 2: reads lines of a name and a query, prints a line for
# each column.
import datetime, decimal, math, sys

try:
    import psycopg
except ImportError:
    import psycopg2 as psycopg

KINDS = {20: ('number', int), 23: ('number', int), 701: ('number', float),
         1700: ('number', decimal.Decimal), 25: ('text', str), 1082: ('date', datetime.date),
         16: ('boolean', bool)}

cursor = psycopg.connect('').cursor()
for line in sys.stdin:
    name, query = line.rstrip('\n').split('\t')
    cursor.execute(query)
    rows = cursor.fetchall()
    for i, column in enumerate(cursor.description):
        kind, python_type = KINDS.get(column[1], ('type %s' % column[1], type(None)))
        values = [row[i] for row in rows if row[i] is not None]
        odd = [value for value in values if type(value) is not python_type
               or kind == 'number' and not math.isfinite(value)]
        print(name, column[0], 'value %r' % (odd[0],) if odd else kind, sep='\t')
