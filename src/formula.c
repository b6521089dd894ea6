/*
 * formula.c - formulas of indicators that a shop defines itself
 *
 * A formula is parsed by PostgreSQL's own parser, which reads text and nothing else: it looks no
 * name up and runs nothing.  What it gives is walked here, and written anew from the few things
 * that are known here; anything else is an error that says where it is.  So whatever somebody has
 * written, no more than arithmetic can come of it, and a name is never one of the database.
 *
 * What is written is SQL in pieces: between texts are the indicators and measures that are read,
 * for which something else is put in.  All of it is numeric, and a quotient by zero is NULL.
 */
#include "kpi.h"

#include "catalog/pg_type.h"
#include "common/keywords.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "parser/scansup.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"
#include "utils/varlena.h"

/* so that what nests is parsed without much memory, and sums of numbers stay far below any limit */
#define MAX_LENGTH 4000
#define MAX_DIGITS 38
#define MAX_MEASURE 55			/* as columns are called by it, with a word before */
#define MAX_NAME 255			/* comparing two takes time by their product */

#define ALLOWED "A formula has names of indicators, measure('...'), numbers, +, -, *, / and " \
	"parentheses, and the functions abs, ceil, coalesce, floor, greatest, least, nullif and round."

#define CHOOSES "coalesce(x, 0), nullif(x, 0), greatest(x, 0) and least(x, 1) choose between " \
	"values; what is divided by zero is NULL as it is."
#define DECIMALS "Numbers have a point before their decimals, and nothing between thousands, as " \
	"1234.5 has."

PG_FUNCTION_INFO_V1(formula_pieces);
PG_FUNCTION_INFO_V1(formula_adds_up);
PG_FUNCTION_INFO_V1(formula_divides);
PG_FUNCTION_INFO_V1(formula_divisor);
PG_FUNCTION_INFO_V1(perhaps_meant);
PG_FUNCTION_INFO_V1(require_formula);

typedef enum PieceKind
{
	PIECE_TEXT,
	PIECE_INDICATOR,
	PIECE_MEASURE
} PieceKind;

typedef struct Piece
{
	PieceKind	kind;
	char	   *text;
	int			location;		/* where it is read, in bytes */
} Piece;

/* how a part of a formula adds up over days and members, if what it reads does */
typedef enum Shape
{
	SHAPE_CONSTANT,				/* a number */
	SHAPE_SUM,					/* as a sum does */
	SHAPE_MEAN,					/* not at all: it is a sum divided by an indicator or measure */
	SHAPE_OTHER					/* nor is it anything else that is known */
} Shape;

typedef struct Formula
{
	const char *source;
	int			location;		/* of what is looked at, in bytes; -1 if of nothing in particular */
	const Datum *known;			/* indicators, if they are */
	int			n_known;
	List	   *pieces;
	StringInfoData text;		/* of the piece that is being written */
} Formula;

typedef struct Function
{
	const char *name;
	int			least;			/* arguments */
	int			most;
} Function;

/* COALESCE, NULLIF, GREATEST and LEAST are words of the grammar */
static const Function functions[] = {
	{"abs", 1, 1},
	{"ceil", 1, 1},
	{"floor", 1, 1},
	{"round", 1, 2},
};

static Shape write_node(Formula *formula, Node *node);


/* hints */

/*
 * The name that of those known is written most like this one, in capitals or not; NULL if none is.
 * As words of one language have letters in common anyway, a third of the longer one may be others,
 * and 3 at most.
 */
static char *
nearest(const char *name, const Datum *known, int n)
{
	char	   *found = NULL;
	char	   *small = downcase_identifier(name, strlen(name), false, false);
	int			letters = pg_mbstrlen(name);
	int			least = 3;

	for (int i = 0; i < n; i++)
	{
		char	   *other = TextDatumGetCString(known[i]);
		char	   *other_small;
		int			allowed;
		int			distance;

		CHECK_FOR_INTERRUPTS();
		if (Max(strlen(name), strlen(other)) > MAX_NAME)
			continue;
		allowed = Min(Max(letters, pg_mbstrlen(other)) / 3, least);
		other_small = downcase_identifier(other, strlen(other), false, false);
		distance = varstr_levenshtein_less_equal(small, strlen(small), other_small,
												 strlen(other_small), 1, 1, 1, allowed, true);
		pfree(other_small);
		if (distance <= allowed)
		{
			found = other;
			least = distance - 1;
		}
		else
			pfree(other);
	}
	return found;
}

