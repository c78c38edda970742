/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate.h"

#include <apr_strings.h>

#include "core/text.h"
#include "gate/again.h"
#include "gate/conf.h"
#include "gate/header.h"
#include "gate/log.h"
#include "gate/program.h"
#include "gate/reuse.h"
#include "gate/session.h"
#include "service/facts.h"
#include "store/apptokens.h"

/* Even "Require all granted" must not spare anyone the first factor here. */
int cp2fa_gate_force_authn(request_rec *r)
{
    return cp2fa_conf_is_off(r) || cp2fa_request_is_open(r)
                   || cp2fa_request_is_plain(r)
               ? DECLINED
               : OK;
}

/* A section, an <If> or a .htaccess with an AuthName of its own names accounts
 * that nobody can enrol, so that nobody would be asked for a token. */
static int is_of_its_pages(request_rec *r, const struct cp2fa_who *who)
{
    const char *realm = cp2fa_conf_page_realm(r);

    if (!realm || strcmp(realm, who->realm) == 0) {
        return 1;
    }
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                  "CP2FA109: refused, %s is of realm %s, and its pages at %s "
                  "are of realm %s: give it the same AuthName, or "
                  "TwoFactorRealm",
                  CP2FA_LOGGED(r->pool, r->uri),
                  CP2FA_LOGGED(r->pool, who->realm), cp2fa_conf_of(r)->path,
                  CP2FA_LOGGED(r->pool, realm));
    return 0;
}

static enum cp2fa_verdict decide(request_rec *r, const struct cp2fa_who *who)
{
    struct cp2fa_request *state = cp2fa_request_of(r);
    struct cp2fa_facts facts = {
        .mode = cp2fa_conf_mode(cp2fa_conf_of(r)),
        .passed = CP2FA_YES,
        .enrolled = CP2FA_UNKNOWN,
    };

    state->auth_time = NULL; /* of the session found before */
    if (!is_of_its_pages(r, who)) {
        return CP2FA_CANT_TELL;
    }
    /* it stands for both factors, and no session of a browser is asked for */
    if (cp2fa_request_app_token(r)) {
        state->session = NULL;
        return cp2fa_policy_decide(&facts);
    }
    facts.passed = cp2fa_session_find(r, who, &state->session);
    /* a session of the first factor alone proves no second */
    if (facts.passed == CP2FA_YES
        && !cp2fa_facts_session_passed(state->session)) {
        facts.passed = CP2FA_NO;
    }
    /* A session that passed spares the question. */
    if (facts.passed == CP2FA_NO) {
        facts.enrolled = cp2fa_facts_enrolled(
            &cp2fa_conf_shared(r->server)->service, r->pool, who);
    }
    return cp2fa_policy_decide(&facts);
}

enum cp2fa_verdict cp2fa_gate_judge(request_rec *r, const struct cp2fa_who *who)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    struct cp2fa_request *state = cp2fa_request_of(r);

    if (!state->judged_user || state->judged_conf != conf
        || strcmp(state->judged_user, who->user) != 0) {
        state->verdict = decide(r, who);
        state->judged_conf = conf;
        state->judged_user = who->user;
    }
    return state->verdict;
}

/* Who it is, with proof and with a name that can be an account's. */
static int identify(request_rec *r, struct cp2fa_who *who)
{
    if (cp2fa_request_proven(r, who) != OK) {
        /* Satisfy Any, an error document under a failed log-in … */
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                      "CP2FA103: refused, no first factor was verified for "
                      "%s (Satisfy Any, or an ErrorDocument in a guarded "
                      "place?)",
                      CP2FA_LOGGED(r->pool, r->uri));
        return HTTP_FORBIDDEN;
    }
    if (!cp2fa_text_is_user(who->user)) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      "CP2FA104: refused, the user name %s is longer than 255 "
                      "bytes, not UTF-8, or has control characters or stray "
                      "blanks",
                      CP2FA_LOGGED(r->pool, who->user));
        return HTTP_FORBIDDEN;
    }
    return OK;
}

/* The verdict as an answer, once a token in a header had its say. */
static int answer(request_rec *r, const struct cp2fa_who *who)
{
    enum cp2fa_verdict verdict = cp2fa_gate_judge(r, who);
    enum cp2fa_outcome outcome;
    unsigned wait;

    if (verdict == CP2FA_CHALLENGE) {
        if (cp2fa_header_try(r, who, &outcome, &wait)) {
            cp2fa_request_of(r)->judged_user = NULL;
            verdict = cp2fa_gate_judge(r, who);
        }
        else if (outcome != CP2FA_OUTCOME_DONE) {
            return cp2fa_gate_refuse(r, outcome, wait);
        }
    }
    return cp2fa_gate_answer(r, verdict);
}

/* When both factors were last shown, as text: for a program, when its owner
 * made the token. NULL: never. */
