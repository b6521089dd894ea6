# expand.awk: the install script from its parts
#
# A part is copied as it is, but for lines that start with "--@ ":
#
# --@ TEMPLATE | key=value | flag ...
#     stands for the file TEMPLATE.sql.in in the folder of the part, with @key@ replaced by
#     the value. There, a line that starts with @flag@ only counts where the flag is given.
#     A line that ends with | goes on in the next comment.
# --@ rooms
#     stands for the files in the variables views and rooms, as rows of the tables that
#     sql/model/10-tables.sql makes. What can befall any source is in usual_traps_file.
# --@ presets
#     stands for the files in the variable presets, as rows of the table presets: in SHOP.sql
#     every section is a row.
# --@ report
#     stands for the files in the variable report, as rows of the table report_parts: in them
#     every section, "--@ html NAME", is a row; a style sheet is one as a whole.
#
# Such a file consists of sections. A section starts with a line "--@ KIND NAME | option ...";
# the comment that follows is its meaning, the rest its body: a query, or fields, a line
# "name  value" each. A line that starts with a blank goes on with the field before.

BEGIN {
	categories = " sales conversion customers satisfaction operations team "
}
/^--@ (rooms|presets|report)$/ {
	kind_of_file = $2
	if (kind_of_file == "presets")
		read_files(presets)
	else if (kind_of_file == "report")
		read_files(report)
	else {
		read_usual_traps()
		read_files(views " " in_order(rooms))
		order_indicators()
		write_reads()
		gsub(/@first dates@/, first_of["date"], rows["view_definitions"])
		gsub(/@first instants@/, first_of["instant"], rows["view_definitions"])
		gsub(/@something now@/, now_of, rows["view_definitions"])
	}
	n = split("sources source_columns view_definitions view_columns indicators formulas" \
	          " formula_reads traps check_definitions presets report_parts", table, " ")
	for (i = 1; i <= n; i++) {
		printf "%s", rows[table[i]]
		rows[table[i]] = ""
	}
	next
}
/^--@ / {
	place = FILENAME ":" FNR
	while (sub(/\|$/, "| ") && (getline line) > 0) {
		sub(/^-- +/, "", line)
		$0 = $0 line
	}
	expand_template()
	next
}
{ print }

function fail(message) {
	print place ": " message > "/dev/stderr"
	exit 1
}

# templates

function expand_template(    n, i, equals, given, value, template, line, flag, key, found) {
	n = split(substr($0, 5), given, / *\| */)
	split("", value)
	for (i = 2; i <= n; i++) {
		equals = index(given[i] "=", "=")
		value[substr(given[i], 1, equals - 1)] = substr(given[i], equals + 1)
	}
	template = FILENAME
	sub(/[^\/]*$/, given[1] ".sql.in", template)
	while ((getline line < template) > 0) {
		found = 1
		while (match(line, /^@[a-z]+@ /)) {
			flag = substr(line, 2, RLENGTH - 3)
			if (!(flag in value))
				break
			line = substr(line, RLENGTH + 1)
		}
		if (match(line, /^@[a-z]+@ /))
			continue
		for (key in value)
			gsub("@" key "@", value[key], line)
		print line
	}
	close(template)
	if (!found)
		fail("no template " template)
}

# files of sections

