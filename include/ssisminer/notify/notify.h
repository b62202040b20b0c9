/*
 * Telling somebody: channels of the configuration, and what a command has to say, sent to them.
 *
 *   notify:
 *     - {name: ops, type: teams, url_file: /etc/ssisminer/teams.url, when: error}
 *     - {name: dba, type: mail, server: smtp.example.com, from: ssis@example.com, to:
 * dba@example.com}
 *
 * A webhook's URL and a password are secrets: they come from a file, from a variable, or from
 * systemd as ssisminer-notify-NAME, and are in no error, no output and no child's environment.
 *
 * Ownership: channels live in the arena given; a sender owns its secret.
 * Errors:    RC_USAGE, with "file:line:column" for what stands in the file.
 * Limits:    100 channels; a message is cut to what its service takes, and says so.
 */
#ifndef SSISMINER_NOTIFY_NOTIFY_H
#define SSISMINER_NOTIFY_NOTIFY_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/secret.h"
#include "ssisminer/base/time.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/http/mail.h"
#include "ssisminer/report/digest.h"

typedef enum NotifyType { NOTIFY_TEAMS, NOTIFY_SLACK, NOTIFY_JSON, NOTIFY_MAIL } NotifyType;

typedef struct NotifyChannel {
    const char *name, *origin; // origin: "/etc/ssisminer/ssisminer.yaml:12"
    NotifyType type;
    const char *when; // "any", "new", "warning", "error", "critical" or "always"
    const char *secret_file, *secret_env; // of a webhook's URL, or of mail's password; NULL
    const char *ca_file;                  // NULL: the system's
    int64_t timeout_ms;                   // for all attempts
    int64_t retry_wait_ms;                // first wait; it doubles
    int64_t retries;                      // further attempts
    const char *host, *from, *user;       // mail; user NULL: no login
    int port;
    MailTls tls;
    const char **to;
    size_t to_count;
} NotifyChannel;

const char *notify_type_name(NotifyType type);

/* All of `notify:`, in the order of the file; none without it. */
Rc notify_channels(const Conf *conf, Arena *arena, NotifyChannel **ret_channels, size_t *ret_count,
                   Err *err) MUST_CHECK;
/* The one of that name, in either case; RC_USAGE with "did you mean". */
Rc notify_find(const NotifyChannel *channels, size_t count, const char *name,
               const NotifyChannel **ret_channel, Err *err) MUST_CHECK;

/* What somebody is told: what a command found and did. */
typedef struct NotifyEvent {
    const char *command;  // "report"
    const Digest *digest; // NULL: it gave no answer
    int exit_code;
    bool has_failed;          // it could not do what it was asked for, or not all of it
    const char *error, *hint; // "" for none
    const char *const *targets;
    size_t target_count;
    const char *more; // what gives the whole answer: "ssisminer report --all"; "" for nothing
    const char *host; // that it ran on
    Instant time;
    const char *test; // the name of the channel that is only tried; NULL: it is no test
} NotifyEvent;

Severity notify_level(const NotifyEvent *event);
/* Whether who wants to know `when` is told. What could not be found out is told to everybody. */
bool notify_is_due(const char *when, const NotifyEvent *event);

/* A channel, ready to send: its secret read, its address seen to be one. */
typedef struct NotifySender {
    const NotifyChannel *channel;
    Secret secret;
} NotifySender;

/* A variable that holds a secret is taken out of the environment. RC_USAGE for a secret that is not
 * there and for an address that may not be used; RC_CONNECT without libcurl. */
Rc notify_open(Conf *conf, const NotifyChannel *channel, NotifySender *ret_sender,
               Err *err) MUST_CHECK;
void notify_close(NotifySender *sender);

/*
 * Sends, and tries again what may pass (no connection, no answer, 408, 425, 429, 5xx, a mail
 * server's 4xx) within the channel's time; Retry-After is heeded. RC_CONNECT when it did not get
 * there, RC_STOPPED. Mail that some of its recipients do not take goes to the others:
 * `ret_remark` ("" otherwise; in the arena) says so.
 */
Rc notify_send(const NotifySender *sender, const NotifyEvent *event, Arena *arena,
               const char **ret_remark, Err *err) MUST_CHECK;

#endif
