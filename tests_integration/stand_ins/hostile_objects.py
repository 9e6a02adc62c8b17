"""Everything that a role without rights can put in the way of other people's SQL, in one schema:
functions, aggregates, operators, types with casts, and relations, under the names that walpulse's
statements use and with arguments that fit better than PostgreSQL's own.

Whatever of it is called says so in the server's log, which no rolled back transaction takes away,
and fails.
"""
import re

from harness import programs

CAUGHT = "caught by a trap"
TYPES = ("name", "text", "oid", "regtype", "regclass", "smallint", "integer", "bigint", "numeric",
         "double precision", '"char"', "boolean", "pg_lsn", "json", "timestamptz", "interval", "xid")
OPERATORS = ("=", "<>", "<", ">", "-", "+", "*", "||", "->>", "~~", "!~~")
RELATIONS = ("pg_class", "pg_namespace", "pg_attribute", "pg_index", "pg_publication",
             "pg_publication_rel", "pg_replication_slots", "pg_roles", "pg_settings", "pg_locks",
             "pg_stat_activity", "pg_stat_replication", "pg_stat_database")
SHADOWED_TYPES = ("oid", "regclass", "regtype", "pg_lsn", "json", "text", "int8", "int4", "float8")

# Of every function of PostgreSQL's with one of these names: the same arguments, and the same with
# `name` for `text`, `text` for `name`, and each of both for what may be anything.
FUNCTIONS = r"""
DO $plant$
DECLARE
  found record;
  variant text[];
  arguments text;
  answer text;
BEGIN
  FOR found IN
    SELECT p.proname, p.proretset, p.prorettype::regtype::text AS answer,
           ARRAY(SELECT a.type::regtype::text FROM unnest(p.proargtypes) WITH ORDINALITY a(type, n)
                 ORDER BY a.n) AS types
    FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY (%(names)s)
      AND p.prokind IN ('f', 'a')
  LOOP
    FOREACH variant SLICE 1 IN ARRAY ARRAY[['', ''], ['text', 'name'], ['name', 'text']] LOOP
      SELECT coalesce(string_agg(CASE
               WHEN t = variant[1] THEN variant[2]
               WHEN t ~ '^"?any' THEN coalesce(nullif(variant[2], ''), 'integer')
               ELSE t END, ', ' ORDER BY n), '')
      INTO arguments FROM unnest(found.types) WITH ORDINALITY u(t, n);
      answer := CASE WHEN found.answer ~ '^"?any|internal|record' THEN 'text' ELSE found.answer END;
      BEGIN
        EXECUTE format(
          'CREATE FUNCTION %%I.%%I(%%s) RETURNS %%s%%s LANGUAGE plpgsql AS $trap$ BEGIN '
          'RAISE LOG ''%(caught)s: %%s''; RAISE EXCEPTION ''%(caught)s''; END $trap$',
          '%(schema)s', found.proname, arguments, CASE WHEN found.proretset THEN 'SETOF ' END,
          answer, found.proname);
      EXCEPTION WHEN OTHERS THEN NULL;  -- it is there, or no such function can be
      END;
    END LOOP;
  END LOOP;
END $plant$;
"""

REST = r"""
CREATE FUNCTION {schema}.trap_state(text, name) RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN RAISE LOG '{caught}: an aggregate'; RAISE EXCEPTION '{caught}'; END $$;
DROP FUNCTION IF EXISTS {schema}.json_agg(name);
CREATE AGGREGATE {schema}.json_agg(name) (SFUNC = {schema}.trap_state, STYPE = text);

CREATE TYPE {schema}.mallory AS ENUM ('x');
CREATE FUNCTION {schema}.to_mallory(text) RETURNS {schema}.mallory LANGUAGE plpgsql AS
  $$ BEGIN RAISE LOG '{caught}: a cast'; RAISE EXCEPTION '{caught}'; END $$;
CREATE FUNCTION {schema}.of_mallory({schema}.mallory) RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN RAISE LOG '{caught}: a cast'; RAISE EXCEPTION '{caught}'; END $$;
CREATE CAST (text AS {schema}.mallory) WITH FUNCTION {schema}.to_mallory(text) AS IMPLICIT;
CREATE CAST ({schema}.mallory AS text) WITH FUNCTION {schema}.of_mallory({schema}.mallory)
  AS IMPLICIT;

CREATE FUNCTION {schema}.trap_value(anyelement) RETURNS boolean LANGUAGE plpgsql AS
  $$ BEGIN RAISE LOG '{caught}: a type'; RAISE EXCEPTION '{caught}'; END $$;
"""


def names_called():
    """Of whatever stands before a parenthesis in walpulse's own SQL."""
    found = set()
    for folder in ("connector", "monitor"):
        for path in (programs.ROOT / folder).rglob("*.cpp"):
            found.update(re.findall(r"\b([a-z_][a-z0-9_]*) ?\(", path.read_text()))
    return sorted(found)


def statements(schema):
    """The SQL that plants all of it in `schema`; to be run as its owner."""
    names = "ARRAY[" + ", ".join(f"'{name}'" for name in names_called()) + "]::text[]"
    sql = [FUNCTIONS % {"names": names, "schema": schema, "caught": CAUGHT},
           REST.format(schema=schema, caught=CAUGHT)]
    for left in TYPES:
        for right in TYPES:
            function = f"{schema}.trap_operator"
            sql.append(
                f"CREATE FUNCTION {function}({left}, {right}) RETURNS boolean LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE LOG '{CAUGHT}: an operator'; RAISE EXCEPTION '{CAUGHT}'; END $$;")
            sql += [f"CREATE OPERATOR {schema}.{operator} (LEFTARG = {left}, RIGHTARG = {right}, "
                    f"FUNCTION = {function});" for operator in OPERATORS]
    sql += [f"CREATE DOMAIN {schema}.{name} AS pg_catalog.{name} "
            f"CHECK ({schema}.trap_value(VALUE));" for name in SHADOWED_TYPES]
    sql += [f"CREATE TABLE {schema}.{name} (oid integer);" for name in RELATIONS]
    return "SET search_path = pg_catalog;\n" + "\n".join(sql)


def plant(server, database, schema, role):
    server.psql(f"SET ROLE {role};\n{statements(schema)}", database)
