/* libcurl's functions, looked up when they are first needed. */
#ifndef SSISMINER_HTTP_LIBRARY_H
#define SSISMINER_HTTP_LIBRARY_H

#include "ssisminer/base/err.h"

#include <curl/curl.h>

typedef struct Library {
    CURLcode (*global_init)(long flags);
    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
    const char *(*easy_strerror)(CURLcode code);
    void (*easy_cleanup)(CURL *easy);
    CURLM *(*multi_init)(void);
    CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
    CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
    CURLMcode (*multi_perform)(CURLM *multi, int *ret_running);
    CURLMcode (*multi_poll)(CURLM *multi, struct curl_waitfd *more, unsigned more_count, int ms,
                            int *ret_count);
    CURLMsg *(*multi_info_read)(CURLM *multi, int *ret_left);
    CURLMcode (*multi_cleanup)(CURLM *multi);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
    void (*slist_free_all)(struct curl_slist *list);
    CURLU *(*url)(void);
    void (*url_cleanup)(CURLU *url);
    CURLUcode (*url_set)(CURLU *url, CURLUPart part, const char *text, unsigned flags);
    CURLUcode (*url_get)(CURLU *url, CURLUPart part, char **ret_text, unsigned flags);
    void (*free)(void *text);
} Library;

/* RC_CONNECT when it is not installed, or lacks one of them. */
Rc library_open(const Library **ret_library, Err *err) MUST_CHECK;

#endif
