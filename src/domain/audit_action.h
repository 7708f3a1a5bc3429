// The words for what the audit trail records. Programs match them: they are never renamed.
#pragma once

#include <string_view>

namespace relay::audit_action {

// Coming in and going out.
inline constexpr std::string_view kRegister = "auth.register";
inline constexpr std::string_view kLogin = "auth.login";
inline constexpr std::string_view kLogout = "auth.logout";
inline constexpr std::string_view kRefreshReused =
    "auth.refresh_reused";  // a stolen token; its family was ended
inline constexpr std::string_view kSessionRemoved = "auth.session_removed";
inline constexpr std::string_view kPasswordChanged = "auth.password_changed";
inline constexpr std::string_view kPasswordResetAsked = "auth.password_reset_requested";
inline constexpr std::string_view kPasswordReset = "auth.password_reset";
inline constexpr std::string_view kEmailVerified = "auth.email_verified";
inline constexpr std::string_view kEmailChanged = "auth.email_changed";
inline constexpr std::string_view kEmailRestored =
    "auth.email_restored";  // by the link that went to the old one
inline constexpr std::string_view kMfaEnabled = "auth.mfa_enabled";
inline constexpr std::string_view kMfaDisabled = "auth.mfa_disabled";
inline constexpr std::string_view kMfaChallenge = "auth.mfa_challenge";  // the second factor of a sign-in
inline constexpr std::string_view kRecoveryCodeUsed = "auth.recovery_code_used";
inline constexpr std::string_view kRecoveryCodesRenewed = "auth.recovery_codes_renewed";
inline constexpr std::string_view kOauthLinked = "auth.oauth_linked";
inline constexpr std::string_view kOauthUnlinked = "auth.oauth_unlinked";

// Keys. The target is the key's id.
inline constexpr std::string_view kKeyCreated = "key.created";
inline constexpr std::string_view kKeyUpdated = "key.updated";
inline constexpr std::string_view kKeyRegenerated = "key.regenerated";
inline constexpr std::string_view kKeyRevoked = "key.revoked";

// A person's own account.
inline constexpr std::string_view kProfileUpdated = "user.profile_updated";
inline constexpr std::string_view kPreferencesUpdated = "user.preferences_updated";
inline constexpr std::string_view kExported = "user.exported";
inline constexpr std::string_view kDeleted = "user.deleted";

// By an admin, or at the command line.
inline constexpr std::string_view kUserCreated = "admin.user_created";
inline constexpr std::string_view kUserUpdated = "admin.user_updated";
inline constexpr std::string_view kPasswordForced = "admin.password_reset";
inline constexpr std::string_view kSessionsRevoked = "admin.sessions_revoked";
inline constexpr std::string_view kPlanPut = "admin.plan_put";
inline constexpr std::string_view kPriceAdded = "admin.price_added";  // the target is the model
inline constexpr std::string_view kPriceCorrected = "admin.price_corrected";
inline constexpr std::string_view kPriceRemoved = "admin.price_removed";
inline constexpr std::string_view kPricesImported = "admin.prices_imported";
// Accounts at the providers. The target is the account's id.
inline constexpr std::string_view kAccountCreated = "admin.account_created";
inline constexpr std::string_view kAccountUpdated = "admin.account_updated";
inline constexpr std::string_view kAccountRemoved = "admin.account_removed";
inline constexpr std::string_view kSecretsRotated = "admin.secrets_rotated";
// The costs of stored usage: when it begins, and how it ended.
inline constexpr std::string_view kRerateBegun = "admin.rerate_begun";
inline constexpr std::string_view kRerated = "admin.rerated";

// The relay.
inline constexpr std::string_view kStarted = "relay.started";
inline constexpr std::string_view kTrimmed = "relay.audit_trimmed";
inline constexpr std::string_view kGap =
    "relay.audit_gap";  // entries that could not be kept; the log has them

}  // namespace relay::audit_action
