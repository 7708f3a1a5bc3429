// claude-relay rotate-secrets: everything that is sealed, under the first key of ENCRYPTION_KEY. Servers that
// have both keys serve meanwhile; when it is done, the older key can be taken away.
#include "app/commands/commands.h"
#include "app/people.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "service/secret_rotation.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace relay {
namespace {

void rotate(CommandContext& context) {
  const auto settings = settings_for(context);
  auto stores = open_current_stores(settings);
  const SealedBox box(settings.encryption_keys);
  const SecretRotationParts parts{.accounts = stores->upstream_accounts(),
                                  .two_factors = stores->two_factors(),
                                  .secrets = stores->secrets(),
                                  .rows = stores->rows(),
                                  .box = box,
                                  .random = context.random};
  const auto done = or_fail("cannot seal everything anew", run_task(rotate_secrets(parts)));
  tell_running_servers(settings, *stores);
  AuditAct act{.action = audit_action::kSecretsRotated};
  act.details = {{"sealedAnew", std::to_string(done.sealed_anew)},
                 {"unreadable", std::to_string(done.unreadable.size())}};
  // Its entry is made under the newest key too, and so the trail's head is from here on.
  or_fail("cannot keep it in the audit trail",
          run_task(note_of_operator(people_parts(context, settings, *stores), std::move(act))));
  std::cout << done.sealed_anew << " sealed anew, " << done.current << " were already under the newest key\n";
  if (done.unreadable.empty()) return;
  for (const auto& name : done.unreadable) std::cout << "can't be opened by any key: " << name << "\n";
  context.exit_code = 1;
}

}  // namespace

void add_rotate_secrets_command(CLI::App& root, CommandContext& context) {
  auto* command = root.add_subcommand(
      "rotate-secrets", "Seal every secret anew under the first key of ENCRYPTION_KEY, while servers run");
  command->callback([&context] { rotate(context); });
}

}  // namespace relay
