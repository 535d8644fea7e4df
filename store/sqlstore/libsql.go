package sqlstore

// libsql is SQLite with blobs for ids and subjects, for the clients of libSQL
// change text: they cut it off at a zero byte, refuse or replace what is not
// UTF-8, and one reads a subject such as 2006-01-02 as a time. To prepare is no
// gain, for they prepare at each call anyway.
func libsql(n names) dialect {
	d := sqliteTable(n, "BLOB", "x''")
	d.text = asBytes
	return d
}