static char *
perhaps(const char *name, const Datum *known, int n)
{
	char	   *other = nearest(name, known, n);

	return other == NULL ? NULL : psprintf("Perhaps %s is meant.", other);
}

static bool
is_word(char c)
{
	return isalnum((unsigned char) c) || c == '_' || IS_HIGHBIT_SET(c);
}

/* where the word ends that is there, and where it begins that ends there, but for blanks */
static const char *
word_end(const char *at)
{
	while (is_word(*at))
		at++;
	return at;
}

static const char *
blanks_start(const char *source, const char *at)
{
	while (at > source && scanner_isspace(at[-1]))
		at--;
	return at;
}

static const char *
word_start(const char *source, const char *at)
{
	at = blanks_start(source, at);
	while (at > source && is_word(at[-1]))
		at--;
	return at;
}

/* the word in small letters, as names are read; NULL if it can be the name of an indicator */
static char *
reserved_word(const char *at)
{
	char	   *word = downcase_identifier(at, word_end(at) - at, false, false);
	int			number = ScanKeywordLookup(word, &ScanKeywords);

	if (number < 0 || (ScanKeywordCategories[number] != RESERVED_KEYWORD &&
					   ScanKeywordCategories[number] != TYPE_FUNC_NAME_KEYWORD))
		return NULL;
	return word;
}

/* where the parentheses of measure(...) are open, if nothing but a name without quotes follows */
static const char *
measure_start(const char *source, const char *at)
{
	const char *measure;

	while (at > source && strchr("()'\",", at[-1]) == NULL)
		at--;
	if (at == source || at[-1] != '(')
		return NULL;
	measure = word_start(source, at - 1);
	return pg_strncasecmp(measure, "measure", 7) == 0 && word_end(measure) == measure + 7
		? at : NULL;
}

/* how a measure of this name is read, of which quotes may be left as word processors make them */
static int
hint_name(const char *name)
{
	static const char *const quotes[] = {"\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c",
	"\xe2\x80\x9d"};			/* in UTF8 */
	size_t		length = strlen(name);

	for (int i = 0; i < lengthof(quotes); i++)
	{
		if (strncmp(name, quotes[i], 3) == 0)
		{
			name += 3;
			length -= 3;
		}
		if (length >= 3 && strncmp(name + length - 3, quotes[i], 3) == 0)
			length -= 3;
	}
	return errhint("Write its name in quotes, as the source measures has it: measure(%s).",
				   quote_literal_cstr(length == 0 ? "..." : pnstrdup(name, length)));
}

/* the same of a name that is written, in whatever way, after a parenthesis */
static int
hint_measure(const char *name)
{
	size_t		length;

	name += strspn(name, " \t\n\r\f\v'\"");
	length = strcspn(name, ",'\")");
	while (length > 0 && scanner_isspace(name[length - 1]))
		length--;
	return hint_name(pnstrdup(name, length));
}

/* signs of arithmetic as they are printed, which for SQL are letters */
static bool
is_sign(const char *word)
{
	static const char *const signs[] = {"\xc3\x97", "\xc3\xb7", "\xe2\x80\x93", "\xe2\x88\x92",
	"\xc2\xb7"};				/* times, divided by, a dash, minus, a dot, in UTF8 */

	for (int i = 0; i < lengthof(signs); i++)
		if (strcmp(word, signs[i]) == 0)
			return true;
	return false;
}

/* whether this name is what is meant by the word alone, misspelt or not */
static bool
is_meant(Formula *formula, const char *word, const char *name)
{
	char	   *other = nearest(word, formula->known, formula->n_known);

	return other != NULL && strcmp(other, name) == 0;
}

/*
 * Two names without an operator are one with a blank, perhaps.  That one of them alone is meant is
 * never said: who follows that loses what the other was to do.
 */