function read_files(files,    n, i, file) {
	n = split(files, file, " ")
	for (i = 1; i <= n; i++)
		read_file(file[i])
}
function read_file(file,    line, number, status) {
	source = kind = meaning = body = ""
	sections = number = 0
	file_name = file
	sub(/.*\//, "", file_name)
	if (sub(/\.css$/, "", file_name)) {
		kind = "html"
		name = file_name
		meaning = "style sheet"
	}
	sub(/\.sql$/, "", file_name)
	while ((status = (getline line < file)) > 0) {
		number++
		if (sub(/^--@ /, "", line)) {
			end_section()
			place = file ":" number
			sections++
			kind = name = header = line
			sub(/ .*/, "", kind)
			sub(/^[^ ]* */, "", name)
			sub(/ *\|.*/, "", name)
			meaning = body = ""
		} else if (body == "" && sub(/^-- /, "", line))
			meaning = meaning (meaning == "" ? "" : " ") line
		else if (body != "" || line != "")
			body = body line "\n"
	}
	if (status < 0) {
		place = file
		fail("cannot be read")
	}
	end_section()
	close(file)
}
function end_section() {
	sub(/\n+$/, "", body)
	if (kind == "")			# what the file opens with
		return
	if (kind_of_file == "presets")
		end_preset()
	else if (kind_of_file == "report")
		end_part()
	else if (kind_of_file == "usual")
		end_usual_trap()
	else if (kind == "source")
		end_source()
	else if (kind == "columns")
		end_columns()
	else if (kind == "view")
		end_view()
	else if (kind == "column")
		end_column()
	else if (kind == "indicator")
		end_indicator()
	else if (kind == "trap")
		end_trap()
	else if (kind == "check")
		end_check()
	else
		fail("unknown kind of section \"" kind "\"")
}
# The options of a section, by their first word, and the fields of its body.
function read_options(known,    n, i, part) {
	split("", option)
	n = split(header, part, / *\| */)
	options = 0
	for (i = 2; i <= n; i++)
		if (match(part[i], "^(" known ")( |$)"))
			option[substr(part[i], 1, RLENGTH - (part[i] ~ / /))] = \
				substr(part[i], RLENGTH + 1)
		else
			option[++options] = part[i]
}
function read_fields(known,    n, i, line) {
	fields = 0
	n = split(body, line, "\n")
	for (i = 1; i <= n; i++)
		if (line[i] ~ /^ /) {
			sub(/^ +/, "", line[i])
			field_value[fields] = field_value[fields] " " line[i]
		} else if (line[i] != "") {
			fields++
			field[fields] = field_value[fields] = line[i]
			sub(/ .*/, "", field[fields])
			sub(/^[^ ]+ */, "", field_value[fields])
			if (known != "" && field[fields] !~ "^(" known ")$")
				fail(kind " " name " has an unknown field \"" field[fields] "\"")
		}
}
function field_of(wanted,    i) {
	for (i = 1; i <= fields; i++)
		if (field[i] == wanted)
			return field_value[i]
	return ""
}

# rows

function row(table, values) {
	rows[table] = rows[table] "INSERT INTO " table " VALUES (" values ");\n"
}
function text(value) {
	gsub(/'/, "''", value)
	return value == "" ? "NULL" : "'" value "'"
}
function list(value) {
	gsub(/, +/, ",", value)
	return "'{" value "}'"
}
function query(mark) {
	return "$" mark "$" body "$" mark "$"
}

function end_preset() {
	row("presets", text(file_name) ", " sections ", " text(kind) ", " \
	    text(substr(header, length(kind) + 2)) ", '" quoted(meaning) "', " query("preset"))
}
function end_part() {
	if (kind != "html" || meaning == "")
		fail("a part of the report is \"--@ html NAME\", and a comment that says what it is")
	row("report_parts", text(name) ", " text(meaning) ", " query("html"))
}
function quoted(value) {
	gsub(/'/, "''", value)
	return value
}

# rooms
#
# --@ source NAME
#     its facts, which are the columns of the table sources: the key perhaps ", of several rows",
#     the time perhaps ", else COLUMN" on which a row counts that has none; ages, the condition that
#     a row changes as time passes though nobody writes it, where @belongs@ are the rows of what it
#     belongs to; and the name of a usual trap with the
#     indicator it moves
# --@ columns
#     a line each: name, kind, perhaps ", required", and the meaning
# --@ view NAME | key COLUMN, ... | of SOURCE, ... | always | goals | per COLUMN | over COLUMN |
#               onward
#     a query; key if it can be materialized, of if it needs other sources than this one,
#     always if it is made without them, too, empty, so that a formula may read it; where its
#     rows belong to another source, then that has to be there; goals if it reads the tables that
#     goals() makes, and is made only where they are; per if it adds up over those whom the column
#     of its source names, so that what changed of some of them can be taken out and put in again,
#     unless the largest value in the column over has changed; onward if what happened on a day
#     changes all days from then on
# --@ column NAME | last, distinct, people or anonymous
#     of the view before it: how it pools, if not as its type does
# --@ indicator NAME | CATEGORY | UNIT | up or down | main | after INDICATOR
#     main if a report on a shop without targets is of it; fields name (English / Chinese), and
#     for each formula needs, value and sample, or growth
# --@ trap NAME | KIND | moves INDICATOR | counts WHAT
#     fields needs, advice and query
# --@ check
#     the query that counts the traps, with the marks described at end_check()

# Rooms are read in the order of their positions, in which sources are listed.
function in_order(files,    n, i, j, file, line, status, position, sorted) {
	n = split(files, file, " ")
	for (i = 1; i <= n; i++) {
		place = file[i]
		position = 0
		while (!position && (status = (getline line < file[i])) > 0)
			if (line ~ /^position +[0-9]+$/)
				position = substr(line, 9) + 0
		close(file[i])
		if (status < 0)
			fail("cannot be read")
		if (!position)
			fail("the source has no position")
		for (j = i; j > 1 && position_of[j - 1] > position; j--) {
			position_of[j] = position_of[j - 1]
			sorted[j] = sorted[j - 1]
		}
		position_of[j] = position
		sorted[j] = file[i]
	}
	files = ""
	for (i = 1; i <= n; i++)
		files = files " " sorted[i]
	return files
}

function end_source(    i) {
	if (name != file_name)
		fail("source \"" name "\" is in a file of another name")
	read_fields("position|rows|key|number|time|done|past|belongs_to|recorded_by|ages|" usual_names)
	source = name
	position = field_of("position")
	views_made = traps_made = checks_made = 0
	rows_of_source = field_of("rows")
	done = field_of("done")
	time = field_of("time")
	other_time = match(time, /, else [a-z_]+$/) ? substr(time, RSTART + 7) : ""
	sub(/, else [a-z_]+$/, "", time)
	key = field_of("key")
	key_repeats = sub(/, of several rows$/, "", key)
	past = field_of("past") == "" ? time : field_of("past")
	row("sources", text(source) ", " position ", " text(rows_of_source) ", " text(key) ", " \
	    (key_repeats ? "true" : "false") ", " text(field_of("number")) ", " \
	    text(time) ", " text(other_time) ", " \
	    list(done) ", " list(past) ", " text(field_of("ages")) ", " \
	    text(field_of("belongs_to")) ", " \
	    list(field_of("recorded_by")) ", '" quoted(meaning) "'")
	for (i = 1; i <= usual; i++)
		usual_moves[i] = field_of(usual_name[i])
}

# When something first happened, and whether something does so at this very instant.
function counted_from(type) {
	put_time(type, time, "")
	if (other_time != "")
		put_time(type, other_time, " AND x." time " IS NULL")
}
function put_time(type, column, condition) {
	first_of[type] = first_of[type] (first_of[type] == "" ? "" : ",\n           ") \
		"(SELECT min(x." column ") FROM @" source "@ AS x WHERE x." column " > '-infinity'" \
		condition ")"
	now_of = now_of (now_of == "" ? "" : "\n                OR ") \
		"EXISTS (SELECT 1 FROM kpi_settings AS s CROSS JOIN @" source "@ AS x\n" \
		"                           WHERE  x." column " = " \
		(type == "date" ? "s.today" : "s.as_of") condition ")"
}

function end_columns(    i, type, required) {
	read_fields("")
	numbers = ""
	for (i = 1; i <= fields; i++) {
		type = field_value[i]
		if (!match(type, /^[a-z]+(, required)? +/))
			fail("column " field[i] " needs a kind and a meaning")
		required = substr(type, 1, RLENGTH) ~ /,/
		field_value[i] = substr(type, RLENGTH + 1)
		sub(/[, ].*/, "", type)
		if (type !~ /^(key|instant|date|number|integer|boolean|text|times|spans)$/)
			fail("column " field[i] " is of no kind: " type)
		if (type == "number")
			numbers = numbers (numbers == "" ? "" : " ") field[i]
		type_of[source, field[i]] = type
		if (field[i] == time)
			counted_from(type)
		row("source_columns", text(source) ", " i ", " text(field[i]) ", " text(type) ", " \
		    (required ? "true" : "false") ", " text(field_value[i]))
	}
	row("source_columns", text(source) ", " fields + 1 ", 'updated_at', 'instant', false, " \
	    "'when the row was last changed, by which refresh finds what is new; not needed otherwise'")
	usual_traps()
}

# @happened x.COLUMN@ says that a time lies in the past of the model, and is one; by <>, as the
# planner would take > for the other end of a range, and expect one row in two hundred.
function put_happened(    time_of, column) {
	while (match(body, /@happened x[.][a-z_]+@/)) {
		time_of = substr(body, RSTART + 10, RLENGTH - 11)
		column = substr(time_of, 3)
		body = substr(body, 1, RSTART - 1) time_of " <= s." \
		       (type_of[source, column] == "date" ? "today" : "as_of") " AND " time_of \
		       " <> '-infinity'" substr(body, RSTART + RLENGTH)
	}
}

function end_view(    position_of_view) {
	read_options("key|of|always|goals|per|over|onward")
	put_happened()
	position_of_view = source == "" ? file_name + 0 : 10 * position + ++views_made
	view = name
	if (sub(/^kpi_daily_/, "", name))
		view_of[name] = view
	if (view == "kpi_periods")
		view_of["p"] = view
	row("view_definitions", position_of_view ", " text(view) ", " \
	    list("of" in option ? option["of"] : source) ", " ("always" in option ? "true" : "false") \
	    ", " ("goals" in option ? "true" : "false") ", " ("key" in option ? list(option["key"]) : \
	    "NULL") ", " text(option["per"]) ", " text(option["over"]) ", " \
	    ("onward" in option ? "true" : "false") ", " text(meaning) ", " query("view"))
}

# A column of the view before it: how it pools, if not as its type does, and what it means.
function end_column() {
	read_options("")
	if (option[1] == "people")
		view_of[name] = view
	row("view_columns", text(view) ", " text(name) ", " text(option[1]) ", " text(meaning))
}

# An indicator follows the one before it of its room and category, or the one it names; the
# first of a room follows all of the category.
function end_indicator(    category, i, names, needs, sample, priority) {
	read_options("after|main")
	read_fields("name|needs|value|sample|growth")
	category = option[1]
	split(field_of("name"), names, " / ")
	if (options < 2 || names[2] == "")
		fail("an indicator needs a category, a unit, and a name in English / Chinese")
	if (!index(categories, " " category " "))
		fail("there is no category \"" category "\"")
	if ("after" in option || !((source, category) in block_of)) {
		blocks++
		block_of[source, category] = blocks
		block_category[blocks] = category
		block_after[blocks] = option["after"]
		block_place[blocks] = place
	}
	block[block_of[source, category]] = block[block_of[source, category]] " " name
	columns_of[name] = text(name) ", " text(names[1]) ", " text(names[2]) ", " text(category) ", " \
	    text(option[2]) ", " text(option[3]) ", " text(meaning) ", " \
	    ("main" in option ? "true" : "false")
	for (i = 1; i <= fields; i++) {
		if (field[i] == "needs")
			needs = field_value[i]
		if (field[i] != "value" && field[i] != "growth")
			continue
		sample = i < fields && field[i + 1] == "sample" ? field_value[i + 1] : ""
		formula(++priority, needs, field[i] == "value" ? field_value[i] : "", sample, \
		        field[i] == "growth" ? field_value[i] : "")
	}
}
function formula(priority, needs, value, sample, growth,    grown) {
	if (growth != "" && (split(growth, grown, / against /) != 2 || \
	    grown[2] !~ /^(previous|last_year)$/))
		fail("a growth is of an indicator against previous or last_year, not \"" growth "\"")
	gsub(/kpi[.]/, "", value)
	gsub(/kpi[.]/, "", sample)
	row("formulas", text(name) ", " priority ", " list(needs) ", " text(value) ", " text(sample) \
	    ", " text(grown[1]) ", " text(grown[2]) ", " text(marked(value, priority)) ", " \
	    text(marked(sample, priority)) ", " text( \
	    value == "" ? "growth" : value ~ /(percentile|inventory)\(/ ? "whole" : \
	    value ~ /\/|value\(/ ? "mean" : "sum"))
}
# The one place where formulas are parsed: what they read, alias.column, is put between two @,
# and noted; functions of ours, which are all others than these, are written with their schema.
function marked(value, priority,    done, word) {
	done = ""
	while (match(value, /[A-Za-z_][A-Za-z_0-9.]*\(?/)) {
		word = substr(value, RSTART, RLENGTH)
		done = done substr(value, 1, RSTART - 1)
		value = substr(value, RSTART + RLENGTH)
		if (word ~ /\($/)
			word = (word ~ /^(coalesce|nullif|extract|least|greatest)\(|[.]/ ? "" : "kpi.") word
		else if (word ~ /[.]/) {
			reads++
			read_word[reads] = word
			read_values[reads] = text(name) ", " priority
			read_place[reads] = place
			word = "@" word "@"
		}
		done = done word
	}
	return done value
}
# Written in the end, when all views are known.
function write_reads(    i, part, alias, shift, values, seen) {
	for (i = 1; i <= reads; i++) {
		place = read_place[i]
		split(read_word[i], part, ".")
		alias = part[1]
		shift = ""
		if (!(alias in view_of) && match(alias, /_(previous|last_year)$/)) {
			shift = substr(alias, RSTART + 1)
			alias = substr(alias, 1, RSTART - 1)
		}
		if (!(alias in view_of))
			fail("a formula reads " read_word[i] ", and there is no view of that name")
		values = read_values[i] ", " text(alias) ", " text(part[2]) ", " text(view_of[alias]) ", " \
		         text(shift)
		if (!((values) in seen))
			row("formula_reads", values)
		seen[values]
	}
}
function order_indicators(    n, i, name_of, all, placed, indicator, before) {
	n = split(categories, name_of, " ")
	for (i = 1; i <= n; i++)
		listed[name_of[i]] = " "
	for (i = 1; i <= blocks; i++)
		if (block_after[i] == "")
			listed[block_category[i]] = listed[block_category[i]] substr(block[i], 2) " "
	do {	# one may be after another that has no place yet
		placed = 0
		for (i = 1; i <= blocks; i++) {
			all = listed[block_category[i]]
			before = index(all, " " block_after[i] " ")
			if (block_after[i] != "" && before) {
				before += length(block_after[i])
				listed[block_category[i]] = substr(all, 1, before) block[i] substr(all, before + 1)
				block_after[i] = ""
				placed = 1
			}
		}
	} while (placed)
	all = ""
	for (i = 1; i <= blocks; i++) {
		place = block_place[i]
		if (block_after[i] != "")
			fail("there is no indicator " block_after[i] " in category " block_category[i] \
			     " for" block[i] " to be after")
	}
	for (i = 1; i <= n; i++)
		all = all listed[name_of[i]]
	n = split(all, indicator, " ")
	for (i = 1; i <= n; i++)
		row("indicators", i ", " columns_of[indicator[i]])
}

# What can befall any source is said once, with marks for the facts of the source, which has
# to have those that the trap is of.
function read_usual_traps() {
	kind_of_file = "usual"
	read_file(usual_traps_file)
	kind_of_file = "rooms"
}
function end_usual_trap() {
	read_options("of|counts")
	read_fields("advice|query")
	usual++
	usual_name[usual] = name
	usual_names = usual_names (usual_names == "" ? "" : "|") name
	usual_kind[usual] = option[1]
	usual_of[usual] = option["of"]
	usual_unit[usual] = option["counts"]
	usual_finding[usual] = meaning
	usual_advice[usual] = field_of("advice")
	usual_query[usual] = field_of("query")
}
function usual_needs(i) {
	if (usual_of[i] == "time")
		return time
	if (usual_of[i] == "numbers")
		return numbers
	return usual_of[i] == "key" || !key_repeats ? key : ""
}
function usual_traps(    i, needs) {
	for (i = 1; i <= usual; i++) {
		needs = usual_needs(i)
		if (needs == "")
			continue
		gsub(/ /, "|" source ".", needs)
		row("traps", 100 * position + i ", " text(usual_name[i]) ", " text(source) ", " \
		    text(usual_kind[i]) ", " \
		    text(usual_unit[i] == "" ? rows_of_source : usual_unit[i]) ", " \
		    list(source "." needs) ", " \
		    text(usual_moves[i]) ", " text(fill(usual_finding[i])) ", " \
		    text(fill(usual_advice[i])) ", " text(fill(usual_query[i])))
	}
}
function fill(value,    listed) {
	listed = numbers
	gsub(/ /, ", ", listed)
	gsub(/@source@/, source, value)
	gsub(/@rows@/, rows_of_source, value)
	gsub(/@time@/, time, value)
	gsub(/@untimed@/, untimed(""), value)
	gsub(/@no time@/, other_time == "" ? time " is NULL" : time " and " other_time " are NULL",
	     value)
	gsub(/@key@/, key, value)
	gsub(/@numbers@/, listed, value)
	return value
}

# The condition that a row counts nowhere, as no column tells when.
function untimed(alias) {
	return alias time " IS NULL" (other_time == "" ? "" : " AND " alias other_time " IS NULL")
}

function end_trap() {
	read_options("moves|counts")
	if (option[1] !~ /^(fails|wrong|doubtful|note)$/)
		fail("a trap fails, is wrong, doubtful or a note, not \"" option[1] "\"")
	read_fields("needs|advice|query")
	row("traps", 100 * position + 10 + ++traps_made ", " text(name) ", " text(source) ", " \
	    text(option[1]) ", " text("counts" in option ? option["counts"] : rows_of_source) ", " \
	    list(field_of("needs")) ", " text(option["moves"]) ", " text(meaning) ", " \
	    text(field_of("advice")) ", " text(field_of("query")))
}

# The usual traps are counted by marks: flags of each row x, counts of these, and a row for each
# trap that the query does not give itself. The query says which rows are there again (x.extra),
# and which have a number that is none (x.broken, by the mark @broken@).
function end_check() {
	put_happened()
	gsub(/@broken@/, broken_number(), body)
	gsub(/@usual flags@/, usual_flags(), body)
	gsub(/@usual counts@/, usual_counts(), body)
	if (match(body, /@usual traps of [a-z]+@/))
		sub(/@usual traps of [a-z]+@/, usual_rows(substr(body, RSTART + 16, RLENGTH - 17)), body)
	row("check_definitions", 10 * position + ++checks_made ", " text(name == "" ? source : name) \
	    ", " text(meaning) ", " query("check"))
}
function broken_number(    n, i, number, sum) {
	n = split(numbers, number, " ")
	for (i = 1; i <= n; i++)
		sum = sum (i == 1 ? "" : "\n + ") "coalesce(x." number[i] ", 0)"
	return "(" sum " IN ('NaN', 'Infinity', '-Infinity'))"
}
function usual_flags(    n, i, column, over, latest, now) {
	over = "NOT isfinite(x." time ")"
	n = split(done, column, /, */)
	for (i = 1; i <= n; i++)
		over = over " OR x." column[i] " = '-infinity'"
	n = split(past, column, /, */)
	latest = "x." column[1]
	for (i = 2; i <= n; i++)
		latest = latest ", nullif(x." column[i] ", 'infinity')"
	now = type_of[source, time] == "date" ? "s.today" : "s.as_of"
	return over " AS infinite_time,\n isfinite(x." column[1] ") AND " \
	       (n > 1 ? "greatest(" latest ")" : latest) " > " now " AS future_rows,\n" \
	       days_ago(column[1] == time ? " AND x." time " <= " now : "") ",\n" \
	       " isfinite(x." time ") AND x." time " < '1995-01-01' AND s.since IS NULL AS ancient_time"
}
# What may lie ahead, as a day on which something is due, is not yet over; a day that stands for
# none is no day.
function days_ago(condition,    day) {
	day = type_of[source, time] == "date" ? "x." time : \
	      "kpi.bucket('day', x." time ", s.timezone)"
	return " CASE WHEN isfinite(x." time ") AND x." time " >= '1995-01-01'" condition \
	       " THEN s.today - " day " END AS days_ago"
}
function usual_counts(    counts) {
	counts = "count(*) AS n"
	if (time != "")
		counts = counts count_of(untimed("x."), "missing_time") \
		         count_of("x.infinite_time", "infinite_time") \
		         count_of("x.future_rows", "future_rows") \
		         count_of("x.ancient_time", "ancient_time") \
		         ",\n min(x.days_ago) AS last_ago, max(x.days_ago) AS first_ago" \
		         ",\n kpi.sample_size(kpi.activity(x.days_ago::bigint, date '2000-01-01'))" \
		         " AS active_days"
	if (key != "")
		counts = counts count_of("x." key " IS NULL", "missing_key")
	if (key != "" && !key_repeats)
		counts = counts count_of("x.extra", "duplicates")
	return counts (numbers == "" ? "" : count_of("x.broken", "broken_number"))
}
function count_of(condition, trap) {
	return ",\n count(*) FILTER (WHERE " condition ") AS " trap
}
function usual_rows(alias,    i, columns, nulls, result) {
	if (!match(body, /AS [a-z]+ \(trap, rows, of_rows[a-z_, ]*\)/))
		fail("the rows of usual traps need the columns trap, rows and of_rows")
	columns = substr(body, RSTART, RLENGTH)
	for (i = gsub(/,/, "", columns); i > 2; i--)
		nulls = nulls ", NULL"
	for (i = 1; i <= usual; i++)
		if (usual_needs(i) != "" && !index(body, "('" usual_name[i] "'"))
			result = result (result == "" ? "" : ",\n ") "('" usual_name[i] "', " \
			         counted(usual_name[i], alias) nulls ")" \
			         (usual_name[i] == "data_ended" ? ",\n ('last_row', " alias \
			                                          ".last_ago, NULL" nulls ")" : "")
	return result
}
# Most traps are counted in rows, the end of the data in days.
function counted(trap, alias) {
	if (trap != "data_ended")
		return alias "." trap ", " alias ".n"
	return "kpi.check_ended(" alias ".first_ago, " alias ".last_ago, " alias ".active_days), " \
	       alias ".first_ago + 1"
}
