#include <algorithm>
#include <chrono>
#include <ostream>

#include "connector/catalog/catalog.h"
#include "connector/catalog/publication_state.h"
#include "connector/command/commands.h"
#include "connector/command/doctor_checks.h"
#include "connector/command/setup_steps.h"
#include "decoder/base/error_context.h"
#include "publisher/auth/cloud_sql_token_passfile.h"
#include "publisher/auth/token_source.h"
#include "publisher/database/dsn.h"
#include "publisher/doctor/report.h"
#include "publisher/http/client.h"
#include "publisher/pubsub/connection.h"
#include "publisher/sinks/sink.h"

namespace walpulse::connector {
namespace {

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The answer, or the error kept in `facts`: the doctor reports, it does not give up.
template <class T>
bool ask(Result<T> answer, T& into, DoctorFacts& facts) {
  if (!answer) {
    facts.connection_error = answer.error();
    return false;
  }
  into = std::move(*answer);
  return true;
}

void examine(Catalog& catalog, DoctorFacts& facts) {
  const SourceOptions& source = facts.source;
  const double before = seconds_since_epoch();
  if (!ask(catalog.server(), facts.server, facts)) return;
  const double here = (before + seconds_since_epoch()) / 2;
  const auto there = std::chrono::duration<double>(facts.server.now.time_since_epoch()).count();
  facts.clock_skew_seconds = there - here;
  if (!ask(catalog.publication(source.publication, Oid{}), facts.publication, facts)) return;
  const auto identity = identity_in(facts.publication);
  const TableName& name = source.tables.front();
  if (!ask(catalog.table(name.schema, name.name, identity), facts.table, facts)) return;
  if (!ask(catalog.schemas_with(name.name), facts.schemas_with_table, facts)) return;
  if (!facts.table && !ask(catalog.databases(), facts.databases, facts)) return;
  const Oid table = facts.table ? facts.table->oid : Oid{0};
  if (!ask(catalog.column_types(table), facts.column_types, facts)) return;
  if (!ask(catalog.role(table), facts.role, facts)) return;
  if (!ask(catalog.publication(source.publication, table), facts.publication, facts)) return;
  if (!ask(other_tables(catalog, catalog, source, identity), facts.others, facts)) return;
  const auto blocks =
      std::find_if(facts.others.begin(), facts.others.end(),
                   [](const OtherTable& other) { return other.name.name == kBlocks; });
  if (facts.table && blocks != facts.others.end() && blocks->table) {
    // Advice: without an answer nothing is said.
    const auto traffic = catalog.block_traffic(*facts.table, *blocks->table);
    if (traffic) facts.blocks = *traffic;
  }
  if (!ask(catalog.slot(source.slot), facts.slot, facts)) return;
  if (!ask(catalog.slot(anchor_slot(source)), facts.anchor, facts)) return;
  ask(catalog.failover(), facts.failover, facts);
}

/// Settings that only a privileged role may read.
void examine_as_admin(DoctorFacts& facts) {
  auto admin = Catalog::open(facts.source.admin_dsn);
  if (!admin) {
    facts.admin_error = admin.error();
    return;
  }
  const auto server = (*admin)->server();
  if (server) facts.server.output_plugin_libraries = server->output_plugin_libraries;
}

/// A machine whose tokens lack the scope is refused whatever roles its account has.
Result<void> check_oauth_scope(const char* scope) {
  const auto http = http::make_client();
  auth::CredentialOptions options;
  options.scopes = {scope};
  const auto checked = auth::check_scopes(*http, options);
  if (checked || checked.error().kind != ErrorKind::denied) return {};
  return checked;
}

bool asks_google(const std::string& url) {
  return url.starts_with("pubsub:") && auth::takes_tokens(pubsub::endpoint({}));
}

/// A role that is let in elsewhere on the server may only have named the wrong database.
void look_for_the_database(DoctorFacts& facts) {
  auto there = Catalog::open(database::with_keyword(facts.source.dsn, {"dbname", "postgres"}));
  if (!there) return;
  if (auto names = (*there)->databases()) facts.databases = *std::move(names);
}

void examine_server(DoctorFacts& facts, const TryStream& try_stream) {
  auto catalog = Catalog::open(facts.source.dsn);
  if (!catalog) {
    facts.connection_error = catalog.error();
    facts.answer = database::answer_of(facts.source.dsn);
    if (facts.answer == database::Answer::server) look_for_the_database(facts);
    return;
  }
  examine(**catalog, facts);
  if (!facts.connection_error)
    if (const auto tried = try_stream(facts.source.dsn); !tried) facts.stream_error = tried.error();
  if (!facts.source.admin_dsn.empty() && !facts.connection_error) examine_as_admin(facts);
}

void examine_sink(const PublishOptions& publish, DoctorFacts& facts) {
  const std::string& url = publish.to;
  publisher::SinkOptions options;
  options.request_timeout = std::chrono::seconds(10);
  options.push_audience = publish.push_audience;
  auto sink = publisher::make_sink(url, options);
  // The URL's query may hold a token.
  facts.sink = sink ? (*sink)->name() : url.substr(0, url.find('?'));
  if (sink) facts.sink_identity = (*sink)->identity();
  auto checked = sink ? Result<void>() : Result<void>(forward(sink));
  if (checked && asks_google(url)) checked = check_oauth_scope(pubsub::kScope);
  if (checked) checked = (*sink)->check();
  if (!checked) facts.sink_error = checked.error();
}

}  // namespace

int doctor_command(const Invocation& invocation, const Terminal& terminal,
                   const TryStream& try_stream) {
  DoctorFacts facts;
  facts.source = invocation.run.source;
  facts.window = invocation.run.replay_window;
  facts.to = invocation.run.publish.to;
  facts.push_audience = invocation.run.publish.push_audience;
  facts.cloud_sql_iam = invocation.cloud_sql_iam;
  facts.login = invocation.login;
  if (facts.login && *facts.login) {
    const auto scope = check_oauth_scope(auth::kCloudSqlLoginScope);
    if (!scope) facts.login_scope_error = scope.error();
  }
  // Without the token the server could only say that there is none.
  if (!facts.login || *facts.login) examine_server(facts, try_stream);
  if (!invocation.run.publish.to.empty()) examine_sink(invocation.run.publish, facts);

  const auto checks = check_all(facts);
  terminal.out << (invocation.json ? doctor::json(checks) : doctor::text(checks));
  return doctor::exit_code(checks);
}

}  // namespace walpulse::connector
