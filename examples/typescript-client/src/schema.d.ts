// Made from /openapi.json by `./dev client`. Do not edit.

export interface paths {
    "/api/client/auth/public-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The key and the nonce to encrypt passwords with: RSA-OAEP, SHA-256 for hash and MGF1, base64 */
        get: operations["getPublicKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make an account; needs email, username and a password in one of its two forms */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in; needs email and a password in one of its two forms. With two-factor authentication on, it answers a ticket for POST auth/mfa/verify */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End this session, or all of them */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new pair of tokens; a refresh token used twice ends all sessions that came from its sign-in */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/mfa": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether two-factor authentication is on, and how many recovery codes are left */
        get: operations["getTwoFactor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/mfa/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A secret for an authenticator app (TOTP); it asks for nothing until it was confirmed */
        post: operations["setUpTwoFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/mfa/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Turn two-factor authentication on with a code of the app; answers ten recovery codes, once */
        post: operations["confirmTwoFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/mfa/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Turn two-factor authentication off; needs a code, a recovery code or the password again */
        post: operations["disableTwoFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/mfa/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ten new recovery codes in place of the old ones; needs a code, a recovery code or the password again */
        post: operations["renewRecoveryCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/mfa/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The second call of a sign-in: the ticket of the first one, with a code or a recovery code */
        post: operations["verifyTwoFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/oauth": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where people can sign in with */
        get: operations["listOAuthProviders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/oauth/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Go to the provider to sign in there
         * @description With `redirect`, which needs a `challenge`, the browser ends there with #code=… or #error=…, else at the callback, which answers as a login does.
         */
        get: operations["startOAuth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/oauth/{provider}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the provider sends the browser back to; answers as a login does, or with a code for POST auth/oauth/exchange where the start had a challenge */
        get: operations["finishOAuth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/oauth/exchange": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tokens for the code that the callback gave, or a ticket for POST auth/mfa/verify */
        post: operations["exchangeOAuthCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounts elsewhere that sign one in here */
        get: operations["listIdentities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/identities/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Sign in with that account no more */
        delete: operations["unlinkIdentity"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/forgot-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for a link to set a new password; the same answer for every address */
        post: operations["forgotPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a new password with the token of a link; ends all sessions */
        post: operations["resetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/change-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a new password with the current one, both in one of two forms; ends the other sessions */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where one is signed in: live sessions, newest first, at most 100 */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Sign out one session */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/verify-email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say with the token of a link that an address is one's own */
        post: operations["verifyEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/resend-verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for the verification link again; the same answer for every address */
        post: operations["resendVerification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/auth/restore-email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a changed address back with the token that went to the old one; ends every other way in */
        post: operations["restoreEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/users/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one was told, newest first */
        get: operations["listNotifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/users/notifications/{id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It was read */
        post: operations["markNotificationRead"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/users/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one wants to be told of, and how */
        get: operations["getPreferences"];
        /** Switch kinds of notifications on and off; what is not named stays */
        put: operations["updatePreferences"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own API keys, newest first */
        get: operations["listKeys"];
        put?: never;
        /** Make an API key; its secret is shown this once */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/keys/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Whether an API key is known, and may be used now */
        post: operations["verifyKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One API key */
        get: operations["getKey"];
        /** Change an API key; what is not named stays */
        put: operations["updateKey"];
        post?: never;
        /** Revoke an API key at once and for ever */
        delete: operations["deleteKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/keys/{id}/regenerate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new secret, shown this once; the old one works for gracePeriodSeconds more */
        post: operations["regenerateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/keys/{id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What an API key has used */
        get: operations["getKeyUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/keys/{id}/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is used and held of each limit and budget that holds for an API key, and when it opens again */
        get: operations["getKeyLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/users/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is used and held of each limit and budget of one's account and plan, and when it opens again */
        get: operations["getLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/users/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Oneself */
        get: operations["getProfile"];
        /** Change oneself; what is not named stays, a changed e-mail address must be verified anew */
        put: operations["updateProfile"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/users/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What all of one's API keys have used */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/users/billing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Plan, balance, the current calendar month (UTC), and what was paid and charged */
        get: operations["getBilling"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/users/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was done to one's account: by whom, from where and how it ended, newest first */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/users/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that is kept about one's account, without secrets; usageBefore goes on with older usage records */
        get: operations["exportAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/users/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Erase one's account for ever; needs the password again, in one of its two forms */
        delete: operations["deleteAccount"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody, newest first */
        get: operations["adminListUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One person */
        get: operations["adminGetUser"];
        /** Set status, role, plan, limits and budget; what is not named stays, one's own status and role can't be changed */
        put: operations["adminUpdateUser"];
        post?: never;
        /** Erase a person for ever; usage is kept without a name */
        delete: operations["adminDeleteUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refuse relayed calls and sessions of a person at once */
        post: operations["adminSuspendUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a person in again */
        post: operations["adminActivateUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}/reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the password unusable, end every session, and send the link to set a new one */
        post: operations["adminResetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}/two-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** For who has lost the app and the recovery codes: the password is enough again; ends every session */
        delete: operations["adminTurnOffTwoFactor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End every session of a person */
        delete: operations["adminRevokeSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody's API keys, newest first */
        get: operations["adminListKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One API key */
        get: operations["adminGetKey"];
        /** Suspend an API key (inactive), or let it work again; or tie it to a group of accounts */
        put: operations["adminUpdateKey"];
        post?: never;
        /** Revoke an API key at once and for ever */
        delete: operations["adminDeleteKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What everybody used, by user, key or model, by whole days */
        get: operations["adminGetUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audit trail, newest first */
        get: operations["adminListAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every plan, by price */
        get: operations["adminListPlans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/plans/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change a plan, or make one; what is not named stays. In force at once for everybody on it */
        put: operations["adminPutPlan"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The price table, by model, tier, context and time */
        get: operations["adminListPrices"];
        put?: never;
        /** Add a price that holds from a time on, for a model, tier and length of context */
        post: operations["adminAddPrice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/prices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Put a price right; stored usage keeps its cost */
        put: operations["adminCorrectPrice"];
        post?: never;
        /** Take back a price that is not yet in force */
        delete: operations["adminDeletePrice"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/accounts/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the upstream accounts are doing, as the server that answers sees it */
        get: operations["adminListAccountHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The accounts at the providers: those of the settings, then those of the store */
        get: operations["adminListAccounts"];
        put?: never;
        /** Add an account at a provider; calls are spread over it within a second */
        post: operations["adminAddAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One account at a provider */
        get: operations["adminGetAccount"];
        /** Change an account; what is not named stays. Calls that run end as they began */
        put: operations["adminUpdateAccount"];
        post?: never;
        /** Remove an account and its credential; calls that run end as they began */
        delete: operations["adminDeleteAccount"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/accounts/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask the provider for its models through an account, and say what came */
        post: operations["adminTestAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What answers here; clients probe it with HEAD */
        get: operations["greet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process is alive */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether calls can be taken; 503 when not */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/event_logging/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Telemetry of clients: accepted, dropped */
        post: operations["dropEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/verify-email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where a link in a mail leads */
        get: operations["getVerifyEmailPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where a link in a mail leads */
        get: operations["getResetPasswordPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/restore-email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where a link in a mail leads */
        get: operations["getRestoreEmailPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A readable page of it */
        get: operations["getDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/docs.css": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The page's style */
        get: operations["getDocsStyle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/docs.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The page's script */
        get: operations["getDocsScript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/docs.svg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The page's icon */
        get: operations["getDocsIcon"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Anthropic Messages, streaming or not
         * @description Also at /api/v1/messages, /claude/v1/messages, /api/client/relay/messages, /api/client/v1/messages.
         */
        post: operations["createMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/count_tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Count the tokens of a message; not billed, outside the concurrency limit. Of a model that is not Anthropic's it may be an estimate: then x-relay-estimated is true
         * @description Also at /api/v1/messages/count_tokens, /claude/v1/messages/count_tokens, /api/client/relay/messages/count_tokens, /api/client/v1/messages/count_tokens.
         */
        post: operations["countMessageTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * OpenAI Completions, streaming or not
         * @description Also at /api/client/relay/completions, /api/client/v1/completions.
         */
        post: operations["createCompletion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * OpenAI Chat Completions, streaming or not
         * @description Also at /openai/v1/chat/completions, /api/client/v1/chat/completions.
         */
        post: operations["createChatCompletion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/embeddings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * OpenAI Embeddings
         * @description Also at /openai/v1/embeddings, /api/client/v1/embeddings.
         */
        post: operations["createEmbeddings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * OpenAI Responses over a WebSocket: each response.create message is a call. 426 where it is off
         * @description Also at /responses, /openai/v1/responses, /openai/responses, /api/client/v1/responses.
         */
        get: operations["openResponsesWebSocket"];
        put?: never;
        /**
         * OpenAI Responses, streaming or not
         * @description Also at /responses, /openai/v1/responses, /openai/responses, /api/client/v1/responses.
         */
        post: operations["createResponse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/compact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Shorten the context of OpenAI Responses
         * @description Also at /responses/compact, /openai/v1/responses/compact, /openai/responses/compact, /api/client/v1/responses/compact.
         */
        post: operations["compactResponse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The models that this key may use, of both providers
         * @description Also at /openai/v1/models, /api/client/relay/models, /api/client/v1/models.
         */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One model that this key may use
         * @description Also at /api/client/v1/models/{id}.
         */
        get: operations["getModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Anthropic: your batches
         * @description Also at /api/v1/messages/batches, /claude/v1/messages/batches, /api/client/relay/messages/batches, /api/client/v1/messages/batches.
         */
        get: operations["listMessageBatches"];
        put?: never;
        /**
         * Anthropic: make a batch of messages
         * @description Also at /api/v1/messages/batches, /claude/v1/messages/batches, /api/client/relay/messages/batches, /api/client/v1/messages/batches.
         */
        post: operations["createMessageBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/batches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Anthropic: one of your batches
         * @description Also at /api/v1/messages/batches/{id}, /claude/v1/messages/batches/{id}, /api/client/relay/messages/batches/{id}, /api/client/v1/messages/batches/{id}.
         */
        get: operations["getMessageBatch"];
        put?: never;
        post?: never;
        /**
         * Anthropic: delete one of your batches
         * @description Also at /api/v1/messages/batches/{id}, /claude/v1/messages/batches/{id}, /api/client/relay/messages/batches/{id}, /api/client/v1/messages/batches/{id}.
         */
        delete: operations["deleteMessageBatch"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/batches/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Anthropic: cancel one of your batches
         * @description Also at /api/v1/messages/batches/{id}/cancel, /claude/v1/messages/batches/{id}/cancel, /api/client/relay/messages/batches/{id}/cancel, /api/client/v1/messages/batches/{id}/cancel.
         */
        post: operations["cancelMessageBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/batches/{id}/results": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Anthropic: the results of one of your batches; what they used is recorded when they are read, once
         * @description Also at /api/v1/messages/batches/{id}/results, /claude/v1/messages/batches/{id}/results, /api/client/relay/messages/batches/{id}/results, /api/client/v1/messages/batches/{id}/results.
         */
        get: operations["getMessageBatchResults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Anthropic and OpenAI: your files
         * @description Also at /api/v1/files, /claude/v1/files, /openai/v1/files, /api/client/relay/files, /api/client/v1/files.
         */
        get: operations["listFiles"];
        put?: never;
        /**
         * Anthropic and OpenAI: upload a file
         * @description Also at /api/v1/files, /claude/v1/files, /openai/v1/files, /api/client/relay/files, /api/client/v1/files.
         */
        post: operations["createFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Anthropic and OpenAI: one of your files
         * @description Also at /api/v1/files/{id}, /claude/v1/files/{id}, /openai/v1/files/{id}, /api/client/relay/files/{id}, /api/client/v1/files/{id}.
         */
        get: operations["getFile"];
        put?: never;
        post?: never;
        /**
         * Anthropic and OpenAI: delete one of your files
         * @description Also at /api/v1/files/{id}, /claude/v1/files/{id}, /openai/v1/files/{id}, /api/client/relay/files/{id}, /api/client/v1/files/{id}.
         */
        delete: operations["deleteFile"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Anthropic and OpenAI: what is in one of your files; of a batch's output, what it used is recorded, once
         * @description Also at /api/v1/files/{id}/content, /claude/v1/files/{id}/content, /openai/v1/files/{id}/content, /api/client/relay/files/{id}/content, /api/client/v1/files/{id}/content.
         */
        get: operations["getFileContent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * OpenAI: your batches
         * @description Also at /openai/v1/batches, /api/client/relay/batches, /api/client/v1/batches.
         */
        get: operations["listBatches"];
        put?: never;
        /**
         * OpenAI: make a batch of a file of yours
         * @description Also at /openai/v1/batches, /api/client/relay/batches, /api/client/v1/batches.
         */
        post: operations["createBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * OpenAI: one of your batches
         * @description Also at /openai/v1/batches/{id}, /api/client/relay/batches/{id}, /api/client/v1/batches/{id}.
         */
        get: operations["getBatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * OpenAI: cancel one of your batches
         * @description Also at /openai/v1/batches/{id}/cancel, /api/client/relay/batches/{id}/cancel, /api/client/v1/batches/{id}/cancel.
         */
        post: operations["cancelBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * OpenAI: one of your stored responses
         * @description Also at /responses/{id}, /openai/v1/responses/{id}, /openai/responses/{id}, /api/client/v1/responses/{id}.
         */
        get: operations["getResponse"];
        put?: never;
        post?: never;
        /**
         * OpenAI: delete one of your stored responses
         * @description Also at /responses/{id}, /openai/v1/responses/{id}, /openai/responses/{id}, /api/client/v1/responses/{id}.
         */
        delete: operations["deleteResponse"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * OpenAI: cancel a response in the background
         * @description Also at /responses/{id}/cancel, /openai/v1/responses/{id}/cancel, /openai/responses/{id}/cancel, /api/client/v1/responses/{id}/cancel.
         */
        post: operations["cancelResponse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{id}/input_items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * OpenAI: what one of your stored responses was asked
         * @description Also at /responses/{id}/input_items, /openai/v1/responses/{id}/input_items, /openai/responses/{id}/input_items, /api/client/v1/responses/{id}/input_items.
         */
        get: operations["listResponseInputItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AccountHealth: {
            /** @description Opaque, with its kind in front of the underscore */
            id: string;
            /**
             * @description anthropic or openai
             * @example anthropic
             */
            provider: string;
            /**
             * @description spent: past its cap of the day; resting: some or all of its models are left alone after failures; probing: a rest is over, and one call tries; busy: it has as many calls as it takes; else available
             * @enum {string}
             */
            state: "available" | "resting" | "probing" | "busy" | "spent";
            /** @description Why it rests, and until when; empty when nothing does */
            rests: components["schemas"]["AccountRest"][];
            /**
             * Format: int64
             * @description Calls at this moment, of this process
             */
            inFlight: number;
            /**
             * Format: int64
             * @description From the request to the head of a stream, lately; null: none was asked for
             */
            streamLatencyMs: number | null;
            /**
             * Format: int64
             * @description The same of answers that come whole
             */
            answerLatencyMs: number | null;
            /**
             * @description USD since 0:00 UTC, as this process has settled it
             * @example 1.25
             */
            spentToday: string;
            /** @description USD a day, UTC, past which it is passed over; null: no cap */
            dailySpendCap: string | null;
        };
        AccountRest: {
            /**
             * @description Of which models, without version and date; null: the whole account
             * @example claude-sonnet
             */
            family: string | null;
            /**
             * @description What the provider did
             * @enum {string}
             */
            reason: "rate_limited" | "overloaded" | "server_errors" | "forbidden" | "unauthorized" | "billing" | "unreachable" | "timed_out";
            /**
             * Format: date-time
             * @description When it began
             */
            since: string;
            /**
             * Format: date-time
             * @description When one call may try again
             */
            until: string;
            /**
             * Format: int64
             * @description In a row: the rests grow with them
             */
            failures: number;
            /** @description Whether a call is trying right now */
            isProbing: boolean;
            /** @description The node that has told of it; null: this one saw it itself */
            heardFrom: string | null;
        };
        AccountTrial: {
            /** @description Whether the provider answered with its models */
            passed: boolean;
            /**
             * Format: int64
             * @description The provider's HTTP status; null: no answer came
             */
            status: number | null;
            /**
             * @description What came, for a person
             * @example api.anthropic.com answers 200
             */
            result: string;
        };
        AccountUsage: {
            /** @description Of the account's whole life */
            total: components["schemas"]["LifetimeTotals"];
            /** @description Every day of the range, oldest first; empty for other granularities */
            daily: components["schemas"]["Daily"][];
            /** @description The limits that hold, in the first form's words */
            limits: components["schemas"]["FirstFormLimits"];
            /**
             * Format: date-time
             * @description Beginning of the range, in it: a time (RFC 3339) or a day as in 2026-01-31
             * @example 2026-01-01
             */
            from: string;
            /**
             * Format: date-time
             * @description End of the range, not in it: a time (RFC 3339) or a day
             * @example 2026-02-01
             */
            to: string;
            /**
             * @description How long a point of the series is; day by default
             * @enum {string}
             */
            granularity: "hour" | "day" | "month";
            /** @description Of the range */
            totals: components["schemas"]["UsageFigures"];
            /** @description One point for each stretch of time in which something was used, oldest first */
            series: components["schemas"]["UsagePoint"][];
            /** @description Of the range's calls */
            latency: components["schemas"]["Latency"];
            /**
             * @description Whose it is
             * @example usr_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            userId: string;
        };
        AdminKeyFields: {
            /**
             * @description inactive: the key is refused until it is active again
             * @enum {string|null}
             */
            status?: "active" | "inactive" | null;
            /**
             * @description Accounts that have this group serve it; null: as the plan says
             * @example team-a
             */
            accountGroup?: string | null;
        };
        AdminUser: {
            /**
             * @description Opaque
             * @example usr_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description Address of a person
             * @example ada@example.com
             */
            email: string;
            /**
             * @description Name of an account: 3 to 32 letters, digits, dots, dashes and underscores
             * @example ada
             */
            username: string;
            /**
             * @description What a person is called
             * @example Ada Lovelace
             */
            displayName: string;
            /**
             * @description A suspended or inactive account can't sign in, and its keys are refused
             * @enum {string}
             */
            status: "active" | "inactive" | "suspended" | "deleted";
            /**
             * @description An admin may use /api/admin
             * @enum {string}
             */
            role: "user" | "admin";
            /** @description Whether the person has shown that the address is theirs */
            emailVerified: boolean;
            /** @description Whether a sign-in asks for a second factor */
            mfaEnabled: boolean;
            /**
             * @description The plan's name
             * @example free
             */
            plan: string;
            /**
             * @description USD as a decimal
             * @example 0.00
             */
            balance: string;
            /**
             * Format: int64
             * @description Tokens of this calendar month (UTC)
             */
            usageMonthly: number;
            /**
             * Format: int64
             * @description Tokens ever
             */
            usageTotal: number;
            /**
             * @description Of the IANA time zone database
             * @example Europe/Berlin
             */
            timezone: string;
            /**
             * @description As in BCP 47
             * @example en
             */
            locale: string;
            /** @description What the account's clients keep */
            settings: Record<string, never>;
            /** @description Whatever the client keeps with it; at most 16,384 bytes as JSON */
            metadata: Record<string, never>;
            /**
             * Format: date-time
             * @description The last sign-in
             */
            lastLoginAt: string | null;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it last changed
             */
            updatedAt: string;
            /**
             * Format: date-time
             * @deprecated
             * @description The same as createdAt, for clients of the API's first form
             */
            created_at: string;
            /**
             * Format: date-time
             * @deprecated
             * @description The same as updatedAt, for clients of the API's first form
             */
            updated_at: string;
            /** @description The person's own, beside the plan's and the keys' */
            rateLimit: components["schemas"]["RateLimit"];
            /** @description What may be spent in each window of the user's own time zone; 0 is spent already */
            budget: components["schemas"]["Budget"];
        };
        AdminUserFields: {
            /**
             * @description Suspended or inactive: refused at once
             * @enum {string|null}
             */
            status?: "active" | "inactive" | "suspended" | null;
            /**
             * @description An admin may use /api/admin
             * @enum {string|null}
             */
            role?: "user" | "admin" | null;
            /**
             * @description A plan's id
             * @example pro
             */
            plan?: string | null;
            /** @description The person's own, beside the plan's and the keys' */
            rateLimit?: components["schemas"]["RateLimitFields"] | null;
            /** @description What may be spent in each window of the user's own time zone; 0 is spent already */
            budget?: components["schemas"]["BudgetFields"] | null;
        };
        AnthropicError: {
            /** @constant */
            type: "error";
            error: {
                /** @example authentication_error */
                type: string;
                message: string;
            };
            request_id: string | null;
        };
        Audit: {
            /**
             * @description Opaque
             * @example aud_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description What was done
             * @example key.created
             */
            action: string;
            /**
             * @description Whether it went through
             * @enum {string}
             */
            outcome: "success" | "failure";
            /**
             * @description Who did it: the person, an admin, an operator at the command line, the relay, or nobody known
             * @enum {string}
             */
            actor: "nobody" | "user" | "admin" | "operator" | "relay";
            /** @description The person or the admin; null where that is not told */
            actorId: string | null;
            /** @description Whose account it was done to; null: nobody's */
            userId: string | null;
            /**
             * @description What it was done to: a key, a session, a plan; null: nothing more
             * @example key_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            target: string | null;
            /**
             * @description From where; null where that is not told
             * @example 203.0.113.7
             */
            address: string | null;
            /** @description With what; null where that is not told */
            userAgent: string | null;
            /** @description The call's id; null: no call */
            requestId: string | null;
            /** @description Names and texts, which ones depends on the action */
            details: Record<string, never>;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
        };
        Authenticator: {
            /** @description The secret in base32, for typing it into an app */
            secret: string;
            /** @description The same for a QR code */
            otpauthUrl: string;
        };
        Billing: {
            /** @description The plan as it is now */
            plan: components["schemas"]["Plan"];
            /**
             * @description USD as a decimal
             * @example 0.00
             */
            balance: string;
            /** @description The calendar month (UTC) */
            currentPeriod: components["schemas"]["BillingPeriod"];
            /** @description What was paid and charged, newest first, at most 100 */
            invoices: components["schemas"]["BillingRecord"][];
            /** @description Of the current period */
            spend: components["schemas"]["Spend"];
        };
        BillingPeriod: {
            /**
             * Format: date-time
             * @description Beginning of the range, in it: a time (RFC 3339) or a day as in 2026-01-31
             * @example 2026-01-01
             */
            from: string;
            /**
             * Format: date-time
             * @description End of the range, not in it: a time (RFC 3339) or a day
             * @example 2026-02-01
             */
            to: string;
            /**
             * Format: int64
             * @description Calls
             */
            requests: number;
            /**
             * Format: int64
             * @description Tokens
             */
            tokens: number;
            /**
             * Format: int64
             * @description The plan's tokens of the month; null: none
             */
            tokenLimit: number | null;
            /**
             * @description USD as a decimal, by the price table
             * @example 1.284065
             */
            cost: string;
        };
        BillingRecord: {
            /**
             * @description Opaque
             * @example bil_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description What moved the balance
             * @enum {string}
             */
            kind: "payment" | "credit" | "charge" | "refund" | "adjustment";
            /**
             * @description USD as a decimal; below 0 it was taken
             * @example 20.00
             */
            amount: string;
            /**
             * @description The balance that came of it, USD as a decimal
             * @example 20.00
             */
            balanceAfter: string;
            /**
             * Format: date-time
             * @description What it is for begins here; null: for no stretch of time
             */
            periodStart: string | null;
            /**
             * Format: date-time
             * @description What it is for ends here
             */
            periodEnd: string | null;
            /** @description What the other side calls it; null: nothing */
            reference: string | null;
            /**
             * @description More words on it
             * @example Claude Code on my laptop
             */
            description: string;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
        };
        Budget: {
            /**
             * @description USD a day as a decimal; null is no budget
             * @example 5.00
             */
            daily: string | null;
            /**
             * @description USD a week, from Monday, as a decimal; null is no budget
             * @example 25.00
             */
            weekly: string | null;
            /**
             * @description USD a calendar month as a decimal; null is no budget
             * @example 80.00
             */
            monthly: string | null;
            /**
             * @description USD ever, as a decimal; null is no budget
             * @example 500.00
             */
            total: string | null;
            /**
             * @description When a day begins, by the user's own clock; weeks and months begin at this time too
             * @example 06:00
             */
            resetTime: string | null;
            /**
             * @description Those that refuse no call when they are spent: they are told of only
             * @example [
             *       "daily"
             *     ]
             */
            soft: ("daily" | "weekly" | "monthly" | "total")[] | null;
        };
        BudgetFields: {
            /**
             * @description USD a day as a decimal; null is no budget
             * @example 5.00
             */
            daily?: string | null;
            /**
             * @description USD a week, from Monday, as a decimal; null is no budget
             * @example 25.00
             */
            weekly?: string | null;
            /**
             * @description USD a calendar month as a decimal; null is no budget
             * @example 80.00
             */
            monthly?: string | null;
            /**
             * @description USD ever, as a decimal; null is no budget
             * @example 500.00
             */
            total?: string | null;
            /**
             * @description When a day begins, by the user's own clock; midnight by default
             * @example 06:00
             */
            resetTime?: string | null;
            /**
             * @description Those that refuse no call when they are spent: they are told of only; none by default
             * @example [
             *       "daily"
             *     ]
             */
            soft?: ("daily" | "weekly" | "monthly" | "total")[] | null;
        };
        ChangeRequest: {
            /** @description The password so far, encrypted as encryptedPassword is */
            encryptedCurrentPassword?: string | null;
            /**
             * @description The new password, encrypted as encryptedPassword is
             * @example bGVuZ3RoIDI1NiBieXRlcw==
             */
            encryptedNewPassword?: string | null;
            /** @description The password once more, encrypted; when sent, it must be the same */
            encryptedConfirmPassword?: string | null;
            /** @description The nonce that came with the public key; needed with encrypted passwords */
            nonce?: string | null;
            /**
             * @deprecated
             * @description The password so far, in plain text: encrypt it where you can
             */
            currentPassword?: string | null;
            /**
             * @deprecated
             * @description The new password, in plain text: encrypt it where you can
             */
            newPassword?: string | null;
            /**
             * @deprecated
             * @description The plain password once more; when sent, it must be the same
             */
            confirmPassword?: string | null;
        };
        Check: {
            /**
             * @description What it is called
             * @example laptop
             */
            name: string;
            /** @description Whether calls can be taken */
            ready: boolean;
            /** @description Why not, for a person */
            detail: string;
        };
        ConfirmTwoFactorRequest: {
            /**
             * @description The six digits that the app shows now
             * @example 123456
             */
            code: string;
        };
        Daily: {
            /**
             * @description The day (UTC)
             * @example 2026-01-31
             */
            date: string;
            /**
             * Format: int64
             * @description Calls
             */
            requests: number;
            /**
             * Format: int64
             * @description Tokens
             */
            tokens: number;
        };
        DaySpend: {
            /**
             * @description The day (UTC)
             * @example 2026-01-31
             */
            date: string;
            /**
             * Format: int64
             * @description Calls
             */
            requests: number;
            /**
             * Format: int64
             * @description Tokens
             */
            tokens: number;
            /**
             * @description USD as a decimal, by the price table
             * @example 1.284065
             */
            cost: string;
        };
        EmailRequest: {
            /**
             * @description Address of a person
             * @example ada@example.com
             */
            email?: string | null;
        };
        EraseRequest: {
            /**
             * @description The password by RSA-OAEP with SHA-256 for hash and MGF1, in base64
             * @example bGVuZ3RoIDI1NiBieXRlcw==
             */
            encryptedPassword?: string | null;
            /** @description The nonce that came with the public key; needed with encrypted passwords */
            nonce?: string | null;
            /**
             * @deprecated
             * @description In plain text: encrypt it where you can. Refused unless ALLOW_PLAINTEXT_PASSWORDS allows it
             */
            password?: string | null;
        };
        Error: {
            /**
             * @description Whether the call did what it says
             * @constant
             */
            success: false;
            /** @description The kind of error, for programs */
            error: string;
            /** @description Words for a person */
            message: string;
            /**
             * @description What exactly went wrong, for programs: stable
             * @example password_too_short
             */
            code: string;
            /** @description Every wrong field; empty when no field is to blame */
            details: components["schemas"]["ErrorDetail"][];
            /**
             * @description The call's id, as in the header x-request-id; say it when you ask for help
             * @example req_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            requestId: string;
        };
        ErrorDetail: {
            /**
             * @description The field's name, dotted for nested ones: rateLimit.rpm, tags[2]
             * @example password
             */
            field: string;
            /**
             * @description What is wrong with it
             * @example must be at least 8 characters long
             */
            message: string;
        };
        ExchangeRequest: {
            /**
             * @description From the callback
             * @example oac_…
             */
            code?: string | null;
            /** @description The secret behind the start's challenge; needed when there was one */
            verifier?: string | null;
        };
        Export: {
            /**
             * Format: date-time
             * @description When it was read
             */
            exportedAt: string;
            /** @description The person */
            user: components["schemas"]["User"];
            /** @description Without their secrets: nobody has those */
            keys: components["schemas"]["Key"][];
            /** @description Where one is signed in */
            sessions: components["schemas"]["ExportedSession"][];
            /** @description Newest last */
            identities: components["schemas"]["ExportedIdentity"][];
            /** @description By day and model, oldest first */
            usage: components["schemas"]["UsagePoint"][];
            /** @description One for each try at a provider, newest first, at most 1,000 */
            usageRecords: components["schemas"]["ExportedUsageRecord"][];
            /** @description Newest first */
            notifications: components["schemas"]["ExportedNotification"][];
            /** @description What was paid and charged, newest first */
            billing: components["schemas"]["BillingRecord"][];
            /** @description What was done to the account, newest first */
            audit: components["schemas"]["Audit"][];
            /** @description The members that have more than fits */
            truncated: string[];
        };
        ExportedIdentity: {
            /**
             * @description Opaque
             * @example idn_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description github, google or oidc
             * @example github
             */
            provider: string;
            /**
             * @description Address of a person
             * @example ada@example.com
             */
            email: string;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description The last call
             */
            lastUsedAt: string;
        };
        ExportedNotification: {
            /**
             * @description Opaque
             * @example ntf_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description What it is about
             * @enum {string}
             */
            kind: "key_created" | "key_expiring" | "new_sign_in" | "password_changed" | "email_changed" | "limit_near";
            /**
             * @description One line
             * @example A new API key: laptop
             */
            title: string;
            /** @description More words on it */
            body: string;
            /** @description The same for programs */
            data: Record<string, never>;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When that was; null: not yet
             */
            readAt: string | null;
        };
        ExportedSession: {
            /**
             * @description Opaque
             * @example ses_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description Where the sign-in came from
             * @example 203.0.113.7
             */
            address: string;
            /** @description As it was sent at the sign-in */
            userAgent: string;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description The last refresh of its tokens
             */
            lastUsedAt: string;
            /**
             * Format: date-time
             * @description When it ends unless it is refreshed
             */
            expiresAt: string;
        };
        ExportedUsageRecord: {
            /** @description Of one try at a provider */
            attemptId: string;
            /** @description The relay's own id of the call, as in the header x-relay-request-id */
            requestId: string;
            /** @description The provider's id of the call */
            upstreamRequestId: string;
            /** @description The provider's id of the answer */
            messageId: string;
            /**
             * @description Of which key
             * @example key_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            keyId: string;
            /** @description The model that answered */
            model: string;
            /** @description The model that was asked for */
            requestedModel: string;
            /** @description Whether the answer came event by event */
            streamed: boolean;
            /** @description Whether the tokens are an estimate: the provider did not say */
            estimated: boolean;
            /** @description Whether the answer came to its end */
            completed: boolean;
            /** @description Whether the model had a price */
            priced: boolean;
            /** @description Whether the relay's own cache answered */
            cached: boolean;
            /**
             * Format: int64
             * @description The provider's HTTP status; 0: none came
             */
            status: number;
            /** @description Tokens */
            tokens: components["schemas"]["TokenCounts"];
            /**
             * @description USD as a decimal, by the price table
             * @example 1.284065
             */
            cost: string;
            /**
             * @description USD as a decimal: the cost as it was when the calls were made
             * @example 1.284065
             */
            charge: string;
            /**
             * Format: date-time
             * @description When it began
             */
            startedAt: string;
            /**
             * Format: int64
             * @description From the request to the answer's first byte, in milliseconds
             */
            firstByteMs: number;
            /**
             * Format: int64
             * @description From the request to the answer's end, in milliseconds
             */
            durationMs: number;
            /**
             * @description Where the call came from
             * @example 203.0.113.7
             */
            clientAddress: string;
        };
        FirstFormLimits: {
            /**
             * Format: int64
             * @deprecated
             * @description The first form's name of requestsPerMinute
             */
            rpm: number | null;
            /**
             * Format: int64
             * @deprecated
             * @description The first form's name of requestsPerDay
             */
            rpd: number | null;
        };
        ForgotRequest: {
            /**
             * @description Address of a person
             * @example ada@example.com
             */
            email?: string | null;
        };
        Greeting: {
            /**
             * @description What it is called
             * @example laptop
             */
            name: string;
            /**
             * @description Of the relay
             * @example 0.1.0
             */
            version: string;
        };
        Health: {
            /**
             * @description ok when the process answers at all
             * @constant
             */
            status: "ok";
            /**
             * @description Of the relay
             * @example 0.1.0
             */
            version: string;
        };
        Identities: {
            /** @description Newest last */
            identities: components["schemas"]["Identity"][];
        };
        Identity: {
            /**
             * @description Opaque
             * @example idn_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description github, google or oidc
             * @example github
             */
            provider: string;
            /**
             * @description The address there
             * @example ada@example.com
             */
            email: string;
            /**
             * Format: date-time
             * @description When it was linked
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description The last sign-in with it
             */
            lastUsedAt: string;
        };
        Key: {
            /**
             * @description Opaque
             * @example key_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description Whose it is
             * @example usr_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            userId: string;
            /**
             * @description The secret's first 8 characters
             * @example cr_6Dzkw
             */
            keyPrefix: string;
            /**
             * @description The secret's last 4 characters
             * @example KtbO
             */
            keySuffix: string;
            /**
             * @description Prefix, stars, suffix
             * @example cr_6Dzkw********KtbO
             */
            keyDisplay: string;
            /**
             * @description What it is called
             * @example laptop
             */
            name: string;
            /**
             * @description More words on it
             * @example Claude Code on my laptop
             */
            description: string;
            /**
             * @description Whose models: claude (Anthropic's), codex (OpenAI's)
             * @example [
             *       "claude"
             *     ]
             */
            permissions: ("claude" | "codex")[];
            /** @description Limits of their own; those of key, user and plan hold beside each other. A key's count its calls; those of a user, and of a plan for each of its users, all calls of the user. Days are the user's own (UTC without a time zone) */
            rateLimit: components["schemas"]["RateLimit"];
            /** @description What may be spent in each window of the user's own time zone; 0 is spent already */
            budget: components["schemas"]["Budget"];
            /**
             * @description Models that the key may ask for, * standing for any characters; empty: all
             * @example [
             *       "claude-*"
             *     ]
             */
            models: string[];
            /**
             * Format: int64
             * @description Calls ever
             */
            usageRequests: number;
            /**
             * Format: int64
             * @description Tokens ever
             */
            usageTokens: number;
            /**
             * @description USD ever, as a decimal
             * @example 1.284065
             */
            usageCost: string;
            /**
             * Format: date-time
             * @description The last call
             */
            lastUsedAt: string | null;
            /**
             * @description Where the last call came from
             * @example 203.0.113.7
             */
            lastUsedAddress: string | null;
            /**
             * @description A revoked key never works again; expired follows from expiresAt
             * @enum {string}
             */
            status: "active" | "inactive" | "expired" | "revoked";
            /**
             * Format: date-time
             * @description When the key stops working; null: never
             * @example 2030-01-01T00:00:00Z
             */
            expiresAt: string | null;
            /**
             * @description Addresses and networks that may use the key; empty: all
             * @example [
             *       "203.0.113.0/24",
             *       "2001:db8::/32"
             *     ]
             */
            ipWhitelist: string[];
            /**
             * @description Words to find it by
             * @example [
             *       "work"
             *     ]
             */
            tags: string[];
            /** @description Whatever the client keeps with it; at most 16,384 bytes as JSON */
            metadata: Record<string, never>;
            /** @description Answers are kept for calls that are the same, and cost nothing then */
            responseCache: components["schemas"]["ResponseCache"];
            /**
             * @description Accounts that have this group serve it; null: the plan's, else those without a group
             * @example team-a
             */
            accountGroup: string | null;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it last changed
             */
            updatedAt: string;
            /**
             * Format: date-time
             * @deprecated
             * @description The same as createdAt, for clients of the API's first form
             */
            created_at: string;
            /**
             * Format: date-time
             * @deprecated
             * @description The same as updatedAt, for clients of the API's first form
             */
            updated_at: string;
        };
        KeyFields: {
            /**
             * @description What the key is for; required for a new one
             * @example laptop
             */
            name?: string | null;
            /**
             * @description More words on it
             * @example Claude Code on my laptop
             */
            description?: string | null;
            /**
             * @description Whose models: claude (Anthropic's), codex (OpenAI's); all by default
             * @example [
             *       "claude"
             *     ]
             */
            permissions?: ("claude" | "codex")[] | null;
            /** @description Limits of their own; those of key, user and plan hold beside each other. A key's count its calls; those of a user, and of a plan for each of its users, all calls of the user. Days are the user's own (UTC without a time zone) */
            rateLimit?: components["schemas"]["RateLimitFields"] | null;
            /** @description What may be spent in each window of the user's own time zone; 0 is spent already */
            budget?: components["schemas"]["BudgetFields"] | null;
            /**
             * @description Models that the key may ask for, * standing for any characters; empty: all
             * @example [
             *       "claude-*"
             *     ]
             */
            models?: string[] | null;
            /**
             * @description Addresses and networks that may use the key; empty: all
             * @example [
             *       "203.0.113.0/24",
             *       "2001:db8::/32"
             *     ]
             */
            ipWhitelist?: string[] | null;
            /**
             * Format: date-time
             * @description When the key stops working; null: never
             * @example 2030-01-01T00:00:00Z
             */
            expiresAt?: string | null;
            /**
             * @description Words to find it by
             * @example [
             *       "work"
             *     ]
             */
            tags?: string[] | null;
            /** @description Whatever the client keeps with it; at most 16,384 bytes as JSON */
            metadata?: Record<string, never> | null;
            /** @description Keep answers for calls that are the same; null: no */
            responseCache?: components["schemas"]["ResponseCacheFields"] | null;
            /**
             * @description active or inactive; an existing key only
             * @enum {string|null}
             */
            status?: "active" | "inactive" | null;
        };
        KeyUsage: {
            /** @description Of the key's whole life */
            total: components["schemas"]["LifetimeTotals"];
            /** @description Every day of the range, oldest first; empty for other granularities */
            daily: components["schemas"]["Daily"][];
            /** @description The limits that hold, in the first form's words */
            limits: components["schemas"]["FirstFormLimits"];
            /**
             * Format: date-time
             * @description Beginning of the range, in it: a time (RFC 3339) or a day as in 2026-01-31
             * @example 2026-01-01
             */
            from: string;
            /**
             * Format: date-time
             * @description End of the range, not in it: a time (RFC 3339) or a day
             * @example 2026-02-01
             */
            to: string;
            /**
             * @description How long a point of the series is; day by default
             * @enum {string}
             */
            granularity: "hour" | "day" | "month";
            /** @description Of the range */
            totals: components["schemas"]["UsageFigures"];
            /** @description One point for each stretch of time in which something was used, oldest first */
            series: components["schemas"]["UsagePoint"][];
            /** @description Of the range's calls */
            latency: components["schemas"]["Latency"];
            /**
             * @description Of which key
             * @example key_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            keyId: string;
            /**
             * @description What it is called
             * @example laptop
             */
            name: string;
        };
        Latency: {
            /** @description From the request to the answer's end, in milliseconds */
            durationMs: components["schemas"]["Percentiles"];
            /** @description From the request to the answer's first byte, in milliseconds */
            firstByteMs: components["schemas"]["Percentiles"];
        };
        LifetimeTotals: {
            /**
             * Format: int64
             * @description Calls
             */
            requests: number;
            /**
             * Format: int64
             * @description Tokens
             */
            tokens: number;
            /**
             * Format: date-time
             * @description The last call
             */
            lastUsedAt: string | null;
        };
        LoginRequest: {
            /**
             * @description Address of a person
             * @example ada@example.com
             */
            email?: string | null;
            /**
             * @description The password by RSA-OAEP with SHA-256 for hash and MGF1, in base64
             * @example bGVuZ3RoIDI1NiBieXRlcw==
             */
            encryptedPassword?: string | null;
            /** @description The nonce that came with the public key; needed with encrypted passwords */
            nonce?: string | null;
            /**
             * @deprecated
             * @description In plain text: encrypt it where you can. Refused unless ALLOW_PLAINTEXT_PASSWORDS allows it
             */
            password?: string | null;
        };
        LogoutRequest: {
            /**
             * @description End every session of this account, not only this one
             * @example false
             */
            all?: boolean | null;
        };
        ModelSpend: {
            /** @description Of which model; null unless grouped by model */
            model: string;
            /**
             * Format: int64
             * @description Calls
             */
            requests: number;
            /**
             * Format: int64
             * @description Tokens
             */
            tokens: number;
            /**
             * @description USD as a decimal, by the price table
             * @example 1.284065
             */
            cost: string;
        };
        NewKey: {
            /**
             * @description Opaque
             * @example key_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description Whose it is
             * @example usr_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            userId: string;
            /**
             * @description The secret's first 8 characters
             * @example cr_6Dzkw
             */
            keyPrefix: string;
            /**
             * @description The secret's last 4 characters
             * @example KtbO
             */
            keySuffix: string;
            /**
             * @description Prefix, stars, suffix
             * @example cr_6Dzkw********KtbO
             */
            keyDisplay: string;
            /**
             * @description What it is called
             * @example laptop
             */
            name: string;
            /**
             * @description More words on it
             * @example Claude Code on my laptop
             */
            description: string;
            /**
             * @description Whose models: claude (Anthropic's), codex (OpenAI's)
             * @example [
             *       "claude"
             *     ]
             */
            permissions: ("claude" | "codex")[];
            /** @description Limits of their own; those of key, user and plan hold beside each other. A key's count its calls; those of a user, and of a plan for each of its users, all calls of the user. Days are the user's own (UTC without a time zone) */
            rateLimit: components["schemas"]["RateLimit"];
            /** @description What may be spent in each window of the user's own time zone; 0 is spent already */
            budget: components["schemas"]["Budget"];
            /**
             * @description Models that the key may ask for, * standing for any characters; empty: all
             * @example [
             *       "claude-*"
             *     ]
             */
            models: string[];
            /**
             * Format: int64
             * @description Calls ever
             */
            usageRequests: number;
            /**
             * Format: int64
             * @description Tokens ever
             */
            usageTokens: number;
            /**
             * @description USD ever, as a decimal
             * @example 1.284065
             */
            usageCost: string;
            /**
             * Format: date-time
             * @description The last call
             */
            lastUsedAt: string | null;
            /**
             * @description Where the last call came from
             * @example 203.0.113.7
             */
            lastUsedAddress: string | null;
            /**
             * @description A revoked key never works again; expired follows from expiresAt
             * @enum {string}
             */
            status: "active" | "inactive" | "expired" | "revoked";
            /**
             * Format: date-time
             * @description When the key stops working; null: never
             * @example 2030-01-01T00:00:00Z
             */
            expiresAt: string | null;
            /**
             * @description Addresses and networks that may use the key; empty: all
             * @example [
             *       "203.0.113.0/24",
             *       "2001:db8::/32"
             *     ]
             */
            ipWhitelist: string[];
            /**
             * @description Words to find it by
             * @example [
             *       "work"
             *     ]
             */
            tags: string[];
            /** @description Whatever the client keeps with it; at most 16,384 bytes as JSON */
            metadata: Record<string, never>;
            /** @description Answers are kept for calls that are the same, and cost nothing then */
            responseCache: components["schemas"]["ResponseCache"];
            /**
             * @description Accounts that have this group serve it; null: the plan's, else those without a group
             * @example team-a
             */
            accountGroup: string | null;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it last changed
             */
            updatedAt: string;
            /**
             * Format: date-time
             * @deprecated
             * @description The same as createdAt, for clients of the API's first form
             */
            created_at: string;
            /**
             * Format: date-time
             * @deprecated
             * @description The same as updatedAt, for clients of the API's first form
             */
            updated_at: string;
            /** @description The secret itself. It is shown this once */
            key: string;
        };
        NewPriceFields: {
            /**
             * @description USD per million tokens that are in no cache
             * @example 4.00
             */
            input?: string | null;
            /**
             * @description USD per million tokens written to a cache for five minutes; 1.25 times the input with anthropic, else the input by default
             * @example 5.00
             */
            cacheWrite5m?: string | null;
            /**
             * @description USD per million tokens written to a cache for an hour; twice the input with anthropic, else the input by default
             * @example 8.00
             */
            cacheWrite1h?: string | null;
            /**
             * @description USD per million tokens read from a cache; a tenth of the input with anthropic, else the input by default
             * @example 0.20
             */
            cacheRead?: string | null;
            /**
             * @description USD per million tokens
             * @example 20.00
             */
            output?: string | null;
            /**
             * @description USD per million tokens of audio input; as the input by default
             * @example 40.00
             */
            audioInput?: string | null;
            /**
             * @description USD per million tokens of audio read from a cache; as audio input by default
             * @example 40.00
             */
            audioCacheRead?: string | null;
            /**
             * @description USD per million tokens of audio that the model makes; as the output by default
             * @example 40.00
             */
            audioOutput?: string | null;
            /**
             * @description USD per million tokens of image input; as the input by default
             * @example 40.00
             */
            imageInput?: string | null;
            /**
             * @description USD per million tokens of images that the model makes; as the output by default
             * @example 40.00
             */
            imageOutput?: string | null;
            /**
             * @description USD per million tokens of reasoning; as the output by default
             * @example 40.00
             */
            reasoning?: string | null;
            /**
             * @description USD per thousand web searches; 10 with anthropic, else 0 by default
             * @example 10.00
             */
            webSearch?: string | null;
            /**
             * @description A model's name, or a * pattern that covers dated names
             * @example claude-opus-5-5-*
             */
            model: string;
            /**
             * @description Whose model it is
             * @example anthropic
             * @enum {string}
             */
            provider: "anthropic" | "openai";
            /**
             * @description The kind of service that the answer names; standard by default
             * @enum {string|null}
             */
            tier?: "standard" | "priority" | "flex" | "batch" | "fast" | null;
            /**
             * Format: int64
             * @description Holds for calls whose input is longer, in tokens, and then for all of it; 0: for all calls
             */
            contextOver?: number | null;
            /** @description From when on it holds, until the next one of its model, tier and context; a time or a day in UTC, now by default */
            effectiveFrom?: string | null;
        };
        Notification: {
            /**
             * @description Opaque
             * @example ntf_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description What it is about
             * @enum {string}
             */
            kind: "key_created" | "key_expiring" | "new_sign_in" | "password_changed" | "email_changed" | "limit_near";
            /**
             * @description One line
             * @example A new API key: laptop
             */
            title: string;
            /** @description More words on it */
            body: string;
            /** @description The same for programs: texts by name, which ones depends on the kind */
            data: Record<string, never>;
            /** @description Whether the person has read it */
            read: boolean;
            /**
             * Format: date-time
             * @description When that was; null: not yet
             */
            readAt: string | null;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
        };
        NotificationChannels: {
            /**
             * @description In the list of notifications
             * @example true
             */
            inApp: boolean;
            /** @description By mail, to a verified address */
            email: boolean;
        };
        NotificationChannelsFields: {
            /**
             * @description In the list of notifications
             * @example true
             */
            inApp?: boolean | null;
            /**
             * @description By mail, to a verified address
             * @example true
             */
            email?: boolean | null;
        };
        NotificationKinds: {
            /** @description A key was made */
            keyCreated: components["schemas"]["NotificationChannels"];
            /** @description A key ends within a week */
            keyExpiring: components["schemas"]["NotificationChannels"];
            /** @description A sign-in from a device or an address that was not seen before */
            newSignIn: components["schemas"]["NotificationChannels"];
            /** @description The password was changed; can't be switched off */
            passwordChanged: components["schemas"]["NotificationChannels"];
            /** @description The e-mail address was changed; can't be switched off */
            emailChanged: components["schemas"]["NotificationChannels"];
            /** @description 80 or 100 per cent of the plan's tokens of the month or requests of the day are used */
            limitNear: components["schemas"]["NotificationChannels"];
        };
        NotificationKindsFields: {
            /** @description A key was made */
            keyCreated?: components["schemas"]["NotificationChannelsFields"] | null;
            /** @description A key ends within a week */
            keyExpiring?: components["schemas"]["NotificationChannelsFields"] | null;
            /** @description A sign-in from a device or an address that was not seen before */
            newSignIn?: components["schemas"]["NotificationChannelsFields"] | null;
            /** @description The password was changed; can't be switched off */
            passwordChanged?: components["schemas"]["NotificationChannelsFields"] | null;
            /** @description The e-mail address was changed; can't be switched off */
            emailChanged?: components["schemas"]["NotificationChannelsFields"] | null;
            /** @description 80 or 100 per cent of the plan's tokens of the month or requests of the day are used */
            limitNear?: components["schemas"]["NotificationChannelsFields"] | null;
        };
        OAuthCode: {
            /** @description For POST auth/oauth/exchange: good once, for a minute */
            code: string;
        };
        OpenAIError: {
            error: {
                message: string;
                /** @example invalid_request_error */
                type: string;
                param: string | null;
                code: string | null;
            };
        };
        OwnerProofRequest: {
            /**
             * @description The six digits that the app shows now, or a recovery code
             * @example 123456
             */
            code?: string | null;
            /** @description A recovery code: where no app is at hand */
            recoveryCode?: string | null;
            /**
             * @description The password by RSA-OAEP with SHA-256 for hash and MGF1, in base64
             * @example bGVuZ3RoIDI1NiBieXRlcw==
             */
            encryptedPassword?: string | null;
            /** @description The nonce that came with the public key; needed with encrypted passwords */
            nonce?: string | null;
            /**
             * @deprecated
             * @description In plain text: encrypt it where you can. Refused unless ALLOW_PLAINTEXT_PASSWORDS allows it
             */
            password?: string | null;
        };
        Percentiles: {
            /**
             * Format: int64
             * @description Half of the calls took at most so long
             */
            p50: number;
            /**
             * Format: int64
             * @description Nine of ten calls took at most so long
             */
            p90: number;
            /**
             * Format: int64
             * @description Nineteen of twenty calls took at most so long
             */
            p95: number;
            /**
             * Format: int64
             * @description All but one of a hundred calls took at most so long
             */
            p99: number;
        };
        Plan: {
            /**
             * @description Opaque
             * @example pro
             */
            id: string;
            /**
             * @description What it is called
             * @example laptop
             */
            name: string;
            /**
             * @description USD a month as a decimal
             * @example 9.99
             */
            monthlyPrice: string;
            /**
             * Format: int64
             * @description How many keys that are not revoked a person may have; null: any number
             */
            maxKeys: number | null;
            /**
             * Format: int64
             * @description Tokens of a calendar month (UTC) that each of its users may use, past which calls are refused; null: any number
             */
            tokensPerMonth: number | null;
            /** @description What the plan allows; the smallest of key, user and plan holds */
            rateLimit: components["schemas"]["RateLimit"];
            /** @description What may be spent in each window of the user's own time zone; 0 is spent already */
            budget: components["schemas"]["Budget"];
            /**
             * Format: int64
             * @description Under overload calls of a higher one are kept longer; 50 by default
             * @example 50
             */
            priority: number;
            /**
             * @description Whose models: claude (Anthropic's), codex (OpenAI's)
             * @example [
             *       "claude"
             *     ]
             */
            permissions: ("claude" | "codex")[];
            /**
             * @description Accounts that have this group serve it; null: those without a group
             * @example team-a
             */
            accountGroup: string | null;
        };
        PlanFields: {
            /**
             * @description What people see
             * @example Pro
             */
            name?: string | null;
            /**
             * @description USD a month as a decimal
             * @example 9.99
             */
            monthlyPrice?: string | null;
            /**
             * Format: int64
             * @description How many keys that are not revoked a person may have; null: any number
             */
            maxKeys?: number | null;
            /**
             * Format: int64
             * @description Tokens of a calendar month (UTC) that each of its users may use, past which calls are refused; null: any number
             */
            tokensPerMonth?: number | null;
            /** @description What the plan allows; the smallest of key, user and plan holds */
            rateLimit?: components["schemas"]["RateLimitFields"] | null;
            /** @description What may be spent in each window of the user's own time zone; 0 is spent already */
            budget?: components["schemas"]["BudgetFields"] | null;
            /**
             * Format: int64
             * @description Under overload calls of a higher one are kept longer; 50 by default
             * @example 50
             */
            priority?: number | null;
            /**
             * @description Whose models: claude (Anthropic's), codex (OpenAI's)
             * @example [
             *       "claude"
             *     ]
             */
            permissions?: ("claude" | "codex")[] | null;
            /**
             * @description Accounts that have this group serve it; null: those without a group
             * @example team-a
             */
            accountGroup?: string | null;
        };
        Preferences: {
            /** @description By kind, which way the person is told */
            notifications: components["schemas"]["NotificationKinds"];
        };
        PreferencesFields: {
            /** @description By kind, which way the person is told */
            notifications?: components["schemas"]["NotificationKindsFields"] | null;
        };
        Price: {
            /**
             * @description Opaque
             * @example prc_c3RhbmRhcmQKMAowCmdwdC01
             */
            id: string;
            /**
             * @description A model's name, or a * pattern that covers dated names
             * @example claude-opus-5-5-*
             */
            model: string;
            /**
             * @description Whose model it is
             * @enum {string}
             */
            provider: "anthropic" | "openai";
            /**
             * @description The kind of service that the answer names; standard by default
             * @enum {string}
             */
            tier: "standard" | "priority" | "flex" | "batch" | "fast";
            /**
             * Format: int64
             * @description Holds for calls whose input is longer, in tokens, and then for all of it; 0: for all calls
             */
            contextOver: number;
            /**
             * Format: date-time
             * @description From when on it holds, until the next one of its model, tier and context
             */
            effectiveFrom: string;
            /**
             * @description USD per million tokens that are in no cache
             * @example 4.00
             */
            input: string;
            /**
             * @description USD per million tokens written to a cache for five minutes
             * @example 5.00
             */
            cacheWrite5m: string;
            /**
             * @description USD per million tokens written to a cache for an hour
             * @example 8.00
             */
            cacheWrite1h: string;
            /**
             * @description USD per million tokens read from a cache
             * @example 0.20
             */
            cacheRead: string;
            /**
             * @description USD per million tokens
             * @example 20.00
             */
            output: string;
            /**
             * @description USD per million tokens of audio input
             * @example 40.00
             */
            audioInput: string;
            /**
             * @description USD per million tokens of audio read from a cache
             * @example 40.00
             */
            audioCacheRead: string;
            /**
             * @description USD per million tokens of audio that the model makes
             * @example 40.00
             */
            audioOutput: string;
            /**
             * @description USD per million tokens of image input
             * @example 40.00
             */
            imageInput: string;
            /**
             * @description USD per million tokens of images that the model makes
             * @example 40.00
             */
            imageOutput: string;
            /**
             * @description USD per million tokens of reasoning
             * @example 40.00
             */
            reasoning: string;
            /**
             * @description USD per thousand web searches
             * @example 10.00
             */
            webSearch: string;
        };
        Profile: {
            /** @description The person */
            user: components["schemas"]["User"];
        };
        ProfileFields: {
            /**
             * @description A new address must be verified anew
             * @example ada@example.com
             */
            email?: string | null;
            /**
             * @description Name of an account: 3 to 32 letters, digits, dots, dashes and underscores
             * @example ada
             */
            username?: string | null;
            /**
             * @description What a person is called
             * @example Ada Lovelace
             */
            displayName?: string | null;
            /**
             * @description Of the IANA time zone database
             * @example Europe/Berlin
             */
            timezone?: string | null;
            /**
             * @description As in BCP 47
             * @example en
             */
            locale?: string | null;
        };
        Provider: {
            /**
             * @description As it stands in the path
             * @example github
             */
            id: string;
            /**
             * @description What stands on its button
             * @example GitHub
             */
            name: string;
        };
        Providers: {
            /** @description Those that are set up here; empty: none */
            providers: components["schemas"]["Provider"][];
        };
        PublicKey: {
            /** @description RSA-2048, SPKI, PEM */
            publicKey: string;
            /** @description 64 hexadecimal digits; good for one request within 5 minutes */
            nonce: string;
            /**
             * Format: int64
             * @description The server's time in milliseconds of the epoch
             */
            timestamp: number;
        };
        RateFields: {
            /** @description USD per million tokens that are in no cache */
            input?: string | null;
            /** @description USD per million tokens written to a cache for five minutes */
            cacheWrite5m?: string | null;
            /** @description USD per million tokens written to a cache for an hour */
            cacheWrite1h?: string | null;
            /** @description USD per million tokens read from a cache */
            cacheRead?: string | null;
            /** @description USD per million tokens */
            output?: string | null;
            /** @description USD per million tokens of audio input; 0: as the input */
            audioInput?: string | null;
            /** @description USD per million tokens of audio read from a cache; 0: as audio input */
            audioCacheRead?: string | null;
            /** @description USD per million tokens of audio that the model makes; 0: as the output */
            audioOutput?: string | null;
            /** @description USD per million tokens of image input; 0: as the input */
            imageInput?: string | null;
            /** @description USD per million tokens of images that the model makes; 0: as the output */
            imageOutput?: string | null;
            /** @description USD per million tokens of reasoning; 0: as the output */
            reasoning?: string | null;
            /**
             * @description USD per thousand web searches
             * @example 10.00
             */
            webSearch?: string | null;
        };
        RateLimit: {
            /**
             * Format: int64
             * @description Null or 0 is no limit of this kind
             */
            requestsPerMinute: number | null;
            /**
             * Format: int64
             * @description Null or 0 is no limit of this kind
             */
            tokensPerMinute: number | null;
            /**
             * Format: int64
             * @description Null or 0 is no limit of this kind
             */
            requestsPerDay: number | null;
            /**
             * Format: int64
             * @description Input, writes to the cache and output; what is read from the cache does not count. Null or 0 is no limit of this kind
             */
            tokensPerDay: number | null;
            /**
             * Format: int64
             * @description Calls at one time; null or 0 is no limit
             */
            concurrency: number | null;
            /**
             * Format: int64
             * @deprecated
             * @description The first form's name of requestsPerMinute
             */
            rpm: number | null;
            /**
             * Format: int64
             * @deprecated
             * @description The first form's name of requestsPerDay
             */
            rpd: number | null;
        };
        RateLimitFields: {
            /**
             * Format: int64
             * @description Null or 0 is no limit of this kind
             */
            requestsPerMinute?: number | null;
            /**
             * Format: int64
             * @description Null or 0 is no limit of this kind
             */
            tokensPerMinute?: number | null;
            /**
             * Format: int64
             * @description Null or 0 is no limit of this kind
             */
            requestsPerDay?: number | null;
            /**
             * Format: int64
             * @description Input, writes to the cache and output; what is read from the cache does not count. Null or 0 is no limit of this kind
             */
            tokensPerDay?: number | null;
            /**
             * Format: int64
             * @description Calls at one time; null or 0 is no limit
             */
            concurrency?: number | null;
            /**
             * Format: int64
             * @deprecated
             * @description The first form's name of requestsPerMinute
             */
            rpm?: number | null;
            /**
             * Format: int64
             * @deprecated
             * @description The first form's name of requestsPerDay
             */
            rpd?: number | null;
        };
        Ready: {
            /** @description Whether calls can be taken */
            ready: boolean;
            /** @description One by one */
            checks: components["schemas"]["Check"][];
        };
        RecoveryCodes: {
            /** @description Each works once in place of a code of the app. They are shown this once */
            recoveryCodes: string[];
        };
        RefreshRequest: {
            /** @description Good for one refresh within 30 days; keep it secret */
            refreshToken?: string | null;
        };
        RegenerateRequest: {
            /**
             * Format: int64
             * @description How long the old secret still works; 0 by default
             * @example 3600
             */
            gracePeriodSeconds?: number | null;
        };
        RegisterRequest: {
            /**
             * @description Address of a person
             * @example ada@example.com
             */
            email?: string | null;
            /**
             * @description Name of an account: 3 to 32 letters, digits, dots, dashes and underscores
             * @example ada
             */
            username?: string | null;
            /**
             * @description The password by RSA-OAEP with SHA-256 for hash and MGF1, in base64
             * @example bGVuZ3RoIDI1NiBieXRlcw==
             */
            encryptedPassword?: string | null;
            /** @description The password once more, encrypted; when sent, it must be the same */
            encryptedConfirmPassword?: string | null;
            /** @description The nonce that came with the public key; needed with encrypted passwords */
            nonce?: string | null;
            /**
             * @deprecated
             * @description In plain text: encrypt it where you can. Refused unless ALLOW_PLAINTEXT_PASSWORDS allows it
             */
            password?: string | null;
            /**
             * @deprecated
             * @description The plain password once more; when sent, it must be the same
             */
            confirmPassword?: string | null;
        };
        ResetRequest: {
            /**
             * @description What stands behind token= in the link
             * @example …
             */
            token?: string | null;
            /**
             * @description The password by RSA-OAEP with SHA-256 for hash and MGF1, in base64
             * @example bGVuZ3RoIDI1NiBieXRlcw==
             */
            encryptedPassword?: string | null;
            /** @description The password once more, encrypted; when sent, it must be the same */
            encryptedConfirmPassword?: string | null;
            /** @description The nonce that came with the public key; needed with encrypted passwords */
            nonce?: string | null;
            /**
             * @deprecated
             * @description In plain text: encrypt it where you can. Refused unless ALLOW_PLAINTEXT_PASSWORDS allows it
             */
            password?: string | null;
            /**
             * @deprecated
             * @description The plain password once more; when sent, it must be the same
             */
            confirmPassword?: string | null;
        };
        ResponseCache: {
            /**
             * @description Without it answers are kept only for calls with x-relay-cache: on
             * @example true
             */
            enabled: boolean;
            /**
             * Format: int64
             * @description How long; null: as long as the relay does by itself
             * @example 3600
             */
            ttlSeconds: number | null;
        };
        ResponseCacheFields: {
            /**
             * @description Without it answers are kept only for calls with x-relay-cache: on
             * @example true
             */
            enabled: boolean;
            /**
             * Format: int64
             * @description How long; null: as long as the relay does by itself
             * @example 3600
             */
            ttlSeconds?: number | null;
        };
        SecondFactor: {
            /**
             * @description For programs
             * @enum {string}
             */
            code: "mfa_required";
            /** @description The password was right; POST auth/mfa/verify with the ticket is next */
            mfaRequired: boolean;
            /**
             * @description From the first call of a sign-in; good for 5 minutes and 5 tries; keep it secret
             * @example mft_…
             */
            ticket: string;
            /**
             * Format: date-time
             * @description When the ticket ends
             */
            expiresAt: string;
            /** @description What is taken as the second factor */
            methods: ("totp" | "recovery_code")[];
        };
        Session: {
            /**
             * @description Opaque
             * @example ses_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description The user agent in words
             * @example Firefox on Linux
             */
            device: string;
            /** @description As it was sent at the sign-in */
            userAgent: string;
            /**
             * @description Where the sign-in came from
             * @example 203.0.113.7
             */
            address: string;
            /** @description Whether it is the session of this call */
            current: boolean;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description The last refresh of its tokens
             */
            lastUsedAt: string;
            /**
             * Format: date-time
             * @description When it ends unless it is refreshed
             */
            expiresAt: string;
        };
        Share: {
            /**
             * Format: int64
             * @description Calls
             */
            requests: number;
            /**
             * Format: int64
             * @description Calls that the provider refused or that failed
             */
            errors: number;
            /**
             * Format: int64
             * @description Calls whose model had no price: their cost is not known
             */
            unpricedRequests: number;
            /**
             * Format: int64
             * @description Calls that the relay's own cache answered: they cost nothing, and their tokens are not counted
             */
            cachedRequests: number;
            /** @description Tokens */
            tokens: components["schemas"]["TokenCounts"];
            /**
             * Format: int64
             * @description Searches that the provider made
             */
            webSearchRequests: number;
            /**
             * Format: int64
             * @description Pages that the provider fetched
             */
            webFetchRequests: number;
            /**
             * @description USD as a decimal, by the price table
             * @example 1.284065
             */
            cost: string;
            /**
             * @description USD as a decimal: the cost as it was when the calls were made
             * @example 1.284065
             */
            charge: string;
            /**
             * @description A user's id, a key's id or a model
             * @example usr_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            name: string;
        };
        Shares: {
            /**
             * Format: date-time
             * @description Beginning of the range, in it: a time (RFC 3339) or a day as in 2026-01-31
             * @example 2026-01-01
             */
            from: string;
            /**
             * Format: date-time
             * @description End of the range, not in it: a time (RFC 3339) or a day
             * @example 2026-02-01
             */
            to: string;
            /**
             * @description Whose use was added up together
             * @enum {string}
             */
            groupBy: "user" | "key" | "model";
            /** @description Of everything, also of what the limit cut off */
            totals: components["schemas"]["UsageFigures"];
            /** @description Dearest first */
            shares: components["schemas"]["Share"][];
        };
        SignedIn: {
            /** @description Access token (JWT) for the Authorization header; good for 15 minutes */
            token: string;
            /** @description Good for one refresh within 30 days; keep it secret */
            refreshToken: string;
            /**
             * Format: date-time
             * @description When the access token ends
             */
            expiresAt: string;
            /** @description The person */
            user: components["schemas"]["User"];
        };
        Spend: {
            /** @description Days with calls, oldest first */
            byDay: components["schemas"]["DaySpend"][];
            /** @description Dearest first */
            byModel: components["schemas"]["ModelSpend"][];
        };
        Standing: {
            /** @description How each limit that holds stands */
            limits: components["schemas"]["StandingLimit"][];
            /** @description How each budget that holds stands */
            budgets: components["schemas"]["StandingBudget"][];
        };
        StandingBudget: {
            /**
             * @description Whose it is
             * @enum {string}
             */
            of: "key" | "user" | "plan";
            /**
             * @description The window
             * @enum {string}
             */
            period: "daily" | "weekly" | "monthly" | "total";
            /**
             * @description USD that may be spent, as a decimal
             * @example 5.00
             */
            limit: string;
            /**
             * @description USD spent in this window, as a decimal
             * @example 1.284065
             */
            spent: string;
            /**
             * @description USD held for calls that are running, as an upper estimate
             * @example 0.12
             */
            held: string;
            /**
             * @description USD that are left, as a decimal
             * @example 3.60
             */
            remaining: string;
            /** @description Whether it refuses no call when it is spent */
            soft: boolean;
            /**
             * Format: date-time
             * @description When the window began; null: it is the total one
             */
            beganAt: string | null;
            /**
             * Format: date-time
             * @description When the next window begins; null: never
             */
            resetsAt: string | null;
        };
        StandingLimit: {
            /**
             * @description Whose it is
             * @enum {string}
             */
            of: "key" | "user" | "plan";
            /**
             * @description What is limited
             * @enum {string}
             */
            name: "tokensPerMinute" | "requestsPerDay" | "tokensPerDay" | "tokensPerMonth";
            /**
             * Format: int64
             * @description How much there may be of it
             * @example 1000
             */
            limit: number;
            /**
             * Format: int64
             * @description Used in this window
             */
            used: number;
            /**
             * Format: int64
             * @description Held for calls that are running, as an upper estimate
             */
            held: number;
            /**
             * Format: int64
             * @description What is left
             */
            remaining: number;
            /**
             * Format: date-time
             * @description When all of it is free again
             */
            resetsAt: string;
        };
        TokenCounts: {
            /**
             * Format: int64
             * @description Tokens that were not cached
             */
            input: number;
            /**
             * Format: int64
             * @description Tokens written to the cache for 5 minutes
             */
            cacheWrite5m: number;
            /**
             * Format: int64
             * @description Tokens written to the cache for an hour
             */
            cacheWrite1h: number;
            /**
             * Format: int64
             * @description Tokens read from the cache
             */
            cacheRead: number;
            /**
             * Format: int64
             * @description Tokens that the model wrote, reasoning included, without audio and images
             */
            output: number;
            /**
             * Format: int64
             * @description Part of output
             */
            reasoning: number;
            /**
             * Format: int64
             * @description Tokens of sound that were not cached
             */
            audioInput: number;
            /**
             * Format: int64
             * @description Tokens of sound read from the cache
             */
            audioCacheRead: number;
            /**
             * Format: int64
             * @description Tokens of sound that the model made
             */
            audioOutput: number;
            /**
             * Format: int64
             * @description Tokens of images, where the provider tells them apart
             */
            imageInput: number;
            /**
             * Format: int64
             * @description Tokens of images that the model made
             */
            imageOutput: number;
            /**
             * Format: int64
             * @description Part of output: predicted tokens that the model took
             */
            acceptedPrediction: number;
            /**
             * Format: int64
             * @description Part of output: predicted tokens that it did not take, which are paid for too
             */
            rejectedPrediction: number;
            /**
             * Format: int64
             * @description All of them, each once
             */
            total: number;
        };
        TokenRequest: {
            /** @description What stands behind token= in the link */
            token?: string | null;
        };
        Tokens: {
            /** @description Access token (JWT) for the Authorization header; good for 15 minutes */
            token: string;
            /** @description Good for one refresh within 30 days; keep it secret */
            refreshToken: string;
            /**
             * Format: date-time
             * @description When the access token ends
             */
            expiresAt: string;
        };
        TwoFactor: {
            /** @description Whether a sign-in asks for it */
            enabled: boolean;
            /**
             * Format: date-time
             * @description When it was turned on; null: it is off
             */
            confirmedAt: string | null;
            /**
             * Format: int64
             * @description How many recovery codes were not used yet
             */
            recoveryCodesLeft: number;
        };
        UpstreamAccount: {
            /**
             * @description Opaque
             * @example upa_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description What administrators call it; no two have one name
             * @example team a
             */
            name: string;
            /**
             * @description store: kept here; settings: of the environment, and changed there
             * @enum {string}
             */
            source: "store" | "settings";
            /**
             * @description Whose account it is
             * @enum {string}
             */
            provider: "anthropic" | "openai";
            /**
             * @description Where its API is
             * @example https://api.anthropic.com
             */
            baseUrl: string;
            /**
             * @description The credential's last 4 characters; null of a short one
             * @example 9xQA
             */
            credentialHint: string | null;
            /**
             * Format: int64
             * @description Accounts with the lowest serve while they can
             */
            priority: number;
            /**
             * Format: int64
             * @description Its share among accounts of one priority
             */
            weight: number;
            /**
             * Format: int64
             * @description Calls at one time on each node; null: no limit
             */
            concurrency: number | null;
            /**
             * @description Models that it is known to have; empty: nothing is known
             * @example [
             *       "claude*"
             *     ]
             */
            models: string[];
            /**
             * @description Names that clients ask for, and what the account calls these models
             * @example {
             *       "claude-opus-4-8": "my-deployment"
             *     }
             */
            modelMap: Record<string, never>;
            /**
             * @description What calls of the other provider's dialects become here
             * @enum {string}
             */
            dialect: "messages" | "responses" | "chat";
            /**
             * @description Whose keys and plans it serves; empty: all that have no group
             * @example [
             *       "team-a"
             *     ]
             */
            groups: string[];
            /**
             * @description HTTP or SOCKS5 proxy that its calls go through, without the password; null: none
             * @example socks5://user@proxy.example.com:1080
             */
            proxy: string | null;
            /**
             * @description USD a day (UTC) as a decimal, past which it is passed over; null: no cap
             * @example 250.00
             */
            dailySpendCap: string | null;
            /** @description Whether it serves calls */
            enabled: boolean;
            /** @description Why it serves nobody although it is enabled; null: nothing is known against it */
            fault: string | null;
            /**
             * Format: date-time
             * @description When it was made; null: of the settings
             */
            createdAt: string | null;
            /**
             * Format: date-time
             * @description When it was last changed; null: of the settings
             */
            updatedAt: string | null;
        };
        UpstreamAccountFields: {
            /**
             * @description What administrators call it; no two have one name
             * @example team a
             */
            name?: string | null;
            /**
             * @description Whose account it is; can't be changed
             * @example anthropic
             * @enum {string|null}
             */
            provider?: "anthropic" | "openai" | null;
            /**
             * @description Where its API is, with or without /v1; the provider's own by default. At a public address, unless ALLOW_PRIVATE_UPSTREAMS is set
             * @example https://api.anthropic.com
             */
            baseUrl?: string | null;
            /**
             * @description The account's API key or token. It is sealed, and never shown again
             * @example sk-ant-…
             */
            credential?: string | null;
            /**
             * Format: int64
             * @description Accounts with the lowest serve while they can; 0 by default
             */
            priority?: number | null;
            /**
             * Format: int64
             * @description Its share among accounts of one priority; 100 by default
             */
            weight?: number | null;
            /**
             * Format: int64
             * @description Calls at one time on each node; null or 0: no limit
             */
            concurrency?: number | null;
            /**
             * @description Models that it has, * standing for any characters; the provider's families by default. Empty: nothing is known
             * @example [
             *       "claude*"
             *     ]
             */
            models?: string[] | null;
            /**
             * @description Names that clients ask for, and what the account calls these models
             * @example {
             *       "claude-opus-4-8": "my-deployment"
             *     }
             */
            modelMap?: Record<string, never> | null;
            /**
             * @description What calls of the other provider's dialects become here: of OpenAI's responses (by default) or chat
             * @enum {string|null}
             */
            dialect?: "messages" | "responses" | "chat" | null;
            /**
             * @description Whose keys and plans it serves; empty: all that have no group
             * @example [
             *       "team-a"
             *     ]
             */
            groups?: string[] | null;
            /**
             * @description HTTP or SOCKS5 proxy that its calls go through; the password is sealed and never shown again; null: none
             * @example socks5://user:secret@proxy.example.com:1080
             */
            proxy?: string | null;
            /**
             * @description USD a day (UTC) as a decimal, past which it is passed over; null: no cap
             * @example 250.00
             */
            dailySpendCap?: string | null;
            /**
             * @description Whether it serves calls; true by default
             * @example false
             */
            enabled?: boolean | null;
        };
        UsageFigures: {
            /**
             * Format: int64
             * @description Calls
             */
            requests: number;
            /**
             * Format: int64
             * @description Calls that the provider refused or that failed
             */
            errors: number;
            /**
             * Format: int64
             * @description Calls whose model had no price: their cost is not known
             */
            unpricedRequests: number;
            /**
             * Format: int64
             * @description Calls that the relay's own cache answered: they cost nothing, and their tokens are not counted
             */
            cachedRequests: number;
            /** @description Tokens */
            tokens: components["schemas"]["TokenCounts"];
            /**
             * Format: int64
             * @description Searches that the provider made
             */
            webSearchRequests: number;
            /**
             * Format: int64
             * @description Pages that the provider fetched
             */
            webFetchRequests: number;
            /**
             * @description USD as a decimal, by the price table
             * @example 1.284065
             */
            cost: string;
            /**
             * @description USD as a decimal: the cost as it was when the calls were made
             * @example 1.284065
             */
            charge: string;
        };
        UsagePoint: {
            /**
             * Format: int64
             * @description Calls
             */
            requests: number;
            /**
             * Format: int64
             * @description Calls that the provider refused or that failed
             */
            errors: number;
            /**
             * Format: int64
             * @description Calls whose model had no price: their cost is not known
             */
            unpricedRequests: number;
            /**
             * Format: int64
             * @description Calls that the relay's own cache answered: they cost nothing, and their tokens are not counted
             */
            cachedRequests: number;
            /** @description Tokens */
            tokens: components["schemas"]["TokenCounts"];
            /**
             * Format: int64
             * @description Searches that the provider made
             */
            webSearchRequests: number;
            /**
             * Format: int64
             * @description Pages that the provider fetched
             */
            webFetchRequests: number;
            /**
             * @description USD as a decimal, by the price table
             * @example 1.284065
             */
            cost: string;
            /**
             * @description USD as a decimal: the cost as it was when the calls were made
             * @example 1.284065
             */
            charge: string;
            /**
             * Format: date-time
             * @description Beginning of the stretch
             */
            start: string;
            /** @description Of which model; null unless grouped by model */
            model: string | null;
        };
        User: {
            /**
             * @description Opaque
             * @example usr_01J9ZQ4V8N2Y7M5T3R6W1X0KBC
             */
            id: string;
            /**
             * @description Address of a person
             * @example ada@example.com
             */
            email: string;
            /**
             * @description Name of an account: 3 to 32 letters, digits, dots, dashes and underscores
             * @example ada
             */
            username: string;
            /**
             * @description What a person is called
             * @example Ada Lovelace
             */
            displayName: string;
            /**
             * @description A suspended or inactive account can't sign in
             * @enum {string}
             */
            status: "active" | "inactive" | "suspended" | "deleted";
            /**
             * @description An admin may use /api/admin
             * @enum {string}
             */
            role: "user" | "admin";
            /** @description Whether the person has shown that the address is theirs */
            emailVerified: boolean;
            /** @description Whether a sign-in asks for a second factor */
            mfaEnabled: boolean;
            /**
             * @description The plan's name
             * @example free
             */
            plan: string;
            /**
             * @description USD as a decimal
             * @example 0.00
             */
            balance: string;
            /**
             * Format: int64
             * @description Tokens of this calendar month (UTC)
             */
            usageMonthly: number;
            /**
             * Format: int64
             * @description Tokens ever
             */
            usageTotal: number;
            /**
             * @description Of the IANA time zone database
             * @example Europe/Berlin
             */
            timezone: string;
            /**
             * @description As in BCP 47
             * @example en
             */
            locale: string;
            /** @description What the account's clients keep */
            settings: Record<string, never>;
            /** @description Whatever the client keeps with it; at most 16,384 bytes as JSON */
            metadata: Record<string, never>;
            /**
             * Format: date-time
             * @description The last sign-in
             */
            lastLoginAt: string | null;
            /**
             * Format: date-time
             * @description When it was made
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it last changed
             */
            updatedAt: string;
            /**
             * Format: date-time
             * @deprecated
             * @description The same as createdAt, for clients of the API's first form
             */
            created_at: string;
            /**
             * Format: date-time
             * @deprecated
             * @description The same as updatedAt, for clients of the API's first form
             */
            updated_at: string;
        };
        VerifiedKey: {
            /**
             * @description What it is called
             * @example laptop
             */
            name: string;
            /**
             * @description Whose models: claude (Anthropic's), codex (OpenAI's)
             * @example [
             *       "claude"
             *     ]
             */
            permissions: ("claude" | "codex")[];
            /**
             * @description A revoked key never works again; expired follows from expiresAt
             * @enum {string}
             */
            status: "active" | "inactive" | "expired" | "revoked";
            /**
             * Format: date-time
             * @description When the key stops working; null: never
             * @example 2030-01-01T00:00:00Z
             */
            expiresAt: string | null;
        };
        VerifyRequest: {
            /**
             * @description The secret: cr_ and 49 letters and digits
             * @example cr_…
             */
            apiKey?: string | null;
        };
        VerifyTwoFactorRequest: {
            /**
             * @description From the first call of a sign-in; good for 5 minutes and 5 tries; keep it secret
             * @example mft_…
             */
            ticket?: string | null;
            /**
             * @description The six digits that the app shows now, or a recovery code
             * @example 123456
             */
            code?: string | null;
            /** @description A recovery code: where no app is at hand */
            recoveryCode?: string | null;
        };
    };
    responses: {
        /** @description Unauthorized, TokenExpired, InvalidToken */
        Unauthorized: {
            headers: {
                "x-request-id": components["headers"]["x-request-id"];
                "x-relay-request-id": components["headers"]["x-relay-request-id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"] & {
                    /** @enum {unknown} */
                    error?: "Unauthorized" | "TokenExpired" | "InvalidToken";
                    /** @enum {unknown} */
                    code?: "token_missing" | "token_expired" | "token_invalid" | "session_ended";
                };
            };
        };
        /** @description Forbidden */
        Forbidden: {
            headers: {
                "x-request-id": components["headers"]["x-request-id"];
                "x-relay-request-id": components["headers"]["x-relay-request-id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"] & {
                    /** @enum {unknown} */
                    error?: "Forbidden";
                    /** @enum {unknown} */
                    code?: "account_inactive";
                };
            };
        };
        /** @description Forbidden */
        AdminRequired: {
            headers: {
                "x-request-id": components["headers"]["x-request-id"];
                "x-relay-request-id": components["headers"]["x-relay-request-id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"] & {
                    /** @enum {unknown} */
                    error?: "Forbidden";
                    /** @enum {unknown} */
                    code?: "account_inactive" | "admin_required";
                };
            };
        };
        /** @description PayloadTooLarge */
        PayloadTooLarge: {
            headers: {
                "x-request-id": components["headers"]["x-request-id"];
                "x-relay-request-id": components["headers"]["x-relay-request-id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"] & {
                    /** @enum {unknown} */
                    error?: "PayloadTooLarge";
                    /** @enum {unknown} */
                    code?: "body_too_large" | "request_too_large";
                };
            };
        };
        /** @description UnsupportedMediaType */
        UnsupportedMediaType: {
            headers: {
                "x-request-id": components["headers"]["x-request-id"];
                "x-relay-request-id": components["headers"]["x-relay-request-id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"] & {
                    /** @enum {unknown} */
                    error?: "UnsupportedMediaType";
                    /** @enum {unknown} */
                    code?: "unsupported_media_type";
                };
            };
        };
        /** @description TooManyRequests */
        TooManyRequests: {
            headers: {
                "x-request-id": components["headers"]["x-request-id"];
                "x-relay-request-id": components["headers"]["x-relay-request-id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"] & {
                    /** @enum {unknown} */
                    error?: "TooManyRequests";
                    /** @enum {unknown} */
                    code?: "too_many_attempts";
                };
            };
        };
        /** @description InternalError */
        InternalError: {
            headers: {
                "x-request-id": components["headers"]["x-request-id"];
                "x-relay-request-id": components["headers"]["x-relay-request-id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"] & {
                    /** @enum {unknown} */
                    error?: "InternalError";
                };
            };
        };
        /** @description ServiceUnavailable */
        ServiceUnavailable: {
            headers: {
                "x-request-id": components["headers"]["x-request-id"];
                "x-relay-request-id": components["headers"]["x-relay-request-id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"] & {
                    /** @enum {unknown} */
                    error?: "ServiceUnavailable";
                };
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description The call's id: of every answer of the client API */
        "x-request-id": string;
        /** @description The call's id: of every answer, the providers' too */
        "x-relay-request-id": string;
        /** @description Where the key or the call asks for kept answers: hit, miss, refresh or bypass */
        "x-relay-cache": string;
        /** @description After how many seconds a new try makes sense */
        "Retry-After": number;
        /** @description Bearer */
        "WWW-Authenticate": string;
        /** @description Sent when the password came in plain text: since when that is deprecated (RFC 9745) */
        Deprecation: string;
        /** @description For If-None-Match: who has this very answer gets 304 */
        ETag: string;
        /** @description Where to go on */
        Location: string;
        /** @description Binds a sign-in elsewhere to the browser that began it: HttpOnly, SameSite=Lax */
        "Set-Cookie": string;
        /** @description false where no new try can help; true where a moment helps against the status */
        "x-should-retry": "false" | "true";
        /** @description The key's limit, in the provider's words */
        "anthropic-ratelimit-requests-limit": string;
        /** @description Soft budgets that are spent: key daily, user monthly */
        "x-relay-budget-spent": string;
        /** @description The key's limit, in the provider's words */
        "x-ratelimit-limit-requests": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getPublicKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description RSA-2048, SPKI, PEM */
                        publicKey: string;
                        /** @description 64 hexadecimal digits; good for one request within 5 minutes */
                        nonce: string;
                        /**
                         * Format: int64
                         * @description The server's time in milliseconds of the epoch
                         */
                        timestamp: number;
                        data: components["schemas"]["PublicKey"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "username": "ada",
                 *       "encryptedPassword": "bGVuZ3RoIDI1NiBieXRlcw=="
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["RegisterRequest"], "email" | "username">;
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    Deprecation: components["headers"]["Deprecation"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description Access token (JWT) for the Authorization header; good for 15 minutes */
                        token: string;
                        /** @description Good for one refresh within 30 days; keep it secret */
                        refreshToken: string;
                        /**
                         * Format: date-time
                         * @description When the access token ends
                         */
                        expiresAt: string;
                        /** @description The person */
                        user: components["schemas"]["User"];
                        data: components["schemas"]["SignedIn"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError, SecurityError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError" | "SecurityError";
                        /** @enum {unknown} */
                        code?: "plaintext_password_refused" | "passwords_differ" | "password_invalid" | "password_too_short" | "password_too_long" | "password_too_common" | "fields_required" | "email_invalid" | "username_invalid" | "invalid_request" | "invalid_json" | "duplicate_field" | "nonce_invalid" | "decryption_failed";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "email_taken" | "username_taken";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "encryptedPassword": "bGVuZ3RoIDI1NiBieXRlcw=="
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["LoginRequest"], "email">;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    Deprecation: components["headers"]["Deprecation"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description Access token (JWT) for the Authorization header; good for 15 minutes */
                        token: string;
                        /** @description Good for one refresh within 30 days; keep it secret */
                        refreshToken: string;
                        /**
                         * Format: date-time
                         * @description When the access token ends
                         */
                        expiresAt: string;
                        /** @description The person */
                        user: components["schemas"]["User"];
                        data: components["schemas"]["SignedIn"];
                        /** @description Words for a person */
                        message?: string;
                    } | {
                        /** @constant */
                        success: true;
                        /**
                         * @description For programs
                         * @enum {string}
                         */
                        code: "mfa_required";
                        /** @description The password was right; POST auth/mfa/verify with the ticket is next */
                        mfaRequired: boolean;
                        /**
                         * @description From the first call of a sign-in; good for 5 minutes and 5 tries; keep it secret
                         * @example mft_…
                         */
                        ticket: string;
                        /**
                         * Format: date-time
                         * @description When the ticket ends
                         */
                        expiresAt: string;
                        /** @description What is taken as the second factor */
                        methods: ("totp" | "recovery_code")[];
                        data: components["schemas"]["SecondFactor"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError, SecurityError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError" | "SecurityError";
                        /** @enum {unknown} */
                        code?: "fields_required" | "plaintext_password_refused" | "invalid_request" | "invalid_json" | "duplicate_field" | "nonce_invalid" | "decryption_failed";
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized";
                        /** @enum {unknown} */
                        code?: "invalid_credentials";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "all": false
                 *     }
                 */
                "application/json": components["schemas"]["LogoutRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": WithRequired<components["schemas"]["RefreshRequest"], "refreshToken">;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description Access token (JWT) for the Authorization header; good for 15 minutes */
                        token: string;
                        /** @description Good for one refresh within 30 days; keep it secret */
                        refreshToken: string;
                        /**
                         * Format: date-time
                         * @description When the access token ends
                         */
                        expiresAt: string;
                        data: components["schemas"]["Tokens"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "refresh_token_required" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized";
                        /** @enum {unknown} */
                        code?: "refresh_token_invalid" | "refresh_token_reused";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getTwoFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["TwoFactor"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    setUpTwoFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Authenticator"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "two_factor_on";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    confirmTwoFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "123456"
                 *     }
                 */
                "application/json": components["schemas"]["ConfirmTwoFactorRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["RecoveryCodes"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "code_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "two_factor_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "two_factor_on";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    disableTwoFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "code": "123456",
                 *       "encryptedPassword": "bGVuZ3RoIDI1NiBieXRlcw=="
                 *     }
                 */
                "application/json": components["schemas"]["OwnerProofRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError, SecurityError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError" | "SecurityError";
                        /** @enum {unknown} */
                        code?: "proof_required" | "plaintext_password_refused" | "invalid_request" | "invalid_json" | "duplicate_field" | "nonce_invalid" | "decryption_failed";
                    };
                };
            };
            /** @description Unauthorized, TokenExpired, InvalidToken */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized" | "TokenExpired" | "InvalidToken";
                        /** @enum {unknown} */
                        code?: "code_invalid" | "invalid_credentials" | "token_missing" | "token_expired" | "token_invalid" | "session_ended";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "two_factor_unknown";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    renewRecoveryCodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "code": "123456",
                 *       "encryptedPassword": "bGVuZ3RoIDI1NiBieXRlcw=="
                 *     }
                 */
                "application/json": components["schemas"]["OwnerProofRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["RecoveryCodes"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError, SecurityError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError" | "SecurityError";
                        /** @enum {unknown} */
                        code?: "proof_required" | "plaintext_password_refused" | "invalid_request" | "invalid_json" | "duplicate_field" | "nonce_invalid" | "decryption_failed";
                    };
                };
            };
            /** @description Unauthorized, TokenExpired, InvalidToken */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized" | "TokenExpired" | "InvalidToken";
                        /** @enum {unknown} */
                        code?: "code_invalid" | "invalid_credentials" | "token_missing" | "token_expired" | "token_invalid" | "session_ended";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "two_factor_unknown";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    verifyTwoFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ticket": "mft_…",
                 *       "code": "123456"
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["VerifyTwoFactorRequest"], "ticket">;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description Access token (JWT) for the Authorization header; good for 15 minutes */
                        token: string;
                        /** @description Good for one refresh within 30 days; keep it secret */
                        refreshToken: string;
                        /**
                         * Format: date-time
                         * @description When the access token ends
                         */
                        expiresAt: string;
                        /** @description The person */
                        user: components["schemas"]["User"];
                        data: components["schemas"]["SignedIn"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "fields_required" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized";
                        /** @enum {unknown} */
                        code?: "ticket_invalid" | "code_invalid";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listOAuthProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Providers"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    startOAuth: {
        parameters: {
            query?: {
                /** @description Where the browser ends, with #code=… or #error=…: an address on PUBLIC_URL or on an origin of ALLOWED_ORIGINS. Needs a challenge */
                redirect?: string;
                /** @description The base64url of the SHA-256 of a secret that the page keeps for the exchange */
                challenge?: string;
            };
            header?: never;
            path: {
                /** @description github, google or oidc */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the provider */
            302: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    Location: components["headers"]["Location"];
                    "Set-Cookie": components["headers"]["Set-Cookie"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized";
                        /** @enum {unknown} */
                        code?: "oauth_failed";
                    };
                };
            };
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "provider_unknown";
                    };
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    finishOAuth: {
        parameters: {
            query?: {
                /** @description From the provider */
                code?: string;
                /** @description As the start sent it; works together with its cookie only */
                state?: string;
                /** @description From the provider, in place of the code */
                error?: string;
                /** @description The provider's issuer (RFC 9207) */
                iss?: string;
            };
            header?: never;
            path: {
                /** @description github, google or oidc */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Set-Cookie": components["headers"]["Set-Cookie"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description Access token (JWT) for the Authorization header; good for 15 minutes */
                        token: string;
                        /** @description Good for one refresh within 30 days; keep it secret */
                        refreshToken: string;
                        /**
                         * Format: date-time
                         * @description When the access token ends
                         */
                        expiresAt: string;
                        /** @description The person */
                        user: components["schemas"]["User"];
                        data: components["schemas"]["SignedIn"];
                        /** @description Words for a person */
                        message?: string;
                    } | {
                        /** @constant */
                        success: true;
                        /**
                         * @description For programs
                         * @enum {string}
                         */
                        code: "mfa_required";
                        /** @description The password was right; POST auth/mfa/verify with the ticket is next */
                        mfaRequired: boolean;
                        /**
                         * @description From the first call of a sign-in; good for 5 minutes and 5 tries; keep it secret
                         * @example mft_…
                         */
                        ticket: string;
                        /**
                         * Format: date-time
                         * @description When the ticket ends
                         */
                        expiresAt: string;
                        /** @description What is taken as the second factor */
                        methods: ("totp" | "recovery_code")[];
                        data: components["schemas"]["SecondFactor"];
                        /** @description Words for a person */
                        message?: string;
                    } | {
                        /** @constant */
                        success: true;
                        /** @description For POST auth/oauth/exchange: good once, for a minute */
                        code: string;
                        data: components["schemas"]["OAuthCode"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description To the page that the start named as `redirect`, with #code=… or #error=…&message=… */
            303: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    Location: components["headers"]["Location"];
                    "Set-Cookie": components["headers"]["Set-Cookie"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description ValidationError, SecurityError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError" | "SecurityError";
                        /** @enum {unknown} */
                        code?: "invalid_request" | "state_invalid";
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized";
                        /** @enum {unknown} */
                        code?: "oauth_failed" | "oauth_denied";
                    };
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Forbidden";
                        /** @enum {unknown} */
                        code?: "email_not_verified" | "account_inactive";
                    };
                };
            };
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "provider_unknown";
                    };
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    exchangeOAuthCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "oac_…"
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["ExchangeRequest"], "code">;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description Access token (JWT) for the Authorization header; good for 15 minutes */
                        token: string;
                        /** @description Good for one refresh within 30 days; keep it secret */
                        refreshToken: string;
                        /**
                         * Format: date-time
                         * @description When the access token ends
                         */
                        expiresAt: string;
                        /** @description The person */
                        user: components["schemas"]["User"];
                        data: components["schemas"]["SignedIn"];
                        /** @description Words for a person */
                        message?: string;
                    } | {
                        /** @constant */
                        success: true;
                        /**
                         * @description For programs
                         * @enum {string}
                         */
                        code: "mfa_required";
                        /** @description The password was right; POST auth/mfa/verify with the ticket is next */
                        mfaRequired: boolean;
                        /**
                         * @description From the first call of a sign-in; good for 5 minutes and 5 tries; keep it secret
                         * @example mft_…
                         */
                        ticket: string;
                        /**
                         * Format: date-time
                         * @description When the ticket ends
                         */
                        expiresAt: string;
                        /** @description What is taken as the second factor */
                        methods: ("totp" | "recovery_code")[];
                        data: components["schemas"]["SecondFactor"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "code_required" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized";
                        /** @enum {unknown} */
                        code?: "code_invalid";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listIdentities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Identities"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    unlinkIdentity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "identity_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "last_way_in";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    forgotPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com"
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["ForgotRequest"], "email">;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "fields_required" | "email_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    resetPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "…",
                 *       "encryptedPassword": "bGVuZ3RoIDI1NiBieXRlcw=="
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["ResetRequest"], "token">;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    Deprecation: components["headers"]["Deprecation"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError, SecurityError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError" | "SecurityError";
                        /** @enum {unknown} */
                        code?: "plaintext_password_refused" | "passwords_differ" | "password_invalid" | "password_too_short" | "password_too_long" | "password_too_common" | "fields_required" | "reset_token_invalid" | "invalid_request" | "invalid_json" | "duplicate_field" | "nonce_invalid" | "decryption_failed";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "encryptedNewPassword": "bGVuZ3RoIDI1NiBieXRlcw=="
                 *     }
                 */
                "application/json": components["schemas"]["ChangeRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    Deprecation: components["headers"]["Deprecation"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError, SecurityError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError" | "SecurityError";
                        /** @enum {unknown} */
                        code?: "plaintext_password_refused" | "passwords_differ" | "password_invalid" | "password_too_short" | "password_too_long" | "password_too_common" | "fields_required" | "invalid_request" | "invalid_json" | "duplicate_field" | "nonce_invalid" | "decryption_failed";
                    };
                };
            };
            /** @description Unauthorized, TokenExpired, InvalidToken */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized" | "TokenExpired" | "InvalidToken";
                        /** @enum {unknown} */
                        code?: "invalid_credentials" | "token_missing" | "token_expired" | "token_invalid" | "session_ended";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Session"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "session_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    verifyEmail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": WithRequired<components["schemas"]["TokenRequest"], "token">;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "token_required" | "email_token_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    resendVerification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com"
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["EmailRequest"], "email">;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "fields_required" | "email_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    restoreEmail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": WithRequired<components["schemas"]["TokenRequest"], "token">;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "token_required" | "email_token_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "email_taken";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listNotifications: {
        parameters: {
            query?: {
                /** @description How many at most */
                limit?: number;
                /** @description The nextCursor of the page before; leave it out for the first page */
                cursor?: string;
                /** @description Only what was not read */
                unread?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description The cursor of the next page; null on the last one */
                        nextCursor: string | null;
                        data: components["schemas"]["Notification"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "cursor_invalid" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    markNotificationRead: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "notification_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getPreferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Preferences"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updatePreferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PreferencesFields"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Preferences"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "notification_required" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description How many at most */
                limit?: number;
                /** @description The nextCursor of the page before; leave it out for the first page */
                cursor?: string;
                /** @description Only keys of this status */
                status?: "active" | "inactive" | "expired" | "revoked";
                /** @description Only those with this text in their name or description */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description The cursor of the next page; null on the last one */
                        nextCursor: string | null;
                        data: components["schemas"]["Key"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "status_invalid" | "cursor_invalid" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "laptop",
                 *       "description": "Claude Code on my laptop",
                 *       "permissions": [
                 *         "claude"
                 *       ],
                 *       "models": [
                 *         "claude-*"
                 *       ],
                 *       "ipWhitelist": [
                 *         "203.0.113.0/24",
                 *         "2001:db8::/32"
                 *       ],
                 *       "expiresAt": "2030-01-01T00:00:00Z",
                 *       "tags": [
                 *         "work"
                 *       ]
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["KeyFields"], "name">;
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description The secret itself. It is shown this once */
                        key: string;
                        data: components["schemas"]["NewKey"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "name_required" | "name_invalid" | "permissions_invalid" | "rate_limit_invalid" | "amount_invalid" | "budget_invalid" | "models_invalid" | "ip_whitelist_invalid" | "expires_at_past" | "tags_invalid" | "metadata_too_large" | "status_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Forbidden, LimitExceeded */
            403: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Forbidden" | "LimitExceeded";
                        /** @enum {unknown} */
                        code?: "permission_not_in_plan" | "account_inactive" | "key_limit_reached";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    verifyKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "apiKey": "cr_…"
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["VerifyRequest"], "apiKey">;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description Whether the key may be used now */
                        valid: boolean;
                        data: components["schemas"]["VerifiedKey"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "api_key_required" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized";
                        /** @enum {unknown} */
                        code?: "api_key_unknown" | "api_key_malformed";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Key"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "api_key_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "name": "laptop",
                 *       "description": "Claude Code on my laptop",
                 *       "permissions": [
                 *         "claude"
                 *       ],
                 *       "models": [
                 *         "claude-*"
                 *       ],
                 *       "ipWhitelist": [
                 *         "203.0.113.0/24",
                 *         "2001:db8::/32"
                 *       ],
                 *       "expiresAt": "2030-01-01T00:00:00Z",
                 *       "tags": [
                 *         "work"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["KeyFields"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Key"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "name_required" | "name_invalid" | "permissions_invalid" | "rate_limit_invalid" | "amount_invalid" | "budget_invalid" | "models_invalid" | "ip_whitelist_invalid" | "expires_at_past" | "tags_invalid" | "metadata_too_large" | "status_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Forbidden */
            403: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Forbidden";
                        /** @enum {unknown} */
                        code?: "permission_not_in_plan" | "account_inactive";
                    };
                };
            };
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "api_key_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "api_key_revoked";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    deleteKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "api_key_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    regenerateKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "gracePeriodSeconds": 3600
                 *     }
                 */
                "application/json": components["schemas"]["RegenerateRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description The secret itself. It is shown this once */
                        key: string;
                        data: components["schemas"]["NewKey"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "api_key_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "api_key_revoked";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getKeyUsage: {
        parameters: {
            query?: {
                /** @description Beginning of the range, in it: a time (RFC 3339) or a day as in 2026-01-31 */
                from?: string;
                /** @description End of the range, not in it: a time (RFC 3339) or a day */
                to?: string;
                /** @description How long a point of the series is; day by default */
                granularity?: "hour" | "day" | "month";
                /** @description A series for each model */
                groupBy?: "model";
                /** @description The last so many days, today included, in place of from and to */
                days?: number;
            };
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["KeyUsage"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "usage_query_invalid" | "range_empty" | "range_too_long" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "api_key_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getKeyLimits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Standing"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "api_key_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getLimits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Standing"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Profile"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "username": "ada",
                 *       "displayName": "Ada Lovelace",
                 *       "timezone": "Europe/Berlin",
                 *       "locale": "en"
                 *     }
                 */
                "application/json": components["schemas"]["ProfileFields"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Profile"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "email_invalid" | "username_invalid" | "display_name_invalid" | "timezone_invalid" | "locale_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "email_taken" | "username_taken";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getUsage: {
        parameters: {
            query?: {
                /** @description Beginning of the range, in it: a time (RFC 3339) or a day as in 2026-01-31 */
                from?: string;
                /** @description End of the range, not in it: a time (RFC 3339) or a day */
                to?: string;
                /** @description How long a point of the series is; day by default */
                granularity?: "hour" | "day" | "month";
                /** @description A series for each model */
                groupBy?: "model";
                /** @description The last so many days, today included, in place of from and to */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AccountUsage"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "usage_query_invalid" | "range_empty" | "range_too_long" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getBilling: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Billing"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description How many at most */
                limit?: number;
                /** @description The nextCursor of the page before; leave it out for the first page */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description The cursor of the next page; null on the last one */
                        nextCursor: string | null;
                        data: components["schemas"]["Audit"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "cursor_invalid" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    exportAccount: {
        parameters: {
            query?: {
                /** @description Usage records before this time: the startedAt of the last one goes on with older ones */
                usageBefore?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Export"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "usage_query_invalid" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    deleteAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "encryptedPassword": "bGVuZ3RoIDI1NiBieXRlcw=="
                 *     }
                 */
                "application/json": components["schemas"]["EraseRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    Deprecation: components["headers"]["Deprecation"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError, SecurityError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError" | "SecurityError";
                        /** @enum {unknown} */
                        code?: "password_required" | "plaintext_password_refused" | "invalid_request" | "invalid_json" | "duplicate_field" | "nonce_invalid" | "decryption_failed";
                    };
                };
            };
            /** @description Unauthorized, TokenExpired, InvalidToken */
            401: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Unauthorized" | "TokenExpired" | "InvalidToken";
                        /** @enum {unknown} */
                        code?: "invalid_credentials" | "token_missing" | "token_expired" | "token_invalid" | "session_ended";
                    };
                };
            };
            403: components["responses"]["Forbidden"];
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "last_admin";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminListUsers: {
        parameters: {
            query?: {
                /** @description How many at most */
                limit?: number;
                /** @description The nextCursor of the page before; leave it out for the first page */
                cursor?: string;
                /** @description Only people of this status */
                status?: "active" | "inactive" | "suspended" | "deleted";
                /** @description Only people of this role */
                role?: "user" | "admin";
                /** @description Only people on this plan */
                plan?: string;
                /** @description Only people with this text in their address or username */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description The cursor of the next page; null on the last one */
                        nextCursor: string | null;
                        data: components["schemas"]["AdminUser"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "status_invalid" | "role_invalid" | "cursor_invalid" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminGetUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AdminUser"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "user_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminUpdateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "plan": "pro"
                 *     }
                 */
                "application/json": components["schemas"]["AdminUserFields"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AdminUser"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "status_invalid" | "role_invalid" | "plan_unknown" | "rate_limit_invalid" | "amount_invalid" | "budget_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "user_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "own_account" | "last_admin" | "user_deleted";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminDeleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "user_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "own_account" | "last_admin";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminSuspendUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AdminUser"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "user_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "own_account" | "last_admin" | "user_deleted";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminActivateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AdminUser"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "user_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "own_account" | "last_admin" | "user_deleted";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminResetPassword: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AdminUser"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "user_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "user_deleted";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminTurnOffTwoFactor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AdminUser"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "user_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "user_deleted";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminRevokeSessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "user_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminListKeys: {
        parameters: {
            query?: {
                /** @description How many at most */
                limit?: number;
                /** @description The nextCursor of the page before; leave it out for the first page */
                cursor?: string;
                /** @description Only keys of this status */
                status?: "active" | "inactive" | "expired" | "revoked";
                /** @description Only those with this text in their name or description */
                search?: string;
                /** @description Only keys of this person */
                userId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description The cursor of the next page; null on the last one */
                        nextCursor: string | null;
                        data: components["schemas"]["Key"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "status_invalid" | "cursor_invalid" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminGetKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Key"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "api_key_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminUpdateKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "accountGroup": "team-a"
                 *     }
                 */
                "application/json": components["schemas"]["AdminKeyFields"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Key"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "status_invalid" | "account_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "api_key_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "api_key_revoked";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminDeleteKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "api_key_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminGetUsage: {
        parameters: {
            query?: {
                /** @description Beginning of the range, in it: a time (RFC 3339) or a day as in 2026-01-31 */
                from?: string;
                /** @description End of the range, not in it: a time (RFC 3339) or a day */
                to?: string;
                /** @description Whose use is added up together; user by default */
                groupBy?: "user" | "key" | "model";
                /** @description The last so many days, today included, in place of from and to */
                days?: number;
                /** @description How many at most */
                limit?: number;
                /** @description Only this person's use */
                userId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Shares"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "usage_query_invalid" | "range_empty" | "range_too_long" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminListAudit: {
        parameters: {
            query?: {
                /** @description How many at most */
                limit?: number;
                /** @description The nextCursor of the page before; leave it out for the first page */
                cursor?: string;
                /** @description Only what was done to this person's account */
                userId?: string;
                /** @description Only what this person did */
                actorId?: string;
                /** @description Only this action, or all that begin so: key. */
                action?: string;
                /** @description Whether it went through */
                outcome?: "success" | "failure";
                /** @description Beginning of the range, in it: a time (RFC 3339) or a day as in 2026-01-31 */
                from?: string;
                /** @description End of the range, not in it: a time (RFC 3339) or a day */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /** @description The cursor of the next page; null on the last one */
                        nextCursor: string | null;
                        data: components["schemas"]["Audit"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "audit_query_invalid" | "usage_query_invalid" | "cursor_invalid" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminListPlans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Plan"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminPutPlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "name": "Pro",
                 *       "monthlyPrice": "9.99",
                 *       "priority": 50,
                 *       "permissions": [
                 *         "claude"
                 *       ],
                 *       "accountGroup": "team-a"
                 *     }
                 */
                "application/json": components["schemas"]["PlanFields"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Plan"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "plan_id_invalid" | "amount_invalid" | "budget_invalid" | "rate_limit_invalid" | "permissions_invalid" | "account_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminListPrices: {
        parameters: {
            query?: {
                /** @description Only lines of this name, and patterns that match it */
                model?: string;
                /** @description Only what is in force at this time, or at the start of this day (UTC) */
                at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Price"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "price_invalid" | "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminAddPrice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "input": "4.00",
                 *       "cacheWrite5m": "5.00",
                 *       "cacheWrite1h": "8.00",
                 *       "cacheRead": "0.20",
                 *       "output": "20.00",
                 *       "audioInput": "40.00",
                 *       "audioCacheRead": "40.00",
                 *       "audioOutput": "40.00",
                 *       "imageInput": "40.00",
                 *       "imageOutput": "40.00",
                 *       "reasoning": "40.00",
                 *       "webSearch": "10.00",
                 *       "model": "claude-opus-5-5-*",
                 *       "provider": "anthropic"
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["NewPriceFields"], "input" | "output">;
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Price"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "price_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "price_exists";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminCorrectPrice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "webSearch": "10.00"
                 *     }
                 */
                "application/json": components["schemas"]["RateFields"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Price"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "price_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "price_unknown";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminDeletePrice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "price_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "price_in_force";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminListAccountHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AccountHealth"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminListAccounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["UpstreamAccount"][];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminAddAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "team a",
                 *       "provider": "anthropic",
                 *       "baseUrl": "https://api.anthropic.com",
                 *       "credential": "sk-ant-…",
                 *       "models": [
                 *         "claude*"
                 *       ],
                 *       "modelMap": {
                 *         "claude-opus-4-8": "my-deployment"
                 *       },
                 *       "groups": [
                 *         "team-a"
                 *       ],
                 *       "proxy": "socks5://user:secret@proxy.example.com:1080",
                 *       "dailySpendCap": "250.00",
                 *       "enabled": false
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["UpstreamAccountFields"], "name" | "provider" | "credential">;
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["UpstreamAccount"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "account_invalid" | "address_not_public" | "amount_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Forbidden, LimitExceeded */
            403: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "Forbidden" | "LimitExceeded";
                        /** @enum {unknown} */
                        code?: "account_inactive" | "admin_required" | "account_limit_reached";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "account_name_taken";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminGetAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["UpstreamAccount"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "account_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminUpdateAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "name": "team a",
                 *       "provider": "anthropic",
                 *       "baseUrl": "https://api.anthropic.com",
                 *       "credential": "sk-ant-…",
                 *       "models": [
                 *         "claude*"
                 *       ],
                 *       "modelMap": {
                 *         "claude-opus-4-8": "my-deployment"
                 *       },
                 *       "groups": [
                 *         "team-a"
                 *       ],
                 *       "proxy": "socks5://user:secret@proxy.example.com:1080",
                 *       "dailySpendCap": "250.00",
                 *       "enabled": false
                 *     }
                 */
                "application/json": components["schemas"]["UpstreamAccountFields"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["UpstreamAccount"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "account_invalid" | "address_not_public" | "amount_invalid" | "invalid_request" | "invalid_json" | "duplicate_field";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "account_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "account_name_taken" | "account_of_settings";
                    };
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminDeleteAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "account_unknown";
                    };
                };
            };
            /** @description ConflictError */
            409: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ConflictError";
                        /** @enum {unknown} */
                        code?: "account_of_settings";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    adminTestAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Opaque, with its kind in front of the underscore */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AccountTrial"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            /** @description ValidationError */
            400: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "ValidationError";
                        /** @enum {unknown} */
                        code?: "invalid_request";
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["AdminRequired"];
            /** @description NotFound */
            404: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"] & {
                        /** @enum {unknown} */
                        error?: "NotFound";
                        /** @enum {unknown} */
                        code?: "account_unknown";
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    greet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Greeting"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        /**
                         * @description ok when the process answers at all
                         * @constant
                         */
                        status: "ok";
                        /**
                         * @description Of the relay
                         * @example 0.1.0
                         */
                        version: string;
                        data: components["schemas"]["Health"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Ready"];
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            500: components["responses"]["InternalError"];
            /** @description Not well; the same form */
            503: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: false;
                        data: components["schemas"]["Ready"];
                        /** @description Words for a person */
                        message?: string;
                    } | components["schemas"]["Error"];
                };
            };
        };
    };
    dropEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "*/*": unknown;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: null;
                        /** @description Words for a person */
                        message?: string;
                    };
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getVerifyEmailPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getResetPasswordPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getRestoreEmailPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Not changed since the ETag of If-None-Match */
            304: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getDocs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description Not changed since the ETag of If-None-Match */
            304: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getDocsStyle: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "text/css": string;
                };
            };
            /** @description Not changed since the ETag of If-None-Match */
            304: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getDocsScript: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            /** @description Not changed since the ETag of If-None-Match */
            304: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getDocsIcon: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It */
            200: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "image/svg+xml": string;
                };
            };
            /** @description Not changed since the ETag of If-None-Match */
            304: {
                headers: {
                    "x-request-id": components["headers"]["x-request-id"];
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            500: components["responses"]["InternalError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description As Anthropic's API asks for it: 2023-06-01 */
                "anthropic-version"?: string;
                /** @description As Anthropic's API has it */
                "anthropic-beta"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Which model; it has to be among the key's
                     * @example claude-sonnet-5-5
                     */
                    model: string;
                    /** @description Whether the answer comes event by event */
                    stream?: boolean | null;
                };
            };
        };
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-relay-cache": components["headers"]["x-relay-cache"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                    "text/event-stream": string;
                };
            };
            /** @description The body is not JSON, names no model, or the provider refused it */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A budget of the key, the user or the plan is spent, or held by calls that run */
            402: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The request names somebody else's file, or a model without a price where such are blocked */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The body is larger than CLIENT_BODY_MAX */
            413: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A Content-Encoding other than gzip, deflate, br and zstd */
            415: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    countMessageTokens: {
        parameters: {
            query?: never;
            header?: {
                /** @description As Anthropic's API asks for it: 2023-06-01 */
                "anthropic-version"?: string;
                /** @description As Anthropic's API has it */
                "anthropic-beta"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Which model; it has to be among the key's
                     * @example claude-sonnet-5-5
                     */
                    model: string;
                    /** @description Whether the answer comes event by event */
                    stream?: boolean | null;
                };
            };
        };
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description The body is not JSON, names no model, or the provider refused it */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The request names somebody else's file */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The body is larger than CLIENT_BODY_MAX */
            413: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A Content-Encoding other than gzip, deflate, br and zstd */
            415: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    createCompletion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Which model; it has to be among the key's
                     * @example claude-sonnet-5-5
                     */
                    model: string;
                    /** @description Whether the answer comes event by event */
                    stream?: boolean | null;
                };
            };
        };
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-relay-cache": components["headers"]["x-relay-cache"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                    "text/event-stream": string;
                };
            };
            /** @description The body is not JSON, names no model, or the provider refused it */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A budget of the key, the user or the plan is spent, or held by calls that run */
            402: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request names somebody else's file, or a model without a price where such are blocked */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The body is larger than CLIENT_BODY_MAX */
            413: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A Content-Encoding other than gzip, deflate, br and zstd */
            415: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    createChatCompletion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Which model; it has to be among the key's
                     * @example claude-sonnet-5-5
                     */
                    model: string;
                    /** @description Whether the answer comes event by event */
                    stream?: boolean | null;
                };
            };
        };
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-relay-cache": components["headers"]["x-relay-cache"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                    "text/event-stream": string;
                };
            };
            /** @description The body is not JSON, names no model, or the provider refused it */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A budget of the key, the user or the plan is spent, or held by calls that run */
            402: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request names somebody else's file, or a model without a price where such are blocked */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The body is larger than CLIENT_BODY_MAX */
            413: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A Content-Encoding other than gzip, deflate, br and zstd */
            415: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    createEmbeddings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Which model; it has to be among the key's
                     * @example claude-sonnet-5-5
                     */
                    model: string;
                };
            };
        };
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description The body is not JSON, names no model, or the provider refused it */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A budget of the key, the user or the plan is spent, or held by calls that run */
            402: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request names somebody else's file, or a model without a price where such are blocked */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The body is larger than CLIENT_BODY_MAX */
            413: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A Content-Encoding other than gzip, deflate, br and zstd */
            415: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    openResponsesWebSocket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No WebSocket was asked for, or it is off here: use POST */
            426: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    createResponse: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Which model; it has to be among the key's
                     * @example claude-sonnet-5-5
                     */
                    model: string;
                    /** @description Whether the answer comes event by event */
                    stream?: boolean | null;
                };
            };
        };
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-relay-cache": components["headers"]["x-relay-cache"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                    "text/event-stream": string;
                };
            };
            /** @description The body is not JSON, names no model, or the provider refused it */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A budget of the key, the user or the plan is spent, or held by calls that run */
            402: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request names somebody else's file, or a model without a price where such are blocked */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The body is larger than CLIENT_BODY_MAX */
            413: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A Content-Encoding other than gzip, deflate, br and zstd */
            415: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    compactResponse: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Which model; it has to be among the key's
                     * @example claude-sonnet-5-5
                     */
                    model: string;
                    /** @description Whether the answer comes event by event */
                    stream?: boolean | null;
                };
            };
        };
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-relay-cache": components["headers"]["x-relay-cache"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                    "text/event-stream": string;
                };
            };
            /** @description The body is not JSON, names no model, or the provider refused it */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A budget of the key, the user or the plan is spent, or held by calls that run */
            402: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request names somebody else's file, or a model without a price where such are blocked */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The body is larger than CLIENT_BODY_MAX */
            413: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A Content-Encoding other than gzip, deflate, br and zstd */
            415: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listModels: {
        parameters: {
            query?: {
                /** @description A page of Anthropic's form, as its API has it */
                limit?: string;
                /** @description A page of Anthropic's form, as its API has it */
                after_id?: string;
                /** @description A page of Anthropic's form, as its API has it */
                before_id?: string;
            };
            header?: {
                /** @description When it is sent, the answer has Anthropic's form, else OpenAI's */
                "anthropic-version"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description limit is not a whole number from 1 to 1000 */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getModel: {
        parameters: {
            query?: never;
            header?: {
                /** @description When it is sent, the answer has Anthropic's form, else OpenAI's */
                "anthropic-version"?: string;
            };
            path: {
                /** @description The model's name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No such model for this key */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listMessageBatches: {
        parameters: {
            query?: never;
            header?: {
                /** @description As Anthropic's API asks for it: 2023-06-01 */
                "anthropic-version"?: string;
                /** @description As Anthropic's API has it */
                "anthropic-beta"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description limit is no number from 1 to 1000 */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    createMessageBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description As Anthropic's API asks for it: 2023-06-01 */
                "anthropic-version"?: string;
                /** @description As Anthropic's API has it */
                "anthropic-beta"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description The body can't be read, or the provider refused it */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A budget of the key, the user or the plan is spent, or held by calls that run */
            402: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The body is larger than CLIENT_BODY_MAX */
            413: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A Content-Encoding other than gzip, deflate, br and zstd */
            415: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getMessageBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description As Anthropic's API asks for it: 2023-06-01 */
                "anthropic-version"?: string;
                /** @description As Anthropic's API has it */
                "anthropic-beta"?: string;
            };
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    deleteMessageBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description As Anthropic's API asks for it: 2023-06-01 */
                "anthropic-version"?: string;
                /** @description As Anthropic's API has it */
                "anthropic-beta"?: string;
            };
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    cancelMessageBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description As Anthropic's API asks for it: 2023-06-01 */
                "anthropic-version"?: string;
                /** @description As Anthropic's API has it */
                "anthropic-beta"?: string;
            };
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getMessageBatchResults: {
        parameters: {
            query?: never;
            header?: {
                /** @description As Anthropic's API asks for it: 2023-06-01 */
                "anthropic-version"?: string;
                /** @description As Anthropic's API has it */
                "anthropic-beta"?: string;
            };
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes as the provider has them */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/x-jsonl": string;
                    "application/octet-stream": string;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listFiles: {
        parameters: {
            query?: {
                /** @description A page of Anthropic's form, as its API has it */
                limit?: string;
                /** @description A page of Anthropic's form, as its API has it */
                after_id?: string;
                /** @description A page of Anthropic's form, as its API has it */
                before_id?: string;
            };
            header?: {
                /** @description When it is sent, the answer has Anthropic's form, else OpenAI's */
                "anthropic-version"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description limit is no number from 1 to 1000 */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    createFile: {
        parameters: {
            query?: {
                /** @description A page of Anthropic's form, as its API has it */
                limit?: string;
                /** @description A page of Anthropic's form, as its API has it */
                after_id?: string;
                /** @description A page of Anthropic's form, as its API has it */
                before_id?: string;
            };
            header?: {
                /** @description When it is sent, the answer has Anthropic's form, else OpenAI's */
                "anthropic-version"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": Record<string, never>;
            };
        };
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description The body can't be read, or the provider refused it */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The body is larger than CLIENT_BODY_MAX */
            413: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description A Content-Encoding other than gzip, deflate, br and zstd */
            415: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getFile: {
        parameters: {
            query?: {
                /** @description A page of Anthropic's form, as its API has it */
                limit?: string;
                /** @description A page of Anthropic's form, as its API has it */
                after_id?: string;
                /** @description A page of Anthropic's form, as its API has it */
                before_id?: string;
            };
            header?: {
                /** @description When it is sent, the answer has Anthropic's form, else OpenAI's */
                "anthropic-version"?: string;
            };
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    deleteFile: {
        parameters: {
            query?: {
                /** @description A page of Anthropic's form, as its API has it */
                limit?: string;
                /** @description A page of Anthropic's form, as its API has it */
                after_id?: string;
                /** @description A page of Anthropic's form, as its API has it */
                before_id?: string;
            };
            header?: {
                /** @description When it is sent, the answer has Anthropic's form, else OpenAI's */
                "anthropic-version"?: string;
            };
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getFileContent: {
        parameters: {
            query?: {
                /** @description A page of Anthropic's form, as its API has it */
                limit?: string;
                /** @description A page of Anthropic's form, as its API has it */
                after_id?: string;
                /** @description A page of Anthropic's form, as its API has it */
                before_id?: string;
            };
            header?: {
                /** @description When it is sent, the answer has Anthropic's form, else OpenAI's */
                "anthropic-version"?: string;
            };
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes as the provider has them */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/x-jsonl": string;
                    "application/octet-stream": string;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The relay is at its limit of calls in flight */
            529: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"] | components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listBatches: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description limit is no number from 1 to 1000 */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    createBatch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description The body can't be read, or the provider refused it */
            400: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A budget of the key, the user or the plan is spent, or held by calls that run */
            402: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The body is larger than CLIENT_BODY_MAX */
            413: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A Content-Encoding other than gzip, deflate, br and zstd */
            415: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    cancelBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getResponse: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    deleteResponse: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    cancelResponse: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listResponseInputItems: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As the provider gave it */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's answer, byte for byte */
            200: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description No usable API key: missing, unknown, revoked, inactive or expired */
            401: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key may not do this: its permissions, its models, the caller's address */
            403: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is none of that name that you have made */
            404: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The key's, the user's or the plan's limit, or the provider's own */
            429: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A fault of the relay, or the provider's own */
            500: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider can't be reached, or broke the protocol */
            502: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description No provider, or usage can't be recorded at the moment; The relay is at its limit of calls in flight */
            503: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider did not answer in time */
            504: {
                headers: {
                    "x-relay-request-id": components["headers"]["x-relay-request-id"];
                    "x-should-retry": components["headers"]["x-should-retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The provider's own error, byte for byte */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
type WithRequired<T, K extends keyof T> = T & {
    [P in K]-?: T[P];
};