static const char *auth_time(request_rec *r,
                             const struct cp2fa_session *session,
                             const struct cp2fa_app_token *token)
{
    int64_t when = token ? token->created
                   : session && cp2fa_facts_session_passed(session)
                       ? session->auth_time
                       : 0;

    return when > 0 ? apr_ltoa(r->pool, (long)when) : NULL;
}

static void note_pass(request_rec *r)
{
    struct cp2fa_request *state = cp2fa_request_of(r);

    state->passed = r->per_dir_config;
    if (state->session && cp2fa_facts_session_passed(state->session)) {
        cp2fa_again_note(r, state->session);
    }
}

/* auth_checker runs only when the first factor's module has said OK: here a
 * browser is sent on its way before anything else happens. A pass must be
 * DECLINED, or mod_authz_core would be skipped. */
int cp2fa_gate_auth_checker(request_rec *r)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    struct cp2fa_who who;
    int status;

    if (cp2fa_conf_is_off(r)) {
        return DECLINED;
    }
    if (conf->reuse > 0) {
        cp2fa_reuse_note(r);
    }
    if (cp2fa_again_passes(r)) {
        return DECLINED;
    }
    cp2fa_request_vouch(r);
    status = identify(r, &who);
    if (status != OK || conf->pages) {
        return status != OK ? status : DECLINED;
    }
    status = answer(r, &who);
    /* a token's path is looked at again: the address can change */
    if (status == DECLINED && !cp2fa_request_app_token(r)) {
        note_pass(r);
    }
    return status;
}

/* What auth_checker found holds as long as nobody changes the user or the
 * configuration: all that it rests on is the request's own. */
static int passed_before(request_rec *r, struct cp2fa_who *who)
{
    const struct cp2fa_request *state = cp2fa_request_peek(r);

    if (!state || !state->passed || state->passed != r->per_dir_config
        || !r->user || strcmp(r->user, state->witness) != 0) {
        return 0;
    }
    who->user = state->judged_user;
    who->realm = state->witness_realm;
    return 1;
}

int cp2fa_gate_has_passed(request_rec *r)
{
    const struct cp2fa_session *session;
    struct cp2fa_who who;

    if (cp2fa_request_proven(r, &who) != OK
        || cp2fa_gate_judge(r, &who) != CP2FA_PASS) {
        return 0;
    }
    session = cp2fa_request_of(r)->session;
    return cp2fa_request_app_token(r)
           || (session && cp2fa_facts_session_passed(session));
}

/* What the application may know, and what it may not. */
static void introduce(request_rec *r, const struct cp2fa_who *who)
{
    const struct cp2fa_request *state = cp2fa_request_of(r);
    const struct cp2fa_session *session = state->session;
    const struct cp2fa_app_token *token =
        state->again ? NULL : cp2fa_request_app_token(r);
    const char *when =
        state->auth_time ? state->auth_time : auth_time(r, session, token);
    /* where there is nothing, there is nothing to replace, or to look for */
    void (*set)(apr_table_t *, const char *, const char *) =
        apr_is_empty_table(r->subprocess_env) ? apr_table_addn : apr_table_setn;

    set(r->subprocess_env, "CP2FA_USER", who->user);
    set(r->subprocess_env, "CP2FA_REALM", who->realm);
    set(r->subprocess_env, "CP2FA_AMR",
        token     ? CP2FA_PROGRAM_AMR
        : session ? session->amr
                  : "pwd");
    if (when) {
        set(r->subprocess_env, "CP2FA_AUTH_TIME", when);
    }
    cp2fa_request_uncached(r);
    /* nor may a shared cache before us, which sees no Authorization here */
    apr_table_mergen(r->err_headers_out, "Cache-Control", "private");
    cp2fa_session_hide(r);
    if (!state->again) { /* which no application token is */
        cp2fa_program_hide(r);
    }
}

/* The guarantee: no configuration skips this hook. */
int cp2fa_gate_fixups(request_rec *r)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    struct cp2fa_who who;
    int status;

    if (passed_before(r, &who)) {
        introduce(r, &who);
        return DECLINED;
    }
    if (cp2fa_conf_is_off(r)) {
        /* our cookies are nobody else's business, here neither */
        cp2fa_session_hide(r);
        cp2fa_program_hide(r);
        if (cp2fa_request_had_cookies(r)) {
            /* an open page may include guarded ones, of which mod_cache, asking
             * the page alone, knows nothing */
            cp2fa_request_uncached(r);
        }
        return DECLINED;
    }
    cp2fa_request_uncached(r);
    /* a page for everybody; pages/routes.c sends nothing but that */
    if (cp2fa_request_is_open(r) || (cp2fa_request_is_plain(r) && !r->user)) {
        return DECLINED;
    }
    status = identify(r, &who);
    /* What a page needs, its route says: pages/routes.c goes on from here. */
    if (status != OK || conf->pages) {
        return status != OK ? status : DECLINED;
    }
    status = answer(r, &who);
    if (status == DECLINED) {
        introduce(r, &who);
    }
    return status;
}