static int
hint_operator(Formula *formula, const char *left, const char *right)
{
	char	   *first = downcase_identifier(left, word_end(left) - left, false, false);
	char	   *second = downcase_identifier(right, word_end(right) - right, false, false);
	const char *sign = is_sign(first) ? first : is_sign(second) ? second : NULL;
	char	   *other = NULL;

	if (isdigit((unsigned char) *first) && isdigit((unsigned char) *second))
		return errhint(DECIMALS);
	if (sign != NULL)
		return errhint("Write +, -, * or /, which \"%s\" is not.", sign);
	if (!isdigit((unsigned char) *first) && !isdigit((unsigned char) *second))
		other = nearest(psprintf("%s_%s", first, second), formula->known, formula->n_known);
	if (other != NULL && !is_meant(formula, first, other) && !is_meant(formula, second, other))
		return errhint("Perhaps %s is meant.", other);
	return errhint("Write +, -, * or / between them. No name of an indicator has a blank.");
}

static bool
is_decimal_comma(const char *source, const char *at)
{
	return at > source && *at == ',' && isdigit((unsigned char) at[-1]) &&
		isdigit((unsigned char) at[1]);
}

/* those of names in quotes are so few that they are not told from others */
static int
open_parentheses(const char *source, const char *at)
{
	int			open = 0;

	for (const char *c = source; c < at; c++)
		open += *c == '(' ? 1 : *c == ')' ? -1 : 0;
	return open;
}

/* What is wrong where the parser cannot go on, at this place in characters from 1. */
static void
hint_syntax(Formula *formula, int position)
{
	const char *source = formula->source;
	const char *at = source + pg_mbcharcliplen(source, strlen(source), position - 1);
	const char *measure = measure_start(source, at);
	const char *right = is_word(*at) || *at == '(' ? at : word_start(source, at);
	const char *end = blanks_start(source, right);	/* of what is before it */
	bool		apart = end < right || *right == '(';	/* else the parser is within a word */
	char	   *word = reserved_word(right);
	char	   *other = word == NULL ? NULL : perhaps(word, formula->known, formula->n_known);

	if (measure != NULL)
		hint_measure(measure);
	else if (at > source && at[-1] == '\'' && is_word(*at))
		errhint("A quote in a name is written twice: measure('driver''s').");
	else if (other != NULL)
		errhint("%s", other);
	else if (word != NULL && strcmp(word, "select") == 0)
		errhint("A formula is no query. " ALLOWED);
	else if (word != NULL)
		errhint("\"%s\" is a word of SQL, and no indicator is called so; what the source measures "
				"has by that name is written measure('%s').", word, word);
	else if (is_decimal_comma(source, at) || (*at == '.' && isdigit((unsigned char) at[1])))
		errhint(DECIMALS);
	else if (*at == ')' && open_parentheses(source, at) == 0)
		errhint("Leave out the parenthesis: none is open.");
	else if (*at == '\0' && end > source && end[-1] == '%')
		errhint("%% is not read: 19 %% is 0.19.");
	else if (end > source && apart && *right != '\0' && (is_word(end[-1]) || end[-1] == ')') &&
			 reserved_word(word_start(source, end)) == NULL)
		hint_operator(formula, word_start(source, end), right);
	else if (*at == '\0')
		errhint("Write what is missing at its end: a name, a number or a parenthesis.");
	else
		errhint(ALLOWED);
}


/* errors */

/* An error is shown in the formula, wherever that is written: in a call, a table or a model. */
static void
point_at(void *argument)
{
	Formula    *formula = argument;
	int			position = geterrposition();	/* of the parser, in characters from 1 */

	if (position > 0)
	{
		errposition(0);
		if (geterrcode() == ERRCODE_SYNTAX_ERROR)	/* of others the parser knows what to do */
			hint_syntax(formula, position);
	}
	else if (formula->location >= 0)
		position = pg_mbstrlen_with_len(formula->source, formula->location) + 1;
	else
		return;
	internalerrposition(position);
	internalerrquery(formula->source);
	errcontext("character %d of the formula", position);
}

pg_noreturn static void
refuse_with(Formula *formula, int location, const char *what, const char *hint)
{
	formula->location = location;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s cannot be part of a formula", what),
			 errhint("%s", hint)));
}

pg_noreturn static void
refuse(Formula *formula, int location, const char *what)
{
	refuse_with(formula, location, what, ALLOWED);
}

/* whether a number may be the decimals of the one before it */
static bool
are_decimals(Formula *formula, Node *node)
{
	int			location = exprLocation(node);

	return location > 0 && is_decimal_comma(formula->source, formula->source + location - 1);
}

