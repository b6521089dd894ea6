/*
 * counts.c - samples that are a row of counts: see counts.h
 */
#include "counts.h"

#include "libpq/pqformat.h"

/* read a count and step text behind it, false if there is none or it does not fit */
bool
count_parse(const char **text, int64 *count)
{
	if (**text < '0' || **text > '9')
		return false;
	for (*count = 0; **text >= '0' && **text <= '9'; (*text)++)
		if (pg_mul_s64_overflow(*count, 10, count) ||
			pg_add_s64_overflow(*count, **text - '0', count))
			return false;
	return true;
}

/*
 * Read up to max counts written as 62/20/18, white space around them allowed.
 * Returns how many, 0 if it is anything else.
 */
int
counts_parse(const char *text, int64 *counts, int max)
{
	int			n = 0;

	while (isspace((unsigned char) *text))
		text++;
	do
	{
		if (n == max || !count_parse(&text, &counts[n++]))
			return 0;
	} while (*text == '/' && *text++);
	while (isspace((unsigned char) *text))
		text++;
	return *text == '\0' ? n : 0;
}

void
counts_print(StringInfo text, const int64 *counts, int n)
{
	for (int i = 0; i < n; i++)
		appendStringInfo(text, i > 0 ? "/" INT64_FORMAT : INT64_FORMAT, counts[i]);
}

void
counts_send(StringInfo message, const int64 *counts, int n)
{
	for (int i = 0; i < n; i++)
		pq_sendint64(message, counts[i]);
}

/* false if one is negative */
bool
counts_receive(StringInfo message, int64 *counts, int n)
{
	bool		valid = true;

	for (int i = 0; i < n; i++)
	{
		counts[i] = pq_getmsgint64(message);
		valid = valid && counts[i] >= 0;
	}
	return valid;
}
