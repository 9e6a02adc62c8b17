#pragma once

#include <string_view>

/// Likewise: which tables are captured, and what the publication's comment says of them.
namespace walpulse::connector::setup_text {

inline constexpr std::string_view kIdentity =
    R"(json_build_object(
  'walpulse', 2,
  'name', @name,
  'epoch', floor(extract(epoch FROM clock_timestamp()))::bigint + 1,
  'system_identifier', (SELECT system_identifier FROM pg_control_system())::text,
  'publication_xmin', p.xmin::text::bigint,
  'tables', (SELECT json_agg(json_build_object('oid', there.oid::bigint, 'publication_relation',
               r.oid::bigint, 'schema', there.schema, 'name', there.name) ORDER BY there.place)
             FROM pg_temp.walpulse_tables there JOIN pg_publication_rel r ON r.prrelid = there.oid
             WHERE r.prpubid = p.oid),
  'database', current_database(),
  'publication_owner', p.pubowner::bigint))";

/// In one transaction: nobody finds a table in the publication that the comment does not name.
inline constexpr std::string_view kGrowth =
    R"(-- A publication that was made for fewer tables gets the others, and so does its comment, in one
-- transaction; capture goes on, in the same epoch. Where somebody writes to them it stops, and is to be
-- repeated: of a transaction that wrote before and goes on after the server would leave changes out.
DO $walpulse$ DECLARE more text; told json;
BEGIN
  SELECT string_agg(there.called, ', ' ORDER BY there.place) INTO more
  FROM pg_publication p, pg_temp.walpulse_tables there
  WHERE p.pubname = @publication AND pg_has_role(p.pubowner, 'USAGE')
    AND coalesce(obj_description(p.oid, 'pg_publication'), '{"walpulse"') LIKE '{"walpulse"%'
    AND NOT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = there.oid);
  IF more IS NOT NULL THEN
    SET LOCAL lock_timeout = '100ms';
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', more);
    EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s', @publication, more);
  END IF;
  SELECT obj_description(oid, 'pg_publication')::json INTO told FROM pg_publication
  WHERE pubname = @publication AND pg_has_role(pubowner, 'USAGE')
    AND obj_description(oid, 'pg_publication') LIKE '{"walpulse"%';
  IF (told ->> 'walpulse')::int IN (1, 2) THEN
    SELECT format('COMMENT ON PUBLICATION %I IS %L', @publication, json_strip_nulls(json_build_object(
      'walpulse', 2, 'name', told -> 'name', 'epoch', told -> 'epoch',
      'system_identifier', told -> 'system_identifier', 'publication_xmin', told -> 'publication_xmin',
      'tables', json_agg(one ORDER BY at), 'follows', told -> 'follows', 'database', told -> 'database',
      'publication_owner', told -> 'publication_owner')))
    INTO more
    FROM (SELECT one, at FROM json_array_elements(coalesce(told -> 'tables', json_build_array(
            json_build_object('oid', told -> 'table', 'publication_relation',
              told -> 'publication_relation', 'schema', told -> 'schema', 'name', told -> 'table_name'))))
            WITH ORDINALITY known(one, at)
          UNION ALL
          SELECT json_build_object('oid', there.oid::bigint, 'publication_relation', r.oid::bigint,
                   'schema', there.schema, 'name', there.name), 1000 + there.place
          FROM pg_temp.walpulse_tables there JOIN pg_publication_rel r ON r.prrelid = there.oid
          JOIN pg_publication p ON p.oid = r.prpubid
          WHERE p.pubname = @publication AND coalesce((told ->> 'table')::bigint, 0) <> there.oid::bigint
            AND NOT EXISTS (SELECT FROM json_array_elements(told -> 'tables') t
                            WHERE (t ->> 'oid')::bigint = there.oid::bigint)) both_kinds
    HAVING bool_or(at > 1000);
    IF more IS NOT NULL THEN EXECUTE more; END IF;
  END IF;
END $walpulse$;

)";

/// The anchor is a copy of the live slot: at the same position, and made without a wait.
inline constexpr std::string_view kAnchor =
    R"(-- The anchor, which stays behind the slot so that there is history to replay. A lost one is made
-- anew.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
WHERE slot_name = @anchor AND wal_status = 'lost';
SELECT @create_anchor
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = @anchor)
\gexec

)";

inline constexpr std::string_view kTables =
    R"(-- Mage's tables, as far as they exist: the others only where the first one's owner has them, and where
-- their rows are told apart.
CREATE TEMP VIEW walpulse_tables AS
  SELECT w.*, c.oid, format('%I.%I', n.nspname, c.relname) AS called
  FROM (VALUES @wanted) w(place, quoted, schema, name)
  JOIN pg_class c ON c.oid = to_regclass(w.quoted) JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE w.place = 1 OR (c.relkind = 'r' AND c.relreplident <> 'n'
    AND c.relowner = (SELECT relowner FROM pg_class WHERE oid = @table::regclass)
    AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary));

)";

}  // namespace walpulse::connector::setup_text