pg_noreturn static void
refuse_second(Formula *formula, Node *node)
{
	refuse_with(formula, exprLocation(node), "a second column",
				are_decimals(formula, node) ? DECIMALS : ALLOWED);
}

/* whether it ends with AS and a name, in quotes or not */
static bool
ends_with_name(const char *source)
{
	const char *end = blanks_start(source, source + strlen(source));
	const char *name = word_start(source, end);

	if (end - source > 1 && end[-1] == '"')
		for (name = end - 2; name > source && *name != '"';)
			name--;
	name = word_start(source, name);
	return pg_strncasecmp(name, "as", 2) == 0 && word_end(name) == name + 2;
}

/* what stands where another name for the figure could, as after an operator that was forgotten */
pg_noreturn static void
refuse_name(Formula *formula, ResTarget *target)
{
	Node	   *last = target->val;

	while (IsA(last, A_Expr) && ((A_Expr *) last)->rexpr != NULL &&
		   exprLocation(((A_Expr *) last)->rexpr) >= 0)
		last = ((A_Expr *) last)->rexpr;
	formula->location = target->location;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("a name for it such as \"%s\" cannot be part of a formula", target->name),
			 ends_with_name(formula->source)
			 ? errhint("Leave out AS and what follows it.")
			 : hint_operator(formula, formula->source + Max(exprLocation(last), 0),
							 target->name)));
}

/* what is called by some name at this place */
static const char *
called(const char *kind, const char *name)
{
	return psprintf("%s \"%s\"", kind, name);
}

static const char *
dotted(List *names)
{
	StringInfoData all;
	ListCell   *cell;

	initStringInfo(&all);
	foreach(cell, names)
	{
		Node	   *name = lfirst(cell);

		appendStringInfo(&all, "%s%s", all.len > 0 ? "." : "",
						 IsA(name, String) ? strVal(name) : "*");
	}
	return all.data;
}


/* writing */

static void
add_piece(Formula *formula, PieceKind kind, const char *text, int location)
{
	Piece	   *piece;

	if (kind != PIECE_TEXT && formula->text.len > 0)
	{
		add_piece(formula, PIECE_TEXT, formula->text.data, -1);
		resetStringInfo(&formula->text);
	}
	piece = palloc(sizeof(Piece));
	*piece = (Piece) {.kind = kind,.text = pstrdup(text),.location = location};
	formula->pieces = lappend(formula->pieces, piece);
}

static Shape
write_number(Formula *formula, A_Const *constant)
{
	char	   *text;
	char	   *plain;
	Numeric		number;
	int			digits = 0;

	if (constant->isnull)
		refuse_with(formula, constant->location, "NULL", CHOOSES);
	if (IsA(&constant->val, Integer))
		text = psprintf("%d", intVal(&constant->val));
	else if (IsA(&constant->val, Float))
		text = castNode(Float, &constant->val)->fval;
	else
		refuse(formula, constant->location,
			   IsA(&constant->val, Boolean) ? "true or false" : "a text");

	formula->location = constant->location;
	number = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
												 ObjectIdGetDatum(InvalidOid),
												 Int32GetDatum(-1)));
	plain = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
	for (char *digit = plain; *digit != '\0'; digit++)
		digits += *digit >= '0' && *digit <= '9';
	if (digits > MAX_DIGITS)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("a number has more than %d digits", MAX_DIGITS),
				 errhint("Write it with fewer.")));
	appendStringInfo(&formula->text, plain[0] == '-' ? "(%s)::numeric" : "%s::numeric", plain);
	return SHAPE_CONSTANT;
}

static void
write_list(Formula *formula, List *nodes)
{
	ListCell   *cell;
	bool		after_number = false;

	foreach(cell, nodes)
	{
		Node	   *node = lfirst(cell);

		if (cell != list_head(nodes))
			appendStringInfoString(&formula->text, ", ");
		/* a name before the comma may end with a digit, too */
		if (after_number && IsA(node, A_Const) && are_decimals(formula, node))
			refuse_with(formula, exprLocation(node), "a number beside a number", DECIMALS);
		after_number = IsA(node, A_Const);
		write_node(formula, node);
	}
	appendStringInfoChar(&formula->text, ')');
}

