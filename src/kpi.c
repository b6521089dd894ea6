/*
 * kpi.c - the module's name and version
 */
#include "kpi.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(.name = "kpi", .version = KPI_VERSION);
#else
PG_MODULE_MAGIC;
#endif
