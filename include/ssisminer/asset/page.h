/* The style and the script of html pages, and the style of mails: config/html, embedded at build
 * time. */
#ifndef SSISMINER_ASSET_PAGE_H
#define SSISMINER_ASSET_PAGE_H

typedef struct AssetPart {
    const char *text; // what stands between <style> or <script> and its end, to the byte
    const char *hash; // "sha256-…": how a Content-Security-Policy names it
} AssetPart;

extern const AssetPart asset_page_style, asset_page_script; // report.css, report.js
extern const AssetPart asset_mail_style;                    // mail.css

#endif