static bool
is_zero(Node *node)
{
	A_Const    *constant = (A_Const *) node;

	if (!IsA(node, A_Const) || constant->isnull)
		return false;
	return IsA(&constant->val, Integer) ? intVal(&constant->val) == 0
		: IsA(&constant->val, Float) && floatVal(&constant->val) == 0;
}

static Shape
write_operator(Formula *formula, A_Expr *expr)
{
	const char *name = strVal(linitial(expr->name));
	Shape		left = SHAPE_CONSTANT;
	Shape		right;

	if (list_length(expr->name) != 1)
		refuse(formula, expr->location, called("the operator", dotted(expr->name)));
	if (strlen(name) != 1 || strchr("+-*/", name[0]) == NULL)
		refuse(formula, expr->location, called("the operator", name));
	appendStringInfoChar(&formula->text, '(');
	if (expr->lexpr != NULL)
	{
		left = write_node(formula, expr->lexpr);
		appendStringInfoChar(&formula->text, ' ');
	}
	else if (strchr("+-", name[0]) == NULL)
		refuse(formula, expr->location, called("the operator", name));
	appendStringInfo(&formula->text, "%s ", name);
	if (name[0] == '/' && is_zero(expr->rexpr))
		refuse_with(formula, exprLocation(expr->rexpr), "a division by 0",
					"It gives NULL, whatever is divided: write another number, or a name.");
	if (name[0] == '/')
		appendStringInfoString(&formula->text, "nullif(");
	right = write_node(formula, expr->rexpr);
	appendStringInfoString(&formula->text, name[0] == '/' ? ", 0::numeric))" : ")");

	if (left > SHAPE_SUM || right > SHAPE_SUM)
		return SHAPE_OTHER;
	if (left == SHAPE_CONSTANT && right == SHAPE_CONSTANT)
		return SHAPE_CONSTANT;
	switch (name[0])
	{
		case '*':
			return left == right ? SHAPE_OTHER : SHAPE_SUM;
		case '/':
			if (right == SHAPE_CONSTANT)
				return SHAPE_SUM;
			/* of calls, that of a measure alone is a sum */
			return left == SHAPE_SUM && (IsA(expr->rexpr, ColumnRef) || IsA(expr->rexpr, FuncCall))
				? SHAPE_MEAN : SHAPE_OTHER;
		default:				/* a number that is added is so once for each day */
			return left == right || expr->lexpr == NULL ? SHAPE_SUM : SHAPE_OTHER;
	}
}

static Shape
write_measure(Formula *formula, FuncCall *call)
{
	A_Const    *name = list_length(call->args) == 1 ? linitial(call->args) : NULL;

	if (name == NULL || !IsA(name, A_Const) || name->isnull || !IsA(&name->val, String))
	{
		formula->location = call->location;
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("it is not said which measure is meant"),
				 name != NULL && IsA(name, ColumnRef) &&
				 formula->source[exprLocation((Node *) name)] == '"'
				 ? hint_name(dotted(((ColumnRef *) name)->fields))
				 : hint_measure(strchr(formula->source + call->location, '(') + 1)));
	}
	formula->location = name->location;
	if (strVal(&name->val)[0] == '\0' || strlen(strVal(&name->val)) > MAX_MEASURE)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("the name of a measure has 1 to %d bytes", MAX_MEASURE),
				 errhint("Give it another name in the source measures.")));
	add_piece(formula, PIECE_MEASURE, strVal(&name->val), name->location);
	return SHAPE_SUM;
}

/* with what is called so elsewhere */
pg_noreturn static void
refuse_function(Formula *formula, int location, const char *name)
{
	static const char *const meant[][2] = {
		{"max", "greatest"}, {"min", "least"}, {"ifnull", "coalesce"}, {"isnull", "coalesce"},
		{"nvl", "coalesce"}, {"measures", "measure"}, {"ceiling", "ceil"}
	};

	for (int i = 0; i < lengthof(meant); i++)
		if (strcmp(name, meant[i][0]) == 0)
			refuse_with(formula, location, called("the function", name),
						psprintf("Write %s(...).", meant[i][1]));
	refuse(formula, location, called("the function", name));
}

