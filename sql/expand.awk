# expand.awk: the install script from its parts
#
# A line "--@ TEMPLATE | key=value | flag ..." stands for the file TEMPLATE.sql.in
# in the folder of the part, with @key@ replaced by the value. There, a line that
# starts with @flag@ only counts where the flag is given.

/^--@ / {
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
