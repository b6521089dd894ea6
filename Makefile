EXTENSION  = kpi
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(srcdir)/$(EXTENSION).control)

# One shared library from every file in src/.
MODULE_big  = $(EXTENSION)
OBJS        = $(patsubst $(srcdir)/%.c,%.o,$(sort $(wildcard $(srcdir)/src/*.c)))
PG_CPPFLAGS = -I$(srcdir)/src -DKPI_VERSION='"$(EXTVERSION)"'
SHLIB_LINK  = -lm

# The install script is the numbered parts in order, those of types, calendar and model
# before, those of goals after.  What all value types have in common is written once, in a
# template that the parts name; each source of a model, views of no one source, the shop systems
# that presets know and the parts of the report are files of their own.  Upgrades and the bases
# they start from are kept in sql/ as they are.
SQL_FOLDERS  = $(foreach folder,types calendar model,$(sort $(wildcard $(srcdir)/sql/$(folder)/[0-9]*.sql)))
SQL_PARTS    = $(srcdir)/sql/00-header.sql $(SQL_FOLDERS) $(sort $(wildcard $(srcdir)/sql/7*.sql)) \
               $(sort $(wildcard $(srcdir)/sql/goals/[0-9]*.sql))
SQL_VIEWS    = $(sort $(wildcard $(srcdir)/sql/views/*.sql))
SQL_ROOMS    = $(sort $(wildcard $(srcdir)/sql/sources/*.sql))
SQL_USUAL    = $(srcdir)/sql/model/usual-traps.sql
SQL_PRESETS  = $(sort $(wildcard $(srcdir)/sql/presets/*.sql))
SQL_REPORT   = $(sort $(wildcard $(srcdir)/sql/goals/report/*))
SQL_EXPAND   = $(srcdir)/sql/expand.awk
DATA_built   = $(EXTENSION)--$(EXTVERSION).sql
DATA         = $(filter-out sql/$(DATA_built),$(patsubst $(srcdir)/%,%,$(sort $(wildcard $(srcdir)/sql/$(EXTENSION)--*.sql))))

# pgTAP scripts in test/sql, their output in expected/; sessions that meet in
# test/isolation.  The Perl tests need IPC::Run, so they only run when asked for:
# make installcheck TAP_TESTS=1.
REGRESS        = $(patsubst $(srcdir)/test/sql/%.sql,%,$(sort $(wildcard $(srcdir)/test/sql/*.sql)))
REGRESS_OPTS   = --inputdir=test
ISOLATION      = $(patsubst $(srcdir)/test/isolation/specs/%.spec,%,$(sort $(wildcard $(srcdir)/test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test/isolation
PROVE_TESTS    = test/t/*.pl

.DEFAULT_GOAL = all

# These install what they need, so they must not ask for PostgreSQL beforehand.  The path
# of this file may hold anything, so the shell gets it from its environment.
CLUSTER_GOALS = test clients citus docs demo demo-up demo-down screenshot bench
export KPI_MAKEFILE := $(MAKEFILE_LIST)
.PHONY: $(CLUSTER_GOALS)
$(CLUSTER_GOALS):
	@here=$$(dirname "$${KPI_MAKEFILE# }")/test; "$$here/progress" "$$here/cluster" $@

# The file for PGXN: what is committed, but for what .gitattributes leaves out.
.PHONY: dist
dist:
	@cd "$$(dirname "$${KPI_MAKEFILE# }")" && git rev-parse -q --verify HEAD >/dev/null 2>&1 || \
		{ echo "kpi: make dist needs git, and a checkout in it" >&2; exit 1; }; \
	version=$$(git show HEAD:./kpi.control | sed -n "s/^default_version *= *'\(.*\)'/\1/p"); \
	zip=$$(realpath "$${DISTDIR-.}")/kpi-$$version.zip; \
	git archive --format=zip --prefix="kpi-$$version/" -o "$$zip" HEAD && \
	echo "kpi: $$zip is made of what is committed" >&2

GOALS = $(filter-out $(CLUSTER_GOALS) dist,$(or $(MAKECMDGOALS),all))
ifneq ($(GOALS),)
ifneq ($(word 2,$(MAKEFILE_LIST)),)
# To make, a blank ends a name.  A path with blanks is taken through a link that has none.
.PHONY: $(GOALS) through-link
$(GOALS): through-link
through-link:
	@ln -sfn "$$(dirname "$${KPI_MAKEFILE# }")" checkout
	@$(MAKE) --no-print-directory -f checkout/Makefile $(GOALS)
else

# pgxs.mk is there with PostgreSQL's clients, too: what tells is a header of the server.
PG_CONFIG ?= pg_config
ifeq ($(wildcard $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)/postgres.h),)
$(error No postgres.h where "$(PG_CONFIG) --includedir-server" says: install postgresql-server-dev-15 or newer, or set PG_CONFIG)
endif
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(DATA_built): $(SQL_PARTS) $(SQL_VIEWS) $(SQL_ROOMS) $(SQL_USUAL) $(SQL_PRESETS) $(SQL_REPORT) $(SQL_EXPAND) $(wildcard $(srcdir)/sql/*/*.in) $(srcdir)/$(EXTENSION).control
	awk -v views='$(SQL_VIEWS)' -v rooms='$(SQL_ROOMS)' -v usual_traps_file='$(SQL_USUAL)' -v presets='$(SQL_PRESETS)' -v report='$(SQL_REPORT)' -f $(SQL_EXPAND) $(SQL_PARTS) >$@

.DELETE_ON_ERROR:

# PGXS tracks no headers.
$(OBJS) $(OBJS:.o=.bc): $(wildcard $(srcdir)/src/*.h) $(srcdir)/$(EXTENSION).control

# Outside the checkout, objects need a folder, and pg_regress has to find the tests.
ifneq ($(abspath $(srcdir)),$(CURDIR))
.PHONY: folders
$(OBJS) $(OBJS:.o=.bc) installcheck: | folders
folders:
	@$(MKDIR_P) src
	@for folder in test expected; do test -e $$folder || $(LN_S) $(srcdir)/$$folder .; done
endif
endif
endif
