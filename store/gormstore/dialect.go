package gormstore

import (
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/gosessions/sessions/store/internal/sqlfault"
)

// The names of GORM's dialectors.
const (
	postgresName = "postgres"
	mysqlName    = "mysql"
	sqliteName   = "sqlite"
)

// dialect is what the engines do not have in common.
type dialect struct {
	fault func(error) sqlfault.Fault

	// insert makes an insert fail or do nothing where the id is taken.
	insert func(tx *gorm.DB, id string) *gorm.DB
	taken  func(error) bool // the insert met the id

	// byInsertID is set where a touch tells by the last insert id whether it
	// met a record, because the number of rows does not: it depends on the
	// connection's clientFoundRows.
	byInsertID bool

	// oldest limits a delete of expired rows, which it orders.
	oldest func(tx, expired *gorm.DB, s *Store, limit int) *gorm.DB

	// failover is set for servers that may become read-only while another takes
	// their place. Before a connection to one is closed, end is executed on it.
	failover bool
	end      string

	// bytes is a query for bytes, which fails if the driver cannot read them.
	bytes string

	// ofSubject is a condition on a column and a value that its index serves.
	ofSubject string
	index     string // on the table, what is indexed: its name, table, subject and id follow
}

// dialects are those of the databases, by the name of GORM's dialector.
var dialects = map[string]dialect{
	postgresName: {
		fault:  sqlfault.PostgreSQL,
		insert: ignore,
		taken:  func(error) bool { return false },
		// ARRAY is made once. An IN might be planned as a loop that selects
		// again, and then deletes more than the limit.
		oldest: func(tx, expired *gorm.DB, s *Store, limit int) *gorm.DB {
			expired = expired.Order(clause.OrderByColumn{Column: column(s.expires)}).Limit(limit).
				Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
			return tx.Where("? = ANY (ARRAY(?))", column(s.id), expired)
		},
		failover: true,
		end:      sqlfault.EndIfReadOnly,
		bytes:    "SELECT decode('00ff', 'hex')",
		// An index entry has at most 2704 bytes.
		ofSubject: "substring(? FROM 1 FOR 256) = substring(?::bytea FROM 1 FOR 256)",
		index:     "CREATE INDEX ? ON ? (substring(? FROM 1 FOR 256), ?)",
	},
	mysqlName: {
		fault: sqlfault.MySQL,
		// An ON DUPLICATE KEY would hide a duplicate in another column, too.
		insert: func(tx *gorm.DB, _ string) *gorm.DB { return tx },
		taken: func(err error) bool {
			return sqlfault.MySQLNumber(err) == 1062 && strings.HasSuffix(err.Error(), "PRIMARY'")
		},
		byInsertID: true,
		failover:   true,
		oldest: func(tx, _ *gorm.DB, s *Store, limit int) *gorm.DB {
			return tx.Order(clause.OrderByColumn{Column: column(s.expires)}).Limit(limit)
		},
		index: "CREATE INDEX ? ON ? (?(255), ?)",
	},
	sqliteName: {
		fault:  sqlfault.SQLite,
		insert: ignore,
		taken:  func(error) bool { return false },
		oldest: func(tx, expired *gorm.DB, s *Store, limit int) *gorm.DB {
			expired = expired.Order(clause.OrderByColumn{Column: column(s.expires)}).Limit(limit)
			return tx.Where("? IN (?)", column(s.id), expired)
		},
		index: "CREATE INDEX ? ON ? (?, ?)",
	},
}

// ignore ignores a conflict with the id, and no other.
func ignore(tx *gorm.DB, id string) *gorm.DB {
	return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: id}}, DoNothing: true})
}

func column(name string) clause.Column { return clause.Column{Name: name} }
