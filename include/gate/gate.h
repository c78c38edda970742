/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_GATE_H
#define CP2FA_GATE_GATE_H

#include <httpd.h>

#include "gate/request.h"

/* The hooks of every request. mod_cp2fa.c says why each has its place. */
int cp2fa_gate_force_authn(request_rec *r);
int cp2fa_gate_auth_checker(request_rec *r);
int cp2fa_gate_fixups(request_rec *r);

/** The verdict on a request whose user is proven, reached once. */
enum cp2fa_verdict cp2fa_gate_judge(request_rec *r,
                                    const struct cp2fa_who *who);

/** Whether this request has passed a second factor: by a session, or by an
 * application token that stands for it. Returns 1 or 0. */
int cp2fa_gate_has_passed(request_rec *r);

/** Answers 503 with Retry-After, in words for a browser's page, counts it, and
 * logs whom nothing can be told of (NULL: it is not known who). */
int cp2fa_gate_unavailable(request_rec *r, const char *user);

/**
 * Turns a verdict into httpd's answer: DECLINED to go on, a status, or DONE
 * where the answer has been sent.
 */
int cp2fa_gate_answer(request_rec *r, enum cp2fa_verdict verdict);

/** Answers that a token in a header was refused, as above. */
int cp2fa_gate_refuse(request_rec *r, enum cp2fa_outcome outcome,
                      unsigned wait);

/** The address of a page, from r->pool, with where to go from there (or
 * NULL). */
const char *cp2fa_gate_address(request_rec *r, const char *page,
                               const char *back);

/** Returns 1 if the answer goes to a browser's window. */
int cp2fa_gate_is_html(request_rec *r);

/** Sends a browser's navigation to a page, and back from there: 303, or
 * DECLINED for what can't be sent elsewhere. */
int cp2fa_gate_redirect(request_rec *r, const char *page);

/**
 * Answers with application/problem+json (RFC 9457) and returns DONE; in a
 * subrequest, or under an error document, the bare status.
 */
int cp2fa_gate_problem(request_rec *r, int status, const char *code);

#endif
