/*
 * The sys views: rows made from the type catalogue, the sessions and the locks, put into a
 * temporary table of the connection before a statement that names one runs.
 */
#ifndef ENGINE_SYSVIEW_H
#define ENGINE_SYSVIEW_H

#include "state.h"

typedef struct SystemView SystemView;

/* T-SQL that declares them; run once, when the engine opens (see engine.c). */
size_t system_view_count(void);
const char *system_view_ddl(size_t index);
void system_view_publish(Engine *engine, size_t index, const Object *shape);
bool system_view_exists(const Engine *engine, const Object *object); // in this flavour
bool system_view_is_state(const Object *object); // needs the right to see the database's state
uint64_t system_view_bit(const Object *object);

/* The temporary tables of a new session. */
bool system_views_create(Session *session);
/* Fills those of the mask anew for this session's eyes; false with a fault. */
bool system_views_refresh(Session *session, uint64_t mask, Fault *fault);

#endif
