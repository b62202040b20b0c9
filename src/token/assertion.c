/* Signs who an application is, with its certificate (PS256). */
#include "internal.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

/* A JWT that an application signs with its certificate's key, as Entra documents it: PS256, and the
 * certificate named by the SHA-256 of its DER form. */

typedef struct Certificate {
    X509 *x509;
    EVP_PKEY *key;
} Certificate;

static void certificate_done(Certificate *certificate)
{
    X509_free(certificate->x509);
    EVP_PKEY_free(certificate->key);
}

static void bio_done(BIO **bio)
{
    BIO_free(*bio);
}

static void pkcs12_done(PKCS12 **pfx)
{
    PKCS12_free(*pfx);
}

static void digest_done(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

/* ---- the file -------------------------------------------------------------------------------- */

static Rc fail(const char *path, const char *why, Err *err)
{
    ERR_clear_error();
    (void)err_set(err, RC_USAGE, "client certificate '%s': %s", path, why);
    return err_hint(err,
                    "give a file with the RSA key and the certificate, in PEM or PFX form; its "
                    "password, if it has one, by --password-file or "
                    "AZURE_CLIENT_CERTIFICATE_PASSWORD");
}

static int give_password(char *buf, int size, int is_writing, void *context)
{
    const char *password = context;
    size_t len = password ? strlen(password) : 0;

    (void)is_writing;
    if (!password || len > (size_t)size)
        return -1; // and no prompt of OpenSSL's own
    (void)memcpy(buf, password, len);
    return (int)len;
}

/* Key and certificate in either order. */
static void read_pem(const Secret *file, const char *password, Certificate *certificate)
{
    char *context = NULL;
    AUTO(bio_done) BIO *for_key = BIO_new_mem_buf(file->text, (int)file->len);
    AUTO(bio_done) BIO *for_certificate = BIO_new_mem_buf(file->text, (int)file->len);

    (void)memcpy(&context, &password, sizeof(context)); // it is only read
    certificate->key = PEM_read_bio_PrivateKey(for_key, NULL, give_password, context);
    certificate->x509 = PEM_read_bio_X509(for_certificate, NULL, give_password, context);
}

static bool read_pfx(const Secret *file, const char *password, Certificate *certificate)
{
    AUTO(bio_done) BIO *bio = BIO_new_mem_buf(file->text, (int)file->len);
    AUTO(pkcs12_done) PKCS12 *pfx = d2i_PKCS12_bio(bio, NULL);

    return pfx && PKCS12_parse(pfx, password, &certificate->key, &certificate->x509, NULL) == 1;
}

static bool needs_old_cipher(void)
{
    unsigned long code = ERR_peek_error();

    return ERR_GET_REASON(code) == ERR_R_UNSUPPORTED ||
           ERR_GET_REASON(code) == EVP_R_UNSUPPORTED_ALGORITHM;
}

static Rc read_certificate(const char *path, const char *password, Certificate *certificate,
                           Err *err)
{
    enum { MOST_BYTES = 128 * 1024 };
    AUTO(secret_done) Secret file = {0};

    TRY(token_read_file("the client certificate", path, MOST_BYTES, &file, err));
    ERR_clear_error();
    if (memmem(file.text, file.len, "-----BEGIN ", strlen("-----BEGIN "))) {
        read_pem(&file, password, certificate);
        if (!certificate->x509)
            return fail(path, "there is no certificate in it", err);
        if (!certificate->key)
            return fail(path, "no private key in it could be read, with the given password or none",
                        err);
    } else if (!read_pfx(&file, password, certificate)) {
        return fail(path,
                    needs_old_cipher()
                        ? "its encryption is too old for OpenSSL 3 (RC2): make it PEM with openssl "
                          "pkcs12 -legacy -nodes"
                        : "it is neither PEM nor a PFX file that opens with the given password",
                    err);
    }
    if (!certificate->key || EVP_PKEY_get_base_id(certificate->key) != EVP_PKEY_RSA)
        return fail(path, "its key is no RSA key", err);
    if (!certificate->x509 || X509_check_private_key(certificate->x509, certificate->key) != 1)
        return fail(path, "key and certificate do not belong together", err);
    return RC_OK;
}

/* ---- the token ------------------------------------------------------------------------------- */

static void put_base64url(Secret *out, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)bytes[i] << 16 | (uint32_t)(i + 1 < len ? bytes[i + 1] : 0) << 8 |
                        (uint32_t)(i + 2 < len ? bytes[i + 2] : 0);
        size_t letters = len - i < 3 ? len - i + 1 : 4;
        for (size_t k = 0; k < letters; k++)
            secret_put(out, &digits[bits >> (18 - 6 * k) & 63], 1);
    }
}

static void put_text(Secret *out, const char *text)
{
    put_base64url(out, (const unsigned char *)text, strlen(text));
}

static bool put_head(const X509 *x509, Secret *out)
{
    AUTO(secret_done) Secret thumbprint = {0};
    AUTO(buf_done) Buf head = BUF(256);
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (X509_digest(x509, EVP_sha256(), sum, &len) != 1)
        return false;
    secret_init(&thumbprint, 64);
    put_base64url(&thumbprint, sum, len);
    buf_printf(&head, "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"%s\"}", thumbprint.text);
    put_text(out, buf_text(&head));
    return true;
}

static bool put_claims(const TokenClaims *claims, Secret *out)
{
    enum { LIFE_S = 600 };
    AUTO(buf_done) Buf text = BUF(4096);
    unsigned char id[16];
    long long now = (long long)claims->now_unix_s;

    if (RAND_bytes(id, sizeof(id)) != 1)
        return false;
    buf_printf(&text, "{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\",\"jti\":\"", claims->audience,
               claims->client_id, claims->client_id);
    for (size_t i = 0; i < sizeof(id); i++)
        buf_printf(&text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
    buf_printf(&text, "\",\"nbf\":%lld,\"iat\":%lld,\"exp\":%lld}", now, now, now + LIFE_S);
    put_text(out, buf_text(&text));
    return !text.over;
}

static bool put_signature(EVP_PKEY *key, Secret *out)
{
    AUTO(digest_done) EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    unsigned char signature[2048]; // 16384 bits
    size_t len = sizeof(signature);
    bool is_signed =
        context && EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, key) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
        EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1 &&
        EVP_DigestSign(context, signature, &len, (const unsigned char *)out->text, out->len) == 1;

    if (!is_signed)
        return false;
    secret_puts(out, ".");
    put_base64url(out, signature, len);
    return !out->over;
}

Rc token_sign(const char *path, const char *password, const TokenClaims *claims,
              Secret *ret_assertion, Err *err)
{
    AUTO(certificate_done) Certificate certificate = {0};
    AUTO(secret_done) Secret assertion = {0};

    TRY(read_certificate(path, password, &certificate, err));
    secret_init(&assertion, 16384);
    bool is_made = put_head(certificate.x509, &assertion);
    secret_puts(&assertion, ".");
    is_made =
        is_made && put_claims(claims, &assertion) && put_signature(certificate.key, &assertion);
    ERR_clear_error();
    if (!is_made)
        return FAIL(err, RC_CONNECT, "client certificate '%s': OpenSSL could not sign with it",
                    path);
    secret_take(ret_assertion, &assertion);
    return RC_OK;
}
