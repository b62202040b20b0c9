/* T-SQL that an answer advises: whole, quoted, and fit for whoever has to run it. */
#include "ssisminer/ssisdb/advice.h"

#include "ssisminer/base/buf.h"

enum { NAME_MAX_BYTES = 2048 }; // 128 characters, all of them doubled

const char *advice_identifier(const char *name, Arena *arena)
{
    AUTO(buf_done) Buf out = BUF(NAME_MAX_BYTES);

    buf_putc(&out, '[');
    for (; *name; name++) {
        buf_putc(&out, *name);
        if (*name == ']')
            buf_putc(&out, ']');
    }
    buf_putc(&out, ']');
    return arena_text(arena, buf_text(&out));
}

static const char *or_unknown(const char *name)
{
    return name ? name : "?";
}

static const char *login_of(const Ssisdb *db, Arena *arena)
{
    return advice_identifier(or_unknown(db->login_name), arena);
}

/* A login that comes in as guest, whom everybody shares, gets a user of its own first. */
static const char *in_front(const Ssisdb *db, Arena *arena)
{
    if (!str_same_fold(or_unknown(db->user_name), "guest"))
        return "";
    return arena_printf(arena, "CREATE USER %s FOR LOGIN %s; ", login_of(db, arena),
                        login_of(db, arena));
}

static const char *user_of(const Ssisdb *db, Arena *arena)
{
    if (!db->user_name || str_same_fold(db->user_name, "guest"))
        return login_of(db, arena);
    return advice_identifier(db->user_name, arena);
}

const char *advice_grant(const Ssisdb *db, const char *what, Arena *arena)
{
    return arena_printf(arena, "%sGRANT %s TO %s;", in_front(db, arena), what, user_of(db, arena));
}

const char *advice_reading_role(const Ssisdb *db, Arena *arena)
{
    const char *role = advice_identifier(ssisdb_reading_role(db), arena);

    if (str_same_fold(or_unknown(db->user_name), "dbo"))
        return arena_printf(arena,
                            "no role can have dbo as a member, and the login is dbo here: use a "
                            "login with a user of its own in role %s",
                            role);
    return arena_printf(arena, "%sALTER ROLE %s ADD MEMBER %s;", in_front(db, arena), role,
                        user_of(db, arena));
}

const char *advice_server_grant(const Ssisdb *db, const char *what, Arena *arena)
{
    return arena_printf(arena, "USE master; GRANT %s TO %s; -- as the server's administrator", what,
                        login_of(db, arena));
}