static Shape
write_call(Formula *formula, FuncCall *call)
{
	const Function *function = NULL;
	const char *name = dotted(call->funcname);
	int			n = list_length(call->args);

	if (call->agg_order != NIL || call->agg_filter != NULL || call->over != NULL ||
		call->agg_star || call->agg_distinct || call->func_variadic)
		refuse(formula, call->location, called("such a call of", name));
	if (strcmp(name, "measure") == 0)
		return write_measure(formula, call);
	for (int i = 0; i < lengthof(functions); i++)
		if (strcmp(name, functions[i].name) == 0)
			function = &functions[i];
	if (function == NULL)
		refuse_function(formula, call->location, name);
	formula->location = call->location;
	if (n < function->least || n > function->most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has %d arguments", name, n),
				 errhint("Write %s.", function->most == 1 ? psprintf("%s(x)", name)
						 : psprintf("%s(x), or %s(x, 2) for two decimal places", name, name))));

	appendStringInfo(&formula->text, "pg_catalog.%s(", name);
	write_node(formula, linitial(call->args));
	if (n == 2)
	{
		A_Const    *places = lsecond(call->args);

		if (!IsA(places, A_Const) || places->isnull || !IsA(&places->val, Integer) ||
			abs(intVal(&places->val)) > MAX_DIGITS)
		{
			formula->location = exprLocation((Node *) places);
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s rounds to a number of decimal places that is written", name),
					 errhint("Write an integer of at most %d as its second argument.",
							 MAX_DIGITS)));
		}
		appendStringInfo(&formula->text, ", %d", intVal(&places->val));
	}
	appendStringInfoChar(&formula->text, ')');
	return SHAPE_OTHER;
}

static Shape
write_column(Formula *formula, ColumnRef *column)
{
	const char *name = dotted(column->fields);

	if (list_length(column->fields) != 1 || !IsA(linitial(column->fields), String))
		refuse(formula, column->location, name[strlen(name) - 1] == '*' ? "*"
			   : called("a name with dots such as", name));
	add_piece(formula, PIECE_INDICATOR, name, column->location);
	return SHAPE_SUM;
}

/* a sum that is 0 where there is none is a sum still, and a mean one */
static Shape
write_coalesce(Formula *formula, CoalesceExpr *expr)
{
	A_Const    *other = list_length(expr->args) == 2 ? lsecond(expr->args) : NULL;
	Shape		shape;

	appendStringInfoString(&formula->text, "coalesce(");
	if (other == NULL || !IsA(other, A_Const) || other->isnull ||
		!IsA(&other->val, Integer) || intVal(&other->val) != 0)
	{
		write_list(formula, expr->args);
		return SHAPE_OTHER;
	}
	shape = write_node(formula, linitial(expr->args));
	appendStringInfoString(&formula->text, ", 0::numeric)");
	return shape;
}

static Shape
write_node(Formula *formula, Node *node)
{
	check_stack_depth();
	switch (nodeTag(node))
	{
		case T_A_Const:
			return write_number(formula, (A_Const *) node);
		case T_ColumnRef:
			return write_column(formula, (ColumnRef *) node);
		case T_FuncCall:
			return write_call(formula, (FuncCall *) node);
		case T_CoalesceExpr:
			return write_coalesce(formula, (CoalesceExpr *) node);
		case T_MinMaxExpr:
			if (list_length(((MinMaxExpr *) node)->args) < 2)
				refuse_with(formula, exprLocation(node), "the largest or least of one value",
							"Write two or more: greatest(x, 0), least(x, 1).");
			appendStringInfoString(&formula->text, ((MinMaxExpr *) node)->op == IS_GREATEST
								   ? "greatest(" : "least(");
			write_list(formula, ((MinMaxExpr *) node)->args);
			return SHAPE_OTHER;
		case T_A_Expr:
			{
				A_Expr	   *expr = (A_Expr *) node;

				if (expr->kind == AEXPR_OP)
					return write_operator(formula, expr);
				if (expr->kind != AEXPR_NULLIF)
					break;
				appendStringInfoString(&formula->text, "nullif(");
				write_list(formula, list_make2(expr->lexpr, expr->rexpr));
				return SHAPE_OTHER;
			}
		case T_RowExpr:
			if (((RowExpr *) node)->row_format == COERCE_IMPLICIT_CAST)
				refuse_second(formula, lsecond(((RowExpr *) node)->args));
			break;
		case T_CaseExpr:
			refuse_with(formula, exprLocation(node), "CASE", CHOOSES);
		case T_NullTest:
			refuse_with(formula, exprLocation(node), "IS NULL", CHOOSES);
		case T_SubLink:
			refuse(formula, exprLocation(node), "a query");
		case T_TypeCast:
			refuse(formula, exprLocation(node), "a cast to another type");
		case T_ParamRef:
			refuse(formula, exprLocation(node), "a parameter");
		case T_A_Indirection:
			refuse(formula, exprLocation(((A_Indirection *) node)->arg), "a part of a value");
		default:
			break;
	}
	refuse(formula, exprLocation(node), "this");
}


