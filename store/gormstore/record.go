package gormstore

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
)

// Record is the part of a model that the store reads and writes: embed it. Its
// columns are id, version, expires, subject and data, unless the naming
// strategy or an embeddedPrefix says otherwise. Others may read them, and
// change or delete whole rows through the session manager or the store only.
type Record struct {
	ID      Text   `gorm:"primaryKey;size:128"`
	Version int64  `gorm:"not null"`
	Expires int64  `gorm:"not null"` // milliseconds since 1970 in UTC
	Subject Text   `gorm:"not null"`
	Data    []byte `gorm:"not null"` // an envelope that only package sessions reads
}

func (r *Record) record() *Record { return r }

// Session is the model for those who have no columns of their own.
type Session struct{ Record }

// Model is a pointer to a struct that embeds Record.
type Model interface{ record() *Record }

// Text is text of any bytes, which is compared byte by byte. It is bytea in
// PostgreSQL, whose text takes no zero byte, varbinary or longblob in MySQL,
// whose text ignores case, and text in SQLite.
type Text string

// GormDBDataType returns the type of the column.
func (Text) GormDBDataType(db *gorm.DB, f *schema.Field) string {
	switch db.Name() {
	case postgresName:
		return "bytea"
	case mysqlName:
		if f.Size > 0 {
			return "varbinary(128)"
		}
		return "longblob"
	}
	return "text"
}

// GormValue returns the text as the column's type wants it.
func (t Text) GormValue(_ context.Context, db *gorm.DB) clause.Expr {
	if db.Name() == sqliteName {
		return clause.Expr{SQL: "?", Vars: []any{string(t)}}
	}
	return clause.Expr{SQL: "?", Vars: []any{[]byte(t)}}
}
