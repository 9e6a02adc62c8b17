#include "connector/recover/recover_command.h"

#include <ostream>

#include "connector/command/command_session.h"
#include "connector/command/confirm_prompt.h"
#include "connector/command/setup_steps.h"
#include "connector/recover/recover_plan.h"
#include "connector/recover/recovery.h"
#include "connector/session/capture_plan.h"
#include "connector/snapshot/take_snapshot.h"
#include "decoder/base/error_context.h"
#include "publisher/sinks/sink.h"

namespace walpulse::connector {
namespace {

/// Asked before anything is dropped.
Result<void> check_sink(const PublishOptions& publish) {
  publisher::SinkOptions options;
  options.request_timeout = std::chrono::seconds(10);
  options.push_audience = publish.push_audience;
  auto sink = publisher::make_sink(publish.to, options);
  if (!sink) return forward(sink);
  auto checked = (*sink)->check();
  if (checked) return {};
  return fail(of_kind(ErrorKind::rejected,
                      with_remedy("nothing was changed. The snapshot needs the sink: mend it, then "
                                  "run recover again",
                                  in_context((*sink)->name(), checked.error()))));
}

/// Asked before anything is dropped: the snapshot would refuse it behind that.
Result<void> check_columns(Catalog& catalog, const RecoverPlan& plan,
                           const PublishOptions& publish) {
  CaptureIdentity planned;
  for (const PlannedTable& table : plan.tables)
    planned.tables.push_back({table.name, table.oid, {}});
  const auto fits = connector::check_columns(catalog, planned, publish);
  if (fits) return {};
  const Failure& failure = fits.error();
  const bool away = failure.verdict == Verdict::retry;
  return fail(away ? ErrorKind::unavailable : ErrorKind::rejected,
              "nothing was changed: " + failure.message, failure.remedy);
}

}  // namespace

int recover_command(const Invocation& invocation, const Terminal& terminal) {
  const SourceOptions& source = invocation.run.source;
  const ReplayWindow& window = invocation.run.replay_window;
  const std::uint64_t above = invocation.recover.epoch_above;
  if (invocation.print_sql) {
    terminal.out << recover_script(source, invocation.slot_timeout, window, above);
    return 0;
  }
  auto session = CommandSession::open(source);
  if (!session) return report_error(session.error(), terminal.err);
  const auto facts = gather_setup(*session, invocation);
  if (!facts) return report_error(facts.error(), terminal.err);
  const RecoverPlan plan = plan_recover(source, *facts, window, above);
  if (plan.refusal) {
    report_error(plan.refusal->error, terminal.err);
    return plan.refusal->exit_code;
  }
  const std::string& to = invocation.run.publish.to;
  if (const auto ready = check_sink(invocation.run.publish); !ready)
    return report_error(ready.error(), terminal.err);
  if (const auto fits = check_columns(session->capture(), plan, invocation.run.publish); !fits)
    return report_error(fits.error(), terminal.err);
  // The URL's query may hold a token.
  terminal.out << explain(plan, to.substr(0, to.find('?'))) << std::flush;
  if (!invocation.yes && !agreed(terminal, "recover drops all this and makes it anew", "Go on",
                                 RemedyCommand(Command::recover, given_options(invocation)))) {
    return 1;
  }
  const auto done =
      Recovery(plan, *session, invocation, terminal.out)
          .execute([&](const CaptureIdentity& identity) {
            return read_tables(invocation, plan.source, identity.table_names(), identity);
          });
  if (!done) {
    const int code = report_error(done.error(), terminal.err);
    terminal.err << "walpulse-connector: recover did not get to its end, and no capture can go on: "
                    "run it again\n";
    return code;
  }
  terminal.out << "recovered\nnext     "
               << RemedyCommand(Command::run, given_options(invocation)).text() << "\n";
  return 0;
}

}  // namespace walpulse::connector
