/* The heap, for what neither an arena nor a Buf can hold. Out of memory ends the program. */
#ifndef SSISMINER_BASE_MEM_H
#define SSISMINER_BASE_MEM_H

#include <stddef.h>
#include <stdnoreturn.h>

void *mem_alloc(size_t bytes); // zeroed
void *mem_resize(void *place, size_t bytes);
char *mem_text(const char *text);              // a copy to free(); NULL gives NULL
char *mem_copy(const void *bytes, size_t len); // the same, with a NUL behind it; never NULL
void mem_give_back(void); // to the system, what was freed: after much of it, before more
noreturn void mem_fail(void);

void mem_free_at(void *place_of_pointer); // for AUTO(mem_free_at) char *text = …

#endif
