/* TLS inside packets as TDS 7.4 has it, and around them as TDS 8.0 has. */
#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { VALID_DAYS = 30 };

AUTO_FREE(free_pkey, EVP_PKEY, EVP_PKEY_free)
AUTO_FREE(free_x509, X509, X509_free)

static Rc fail(Err *err, const char *what)
{
    char reason[256] = "unknown reason";
    unsigned long code = ERR_get_error();

    if (code)
        ERR_error_string_n(code, reason, sizeof(reason));
    return FAIL(err, RC_CONNECT, "%s: %s", what, reason);
}

/* ---- a certificate of our own ---------------------------------------------------------------- */

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool ok = extension && X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return ok;
}

/* Random, so that a client that remembers an older certificate is not confused. */
static bool set_serial(X509 *cert)
{
    uint64_t serial = 0;

    return RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1);
}

static bool fill(X509 *cert, EVP_PKEY *key, const char *common_name, const char *names)
{
    X509_NAME *subject = X509_get_subject_name(cert);

    return X509_set_version(cert, 2) && set_serial(cert) &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
           X509_gmtime_adj(X509_getm_notAfter(cert), VALID_DAYS * 86400L) &&
           X509_set_pubkey(cert, key) &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      (const unsigned char *)common_name, -1, -1, 0) &&
           X509_set_issuer_name(cert, subject) &&
           add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(cert, NID_ext_key_usage, "serverAuth") &&
           add_extension(cert, NID_subject_alt_name, names) &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

static FILE *create_private(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (!file && fd >= 0)
        close(fd);
    return file;
}

static Rc write_pem(const char *path, X509 *cert, EVP_PKEY *key, Err *err)
{
    FILE *file = create_private(path);

    if (!file)
        return FAIL(err, RC_USAGE, "cannot write '%s': %s", path, strerror(errno));
    bool ok = cert ? PEM_write_X509(file, cert)
                   : PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    if (fclose(file) != 0 || !ok)
        return FAIL(err, RC_USAGE, "cannot write '%s'", path);
    return RC_OK;
}

Rc tls_make_certificate(const char *dir, const char *name, Arena *arena, char **ret_cert_file,
                        char **ret_key_file, Err *err)
{
    AUTO(free_pkey) EVP_PKEY *key = EVP_EC_gen("P-256");
    AUTO(free_x509) X509 *cert = X509_new();
    const char *names = name ? arena_printf(arena, "DNS:%s", name) : "DNS:localhost,IP:127.0.0.1";

    if (!key || !cert || !fill(cert, key, name ? name : "localhost", names))
        return fail(err, "cannot make a certificate");

    char *cert_file = arena_printf(arena, "%s/sandbox-cert.pem", dir);
    char *key_file = arena_printf(arena, "%s/sandbox-key.pem", dir);
    TRY(write_pem(key_file, NULL, key, err));
    TRY(write_pem(cert_file, cert, NULL, err));
    *ret_cert_file = cert_file;
    *ret_key_file = key_file;
    return RC_OK;
}

/* TDS 8's protocol if it is among those named; a client may name none. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned in_len, void *context)
{
    static const unsigned char ours[] = "\x07tds/8.0";

    (void)ssl, (void)context;
    return SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len, ours, sizeof(ours) - 1,
                                 in, in_len) == OPENSSL_NPN_NEGOTIATED
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Rc tls_load(const WireOptions *options, const char *cert_file, const char *key_file,
            SSL_CTX **ret_context, Err *err)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    int least = options->tls_version == WIRE_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    int most = options->tls_version == WIRE_TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;

    if (context)
        SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    if (context && SSL_CTX_set_min_proto_version(context, least) &&
        SSL_CTX_set_max_proto_version(context, most) &&
        SSL_CTX_use_certificate_chain_file(context, cert_file) == 1 &&
        SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(context) == 1) {
        *ret_context = context;
        return RC_OK;
    }
    SSL_CTX_free(context);
    (void)fail(err, "cannot use the certificate or its key");
    return err_note(err, "'%s'", cert_file);
}

/* ---- handshake inside packets ---------------------------------------------------------------- */

static void send_pending(Link *link, BIO *out)
{
    char *bytes = NULL;
    long len = BIO_get_mem_data(out, &bytes);

    if (len > 0)
        link_send_raw(link, PACKET_PRELOGIN, bytes, (size_t)len);
    (void)BIO_reset(out);
}

static bool feed(Link *link, BIO *in)
{
    AUTO(message_done) Message message = MESSAGE_INIT;

    if (link_read(link, &message) != LINK_MESSAGE || message.type != PACKET_PRELOGIN)
        return false;
    return BIO_write(in, buf_text(&message.body), (int)message.body.len) == (int)message.body.len;
}

static bool shake(Link *link, SSL *ssl, BIO *in, BIO *out)
{
    for (;;) {
        ERR_clear_error();
        int done = SSL_accept(ssl);
        send_pending(link, out);
        if (done == 1)
            return !link->is_broken;
        if (SSL_get_error(ssl, done) != SSL_ERROR_WANT_READ || !feed(link, in))
            return false;
    }
}

bool tls_accept(Link *link, SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    if (!ssl || !in || !out) {
        SSL_free(ssl);
        BIO_free(in);
        BIO_free(out);
        return false;
    }
    SSL_set_bio(ssl, in, out); // ssl owns them now
    (void)SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
    if (!shake(link, ssl, in, out) || !SSL_set_fd(ssl, link->fd)) {
        SSL_free(ssl);
        return false;
    }
    link->ssl = ssl;
    return true;
}

bool tls_accept_strict(Link *link, SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);

    if (!ssl || !SSL_set_fd(ssl, link->fd) || SSL_accept(ssl) != 1) {
        SSL_free(ssl);
        return false;
    }
    link->ssl = ssl;
    return true;
}

void tls_leave(Link *link)
{
    SSL_free(link->ssl);
    link->ssl = NULL;
}