/* reading */

/* Who writes two signs of minus means to subtract; all after them would be gone without a word. */
static void
refuse_comment(Formula *formula)
{
	char		quote = '\0';
	bool		escapes = false;	/* within E'...' */

	for (const char *c = formula->source; *c != '\0'; c++)
	{
		if (quote != '\0' && escapes && c[0] == '\\' && c[1] != '\0')
			c++;
		else if (quote != '\0')
			quote = *c == quote ? '\0' : quote;
		else if (*c == '\'' || *c == '"')
		{
			quote = *c;
			escapes = *c == '\'' && c > formula->source && (c[-1] == 'E' || c[-1] == 'e');
		}
		else if (*c == '$' && *word_end(c + 1) == '$')
		{
			const char *body = word_end(c + 1) + 1;
			const char *end = strstr(body, pnstrdup(c, body - c));

			if (end != NULL)
				c = end + (body - c) - 1;
		}
		else if (strncmp(c, "--", 2) == 0 || strncmp(c, "/*", 2) == 0)
			refuse_with(formula, c - formula->source, "a comment",
						"Leave it out; what is negative is subtracted so: a - (-b).");
	}
}

static Node *
parse(Formula *formula)
{
	List	   *statements;
	SelectStmt *query;
	ResTarget  *target;

	refuse_comment(formula);
	statements = raw_parser(formula->source, RAW_PARSE_PLPGSQL_EXPR);
	query = (SelectStmt *) linitial_node(RawStmt, statements)->stmt;
	if (query->targetList == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR), errmsg("a formula is empty"), errhint(ALLOWED)));
	target = linitial_node(ResTarget, query->targetList);
	if (list_length(query->targetList) > 1)
		refuse_second(formula, lsecond_node(ResTarget, query->targetList)->val);
	if (target->name != NULL)
		refuse_name(formula, target);
	if (query->distinctClause != NIL || query->fromClause != NIL || query->whereClause != NULL ||
		query->groupClause != NIL || query->havingClause != NULL ||
		query->windowClause != NIL || query->sortClause != NIL || query->limitOffset != NULL ||
		query->limitCount != NULL || query->lockingClause != NIL || query->op != SETOP_NONE)
		refuse(formula, exprLocation(target->val), "a query");
	return target->val;
}

/*
 * The pieces of a formula, and how it adds up.  What is known before, it may know already.  Error:
 * what is no formula
 */
static Shape
read_formula(text *source, Formula *formula)
{
	ErrorContextCallback callback;
	Shape		shape;
	int			length;

	formula->source = text_to_cstring(source);
	formula->location = -1;
	length = pg_mbstrlen(formula->source);
	if (length > MAX_LENGTH)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a formula of %d characters is too long", length),
				 errdetail("It has at most %d.", MAX_LENGTH),
				 errhint("Define parts of it as indicators of their own.")));
	initStringInfo(&formula->text);
	callback = (ErrorContextCallback) {.callback = point_at,.arg = formula,
	.previous = error_context_stack};
	error_context_stack = &callback;

	shape = write_node(formula, parse(formula));
	if (formula->pieces == NIL)
	{
		formula->location = 0;
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the formula reads no indicator"),
				 errhint("Name one, or a measure, such as measure('market_share').")));
	}
	if (formula->text.len > 0)
		add_piece(formula, PIECE_TEXT, formula->text.data, -1);
	error_context_stack = callback.previous;
	return shape;
}

static bool
is_known(const char *name, const Datum *known, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(name, TextDatumGetCString(known[i])) == 0)
			return true;
	return false;
}


/* functions in SQL */

