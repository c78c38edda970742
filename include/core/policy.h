/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_POLICY_H
#define CP2FA_CORE_POLICY_H

/** TwoFactor optional|required. */
enum cp2fa_mode { CP2FA_MODE_OPTIONAL, CP2FA_MODE_REQUIRED };

/** Three answers to one question; the last is never taken for the others. */
enum cp2fa_known { CP2FA_NO, CP2FA_YES, CP2FA_UNKNOWN };

/** What is known of a request whose first factor was verified. */
struct cp2fa_facts {
    enum cp2fa_mode mode;
    enum cp2fa_known passed;   /* its session has passed a second factor */
    enum cp2fa_known enrolled; /* the account has an active device */
};

enum cp2fa_verdict {
    CP2FA_PASS,
    CP2FA_CHALLENGE, /* ask for a token */
    CP2FA_ENROL,     /* has no device, and must have one */
    CP2FA_CANT_TELL, /* deny, and say that it is our fault */
};

/** The one decision of this module. */
enum cp2fa_verdict cp2fa_policy_decide(const struct cp2fa_facts *facts);

#endif
