/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_PAGES_ROUTES_H
#define CP2FA_PAGES_ROUTES_H

#include "pages/page.h"

enum cp2fa_need {
    CP2FA_NEED_NONE,      /* nothing, where the log-in page is our own; what
                             httpd's authentication says under other types */
    CP2FA_NEED_FIRST,     /* the first factor */
    CP2FA_NEED_ENROLLING, /* signed in, or has yet to enrol under required */
    CP2FA_NEED_SIGNED_IN, /* the second factor too, where it is enabled */
    /* the same, and where it is enabled a POST needs a fresh one */
    CP2FA_NEED_ENABLING, /* as ENROLLING */
    CP2FA_NEED_FRESH,    /* as SIGNED_IN */
    /* what `Require` says: of users, as SIGNED_IN; of addresses, nobody */
    CP2FA_NEED_REQUIRE,
};

/** A file that goes out as it is: the style sheet, an icon. */
enum cp2fa_asset {
    CP2FA_ASSET_NONE,
    CP2FA_ASSET_KEPT,   /* browsers may keep it for a while */
    CP2FA_ASSET_CLEARS, /* makes them forget all that they kept of us */
};

/** One address below TwoFactorPath. */
struct cp2fa_route {
    const char *name;
    enum cp2fa_need need;
    const char *page;    /* the page that shows what went wrong with a POST */
    cp2fa_page_fn *show; /* GET of a file in htdocs: sets its variables */
    cp2fa_page_fn *get;  /* GET that C answers */
    cp2fa_page_fn *post; /* POST */
    enum cp2fa_asset asset;
};

/* The hooks of the pages; mod_cp2fa.c says why each has its place. */
int cp2fa_routes_locate(request_rec *r);
int cp2fa_routes_check_authn(request_rec *r);
int cp2fa_routes_type(request_rec *r);
int cp2fa_routes_access(request_rec *r);
int cp2fa_routes_fixups(request_rec *r);
void cp2fa_routes_insert_filter(request_rec *r);
int cp2fa_routes_handler(request_rec *r);

#endif
