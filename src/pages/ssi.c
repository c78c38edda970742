/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/ssi.h"

#include <apr_strings.h>
#include <http_config.h>
#include <util_filter.h>

#include "gate/conf.h"
#include "gate/request.h"

#define GATHER "CP2FA-PAGE"

/* Of the configuration that httpd found: the one that we made of it. Both may
 * hold what lies in a subrequest's pool (where a <Files> matched that file
 * alone), and are forgotten with it: the next one may find its own at the same
 * address. */
struct made {
    const ap_conf_vector_t *of;
    ap_conf_vector_t *conf;
    apr_pool_t *pool; /* that it lies in */
};

static apr_status_t forget(void *data)
{
    struct made *made = data;

    made->of = NULL;
    made->conf = NULL;
    return APR_SUCCESS;
}

/* The vector once more, with this in mod_include's place. An empty one merged
 * onto it copies it. */
static ap_conf_vector_t *with(apr_pool_t *p, ap_conf_vector_t *conf,
                              const module *include, void *fresh)
{
    ap_conf_vector_t *copy =
        ap_merge_per_dir_configs(p, conf, ap_create_request_config(p));

    ap_set_module_config(copy, include, fresh);
    return copy;
}

/* One of two files that are looked at in turn must not have what ends with the
 * other. */
static int lasts_for(const struct made *made, const request_rec *r)
{
    return apr_pool_is_ancestor(made->pool, r->pool)
           || (r->main && r->main->per_dir_config == made->conf)
           || (r->prev && r->prev->per_dir_config == made->conf);
}

CP2FA_SELDOM static int as_it_comes(request_rec *r)
{
    request_rec *first = cp2fa_request_first(r);
    struct cp2fa_request *state;
    const module *include;
    struct made *made;

    state = cp2fa_request_of(first);
    include = ap_find_linked_module("mod_include.c");
    if (!include) {
        return HTTP_INTERNAL_SERVER_ERROR; /* refused at the start */
    }
    if (!state->ssi) {
        state->ssi = apr_array_make(first->pool, 2, sizeof(made));
    }
    for (int i = 0; i < state->ssi->nelts; i++) {
        made = APR_ARRAY_IDX(state->ssi, i, struct made *);
        if ((made->of == r->per_dir_config || made->conf == r->per_dir_config)
            && lasts_for(made, r)) {
            r->per_dir_config = made->conf;
            return DECLINED;
        }
    }
    made = apr_palloc(first->pool, sizeof(*made));
    APR_ARRAY_PUSH(state->ssi, struct made *) = made;
    apr_pool_cleanup_register(r->pool, made, forget, apr_pool_cleanup_null);
    made->pool = r->pool;
    made->of = r->per_dir_config;
    made->conf = with(r->pool, r->per_dir_config, include,
                      include->create_dir_config(r->pool, NULL));
    r->per_dir_config = made->conf;
    return DECLINED;
}

int cp2fa_ssi_as_it_comes(request_rec *r)
{
    return cp2fa_conf_of(r)->pages ? as_it_comes(r) : DECLINED;
}

/* mod_include passes on what it has before each directive, and each time
 * httpd's last filter goes through all that has yet to be sent: a page is
 * gathered here, and goes down to it once. */
static apr_status_t gather(ap_filter_t *f, apr_bucket_brigade *piece)
{
    apr_bucket_brigade *page = f->ctx;
    apr_status_t status;
    const char *text;
    apr_size_t len;
    int whole = 0;

    if (!page) {
        f->ctx = page = apr_brigade_create(f->r->pool, f->c->bucket_alloc);
    }
    while (!APR_BRIGADE_EMPTY(piece)) {
        apr_bucket *b = APR_BRIGADE_FIRST(piece);

        if (APR_BUCKET_IS_METADATA(b)) {
            whole = whole || APR_BUCKET_IS_EOS(b);
            APR_BUCKET_REMOVE(b);
            APR_BRIGADE_INSERT_TAIL(page, b);
            continue;
        }
        status = apr_bucket_read(b, &text, &len, APR_BLOCK_READ);
        if (status == APR_SUCCESS) {
            status = apr_brigade_write(page, NULL, NULL, text, len);
        }
        if (status != APR_SUCCESS) {
            return status;
        }
        apr_bucket_delete(b);
    }
    if (!whole) {
        return APR_SUCCESS;
    }
    /* one page is not the next, so nobody gets a piece of it */
    ap_remove_output_filter_byhandle(f->next, "BYTERANGE");
    apr_table_unset(f->r->headers_out, "Accept-Ranges");
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, page);
}

void cp2fa_ssi_register(void)
{
    ap_register_output_filter(GATHER, gather, NULL, AP_FTYPE_RESOURCE);
}

void cp2fa_ssi_read(request_rec *r)
{
    const module *include = ap_find_linked_module("mod_include.c");
    server_rec *copy;

    if (include) {
        copy = apr_pmemdup(r->pool, r->server, sizeof(*r->server));
        copy->module_config =
            with(r->pool, r->server->module_config, include,
                 include->create_server_config(r->pool, copy));
        r->server = copy;
        ap_add_output_filter("INCLUDES", NULL, r, r->connection);
        if (!r->main) { /* a part goes into its page */
            ap_add_output_filter(GATHER, NULL, r, r->connection);
        }
    }
}
