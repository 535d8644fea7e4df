package sqlfault

import (
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
)

// MySQLSettings knows the settings of MySQL and MariaDB connections that decide
// whether a write is kept as it was sent. The zero value has not read them. It
// is safe for concurrent use.
type MySQLSettings struct {
	packet atomic.Int64 // max_allowed_packet; 0 if not read
}

// overhead is an upper limit for the bytes of a statement that are not values.
const overhead = 1024

// Check returns an error if the server would lose or change a statement whose
// values have size bytes. It queries the settings at the first call. It queries
// them again for values that are too large, because an operator may have raised
// the limit.
//
// A statement over the limit must not be sent: MySQL refuses it, and then
// refuses every later use of the prepared statement on that connection. MariaDB
// closes the connection.
func (m *MySQLSettings) Check(size int, query func(text string) *sql.Row) error {
	if int64(size)+overhead <= m.packet.Load() {
		return nil
	}
	var commits bool
	var client, connection string
	var packet int64
	row := query("SELECT @@autocommit, @@character_set_client, @@character_set_connection, @@max_allowed_packet")
	if err := row.Scan(&commits, &client, &connection, &packet); err != nil {
		return err
	}
	switch {
	case !commits:
		return errors.New("autocommit is off, so no write would be kept: add autocommit=true to the data source name")
	case client != connection:
		return fmt.Errorf("the server would convert what is written, because character_set_client is %s and character_set_connection is %s: "+
			"set both to one value by the data source name, such as charset=utf8mb4, and look for what sets them there or in init_connect", client, connection)
	}
	m.packet.Store(packet)
	if int64(size)+overhead > packet {
		return fmt.Errorf("the record has %d bytes, and max_allowed_packet is %d: keep less in the session, or raise max_allowed_packet", size, packet)
	}
	return nil
}
