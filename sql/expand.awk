# expand.awk: the install script from its parts
#
# A line "--@ TEMPLATE | key=value | flag ..." stands for the file TEMPLATE.sql.in
# in the folder of the part, with @key@ replaced by the value. There, a line that
# starts with @flag@ only counts where the flag is given. A line that ends with | goes
# on in the next comment.
#
# A line "--@ views" stands for the files in the variable views, as rows of the
# table view_definitions: NN-name.sql has the comment of the view, perhaps a line
# "--@ source NAME, OTHER ..." (", or none" if it is made without), perhaps a line
# "--@ key COLUMN, ..." (or dimensions) if it can be materialized, and the query.
# A line "--@ checks" stands for those in the variable checks, as rows of the table
# check_definitions.
#
# A line "--@ presets" stands for the files in the variable presets, as rows of the
# table presets: in SHOP.sql every line "--@ KIND NAME" starts a section, and so a
# row, of which the comment that follows is the meaning and the rest the body.

/^--@ (views|checks)$/ {
	n = split($2 == "views" ? views : checks, file, " ")
	for (i = 1; i <= n; i++) {
		name = file[i]
		sub(/.*\//, "", name)
		sub(/\.sql$/, "", name)
		position = name + 0
		sub(/^[0-9]+-/, "", name)
		source = "{}"
		key = "NULL"
		always = "false"
		meaning = query = ""
		while ((getline line < file[i]) > 0)
			if (sub(/^--@ source /, "", line)) {
				always = sub(/, or none$/, "", line) ? "true" : "false"
				gsub(/ /, "", line)
				source = "{" line "}"
			} else if (sub(/^--@ key /, "", line)) {
				gsub(/ /, "", line)
				key = "'{" line "}'"
			} else if (query == "" && sub(/^-- /, "", line))
				meaning = meaning (meaning == "" ? "" : " ") line
			else
				query = query line "\n"
		close(file[i])
		sub(/\n$/, "", query)
		gsub(/'/, "''", meaning)
		if ($2 == "views")
			print "INSERT INTO view_definitions VALUES (" position ", '" name "', '" source "', " always ", " key ", '" meaning "', $view$" query "$view$);"
		else
			print "INSERT INTO check_definitions VALUES (" position ", '" name "', '" meaning "', $check$" query "$check$);"
	}
	next
}
/^--@ presets$/ {
	n = split(presets, file, " ")
	for (i = 1; i <= n; i++) {
		shop = file[i]
		sub(/.*\//, "", shop)
		sub(/\.sql$/, "", shop)
		position = 0
		while ((getline line < file[i]) > 0)
			if (sub(/^--@ /, "", line)) {
				print_section()
				kind = name = line
				sub(/ .*/, "", kind)
				sub(/^[^ ]* /, "", name)
				meaning = body = ""
				position++
			} else if (body == "" && sub(/^-- /, "", line))
				meaning = meaning (meaning == "" ? "" : " ") line
			else if (body != "" || line != "")
				body = body line "\n"
		print_section()
		close(file[i])
	}
	next
}
/^--@ / {
	while (sub(/\|$/, "| ") && (getline line) > 0) {
		sub(/^-- +/, "", line)
		$0 = $0 line
	}
	n = split(substr($0, 5), given, / *\| */)
	split("", value)
	for (i = 2; i <= n; i++) {
		equals = index(given[i] "=", "=")
		value[substr(given[i], 1, equals - 1)] = substr(given[i], equals + 1)
	}
	template = FILENAME
	sub(/[^\/]*$/, given[1] ".sql.in", template)
	found = 0
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
	if (!found) {
		print FILENAME ": no template " template > "/dev/stderr"
		exit 1
	}
	next
}
{ print }

function print_section() {
	if (position == 0)	# what the file opens with
		return
	sub(/\n+$/, "", body)
	gsub(/'/, "''", meaning)
	print "INSERT INTO presets VALUES ('" shop "', " position ", '" kind "', '" name "', '" meaning "', $preset$" body "$preset$);"
}