/*
 * formula_pieces(formula text) returns table (n integer, kind text, piece text)
 *
 * The formula as SQL, in pieces: text, and the names of what is read (indicator, measure).
 * Error: what is no formula
 */
Datum
formula_pieces(PG_FUNCTION_ARGS)
{
	static const char *const kinds[] = {"text", "indicator", "measure"};
	ReturnSetInfo *result;
	Formula		formula = {0};
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	read_formula(PG_GETARG_TEXT_PP(0), &formula);
	foreach(cell, formula.pieces)
	{
		Piece	   *piece = lfirst(cell);
		Datum		values[3];
		bool		nulls[3] = {false, false, false};

		values[0] = Int32GetDatum(foreach_current_index(cell) + 1);
		values[1] = CStringGetTextDatum(kinds[piece->kind]);
		values[2] = CStringGetTextDatum(piece->text);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * formula_adds_up(formula text) returns boolean
 *
 * Whether it adds up over days and members if what it reads does.  Error: what is no formula
 */
Datum
formula_adds_up(PG_FUNCTION_ARGS)
{
	Formula		formula = {0};

	PG_RETURN_BOOL(read_formula(PG_GETARG_TEXT_PP(0), &formula) == SHAPE_SUM);
}

/*
 * formula_divides(formula text) returns boolean
 *
 * Whether it is a sum divided by an indicator or a measure.  Error: what is no formula
 */
Datum
formula_divides(PG_FUNCTION_ARGS)
{
	Formula		formula = {0};

	PG_RETURN_BOOL(read_formula(PG_GETARG_TEXT_PP(0), &formula) == SHAPE_MEAN);
}

/*
 * formula_divisor(formula text) returns text
 *
 * The indicator by which a sum is divided, if that is all of it, else NULL.  Error: what is no
 * formula
 */
Datum
formula_divisor(PG_FUNCTION_ARGS)
{
	Formula		formula = {0};
	Piece	   *divisor = NULL;
	ListCell   *cell;

	if (read_formula(PG_GETARG_TEXT_PP(0), &formula) != SHAPE_MEAN)
		PG_RETURN_NULL();
	foreach(cell, formula.pieces)	/* the last that is read */
	{
		Piece	   *piece = lfirst(cell);

		if (piece->kind != PIECE_TEXT)
			divisor = piece;
	}
	if (divisor->kind != PIECE_INDICATOR)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(divisor->text));
}

/*
 * require_formula(formula text, known text[], model text) returns void
 *
 * Error: what is no formula, or reads an indicator that is none of those known of the model
 */
Datum
require_formula(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	const char *model = quote_literal_cstr(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	ErrorContextCallback callback;
	Formula		formula = {0};
	ListCell   *cell;
	Datum	   *known;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &known, NULL, &n);
	formula.known = known;
	formula.n_known = n;
	read_formula(PG_GETARG_TEXT_PP(0), &formula);
	callback = (ErrorContextCallback) {.callback = point_at,.arg = &formula,
	.previous = error_context_stack};
	error_context_stack = &callback;
	foreach(cell, formula.pieces)
	{
		Piece	   *piece = lfirst(cell);
		const char *other;
		const char *name;

		if (piece->kind != PIECE_INDICATOR || is_known(piece->text, known, n))
			continue;
		other = perhaps(piece->text, known, n);
		formula.location = piece->location;
		/* as it is written, since a measure may have capitals */
		name = formula.source + piece->location;
		name = is_word(*name) ? pnstrdup(name, word_end(name) - name) : piece->text;
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("there is no indicator \"%s\"", piece->text),
				 other != NULL ? errhint("%s", other)
				 : errhint("SELECT indicator, name FROM kpi.indicators_of(%s) lists them; what the "
						   "source measures has is written measure(%s).", model,
						   quote_literal_cstr(name))));
	}
	error_context_stack = callback.previous;
	PG_RETURN_VOID();
}

/*
 * perhaps_meant(name text, known text[]) returns text
 *
 * That another name is meant, for the hint of an error; NULL if none of those known is written so
 */
Datum
perhaps_meant(PG_FUNCTION_ARGS)
{
	char	   *other;
	Datum	   *known;
	int			n;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &known, NULL,
					  &n);
	other = perhaps(text_to_cstring(PG_GETARG_TEXT_PP(0)), known, n);
	if (other == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(other));
}
