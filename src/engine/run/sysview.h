/*
 * The sys views: rows made from the type catalogue, the sessions and the locks, put into a
 * temporary table of the connection before a statement that names one runs.
 */
#ifndef ENGINE_SYSVIEW_H
#define ENGINE_SYSVIEW_H

#include "state.h"

/* Takes a table's shape as that of the view of this name; false for one that nobody fills. */
bool system_view_publish(Engine *engine, const Object *shape);

/* The temporary tables of a new session. */
bool system_views_create(Session *session);
/* Fills those of the mask anew for this session's eyes; false with a fault. */
bool system_views_refresh(Session *session, uint64_t mask, Fault *fault);

#endif
