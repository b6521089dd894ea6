# Makes a script for psql of a page of docs/: runs its blocks of SQL, one after the other, as in a
# session of its own, and asserts that psql prints what the block of text after one of them shows.
# Blocks after <!-- not run: ... --> are left out.
#
# Leaves what is expected in <n>.expected beside the script, in which the working directory has to
# be when it is run; a script that makes a file, as \g does, makes it there.

function finish() {
	if (shown) {
		print line[n] >(n ".expected"); close(n ".expected")
		printf "\\set expected `cat %d.expected`\n\\set printed `sed 's/ *$//' %d.out`\n", n, n
		printf "SELECT is(btrim(:'printed', E'\\n'), btrim(:'expected', E'\\n'),\n"
		printf "          'the page shows what %s gives');\n", said[n]
	}
	shown = 0
}

/^```/ && block != "" {
	if (block == "sql") print "\\o\n\\pset tuples_only on\n\\pset format unaligned"
	else if (block == "text") finish()
	block = ""
	next
}
block == "sql" {
	print
	if (said[n] == "") { said[n] = $0; gsub(/'/, "''", said[n]); gsub(/\\/, "", said[n]) }
}
block == "text" { line[n] = line[n] $0 "\n" }
block != "" { next }
/^<!-- not run: / { left_out = 1; next }
/^```sql$/ {
	block = left_out ? "none" : "sql"
	if (!left_out) {
		n++
		printf "\\pset tuples_only off\n\\pset format aligned\n\\pset footer off\n\\o %d.out\n", n
	}
}
/^```$/   { block = "text"; shown = 1 }
/^```./ && block == "" { block = "none" }
{ left_out = 0 }
