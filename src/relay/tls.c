/* TLS with the server, inside packets or around them, and its certificate checked. */
#include "internal.h"

#include "ssisminer/base/str.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>

enum { READ_BUFFER = 96 * 1024 }; // several records at a time

/* ---- what is asked of TLS -------------------------------------------------------------------- */

static void free_context(SSL_CTX **context)
{
    SSL_CTX_free(*context);
}

static Rc load_trust(const Relay *relay, SSL_CTX *context, Tale *tale, Err *err)
{
    if (relay->trusts_any) {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
        return RC_OK;
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (!relay->ca_file) {
        if (SSL_CTX_set_default_verify_paths(context) == 1)
            return RC_OK;
        return trouble_with(TROUBLE_TRUST_STORE, tale, "the system's trust store", err);
    }
    if (SSL_CTX_load_verify_file(context, relay->ca_file) != 1)
        return trouble_with(TROUBLE_TRUST_STORE, tale, relay->ca_file, err);
    // Whatever is in the file is trusted: an intermediate CA, or the server's own certificate.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    return RC_OK;
}

/* Inside PRELOGIN never TLS 1.3: its tickets would come just where the framing changes. */
static SSL_CTX *make_context(bool is_strict)
{
    // No handler at exit: a thread that hangs in the resolver would meet what it took down.
    (void)OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (!context)
        return NULL;
    (void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    if (!is_strict)
        (void)SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_read_buffer_len(context, READ_BUFFER);
    return context;
}

static bool is_address(const char *host)
{
    uint8_t bytes[16];

    return inet_pton(AF_INET, host, bytes) == 1 || strchr(host, ':') != NULL;
}

/* The certificate is to be for this name, which the server is told as well. */
static bool set_name(SSL *ssl, const char *host)
{
    char name[RELAY_HOST_MAX + 1];
    // An address may name its zone; of a name what is checked is what is asked for.
    size_t len = strchr(host, ':') ? strcspn(host, "%") : strlen(host);

    memcpy(name, host, len);
    name[len] = '\0';
    if (is_address(name))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    if (len > 0 && name[len - 1] == '.')
        name[len - 1] = '\0';
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

static SSL *make_ssl(const Relay *relay, SSL_CTX *context, const Place *place)
{
    static const unsigned char strict_alpn[] = "\x07tds/8.0";
    SSL *ssl = SSL_new(context);

    if (!ssl)
        return NULL;
    SSL_set_connect_state(ssl);
    if (!set_name(ssl, place->host) ||
        (relay->is_strict && SSL_set_alpn_protos(ssl, strict_alpn, sizeof(strict_alpn) - 1) != 0)) {
        SSL_free(ssl);
        return NULL;
    }
    return ssl;
}

/* ---- how it failed --------------------------------------------------------------------------- */

typedef struct CertificateWords {
    long code;
    Trouble what;
    const char *words;
} CertificateWords;

static const CertificateWords certificate_words[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, TROUBLE_CERTIFICATE_TIME, "it has expired"},
    {X509_V_ERR_CERT_NOT_YET_VALID, TROUBLE_CERTIFICATE_TIME, "it is not valid yet"},
    {X509_V_ERR_CERT_REVOKED, TROUBLE_CERTIFICATE_BAD, "it was revoked"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, TROUBLE_CERTIFICATE, "its signer is not known here"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, TROUBLE_CERTIFICATE, "its signer is not known here"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, TROUBLE_CERTIFICATE,
     "its signer is not known here"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, TROUBLE_CERTIFICATE,
     "its signer is not known here"},
    {X509_V_ERR_INVALID_CA, TROUBLE_CERTIFICATE, "its signer is no CA"},
    {X509_V_ERR_EE_KEY_TOO_SMALL, TROUBLE_CERTIFICATE_BAD, "its key is too short"},
    {X509_V_ERR_CA_MD_TOO_WEAK, TROUBLE_CERTIFICATE_BAD, "its algorithm is insecure"},
};

static Rc bad_certificate(long code, Tale *tale, Err *err)
{
    if (code == X509_V_ERR_HOSTNAME_MISMATCH || code == X509_V_ERR_IP_ADDRESS_MISMATCH)
        return trouble(TROUBLE_NAME, tale, err);
    for (size_t i = 0; i < ARRAY_LEN(certificate_words); i++)
        if (certificate_words[i].code == code)
            return trouble_with(certificate_words[i].what, tale, certificate_words[i].words, err);
    return trouble_with(TROUBLE_CERTIFICATE, tale, X509_verify_cert_error_string(code), err);
}

typedef enum Shaken { SHAKEN, SHAKEN_FAILED, SHAKEN_ENDED, SHAKEN_TIME } Shaken;

/* A server that does not know strict hangs, hangs up, or answers with a packet instead. */
static bool is_not_strict(const Relay *relay, Shaken how)
{
    int reason = ERR_GET_REASON(ERR_peek_error());

    return relay->is_strict &&
           (how == SHAKEN_ENDED || how == SHAKEN_TIME || reason == SSL_R_WRONG_VERSION_NUMBER);
}

static Rc explain(const Relay *relay, const SSL *ssl, Shaken how, Tale *tale, Err *err)
{
    long verified = SSL_get_verify_result(ssl);
    unsigned long code = ERR_peek_error();
    const char *words = code ? ERR_reason_error_string(code) : NULL;

    if (verified != X509_V_OK && !relay->trusts_any)
        return bad_certificate(verified, tale, err);
    if (is_not_strict(relay, how))
        return trouble(TROUBLE_NOT_STRICT, tale, err);
    if (how == SHAKEN_TIME)
        return trouble(TROUBLE_LOGIN_SLOW, tale, err);
    if (how == SHAKEN_ENDED)
        return trouble_with(TROUBLE_LOGIN_LOST, tale, ", while TLS was being agreed on", err);
    if (ERR_GET_REASON(code) == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION && !relay->is_strict)
        return trouble(TROUBLE_TLS_NEWER, tale, err);
    return trouble_with(TROUBLE_TLS, tale, words ? words : "no reason given", err);
}

/* ---- the handshake --------------------------------------------------------------------------- */

/* What TLS has to say goes out in PRELOGIN packets. */
static bool send_flight(const Wait *wait, Line *plain, BIO *out)
{
    AUTO(buf_done) Buf packets = BUF(RELAY_LOGIN_MAX);
    char *bytes = NULL;
    long len = BIO_get_mem_data(out, &bytes);

    if (len <= 0)
        return true;
    packet_put(&packets, PACKET_PRELOGIN, 0, bytes, (size_t)len, PACKET_SIZE_DEFAULT);
    (void)BIO_reset(out);
    return line_send(wait, plain, buf_text(&packets), packets.len);
}

/* One packet of the server's. A flight may be several, and is not told by marks alone. */
static Got take_packet(const Wait *wait, Line *plain, BIO *in)
{
    uint8_t bytes[PACKET_HEADER], body[UINT16_MAX];
    PacketHead head;

    Got got = line_take(wait, plain, bytes, sizeof(bytes));
    if (got != GOT_ALL)
        return got;
    if (!packet_head_read(bytes, &head) ||
        (head.type != PACKET_PRELOGIN && head.type != PACKET_ANSWER))
        return GOT_END;
    size_t len = head.len - (size_t)PACKET_HEADER;
    got = line_take(wait, plain, body, len);
    if (got == GOT_ALL && len > 0 && BIO_write(in, body, (int)len) != (int)len)
        return GOT_END;
    return got;
}

static Shaken shaken_of(Got got)
{
    return got == GOT_ALL ? SHAKEN : got == GOT_TIME ? SHAKEN_TIME : SHAKEN_ENDED;
}

static Shaken shake_in_packets(const Wait *wait, Line *plain, SSL *ssl)
{
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    SSL_set_bio(ssl, in, out); // ssl owns them now
    if (!in || !out)
        return SHAKEN_FAILED;
    for (;;) {
        ERR_clear_error();
        int done = SSL_do_handshake(ssl);
        int error = SSL_get_error(ssl, done);
        bool is_sent = send_flight(wait, plain, out); // an alert, too
        if (done == 1)
            return is_sent && SSL_set_fd(ssl, plain->fd) == 1 ? SHAKEN : SHAKEN_ENDED;
        if (error != SSL_ERROR_WANT_READ)
            return SHAKEN_FAILED;
        Shaken shaken = is_sent ? shaken_of(take_packet(wait, plain, in)) : SHAKEN_ENDED;
        if (shaken != SHAKEN)
            return shaken;
    }
}

static Shaken shake_at_once(const Wait *wait, const Line *plain, SSL *ssl)
{
    if (SSL_set_fd(ssl, plain->fd) != 1)
        return SHAKEN_FAILED;
    for (;;) {
        ERR_clear_error();
        int done = SSL_do_handshake(ssl);
        if (done == 1)
            return SHAKEN;
        int error = SSL_get_error(ssl, done);
        if (error == SSL_ERROR_SYSCALL || error == SSL_ERROR_ZERO_RETURN ||
            ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return SHAKEN_ENDED;
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            return SHAKEN_FAILED;
        Waited waited = wait_for(wait, plain->fd, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
        if (waited != WAITED_READY)
            return waited == WAITED_TIME ? SHAKEN_TIME : SHAKEN_ENDED;
    }
}

Rc tls_start(const Relay *relay, const Wait *wait, Line *line, Tale *tale, Err *err)
{
    AUTO(free_context) SSL_CTX *context = make_context(relay->is_strict);

    if (!context)
        return trouble_with(TROUBLE_TLS, tale, "OpenSSL cannot be used", err);
    TRY(load_trust(relay, context, tale, err));
    SSL *ssl = make_ssl(relay, context, tale->place);
    if (!ssl)
        return trouble_with(TROUBLE_TLS, tale, "the server's name cannot be checked", err);
    Shaken how =
        relay->is_strict ? shake_at_once(wait, line, ssl) : shake_in_packets(wait, line, ssl);
    if (how != SHAKEN) {
        (void)explain(relay, ssl, how, tale, err);
        SSL_free(ssl);
        return err->rc;
    }
    SSL_set_read_ahead(ssl, 1); // not before: what comes in packets is not all TLS's
    line->ssl = ssl;
    return RC_OK;
}

bool tls_is_verified(const Line *line)
{
    return line->ssl && SSL_get_verify_mode(line->ssl) != SSL_VERIFY_NONE &&
           SSL_get_verify_result(line->ssl) == X509_V_OK;
}
