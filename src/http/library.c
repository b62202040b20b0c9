/* libcurl's functions, looked up when they are first needed. */
#include "library.h"

#include "ssisminer/os/os.h"

#include <pthread.h>
#include <string.h>

static const char soname[] = "libcurl.so.4";

#define FUNCTION(member, symbol)                                                                   \
    {                                                                                              \
        offsetof(Library, member), symbol                                                          \
    }
static const struct {
    size_t at;
    const char *symbol;
} functions[] = {
    FUNCTION(global_init, "curl_global_init"),
    FUNCTION(easy_init, "curl_easy_init"),
    FUNCTION(easy_setopt, "curl_easy_setopt"),
    FUNCTION(easy_getinfo, "curl_easy_getinfo"),
    FUNCTION(easy_strerror, "curl_easy_strerror"),
    FUNCTION(easy_cleanup, "curl_easy_cleanup"),
    FUNCTION(multi_init, "curl_multi_init"),
    FUNCTION(multi_add_handle, "curl_multi_add_handle"),
    FUNCTION(multi_remove_handle, "curl_multi_remove_handle"),
    FUNCTION(multi_perform, "curl_multi_perform"),
    FUNCTION(multi_poll, "curl_multi_poll"),
    FUNCTION(multi_info_read, "curl_multi_info_read"),
    FUNCTION(multi_cleanup, "curl_multi_cleanup"),
    FUNCTION(slist_append, "curl_slist_append"),
    FUNCTION(slist_free_all, "curl_slist_free_all"),
    FUNCTION(url, "curl_url"),
    FUNCTION(url_cleanup, "curl_url_cleanup"),
    FUNCTION(url_set, "curl_url_set"),
    FUNCTION(url_get, "curl_url_get"),
    FUNCTION(free, "curl_free"),
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static Library library;
static const char *missing; // what was, or NULL

static void load(void)
{
    void *handle = os_library(soname);

    if (!handle) {
        missing = soname;
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(functions) && !missing; i++)
        if (!os_function(handle, functions[i].symbol, (char *)&library + functions[i].at))
            missing = functions[i].symbol;
    if (!missing && library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        missing = "curl_global_init";
}

Rc library_open(const Library **ret_library, Err *err)
{
    (void)pthread_once(&once, load);
    if (missing == soname) {
        (void)err_set(err, RC_CONNECT, "%s is not installed", soname);
        return err_hint(err, "install libcurl: apt-get install libcurl4");
    }
    if (missing)
        return FAIL(err, RC_CONNECT, "%s has no working %s", soname, missing);
    *ret_library = &library;
    return RC_OK;
}
