"""Flink's own reader of Debezium's JSON, without a cluster: what a table with `format = 'debezium-json'` would hold."""
from harness.jvm import java


class Refused(Exception):
    """Flink would stop at this message."""


class DebeziumJson:
    """`columns`: {name: type}, as functions of org.apache.flink.table.api.DataTypes: {"id": "BIGINT"}, {"at": ("DECIMAL",
    10, 2)}. `options`: timestamp_format (Flink's own default is SQL) and ignore_parse_errors, as in a table's WITH."""

    def __init__(self, columns, timestamp_format="ISO_8601", ignore_parse_errors=False):
        jpype = java()
        types = jpype.JClass("org.apache.flink.table.api.DataTypes")
        formats = jpype.JClass("org.apache.flink.formats.common.TimestampFormat")
        schema = jpype.JClass("org.apache.flink.formats.json.debezium.DebeziumJsonDeserializationSchema")
        information = jpype.JClass("org.apache.flink.table.runtime.typeutils.InternalTypeInfo")

        def made(named):
            name, *arguments = [named] if isinstance(named, str) else named
            return getattr(types, name)(*arguments)
        row = types.ROW([types.FIELD(name, made(named)) for name, named in columns.items()])
        self.names, self.rows = list(columns), []
        self.text = jpype.JClass("java.util.Objects").toString
        self.getters = [jpype.JClass("org.apache.flink.table.data.RowData").createFieldGetter(kind, place)
                        for place, kind in enumerate(row.getLogicalType().getChildren())]
        self.collector = jpype.JProxy("org.apache.flink.util.Collector", inst=self)
        self.reader = schema(row, jpype.JClass("java.util.Collections").emptyList(),
                             information.of(row.getLogicalType()), False, ignore_parse_errors,
                             getattr(formats, timestamp_format))
        self.reader.open(None)

    def collect(self, row):  # Flink's
        values = [getter.getFieldOrNull(row) for getter in self.getters]
        texts = [None if value is None else str(self.text(value)) for value in values]
        self.rows.append((str(row.getRowKind().shortString()), dict(zip(self.names, texts))))

    def close(self):  # Flink's
        pass

    def read(self, message):
        """What Flink makes of these bytes: a list of ("+I" | "-U" | "+U" | "-D", {column: text, or None})."""
        self.rows = []
        try:
            self.reader.deserialize(message, self.collector)
        except java().JException as error:
            raise Refused(f"{error}: {error.getCause()}") from error
        return self.rows
